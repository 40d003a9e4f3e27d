# For the torture of the coupon sweep: three accounts full of coupons, leftovers among them, and what must hold whatever
# happens. Source it after keyvigil.sh; sets $seed.
#   torture_start [YAML-LINES]     fakestripe, the daemon, and three keys t1 t2 t3 of acct_t1 acct_t2 acct_t3
#   torture_leave NAME...          an interrupted check of each account left selgeo_probe_NAME behind, two hours ago
#   torture_work                   one of the things that sweep: runs until it ends; for the background
#   torture_silent                 nothing is gone, and nothing of ours is there, that the ledger does not know
#   torture_age                    after torture_silent: two hours pass for everything that is there (no daemon must run)
#   torture_swept                  one scan, without any trouble: exactly the right ones are gone, and the ledger agrees
#   torture_end                    what was told, and how often; ends everything

torture_accounts="1 2 3"
torture_old=$(($(date +%s) - 7200))
torture_merchant=150
seed=${KEYVIGIL_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
db=$kv/state/keyvigil.db

random_sleep() { random "$1"; sleep "$(printf '%d.%03d' $((random / 1000)) $((random % 1000)))"; }
there() { fs_control GET "coupons?account=acct_t$1&mode=live"; } # account number

torture_start()
{
        fs_start --http 127.0.0.1:0 --seed "$seed"
        kv_conf "coupons: { grace: 1m }
${1:-}"
        kv_start
        for i in $torture_accounts; do
                key=$(new_key rk live)
                fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_t$i\",\"permissions\":$selgeo}" >/dev/null
                kv_with "$key" add "t$i"
                is "key $i is stored" "$rc" 0
                fs_control PUT coupons "[{\"account\":\"acct_t$i\",\"mode\":\"live\",\"generate\":$torture_merchant,
                        \"prefix\":\"sale_\",\"created\":$((torture_old - 900000))},
                        {\"account\":\"acct_t$i\",\"mode\":\"live\",\"id\":\"selgeo_probe_used\",
                        \"created\":$torture_old,\"times_redeemed\":1},
                        {\"account\":\"acct_t$i\",\"mode\":\"live\",\"id\":\"selgeo_probe_\",\"created\":$torture_old}]" >/dev/null
        done
}

torture_leave()
{
        for i in $torture_accounts; do
                for name in "$@"; do
                        echo "{\"account\":\"acct_t$i\",\"mode\":\"live\",\"id\":\"selgeo_probe_$name\",\"created\":$torture_old}"
                done
        done | curl -s --fail-with-body -X PUT --data-binary @- "$fs/_fake/coupons" >/dev/null
}

torture_work() # what, account number, id of a leftover
{
        case $1 in
        0) "$builddir/keyvigil" coupons sweep --force ;;
        1) "$builddir/keyvigil" check "t$2" --connect ;;
        2) "$builddir/keyvigil" coupons add "t$2" "selgeo_probe_$3" --force ;;
        esac >/dev/null 2>&1 || :
}

# What is there now, as lines "ACCOUNT ID", sorted: all that is gone, probes that are there; $n_there coupons in all.
look()
{
        for i in $torture_accounts; do there "$i" | jq -c ".account = \"acct_t$i\"" || return 1; done >"$fs_dir/there"
        jq -r '.account as $a | .deleted[]? | (if type == "object" then .id else . end) | $a + " " + .' "$fs_dir/there" | sort -u >"$fs_dir/gone"
        jq -r '.account as $a | .coupons[].id | select(test("^selgeo_probe_.")) | select(. != "selgeo_probe_used") | $a + " " + .' \
                "$fs_dir/there" | sort -u >"$fs_dir/probes"
        n_there=$(jq -s '[.[].coupons | length] | add' "$fs_dir/there")
}
in_ledger() # condition
{
        sqlite3 "$db" "SELECT a.name || ' ' || c.coupon FROM coupon c JOIN account a ON a.id = c.account WHERE $1" | sort -u
}

nothing_in() # a file; says what is in it
{
        [ ! -s "$1" ] || { sed "s/^/# $2: /" "$1" | head -n 5; return 1; }
}

