"""An alert as a picture: outlet, headline and redline, for channels that take one.

It says what the message says, and stands beside it; its words are the picture's other text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

from PIL import Image, ImageDraw, ImageFont, features

from crawler.bidi import LEFT, RIGHT, base_of, in_visual_order, pieces_of, sides_of
from store.message import moment, one_line
from store.model import Alert

WIDTH, MARGIN, SIZE, LEADING = 1000, 48, 26, 38  # pixels
MOST_LINES = 16
"""Lines of redline; a picture higher than wide is shown cut by most services."""
LONGEST_ALT = 1000
"""Characters: what Bluesky and Mastodon both take."""

_INK, _PAPER, _MUTED = "#1c1b1a", "#fbfaf7", "#65615a"
_LOOKS = {"-": ("#8a3b00", "#fbe3d0"), "+": ("#0b4f79", "#d8ecfa"), " ": (_INK, _PAPER)}
_RUNS = re.compile(r"\[-(?P<removed>.*?)-\]|\{\+(?P<added>.*?)\+\}", re.DOTALL)
_FONTS = (
    # Whatever of these a machine has; a word is drawn in the first that shows all of its letters.
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "DroidSansFallbackFull.ttf",
    "NotoSansArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansBengali-Regular.ttf",
    "NotoSansTamil-Regular.ttf",
    "NotoSansThai-Regular.ttf",
    "NotoSansEthiopic-Regular.ttf",
    "Arial.ttf",
    "Arial Unicode.ttf",
    "msyh.ttc",
)
_NO_GLYPH = "\U0010fffe"
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f]")
_SHAPES = features.check("raqm")
"""Whether letters are joined, reordered and set from right to left: in every wheel of Pillow."""

Font = ImageFont.FreeTypeFont
Word = tuple[str, str]  # the sign of its run (-, + or blank), and its letters or its blanks


def card(alert: Alert) -> bytes | None:
    """Draw an alert; None where it has no redline, or no font here shows one of its words.

    The same alert gives the same bytes on one machine.
    """
    redline = _redline(alert.body)
    paragraphs = [list(_words(alert.title)), list(_words(redline))]
    if not redline or not all(_can_draw(word) for words in paragraphs for _, word in words):
        return None
    heading, told = (list(_lines(words)) for words in paragraphs)
    sides = [base_of(alert.title)] * (len(heading) + 1) + [base_of(redline)] * len(told)
    lines = [*heading, [], *told[:MOST_LINES]]
    height = 2 * MARGIN + LEADING * (len(lines) + 2)
    image = Image.new("RGB", (WIDTH, height), _PAPER)
    draw = ImageDraw.Draw(image)
    for number, (line, base) in enumerate(zip(lines, sides, strict=False)):
        _draw(draw, line, base, MARGIN + LEADING * number)
    foot = f"Storylapse, {moment(alert.raised_at)}"
    draw.text((MARGIN, height - MARGIN - LEADING / 2), foot, font=_fonts()[0], fill=_MUTED)
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def alt(alert: Alert) -> str:
    """Return the picture's words, for who does not see it."""
    return one_line(f"{alert.title}. {_redline(alert.body)}", LONGEST_ALT)


def _redline(body: str) -> str:
    """Return the first paragraph's line that holds a redline, empty without one."""
    return next((line for line in body.splitlines() if _RUNS.search(line)), "")


def _words(text: str) -> Iterator[Word]:
    place = 0
    for run in _RUNS.finditer(text):
        yield from _cut(" ", text[place : run.start()])
        removed = run["removed"] is not None
        yield from _cut("-" if removed else "+", run["removed"] if removed else run["added"])
        place = run.end()
    yield from _cut(" ", text[place:])


def _cut(sign: str, text: str) -> Iterator[Word]:
    """Yield words, and the blanks between; long runs without a blank letter by letter."""
    for word in re.findall(r"\S+|\s+", text):
        pieces = [word] if len(word) <= 30 else list(word)
        yield from ((sign, piece) for piece in pieces)


def _lines(words: Iterable[Word]) -> Iterator[list[Word]]:
    line: list[Word] = []
    used = 0.0
    for word in words:
        width = _width(word[1])
        if line and not word[1].isspace() and used + width > WIDTH - 2 * MARGIN:
            yield line
            line, used = [], 0.0
        line.append(word)
        used += width
    yield line


def _draw(draw: ImageDraw.ImageDraw, line: list[Word], base: str, top: int) -> None:
    parts = line
    if base == RIGHT or any(RIGHT in sides_of([word], LEFT) for _, word in line):
        parts = [(sign, piece) for sign, word in line for piece in pieces_of(word)]
    sides = sides_of([piece for _, piece in parts], base)
    total = sum(_width(piece) for _, piece in parts)
    left = float(MARGIN) if base == LEFT else WIDTH - MARGIN - total
    for place in in_visual_order(sides, base):
        sign, piece = parts[place]
        _draw_piece(draw, sign, piece, sides[place], (left, top))
        left += _width(piece)


def _draw_piece(
    draw: ImageDraw.ImageDraw, sign: str, piece: str, side: str, at: tuple[float, int]
) -> None:
    ink, paper = _LOOKS[sign]
    left, top = at
    right = left + _width(piece)
    if sign != " ":
        draw.rectangle((left, top - 3, right, top + SIZE + 5), fill=paper)
    direction = ("rtl" if side == RIGHT else "ltr") if _SHAPES else None
    set_in = _set(piece) or ()
    begins = left
    for text, font in set_in if side == LEFT else reversed(set_in):
        draw.text((begins, top), text, font=font, fill=ink, direction=direction)
        begins += font.getlength(text)
    middle = {"-": top + SIZE * 0.6, "+": top + SIZE + 4}.get(sign)
    if middle is not None:
        draw.line((left, middle, right, middle), fill=ink, width=2)


# --------------------------------------------------------------------------
# Fonts


def _can_draw(word: str) -> bool:
    goes_left = RIGHT in sides_of(pieces_of(word), LEFT)
    return _set(word) is not None and (_SHAPES or not goes_left)


def _width(word: str) -> float:
    return sum(font.getlength(text) for text, font in _set(word) or ())


@lru_cache(maxsize=4096)
def _set(word: str) -> tuple[tuple[str, Font], ...] | None:
    """Return a word in the first font that shows all of it, or part by part; None without one."""
    whole = _font_of(word)
    if whole is not None:
        return ((word, whole),)
    runs = [(font, "".join(letters)) for font, letters in groupby(word, key=_font_of)]
    return tuple((text, font) for font, text in runs if font) if all(r[0] for r in runs) else None


@lru_cache(maxsize=4096)
def _font_of(text: str) -> Font | None:
    """Return a font of this machine that shows every letter of a text, or None."""
    letters = "".join(sorted(set(_INVISIBLE.sub("", text))))
    return next((font for font in _fonts() if _shows(font, letters)), None)


@lru_cache(maxsize=1)
def _fonts() -> tuple[Font, ...]:
    found = []
    for name in _FONTS:
        try:
            found.append(ImageFont.truetype(name, SIZE))
        except OSError:
            continue
    own = ImageFont.load_default(SIZE)
    return (*found, own) if isinstance(own, Font) else tuple(found)


def _shows(font: Font, letters: str) -> bool:
    unknown = bytes(font.getmask(_NO_GLYPH))
    return all(bytes(font.getmask(letter)) != unknown for letter in letters)
