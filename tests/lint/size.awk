# Measure functions in text made by strip.awk. .clang-format gives every function, and nothing else, a "{" alone in the
# first column. McCabe: one, and one more for each if, for, while, ?, &&, || and each group of case labels.
function count(line, pattern,   n) {
        n = 0
        while (match(line, pattern)) {
                n++
                line = substr(line, RSTART + RLENGTH)
        }
        return n
}
function complain(what) {
        printf "%s:%d: %s\n", file, start, what
        bad = 1
}
/^[A-Za-z_].*\(/ && !inside {
        head = $0
        start = NR
}
/lint-ok: length/ && !inside { long_ok = 1 }
/lint-ok: complexity/ && !inside { complex_ok = 1 }
/^\{$/ && !inside {
        inside = 1
        lines = 0
        score = 1
        label = 0
        sub(/\(.*/, "", head)
        sub(/.*[ *]/, "", head)
}
inside {
        lines++
        line = " " $0 " "
        score += count(line, "[^A-Za-z0-9_](if|for|while)[^A-Za-z0-9_]")
        score += count(line, "&&") + count(line, "[|][|]") + count(line, "[?]")
        is_label = line ~ /^[ \t]*case [^:]*:[ \t]*$/
        if (line ~ /^[ \t]*case [^:]*:/ && !label)
                score++
        label = is_label
}
/^\}/ && inside {
        inside = 0
        if (lines > max_lines && !long_ok)
                complain(head "() has " lines " lines, more than " max_lines)
        if (score > max_score && !complex_ok)
                complain(head "() has a McCabe complexity of " score ", more than " max_score)
        long_ok = complex_ok = 0
}
/^[^ }].*;$/ && !inside { long_ok = complex_ok = 0 }
END {
        if (NR > max_file) {
                start = NR
                complain("the file has " NR " lines, more than " max_file)
        }
        exit bad
}