torture_silent()
{
        look || return 1
        in_ledger "state IN ('deleting', 'deleted', 'gone')" | comm -23 "$fs_dir/gone" - >"$fs_dir/wrong"
        nothing_in "$fs_dir/wrong" "gone without a word" || return 1
        grep -E ' selgeo_probe_[a-z0-9]{16}$' "$fs_dir/probes" >"$fs_dir/ours" || :
        in_ledger ours | comm -23 "$fs_dir/ours" - >"$fs_dir/wrong"
        nothing_in "$fs_dir/wrong" "made by us without a word"
}

torture_age()
{
        sed "s/^\(.*\) \(.*\)$/{\"account\":\"\1\",\"mode\":\"live\",\"id\":\"\2\",\"created\":$torture_old}/" "$fs_dir/probes" |
                curl -s --fail-with-body -X PUT --data-binary @- "$fs/_fake/coupons" >/dev/null
        sqlite3 "$db" "UPDATE coupon SET updated = updated - 7200 WHERE state = 'found'"
}

torture_swept()
{
        kv coupons sweep --force
        [ "$rc" = 0 ] || { echo "# the sweep says: $out $err"; return 1; }
        look && nothing_in "$fs_dir/probes" "still there" || return 1
        [ "$n_there" = $((3 * (torture_merchant + 2))) ] || { echo "# another one is gone: $n_there are there"; return 1; }
        in_ledger "state = 'deleted'" >"$fs_dir/deleted"
        comm -13 "$fs_dir/gone" "$fs_dir/deleted" >"$fs_dir/wrong"
        nothing_in "$fs_dir/wrong" "said to be deleted, and was not" || return 1
        in_ledger "state IN ('deleted', 'gone')" | comm -23 "$fs_dir/gone" - >"$fs_dir/wrong"
        nothing_in "$fs_dir/wrong" "gone, and the ledger says otherwise" || return 1
        [ "$(sqlite3 "$db" "SELECT group_concat(DISTINCT coupon) FROM coupon WHERE state NOT IN ('deleted', 'gone')")" = selgeo_probe_used ] ||
                { echo "# the ledger has not finished:"; sqlite3 "$db" "SELECT * FROM v_coupon WHERE state NOT IN ('deleted', 'gone')"; return 1; }
        [ "$(sqlite3 "$db" "SELECT count(*) FROM (SELECT 1 FROM incident WHERE cleared = 0 GROUP BY kind, key HAVING count(*) > 1)")" = 0 ] ||
                { echo "# two incidents about one thing"; return 1; }
}

torture_end()
{
        is "what is kept is one incident for each account, and always was" \
                "$(sqlite3 "$db" "SELECT count(*) || ' ' || count(DISTINCT key) FROM incident WHERE kind = 'probe-coupon-kept'")" "3 3"
        kv_stop
        is "the daemon leaves in peace" "$rc" 0
        is "no event id has two contents" "$(sqlite3 "$db" "SELECT count(*) FROM (SELECT 1 FROM event
                GROUP BY id HAVING count(DISTINCT fields) > 1)")" 0
        # Each deletion is announced once: the sweep's own, and those of checks that it had to finish.
        told=$(sqlite3 "$db" "SELECT fields FROM event WHERE kind = 'probe-coupon-deleted'" | sed -n 's/^KEYVIGIL_COUNT=//p' | awk '{ n += $1 } END { print n + 0 }')
        others=$(sqlite3 "$db" "SELECT count(*) FROM coupon WHERE state = 'deleted' AND NOT ours")
        all=$(sqlite3 "$db" "SELECT count(*) FROM coupon WHERE state = 'deleted'")
        echo "# $others leftovers and $((all - others)) coupons of our own were deleted, $told deletions were announced"
        ok "each deletion is announced once" [ "$told" -ge "$others" -a "$told" -le "$all" ]
        is "the record is whole" "$(sqlite3 "$db" 'PRAGMA integrity_check')" ok
        is "no DELETE was ever sent for anything else" "$(fs_control GET 'log?path=/v1/coupons' | jq -r '[.entries[] | select(.method == "DELETE")
                | .path | select(test("^/v1/coupons/selgeo_probe_[A-Za-z0-9_-]+$") | not)] | length')" 0
        kv_clean
        fs_stop
        tap_end
}
