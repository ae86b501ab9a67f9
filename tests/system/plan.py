#!/usr/bin/env python3
"""A provider's plan: passes JSON-RPC on to a ledger and refuses some methods.

plan.py URL METHOD...    prints its own URL"""
import json
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

URL, REFUSED = sys.argv[1], set(sys.argv[2:])


class Plan(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        calls = {call["id"]: call["method"] for call in json.loads(body)}
        ask = urllib.request.Request(URL, body, {"Content-Type": "application/json"})
        answers = json.load(urllib.request.urlopen(ask, timeout=10))
        for answer in answers:
            if calls[answer["id"]] in REFUSED:
                answer.pop("result", None)
                answer["error"] = {"code": -32601, "message": "not part of your plan"}
        text = json.dumps(answers).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Plan)
print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()
