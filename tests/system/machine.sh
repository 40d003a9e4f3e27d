# A Debian machine with a real systemd, for tests: a tree made once with debootstrap, a layer with what is installed from
# the build, and a throw-away layer per boot. Source this as root, inside a mount namespace of its own (run.sh sees to
# that), so that nothing stays mounted however the test ends.
#
#   machine_tree             prints the tree's folder, makes it if it is not there yet (about a minute, needs a mirror)
#   machine_layer TREE DIR   prepares DIR as the layer of installed things; mounted at DIR/root until machine_layer_done
#   machine_boot             sets $machine_pid (nspawn), $machine_leader (its systemd); the console goes to DIR/console
#   machine_enter COMMAND…   runs COMMAND in the machine as root, with the machine's environment
#   machine_kill             as if the plug was pulled; its layer stays, so that it can be booted again
#   machine_off              powers off, waits, unmounts
#
# A machine has no network but its loopback, unless $machine_network (an option of systemd-nspawn) says otherwise.

machine_suite=bookworm
machine_packages="systemd,dbus,sqlite3,curl,jq,ca-certificates,procps,libcurl4,libyaml-0-2,libjansson4,libsodium23"
machine_packages="$machine_packages,libmicrohttpd12,libsqlite3-0,libsystemd0"
# For two of them, doc/fail-over.md; python3 for rsync's rrsync.
machine_packages="$machine_packages,keepalived,rsync,openssh-server,python3"
machine_cache=${KEYVIGIL_TEST_CACHE:-/var/cache/keyvigil-test}

# The mirror that this host itself installs from.
machine_mirror()
{
        apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Identifier: Packages' |
                awk -v suite=$machine_suite '$1 == suite || $1 == "stable" { print $2; exit }'
}

machine_debootstrap()
{
        (
                proxy=$(apt-config shell p Acquire::http::Proxy | sed -n "s/^p='\(.*\)'\$/\1/p")
                [ -z "$proxy" ] || export http_proxy="$proxy"
                debootstrap --variant=minbase --include="$machine_packages" "$machine_suite" "$1" "$(machine_mirror)"
        ) >"$1.log" 2>&1 </dev/null || {
                tail -n 20 "$1.log" >&2
                return 1
        }
        # No name of this host, no waiting for a login, no journal lost between two looks.
        echo keyvigil-test >"$1/etc/hostname"
        ln -sf /dev/null "$1/etc/systemd/system/console-getty.service"
        systemctl --root="$1" disable ssh.service keepalived.service >/dev/null
        rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* "$1"/usr/share/doc "$1"/usr/share/locale
}

machine_tree()
{
        tree=$machine_cache/$machine_suite-$(printf '%s' "$machine_packages" | sha256sum | head -c 12)
        mkdir -p "$machine_cache"
        (
                flock 9
                [ -d "$tree" ] && exit 0
                rm -rf "$tree.new"
                machine_debootstrap "$tree.new" && rm -f "$tree.new.log" && mv "$tree.new" "$tree"
        ) 9>"$machine_cache/lock" || return
        echo "$tree"
}

# Layers live in memory: quick, and independent of what the host's file system can do.
machine_layer()
{
        mkdir -p "$2"
        mount -t tmpfs -o mode=0755 keyvigil-layer "$2" || return
        mkdir "$2/upper" "$2/work" "$2/root"
        mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" overlay "$2/root"
}

machine_layer_done() { umount "$1/root" && umount "$1"; }

machine_boot()
{
        machine_dir=$1
        machine_name=keyvigil-$(basename "$(dirname "$1")" | tr -d .)-$(basename "$1")
        systemd-nspawn --quiet --directory="$1/root" --machine="$machine_name" --boot --register=no --keep-unit \
                "${machine_network:---private-network}" </dev/null >"$1/console" 2>&1 &
        machine_pid=$!
        machine_leader=
        tries=300
        while [ $tries -gt 0 ]; do
                tries=$((tries - 1))
                machine_find_leader
                [ -n "$machine_leader" ] && machine_is_up && return
                kill -0 $machine_pid 2>/dev/null || break
                sleep 0.1
        done
        echo "the machine did not boot:" >&2
        tail -n 20 "$1/console" >&2
        return 1
}

machine_find_leader()
{
        for child in $(cat "/proc/$machine_pid/task/$machine_pid/children" 2>/dev/null); do
                [ "$(cat "/proc/$child/comm" 2>/dev/null)" != systemd ] || machine_leader=$child
        done
}

machine_is_up()
{
        case $(machine_enter systemctl is-system-running 2>/dev/null) in
        running | degraded) return 0 ;;
        *) return 1 ;;
        esac
}

machine_enter()
{
        setsid --wait nsenter --target "$machine_leader" --all -- env -i HOME=/root LANG=C.UTF-8 TERM=dumb \
                PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null
}

machine_kill()
{
        kill -KILL "$machine_leader"
        wait "$machine_pid" 2>/dev/null || :
        machine_pid=
}

machine_off()
{
        [ -n "${machine_pid:-}" ] || return 0
        [ -z "$machine_leader" ] || machine_enter systemctl poweroff --no-wall >/dev/null 2>&1 || :
        tries=200
        while kill -0 "$machine_pid" 2>/dev/null && [ $tries -gt 0 ]; do
                tries=$((tries - 1))
                sleep 0.1
        done
        if [ $tries -eq 0 ]; then
                kill -KILL ${machine_leader:+"$machine_leader"} "$machine_pid" 2>/dev/null || :
        fi
        wait "$machine_pid" 2>/dev/null || :
        machine_pid=
        rmdir "/run/systemd/nspawn/propagate/$machine_name" 2>/dev/null || :
        machine_layer_done "$machine_dir"
}
