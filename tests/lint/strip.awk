# Print C text with comments and the contents of strings and character constants taken out, line for line, so that
# the other lint scripts see code only. A comment that holds "lint-ok" is kept: it is the marker of an exception.
BEGIN { in_comment = 0 }
{
        out = ""
        n = length($0)
        for (i = 1; i <= n; i++) {
                c = substr($0, i, 1)
                two = substr($0, i, 2)
                if (in_comment) {
                        if (two == "*/") {
                                in_comment = 0
                                i++
                        }
                } else if (two == "/*") {
                        if (match(substr($0, i), /^\/\* lint-ok: [^*]*\*\//)) {
                                out = out substr($0, i, RLENGTH)
                                i += RLENGTH - 1
                        } else {
                                in_comment = 1
                                i++
                        }
                } else if (two == "//") {
                        break
                } else if (c == "\"" || c == "'") {
                        for (i++; i <= n && substr($0, i, 1) != c; i++)
                                if (substr($0, i, 1) == "\\")
                                        i++
                        out = out c c
                } else {
                        out = out c
                }
        }
        print out
}
