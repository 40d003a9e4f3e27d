#!/usr/bin/env python3
"""A receiver of webhooks for tests. Verifies each by the specification, and keeps what it took, one JSON a line.

usage: receiver.py PORT-FILE LOG SECRET PORT
Listens on PORT (0: a free one) and writes it to PORT-FILE. How it answers is in LOG.mode, read at each request: a
status, "slow STATUS", "never" (it takes the message and gives no answer, for as long as the sender waits), or "once STATUS":
that status the first time that it sees an id, then 204. No such file: 204.
"""
import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import time

port_file, log, secret, port = sys.argv[1:]
key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
seen = set()


def verified(headers, body):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    fresh = abs(time.time() - int(headers["webhook-timestamp"])) < 300
    return fresh and any(hmac.compare_digest(wanted, one) for one in headers["webhook-signature"].split(" "))


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        mode = open(log + ".mode").read().split() if os.path.exists(log + ".mode") else ["204"]
        ident = self.headers["webhook-id"]
        status = int(mode[-1]) if mode != ["never"] else 999
        if mode[0] == "slow":
            time.sleep(2)
        if mode[0] == "once" and ident in seen:
            status = 204
        seen.add(ident)
        with open(log, "a") as to:
            print(json.dumps({"id": ident, "status": status, "good": verified(self.headers, body),
                              "body": json.loads(body), "raw": body.decode(),
                              "headers": {n: v for n, v in self.headers.items() if n.startswith("webhook-")}}), file=to)
        if mode == ["never"]:
            self.rfile.read(1)
            self.close_connection = True
            return
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Receiver)
with open(port_file + ".new", "w") as to:
    print(server.server_address[1], file=to)
os.rename(port_file + ".new", port_file)
server.serve_forever()
