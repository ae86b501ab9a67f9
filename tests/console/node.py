"""A node of the ledger's cluster: what it is asked goes to the simulated ledger behind it, and
it may do with the question and the answer what nodes do on a bad night."""
import http.server
import json
import sys
import threading
import urllib.request


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Who asked went away: it was told to end."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Node:
    """On a free port of 127.0.0.1, see `url`, until close().

    answers: a function of one JSON-RPC request that gives its answer; forward() is the honest
    one. status(method) may give another HTTP status than 200, or None: the connection is cut
    without a word."""

    def __init__(self, ledger_url):
        self.ledger_url = ledger_url
        self.answers = self.forward
        self.status = lambda method: 200
        node = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                node.serve(self)

            def log_message(self, *_arguments):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def forward(self, one):
        request = urllib.request.Request(self.ledger_url, json.dumps(one).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.load(reply)

    def serve(self, handler):
        asked = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        is_batch = isinstance(asked, list)
        for one in asked if is_batch else [asked]:
            status = self.status(one["method"])
            if status != 200:
                break
        if status is None:
            handler.close_connection = True
            return
        reply = b""
        if status == 200:
            answers = [self.answers(one) for one in (asked if is_batch else [asked])]
            if None in answers:
                handler.close_connection = True
                return
            reply = json.dumps(answers if is_batch else answers[0], ensure_ascii=False)
            reply = reply.encode("utf-8", "surrogatepass")
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(reply)))
        handler.end_headers()
        handler.wfile.write(reply)
