# The doctor, with each of its subjects broken in turn: it says that very thing, and what to do; and a backup that it finds good
# is one that can be restored.
. /test/world.sh
kept=$(mktemp -d)

settle
install -d -m 0700 /etc/credstore
head -c 32 /dev/urandom >/etc/credstore/keyvigil.master
fake_start
configure
check "the daemon starts" systemctl start keyvigild.service
check "and what watches it" systemctl start keyvigil-watch.timer
check "acme is stored" watch acme
check "a backup is made" systemctl start keyvigil-backup.service
doctor() { said=$(keyvigil doctor 2>&1); }
ill() { printf '%s\n' "$said" | sed -n 's/^BAD *//p'; }
doctor
is "all is well" "" "$(ill)"

# broken SUBJECT WORDS: of all subjects only this one is ill, and these words tell what to do.
broken()
{
        doctor
        is "$1 is broken: that and no more is said" "$1" "$(ill | cut -c 1-12 | sed 's/ *$//' | sort -u | tr '\n' ' ' | sed 's/ $//')"
        case $(ill) in
        *"$2"*) ok "$1: and what to do" ;;
        *) not_ok "$1: and what to do" "$said" ;;
        esac
}

cp $config $kept/config
echo 'nonsense: 1' >>$config
broken settings "check-config"
cp $kept/config $config

kill -STOP "$(main_pid)"
# A daemon that stands still cannot say where the master key is, so that is not asked.
broken daemon "systemctl restart keyvigild"
kill -CONT "$(main_pid)"
systemctl stop keyvigild.service
broken daemon "systemctl start keyvigild"
systemctl start keyvigild.service

mv /run/systemd/journal/socket /run/systemd/journal/aside
broken journal "systemd-journald"
mv /run/systemd/journal/aside /run/systemd/journal/socket

systemctl stop keyvigil-watch.timer
broken timer "systemctl enable --now keyvigil-watch.timer"
systemctl start keyvigil-watch.timer

sed -i.aside '/^keyvigil-read:/d' /etc/group
broken groups "systemd-sysusers"
mv /etc/group.aside /etc/group

cp /etc/keyvigil/keyvigil.yaml $kept/config
mkdir -p /var/lib/small
mount -t tmpfs -o size=50m,mode=0750 small /var/lib/small
sed "s,^stripe:,state_dir: /var/lib/small\n&," $kept/config >$kept/small.yaml
said=$(keyvigil --config $kept/small.yaml doctor 2>&1)
is "a full disk is seen" "disk" "$(ill | cut -c 1-12 | sed 's/ *$//' | sort -u | tr '\n' ' ' | sed 's/ $//')"
case $(ill) in *"make room"*) ok "and what to do" ;; *) not_ok "and what to do" "$said" ;; esac
umount /var/lib/small

sed -i "s,127.0.0.1:$fake_port,127.0.0.1:1," $config
broken Stripe "the firewall"
cp $kept/config $config
fake POST clock '{"offset": 7200}' >/dev/null
broken clock "timedatectl set-ntp true"
fake POST clock '{"offset": 0}' >/dev/null

printf '%s\n' 'notify:' '  - {type: mail, to: ops@example.net}' >>$config
broken receivers "systemctl enable --now keyvigil-notify"
cp $kept/config $config

backup=$(ls /var/backups/keyvigil/*.db)
touch -d '3 days ago' "$backup"
broken backup "systemctl status keyvigil-backup.timer"
touch "$backup"
cp "$backup" $kept/backup
printf 'not a database at all, whatever its name may be, and that is longer than a header' >"$backup"
broken backup "make another"
cp $kept/backup "$backup"
mv "$backup" $kept/good.db
broken backup "systemctl enable --now keyvigil-backup.timer"
mv $kept/good.db "$backup"

rm -rf /run/systemd/system/keyvigild.service.d
mkdir -p /run/systemd/system/keyvigild.service.d
printf '[Service]\nLoadCredential=\n' >/run/systemd/system/keyvigild.service.d/none.conf
systemctl daemon-reload
systemctl stop keyvigild.service
mv /var/lib/keyvigil /var/lib/aside
systemctl start keyvigild.service
broken "master key" "make it a credential"
systemctl stop keyvigild.service
rm -rf /run/systemd/system/keyvigild.service.d /var/lib/keyvigil
mv /var/lib/aside /var/lib/keyvigil
systemctl daemon-reload
systemctl start keyvigild.service

useradd stranger
said=$(runuser -u stranger -- keyvigil doctor 2>&1)
case $(ill) in *"member of the group keyvigil"*) ok "a stranger is told what he is" ;; *) not_ok "a stranger is told what he is" "$said" ;; esac
case $(ill) in *"not running"*) not_ok "and not that nothing runs" "$said" ;; *) ok "and not that nothing runs" ;; esac
doctor
is "all is well again" "" "$(ill)"

# --- a restore

check "one more key is stored" watch beta
check "a backup goes to standard output" eval 'keyvigil backup - >$kept/out.db'
is "which is a database, and nothing else" "SQLite format 3" "$(head -c 15 $kept/out.db)"
systemctl stop keyvigil-watch.timer keyvigild.service
rm -f /var/lib/keyvigil/keyvigil.db*
install -o keyvigil -g keyvigil -m 0640 $kept/out.db /var/lib/keyvigil/keyvigil.db
cp $kept/out.db /var/backups/keyvigil/zz-newest.db
systemctl start keyvigild.service keyvigil-watch.timer
doctor
is "the doctor finds nothing wrong with what was restored" "" "$(ill)"
case $said in *"opens, with 2 keys"*) ok "and counts its keys" ;; *) not_ok "and counts its keys" "$said" ;; esac
check "the keys are asked again" keyvigil check acme beta
