"""Texts that attack a terminal, a table, or a reader; and what of a program's output would
let them through."""
import json
import re
import unicodedata

from terminal import INVISIBLE

ESC, BEL = "\x1b", "\x07"

# Each is valid UTF-8 without NUL: a database can hold it.
TEXTS = [
    ESC + "[2J" + ESC + "[H" + ESC + "[31mred" + ESC + "[0m",
    ESC + "]0;title" + BEL + ESC + "]52;c;cm0gLXJm" + BEL,
    ESC + "]8;;http://evil.example" + ESC + "\\click" + ESC + "]8;;" + ESC + "\\",
    ESC + "P+q544e" + ESC + "\\" + ESC + "_Gi=1;AAAA" + ESC + "\\" + ESC + "^pm" + ESC + "\\",
    ESC + "[?1049l" + ESC + "[5i" + ESC + "c" + ESC + "[6n" + ESC + "Z",
    "\u009b2J\u009d0;title\u009c\u0090q\u009c\u0085\u008d",
    "".join(chr(code) for code in range(1, 32)) + "\x7f",
    "\u202egnp.exe\u202c \u2066isolate\u2069 \u200f\u061c",
    "zero\u200bwidth\u200d\u2060\ufeff\u00ad",
    "e" + "\u0301\u0302\u0303\u0336\u0489" * 40,
    "\u682a\u5f0f\u4f1a\u793e\u306e\u767a\u884c\u6e08\u682a\u5f0f\u7dcf\u6570" * 6,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f3fd \U0001f1e8\U0001f1ed \u2764\ufe0f",
    "a\tb\nc\rd\x0be\x0cf\x08\x08\u2028g\u2029h",
    "%s%n%d%100000d %1$s {0} $(id) `id` ';--",
    "<b onclick=x>&amp;</b> \\x1b[31m \\u001b[31m \\033[31m",
    "\ud7ff\ue000\uf8ff\ufdd0\ufffe\U0010ffff\U000e0041\ufff9",
    "w" * 10000,
    "\u0e33\u0f77\u1160\u11a8\uffa0\u3164\u115f",
]
# Bytes that are no UTF-8, for places that hold bytes.
BYTES = [
    b"\xff\xfe\xc0\xaf\xe0\x80\xaf",
    b"\xed\xa0\x80\xed\xbf\xbf\xf4\x90\x80\x80",
    b"\x9b2J\x9d0;t\x9c\x90q\x84\x85\x8d",
    b"cut \xe2\x80",
    b"\xc2\x9b31m\xe2\x80\xae",
]
SGR = re.compile(rb"\x1b\[[0-9;]*m")


def leaks(output, may_color=False):
    """What in `output` a terminal would obey or a reader not see; b"" when nothing does.
    Lines may end; a tab may not even be there: it moves the cursor."""
    if may_color:
        output = SGR.sub(b"", output)
    try:
        text = output.decode("utf-8")
    except UnicodeDecodeError as error:
        return output[max(0, error.start - 20):error.end + 20]
    for at, character in enumerate(text):
        scalar = ord(character)
        control = scalar < 0x20 and character != "\n" or 0x7F <= scalar < 0xA0
        if control or scalar in INVISIBLE or unicodedata.category(character) in ("Cf", "Cs", "Cn", "Co"):
            return text[max(0, at - 20):at + 20].encode("unicode_escape")
    return b""


def json_trouble(output, by_line):
    """Why it is no JSON; "" when it is."""
    try:
        for line in output.splitlines() if by_line else [output]:
            json.loads(line)
    except ValueError as error:
        return f"{error}: {output[:200]!r}"
    return ""
