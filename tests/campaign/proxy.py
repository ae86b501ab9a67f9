"""A TCP proxy that can be cut in several ways: the network of the campaigns.

As a program: proxy.py PORT HOST PORT2 forwards 127.0.0.1:PORT to HOST:PORT2 until it is ended.
"""
import select
import socket
import sys
import threading


class Proxy:
    """Forwards 127.0.0.1:port to `target`, an address or a Unix socket's path.

    cut("hang"): nothing is forwarded, nothing is closed. cut("refuse"): connections are closed and
    new ones at once. cut("one-way"): requests pass, answers do not. cut("reset"): all connections are
    reset once, new ones pass. mend(): all is well again; what hung is reset.
    """

    MODES = ("hang", "refuse", "one-way", "reset")

    def __init__(self, target, host="127.0.0.1", port=0):
        self.target = target
        self.mode = "pass"
        self.pairs = []
        self.lock = threading.Lock()
        self.listener = socket.create_server((host, port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            if self.mode == "refuse":
                client.close()
                continue
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def connect(self):
        if isinstance(self.target, str):
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.target)
            return server
        return socket.create_connection(self.target)

    def serve(self, client):
        try:
            server = self.connect()
        except OSError:
            client.close()
            return
        pair = (client, server)
        with self.lock:
            self.pairs.append(pair)
        try:
            self.forward(client, server)
        except OSError:
            pass
        finally:
            with self.lock:
                if pair in self.pairs:
                    self.pairs.remove(pair)
            client.close()
            server.close()

    def forward(self, client, server):
        while True:
            readable, _, _ = select.select([client, server], [], [], 0.2)
            for source in readable:
                if self.mode == "hang" or (self.mode == "one-way" and source is server):
                    threading.Event().wait(0.02)
                    continue
                data = source.recv(65536)
                if not data:
                    return
                (server if source is client else client).sendall(data)

    def reset(self):
        with self.lock:
            pairs = list(self.pairs)
        for client, server in pairs:
            for end in (client, server):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def cut(self, mode):
        self.mode = "pass" if mode == "reset" else mode
        if mode in ("refuse", "reset"):
            self.reset()

    def mend(self):
        was, self.mode = self.mode, "pass"
        if was in ("hang", "one-way"):
            self.reset()


def main():
    port, host, target = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    Proxy((host, target), port=port)
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
