# For shell tests that go through the catalogue of permissions, read here a second time and by other means than ours.
#   catalogue_probes FILE         a line for each probe: PERMISSION METHOD PATH CODES MODES, where CODES are those that
#                                 the row grants beside the usual ones, and "-" stands for none; MODES is live,test
catalogue_probes()
{
        awk '
function flush() {
        if (request != "")
                print name "_" level, request, codes == "" ? "-" : codes, modes == "" ? "live,test" : modes
        request = codes = modes = ""
}
function list(line) { gsub(/.*\[|\].*| /, "", line); return line }
/^  [a-z0-9_]+:/ { flush(); name = $1; sub(/:.*/, "", name) }
/^    [a-z_]+:/ { flush() }
/^    (read|write):/ {
        level = $1
        sub(/:/, "", level)
        if ($2 ~ /^(GET|POST)$/)
                request = $2 " " $3
}
/^      request: (GET|POST) / { request = $2 " " $3 }
/^      granted:/ { codes = list($0) }
/^      modes:/ { modes = list($0) }
END { flush() }' "$1"
}
