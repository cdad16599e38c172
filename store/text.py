"""Text as the product knows it: cleaned, normalised, read into a document.

Pure functions over strings. ``clean`` is for text from outside, ``normalise`` for comparing;
``store.sentences`` cuts. Nothing here lower-cases or drops digits.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from store.model import Block, BlockKind, Document

# --------------------------------------------------------------------------
# Cleaning and normalising

# Control characters that never carry text (tab and line feed stay), unpaired surrogates,
# and the bidi controls that can make a person read another order than the stored one.
_HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)

_QUOTES = dict.fromkeys(map(ord, "“”„‟«»〝〞＂"), '"') | dict.fromkeys(
    map(ord, "‘’‚‛‹›´`ʼ＇′"), "'"
)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")
_INVISIBLE = dict.fromkeys(
    [
        *map(ord, "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *range(0xFE00, 0xFE10),
    ]
)
_TYPOGRAPHY: dict[int, str | None] = {**_QUOTES, **_DASHES, **_INVISIBLE}
# A block is normalised to be told apart, doubted, levelled and compared, and most blocks of a
# version are those of the one before: so many texts are remembered, of so many letters at most.
_REMEMBERED, _LONGEST_REMEMBERED = 4096, 2000


def clean(text: str) -> str:
    """Text from outside with nothing hostile left in it, in Unicode form NFC."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    text = _HOSTILE.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def normalise(text: str) -> str:
    """The comparing form: NFKC, straight quotes, one dash, one space, nothing invisible.

    Two texts with the same form differ in typography only. Case and digits stay.
    """
    return _remembered(text) if len(text) <= _LONGEST_REMEMBERED else _normalised(text)


@lru_cache(_REMEMBERED)
def _remembered(text: str) -> str:
    return _normalised(text)


def _normalised(text: str) -> str:
    if not text.isascii():
        text = text.translate(_TYPOGRAPHY)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY)
    return " ".join(text.replace("`", "'").split())


# --------------------------------------------------------------------------
# Counting

_LONGER_WORD = re.compile(r"[^\W\d_]{5,}")
_SIGNS = re.compile(r"[\u2e80-\U0003ffff]{2,}")  # Chinese, Japanese, Korean


def weight(text: str) -> int:
    """The letters of a text; signs of Chinese, Japanese and Korean say as much as two."""
    return len(text) if text.isascii() else len(text) + sum(sign > "\u2e80" for sign in text)


def longer_words(text: str) -> set[str]:
    """What tells one story from another: words of five letters and more, or pairs of signs."""
    words = {word for word in _LONGER_WORD.findall(text.lower()) if not _SIGNS.search(word)}
    return words.union(
        run[at : at + 2] for run in _SIGNS.findall(text) for at in range(len(run) - 1)
    )


# --------------------------------------------------------------------------
# Documents from plain text

_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")


def document_from_text(text: str, address: str = "") -> Document:
    """A document whose blocks are the paragraphs of a plain text, notes found in them.

    Paragraphs are separated by blank lines; white space inside one becomes single blanks.
    """
    # The engine reads this module, so it is imported when it is needed.
    from store.compare.language import guess_language  # noqa: PLC0415
    from store.compare.notes import find_notes, mark_notes  # noqa: PLC0415

    paragraphs = (" ".join(part.split()) for part in _BLANK_LINES.split(clean(text)))
    blocks = tuple(Block(BlockKind.PARAGRAPH, part) for part in paragraphs if _is_visible(part))
    language = guess_language(text)
    notes = find_notes(blocks, language)
    return Document(
        address=address,
        headline=None,
        blocks=mark_notes(blocks, notes),
        language=language,
        notes=notes,
    )


def _is_visible(text: str) -> bool:
    return (text.isascii() and bool(text)) or bool(text.translate(_INVISIBLE).strip())
