"""What the kernel says of processes, and one JSON-RPC call."""
import json
import os
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def stat(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as text:
        return text.read().rsplit(")", 1)[1].split()


def cpu_seconds(pid):
    """User and system time of one process, with its reaped children."""
    fields = stat(pid)
    return sum(int(fields[i]) for i in (11, 12, 13, 14)) / TICKS


def cluster_cpu_seconds(data_directory):
    """All processes of a PostgreSQL cluster: the postmaster, with those it reaped, and
    its living children."""
    with open(os.path.join(data_directory, "postmaster.pid"), encoding="ascii") as text:
        postmaster = int(text.readline())
    total = cpu_seconds(postmaster)
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            fields = stat(name)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == postmaster:
            total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as text:
        for line in text:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def rpc(endpoint, method, parameters):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
    request = urllib.request.Request(endpoint, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)
