#!/usr/bin/env python3
"""Every command of the console stands in the tables of docs/console.md by one of its default
keys, every screen by its name, and no table names a key that nothing has."""
import json
import re
import subprocess
import sys

binary, document = sys.argv[1], sys.argv[2]
commands = json.loads(
    subprocess.run([binary, "keys", "list", "--json"], check=True, capture_output=True).stdout
)
section = open(document, encoding="utf-8").read().split("## Screens and keys")[1].split("\n## ")[0]
rows = [line for line in section.splitlines() if line.startswith("|")]
first = "\n".join(row.split("|")[1] for row in rows)
told = set(re.findall(r"`([^`]+)`", first)) | set(re.findall(r"[A-Za-z][A-Za-z0-9-]+", first))
told |= {"k", "j"} if "arrows" in first else set()

keys = {key for command in commands for key in command["defaults"].split()}
bad = [
    f"{command['name']} ({command['defaults']}) is in no table"
    for command in commands
    if not told & set(command["defaults"].split())
]
bad += [
    f"nothing has the key {key}"
    for key in re.findall(r"`([^`]+)`", first)
    if key not in keys
]
for command in commands:
    if command["name"].startswith("go-"):
        row = f"| `{command['defaults']}` | {command['name'][3:].capitalize()} |"
        if row not in section:
            bad.append(f"no row begins with {row}")
print("\n".join(bad))
sys.exit(1 if bad else 0)
