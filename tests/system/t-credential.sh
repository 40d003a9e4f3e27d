# The master key may come from the machine's credential store; then there is none beside the database.
. /test/world.sh

mkdir -p -m 0700 /etc/credstore
head -c 32 /dev/urandom >/etc/credstore/keyvigil.master
chmod 0600 /etc/credstore/keyvigil.master
begin acme
check "no master key lies beside the database" [ ! -e /var/lib/keyvigil/master.key ]
refuse "status does not warn of one" eval "keyvigil status | grep -qi 'beside the database'"
check "the key can still be opened after a restart" eval "systemctl restart keyvigild.service && keyvigil check acme"

mv /etc/credstore/keyvigil.master /etc/credstore/elsewhere
systemctl stop keyvigild.service
refuse "without the credential it does not start" systemctl start keyvigild.service
is "with the status for that" 6 "$(property keyvigild.service ExecMainStatus)"
check "and makes none in its place" [ ! -e /var/lib/keyvigil/master.key ]
head -c 32 /dev/urandom >/etc/credstore/keyvigil.master
refuse "nor with another one" systemctl start keyvigild.service
is "with the same status" 6 "$(property keyvigild.service ExecMainStatus)"
mv /etc/credstore/elsewhere /etc/credstore/keyvigil.master
check "with the right one it does" systemctl start keyvigild.service
check "and the key opens" keyvigil check acme
