#!/usr/bin/env python3
"""Disables payouts when a merchant's key dies, enables them when it lives again. The table is made from the events alone.
Both sides may be restarted at any time: the cursor is stored with the table, in one transaction."""
import http.client
import json
import os
import socket
import sqlite3
import sys
import time

SOCKET = os.environ.get("KEYVIGIL_READ_SOCKET", "/run/keyvigil-read/read.sock")
DEAD = {"key-revoked", "key-expired", "key-invalid", "key-blocked"}
ALIVE = {"healthy", "degraded"}  # such an incident ends when its key is removed or dies of something else, too

class Keyvigil(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(SOCKET)
table = sqlite3.connect(sys.argv[1])
table.executescript("CREATE TABLE IF NOT EXISTS payout(merchant PRIMARY KEY, enabled, deaths DEFAULT 0);"
                    "CREATE TABLE IF NOT EXISTS cursor(only PRIMARY KEY, value);")
while True:
    row = table.execute("SELECT value FROM cursor").fetchone()
    try:
        ask = Keyvigil("keyvigil", timeout=90)
        ask.request("GET", f"/v1/events?wait=30&limit=1000&after={row[0] if row else 0}")
        page = json.load(ask.getresponse())
        page = page if "data" in page else {"data": [], "next": page["first"]}  # 410: compare with GET /v1/keys, too
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        time.sleep(1)
        continue
    for event in (e for e in page["data"] if e["key"]):
        dies = event["kind"] in DEAD
        lives = event["cleared"] in DEAD and event["fields"].get("KEYVIGIL_STATE") in ALIVE
        if dies or lives:
            table.execute("INSERT INTO payout VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE"
                          " SET enabled = ?2, deaths = deaths + ?3", (event["key"], lives, dies))
    table.execute("INSERT OR REPLACE INTO cursor VALUES(1, ?)", (page["next"],))
    table.commit()
