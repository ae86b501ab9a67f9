"""A network namespace of the campaign's own, in which the workers run: what is cut is a link.

Workers talk to loopback inside (plain HTTP is refused elsewhere); a small proxy there carries that
over a veth pair to this side, where another proxy carries it to the real server. Needs root.
"""
import os
import subprocess
import sys

from proxy import Proxy

INSIDE, OUTSIDE = "10.231.77.2", "10.231.77.1"


def run(*arguments):
    subprocess.run(arguments, check=True, capture_output=True)


class Namespace:
    MODES = ("down", "deaf", "mute")

    def __init__(self):
        self.name = "lockstep%d" % os.getpid()
        self.link = "ls%d" % (os.getpid() % 1000000)
        self.children = []
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", self.link, "type", "veth", "peer", "name", "ls0", "netns", self.name)
        run("ip", "addr", "add", OUTSIDE + "/30", "dev", self.link)
        run("ip", "link", "set", self.link, "up")
        for arguments in (("addr", "add", INSIDE + "/30", "dev", "ls0"), ("link", "set", "ls0", "up"),
                          ("link", "set", "lo", "up")):
            run("ip", "-n", self.name, *arguments)

    def inside(self, *arguments):
        return ["ip", "netns", "exec", self.name, *arguments]

    def carry(self, target):
        """A port of the namespace's loopback that leads to `target` on this side."""
        port = Proxy(target, host=OUTSIDE).port
        here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "proxy.py")
        child = subprocess.Popen(self.inside(sys.executable, here, str(port), OUTSIDE, str(port)),
                                 stdout=subprocess.PIPE, text=True)
        if child.stdout.readline().strip() != "ready":
            raise RuntimeError("the namespace's proxy does not start")
        self.children.append(child)
        return port

    def neighbour(self, verb, side):
        """The address of the other side on the wire, set to nobody's: frames to it are lost."""
        where = {"deaf": ("ip", "neigh", verb, INSIDE, "dev", self.link),
                 "mute": ("ip", "-n", self.name, "neigh", verb, OUTSIDE, "dev", "ls0")}[side]
        nobody = ("lladdr", "02:00:00:00:00:99", "nud", "permanent") if verb == "replace" else ()
        subprocess.run(where + nobody, check=verb == "replace", capture_output=True)

    def cut(self, mode):
        """down: no link. deaf: what is sent to the workers is lost. mute: what they send is."""
        if mode == "down":
            run("ip", "link", "set", self.link, "down")
        else:
            self.neighbour("replace", mode)

    def mend(self):
        run("ip", "link", "set", self.link, "up")
        self.neighbour("del", "deaf")
        self.neighbour("del", "mute")

    def end(self):
        for child in self.children:
            child.terminate()
        run("ip", "netns", "del", self.name)
