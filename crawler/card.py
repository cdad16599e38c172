"""An alert as a picture: outlet, headline and redline, for channels that take one.

It says what the message says, and stands beside it; its words are the picture's other text.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

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
_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc", "Arial.ttf")
_NO_GLYPH = "\U0010fffe"

Font = ImageFont.FreeTypeFont
Word = tuple[str, str]  # the sign of its run (-, + or blank), and its letters


def card(alert: Alert) -> bytes | None:
    """Draw an alert; None where it has no redline, or no font here shows all of its letters.

    The same alert gives the same bytes on one machine. What is written from right to left is not
    drawn: the lines would need an order that this does not know.
    """
    heading, redline = alert.title, _redline(alert.body)
    text = heading + redline
    font = _font(text)
    if not redline or font is None or any(map(_goes_left, text)):
        return None
    lines = [*_lines(_words(heading), font), []]
    lines += list(_lines(_words(redline), font))[:MOST_LINES]
    height = 2 * MARGIN + LEADING * (len(lines) + 2)
    image = Image.new("RGB", (WIDTH, height), _PAPER)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        _draw(draw, font, line, MARGIN + LEADING * number)
    foot = f"Storylapse, {moment(alert.raised_at)}"
    draw.text((MARGIN, height - MARGIN - LEADING / 2), foot, font=font, fill=_MUTED)
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
    """Yield words with the blanks behind them; long runs without a blank letter by letter."""
    for word in re.findall(r"\S+\s*|\s+", text):
        pieces = [word] if len(word) <= 30 else list(word)
        yield from ((sign, piece) for piece in pieces)


def _lines(words: Iterator[Word], font: Font) -> Iterator[list[Word]]:
    line: list[Word] = []
    used = 0.0
    for word in words:
        width = font.getlength(word[1])
        if line and used + width > WIDTH - 2 * MARGIN:
            yield line
            line, used = [], 0.0
        line.append(word)
        used += width
    yield line


def _draw(draw: ImageDraw.ImageDraw, font: Font, line: list[Word], top: int) -> None:
    left = float(MARGIN)
    for sign, word in line:
        ink, paper = _LOOKS[sign]
        width = font.getlength(word)
        if sign != " ":
            draw.rectangle((left, top - 3, left + width, top + SIZE + 5), fill=paper)
        draw.text((left, top), word, font=font, fill=ink)
        middle = {"-": top + SIZE * 0.6, "+": top + SIZE + 4}.get(sign)
        if middle is not None:
            draw.line((left, middle, left + width, middle), fill=ink, width=2)
        left += width


def _goes_left(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in {"R", "AL", "AN"}


def _font(text: str) -> Font | None:
    """Return a font of this machine that shows every letter of a text, or None."""
    letters = "".join(sorted({letter for letter in text if not letter.isspace()}))
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
