#!/usr/bin/env python3
"""The connect endpoint of a platform: a merchant pastes a key, the answer says at once whether it will do.

POST /connect/MERCHANT with the key as the body. A lost answer is asked for again without harm.
"""
import http.client
import http.server
import json
import os
import socket
import sys

SOCKET = os.environ.get("KEYVIGIL_SOCKET", "/run/keyvigil/control.sock")


class Keyvigil(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(SOCKET)


class Connect(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        merchant = self.path.rsplit("/", 1)[-1]
        secret = self.rfile.read(int(self.headers["Content-Length"]))
        ask = Keyvigil("keyvigil", timeout=30)
        ask.request("PUT", f"/v1/keys/{merchant}?profile=selgeo&deadline=10s", secret,
                    {"Content-Type": "text/plain"})
        answer = ask.getresponse()
        found = json.load(answer)
        said = {"connected": answer.status < 300, "code": found.get("result") or found["code"],
                "text": found.get("detail"), "missing": found.get("missing_labels", []),
                "mend": found.get("remedy_url")}
        self.send_response(answer.status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Connect).serve_forever()
