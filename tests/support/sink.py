#!/usr/bin/env python3
"""sink.py PORT-FILE LOG: takes whatever is posted, and keeps each body as a line of LOG."""
import http.server
import json
import os
import sys

port_file, log = sys.argv[1:]


class Sink(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        with open(log, "a") as to:
            print(json.dumps(json.loads(body)), file=to)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
with open(port_file + ".new", "w") as to:
    print(server.server_address[1], file=to)
os.rename(port_file + ".new", port_file)
server.serve_forever()
