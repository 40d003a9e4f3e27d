# A good file is taken by a reload, a broken one is refused with everything that is wrong with it.
. /test/world.sh

begin acme
pid=$(main_pid)
[ "$pid" -gt 0 ] || exit 1
configure 'history:' '  keep: 30d'
check "a good file is taken" systemctl reload keyvigild.service

printf '%s\n' 'stripe:' '  tiemout: 3s' '  rate: many' >$config
refuse "a broken file is refused" systemctl reload keyvigild.service
for complaint in 'keyvigil.yaml:2:3' 'keyvigil.yaml:3:' tiemout timeout many; do
        check "the complaint says $complaint" eval "journal_of -o cat | grep -qF -- '$complaint'"
done
is "each is told once" 1 "$(journal_of -o cat | grep -cF keyvigil.yaml:2:3)"
check "the daemon runs on" state_is active
is "it is the same process" "$pid" "$(main_pid)"
asked=$(fake_requests)
check "and goes on asking, by the old file" within 60 fake_was_asked_since "$asked"
configure
check "a mended file is taken" systemctl reload keyvigild.service
check "it is active after all that" state_is active
