#!/usr/bin/env python3
"""A platform's own table of its merchants' keys, made from the event feed and nothing else but the names that it sent.

platform_table.py follow DATABASE        keeps the table; may be killed at any time: the cursor is stored with it
platform_table.py compare DATABASE       against `keyvigil list --json` on standard input; prints what differs, and counts
The table: name, state, account, missing, since. A name of which nothing was told is assumed to be as it was sent: healthy.
"""
import datetime
import http.client
import json
import os
import socket
import sqlite3
import sys
import time

table = sqlite3.connect(sys.argv[2], timeout=10)


class Keyvigil(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(os.environ["KEYVIGIL_READ_SOCKET"])


def take(event):
    name, fields = event["key"], event["fields"]
    action = fields.get("KEYVIGIL_ACTION")
    if not name:
        return
    table.execute("INSERT INTO told VALUES(?, ?)", (event["id"], f"{event['kind']} {action or ''} {name}"))
    if action == "removed":
        table.execute("DELETE FROM merchant WHERE name = ?", (name,))
        return
    state = fields.get("KEYVIGIL_STATE")
    if action == "decided" or not state:
        return
    row = table.execute("SELECT state FROM merchant WHERE name = ?", (name,)).fetchone()
    # A death is believed from its event on (KEYVIGIL_SINCE is its first answer); what is missing is so since the first refusal.
    since = fields.get("KEYVIGIL_SINCE", event["at"]) if action or state == "degraded" else event["at"]
    if row and row[0] == state:
        since = None  # another secret, a reminder, or something beside the state
    table.execute("INSERT INTO merchant VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET state = ?2,"
                  " account = coalesce(?3, account), missing = ?4, since = coalesce(?5, since)",
                  (name, state, event["account"], fields.get("KEYVIGIL_MISSING", ""), since))


def follow():
    table.executescript("CREATE TABLE IF NOT EXISTS told(id PRIMARY KEY, what);"
                        "CREATE TABLE IF NOT EXISTS cursor(only PRIMARY KEY, value);")
    while True:
        row = table.execute("SELECT value FROM cursor").fetchone()
        try:
            ask = Keyvigil("keyvigil", timeout=90)
            ask.request("GET", f"/v1/events?wait=30&limit=1000&after={row[0] if row else 0}")
            page = json.load(ask.getresponse())
            events, cursor = page["data"], page["next"]
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            time.sleep(0.2)
            continue
        for event in events:
            take(event)
        table.execute("INSERT OR REPLACE INTO cursor VALUES(1, ?)", (cursor,))
        table.commit()


def apart(a, b):
    """In seconds; a turn of the daemon may lie between a change and its event."""
    return abs((datetime.datetime.fromisoformat(a[:-1]) - datetime.datetime.fromisoformat(b[:-1])).total_seconds())


def compare():
    true = {key["name"]: key for key in json.load(sys.stdin)["keys"]}
    mine = {row[0]: row for row in table.execute("SELECT name, state, account, missing, since FROM merchant")}
    different = sorted(set(true) ^ set(mine))
    for name in set(true) & set(mine):
        _, state, account, missing, since = mine[name]
        was = true[name]
        if (state, account, missing.split()) != (was["state"], was["account"], was["missing"]) or since and apart(since, was["since"]) > 2:
            different.append(f"{name}: {mine[name][1:]}, and true is {[was[k] for k in ('state', 'account', 'missing', 'since')]}")
    for line in different[:20]:
        print("#", line)
    told = sum(row[4] is not None for row in mine.values())
    print(f"{len(true)} keys, {len(different)} differ")
    print(f"# {told} of them were told of")


follow() if sys.argv[1] == "follow" else compare()
