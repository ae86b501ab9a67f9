"""Turns `tmux capture-pane -pe` into an SVG: from standard input to standard output, for the
README. Knows the attributes that the console uses: 256 colours, bold, dim, italic, reverse,
underline, and characters of two cells."""
import html
import re
import sys
import unicodedata

# Whole pixels, so that neighbours meet; DejaVu Sans Mono is 0.602 of its size wide.
CELL_WIDTH, LINE_HEIGHT, FONT_SIZE, MARGIN = 9, 18, 14.95, 10
BACKGROUND, FOREGROUND = "#101418", "#d0d4d8"
BORDERS = {"─": "LR", "│": "UD", "╭": "RD", "╮": "LD", "╰": "UR", "╯": "UL"}
BASIC = ["#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5",
         "#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff"]


def colour(index):
    if index < 16:
        return BASIC[index]
    if index >= 232:
        level = 8 + (index - 232) * 10
        return f"#{level:02x}{level:02x}{level:02x}"
    steps = (0, 95, 135, 175, 215, 255)
    index -= 16
    return "#" + "".join(f"{steps[part]:02x}" for part in (index // 36, index // 6 % 6, index % 6))


def cells_of(text):
    return sum(0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
               for one in text)


class Style:
    def __init__(self):
        self.reset()

    def reset(self):
        self.fore, self.back = None, None
        self.bold, self.dim, self.italic, self.reverse, self.underline = False, False, False, False, False

    def apply(self, codes):
        codes = [int(code or 0) for code in codes.split(";")]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.reset()
            elif code in (1, 2):
                setattr(self, "bold" if code == 1 else "dim", True)
            elif code == 22:
                self.bold = self.dim = False
            elif code in (3, 23):
                self.italic = code == 3
            elif code in (7, 27):
                self.reverse = code == 7
            elif code in (4, 24):
                self.underline = code == 4
            elif code in (38, 48) and codes[:1] == [5]:
                setattr(self, "fore" if code == 38 else "back", colour(codes[1]))
                del codes[:2]
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self.fore = BASIC[code - 30 if code < 90 else code - 82]
            elif 40 <= code <= 47 or 100 <= code <= 107:
                self.back = BASIC[code - 40 if code < 100 else code - 92]
            elif code == 39:
                self.fore = None
            elif code == 49:
                self.back = None

    def colours(self):
        fore, back = self.fore or FOREGROUND, self.back
        return (back or BACKGROUND, fore) if self.reverse else (fore, back)

    def extra(self):
        return (' font-weight="bold"' if self.bold else "") + (' opacity="0.6"' if self.dim else "") + \
            (' font-style="italic"' if self.italic else "") + (' text-decoration="underline"' if self.underline else "")


def bar_of(glyph, x, y, fore):
    """A block of U+2581..2588 as a rectangle, so that bars of several rows have no seams."""
    height = round(LINE_HEIGHT * (ord(glyph) - 0x2580) / 8)
    return (f'<rect x="{x}" y="{y + LINE_HEIGHT - height}" width="{CELL_WIDTH}" height="{height}" '
            f'fill="{fore}"/>')


def lines_of(glyph, x, y, fore, extra):
    """A piece of a border: from the middle of its cell to the edges that it reaches."""
    middle, centre = x + CELL_WIDTH / 2, y + LINE_HEIGHT / 2
    ends = {"L": (x, centre), "R": (x + CELL_WIDTH, centre), "U": (middle, y), "D": (middle, y + LINE_HEIGHT)}
    path = "".join(f"M{middle} {centre}L{ends[way][0]} {ends[way][1]}" for way in BORDERS[glyph])
    return f'<path d="{path}" stroke="{fore}"{extra}/>'


def pieces_of(text):
    """Runs of ASCII, and every other character alone: fonts differ in its width."""
    return re.findall(r"[\x20-\x7e]+|.[\u0300-\u036f]*", text)


def shapes_of(text, style, row, column):
    fore, back = style.colours()
    x, y, width = MARGIN + column * CELL_WIDTH, MARGIN + row * LINE_HEIGHT, cells_of(text) * CELL_WIDTH
    if back:
        yield f'<rect x="{x}" y="{y}" width="{width}" height="{LINE_HEIGHT}" fill="{back}"/>'
    for piece in pieces_of(text):
        cells = cells_of(piece)
        if "\u2581" <= piece[0] <= "\u2588":
            yield bar_of(piece, x, y, fore)
        elif piece in BORDERS:
            yield lines_of(piece, x, y, fore, style.extra())
        elif piece.strip() or style.underline:
            yield (f'<text x="{x}" y="{y + 14}" textLength="{cells * CELL_WIDTH}" fill="{fore}"{style.extra()} '
                   f'xml:space="preserve">{html.escape(piece)}</text>')
        x += cells * CELL_WIDTH


def svg(capture):
    lines = capture.rstrip("\n").split("\n")
    style, shapes, widest = Style(), [], 0
    for row, line in enumerate(lines):
        column = 0
        for part in re.split(r"(\x1b\[[0-9;]*m|\x1b\]8;.*?\x1b\\)", line):
            if part.startswith("\x1b["):
                style.apply(part[2:-1])
                continue
            part = part.replace("\x0e", "").replace("\x0f", "")
            if not part or part.startswith("\x1b"):
                continue
            shapes += shapes_of(part, style, row, column)
            column += cells_of(part)
        widest = max(widest, column)
    width, height = widest * CELL_WIDTH + 2 * MARGIN, len(lines) * LINE_HEIGHT + 2 * MARGIN
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                      f'font-family="DejaVu Sans Mono, monospace" font-size="{FONT_SIZE}">',
                      f'<rect width="100%" height="100%" rx="6" fill="{BACKGROUND}"/>', *shapes, "</svg>"])


if __name__ == "__main__":
    print(svg(sys.stdin.read()))
