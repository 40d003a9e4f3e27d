#!/bin/sh
# What keeps an event back, lowers its priority or stops questions stands in src/model/silence.h: the table of doc/design.md
# is the same, each line of it is used by the code, and whatever in the engine does one of the three names its line.
set -eu
root=${1:-${srcdir:-.}}
table=$root/src/model/silence.h
[ -f "$table" ] || { echo "$table is not here"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
complain() { echo "$*"; status=1; }

# NAME, and the line of the document that it should be: three texts, each perhaps in pieces.
tr '\n' ' ' <"$table" | sed 's/\\/ /g; s/  *X(/\nX(/g; s/#define X(/\n/' | sed -n 's/^X(\([A-Z_]*\), \(.*\)/\1 \2/p' | awk '
{
        name = $1
        line = $0
        gsub(/" +"/, "", line)
        n = split(line, part, "\"")
        if (n >= 7)
                print name "\t| " part[2] " | " part[4] " | " part[6] " |"
}' >"$work/table"
[ -s "$work/table" ] || complain "$table: no silence found"

if [ -f "$root/doc/design.md" ]; then
        cut -f2 "$work/table" | sort >"$work/code"
        awk '/^## / { inside = /Every silence/ } inside && /^\| / && !/^\| what keeps/ && !/^\|---/' "$root/doc/design.md" |
                sort >"$work/document"
        diff "$work/code" "$work/document" || complain "src/model/silence.h (<) and doc/design.md (>) differ"
fi

sources=$(find "$root/src/model" "$root/src/engine" -name '*.[ch]' ! -name silence.h)
cut -f1 "$work/table" | while read -r name; do
        cat $sources </dev/null | grep -q "SILENCE_${name}_MAX" || echo "$name: no code names it"
done >"$work/unused"
[ ! -s "$work/unused" ] || complain "$(cat "$work/unused")"
grep -hoE 'SILENCE_[A-Z_]+_MAX' $sources | sort -u | sed 's/^SILENCE_//; s/_MAX$//' >"$work/named"
cut -f1 "$work/table" | sort >"$work/names"
unknown=$(comm -23 "$work/named" "$work/names")
[ -z "$unknown" ] || complain "not in the table:" $unknown

# Where it happens: how events are lowered, left out or kept back, and how questions are put off.
doing='PRIORITY_QUIET|NOTICE_LISTED|SEND_SUMMARISED|(quiet|paused_until|held_until|acknowledged_until|backed_off) = [^=]'
doing="$doing|[?] schedule_dead_period\(|_silences\(struct"
for file in $(find "$root/src/engine" -name '*.c'); do
        if grep -qE "$doing" "$file" && ! grep -q 'SILENCE_[A-Z_]*_MAX' "$file"; then
                complain "$file: keeps something back, and names no silence:" "$(grep -nE "$doing" "$file" | head -n 1)"
        fi
done

# A span of ten minutes or more that a constant of the engine holds, or a line says (the file's name): either it comes from
# the table, or it stands here with what it is, and how often.
cat >"$work/spans" <<'END'
AGAIN_MAX 1 a successor that gets no verdict is asked again; the current key is watched meanwhile
EXPIRES_SOON 1 what a death is called
EXPIRY_NOTICE 1 how long before its end a key is told of
FULL_SPREAD 1 a full check after a change of the profile; pulses go on
JUDGED_SLACK 1 who counts as newly troubled
LASTS_FOR 1 how often is asked in an outage, all the sooner in its first hour
LOOK_EVERY 1 how often reminders are looked for
OVERLAP 1 a listing reads an hour of the one before again
PERIOD_OVERDUE 1 the old secret beside the current one
PULSES_KNOWN_FOR 1 a number that is kept
QUIET_DAY 1 a quiet day: FLAPPING
REDEEM_WITHIN 1 Stripe ends a coupon of ours
SOON_FOR 1 how often is asked in an outage
SPAN_MIN 1 unlisted answers, before they are told at once
SWEEP_MONTH 1 what may be read of one account
TALLY_ONCE 1 how often one account counts in groups
TALLY_QUIET 1 when a group ends: MEMBER
TOGETHER_WITHIN 1 reminders that are due together
URGENT_EVERY 1 REMINDER
WINDOW 1 in which changes are counted, and a quiet day: FLAPPING
WINDOW_MIN 1 in which incidents count together
group_resume.c 1 what is loaded
outage.c 1 what is loaded
reminder.c 1 REMINDER
series.c 2 what is missing is asked hourly, and what failed
sweep_delete.c 3 coupons, a day
sweep_judge.c 3 coupons, a day or a week
sweep_list.c 1 a clock that was set back
turns.c 1 a wait is looked at daily
END
find "$root/src/engine" -name '*.[ch]' -exec grep -HE \
        '(USEC|SEC)_PER_(HOUR|DAY)|[1-9][0-9]+ \* (USEC|SEC)_PER_MINUTE' '{}' + | grep -vE ':[[:space:]]*(/?\*|//)|SILENCE_' |
        sed -nE 's/^[^:]*:#define[[:space:]]+([A-Z_]+).*/\1/p; /:#define/!s,^([^:]*/)?([^/:]+):.*,\2,p' | sort | uniq -c |
        while read -r n name; do
                [ "$n" -le "$(sed -n "s/^$name \([0-9]*\) .*/\1/p" "$work/spans" | grep . || echo 0)" ] || echo "$name"
        done >"$work/long"
[ ! -s "$work/long" ] || complain "a long span that neither comes from the table nor stands in this lint:" $(cat "$work/long")
exit $status
