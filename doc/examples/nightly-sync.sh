#!/bin/sh
# Once a night: what the platform's database says is what keyvigil watches. From a timer, as a member of group keyvigil.
#   nightly-sync.sh DATABASE      a table merchant(name, stripe_key, account, plan), here in SQLite
# The last line says how many there are: a list that was cut off removes nothing.
set -eu
umask 077
sqlite3 -readonly "$1" "
        SELECT json_object('name', name, 'key', stripe_key, 'profile', 'selgeo', 'account', account,
                           'labels', json_object('source', 'platform', 'plan', plan))
        FROM merchant WHERE stripe_key IS NOT NULL;
        SELECT json_object('end', count(*)) FROM merchant WHERE stripe_key IS NOT NULL;" |
        exec keyvigil import --sync --prune --scope source=platform -
