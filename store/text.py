"""Text as the product knows it: cleaned, normalised, cut into sentences.

Pure functions over strings. ``clean`` is for text from outside, ``normalise`` for
comparing, ``sentences`` for showing and aligning. Nothing here lower-cases or drops digits.
"""

from __future__ import annotations

import itertools
import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib import resources

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


def clean(text: str) -> str:
    """Text from outside with nothing hostile left in it, in Unicode form NFC."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    text = _HOSTILE.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def normalise(text: str) -> str:
    """The comparing form: NFKC, straight quotes, one dash, one space, nothing invisible.

    Two texts with the same form differ in typography only. Case and digits stay.
    """
    if not text.isascii():
        text = text.translate(_TYPOGRAPHY)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY)
    return " ".join(text.replace("`", "'").split())


# --------------------------------------------------------------------------
# Sentences

_STOPS = ".!?…。！？｡．؟۔।॥።፧։៕။‼⁇⁈⁉"
_CLOSERS = "\"'”’»›)\\]}」』）】〉》〕"
# Stops that end a sentence with no space after them.
_WIDE = frozenset("。！？｡．")
_BOUNDARY = re.compile(
    f"[{_STOPS}]+(?:\\[\\d+\\])*[{_CLOSERS}]*(?:\\s[”»](?=\\s|$))?(?P<space>\\s*)"
)
_LAST_WORD = re.compile(r"[^\s\"'“”„‘’«»()\[\]/]+$")
_NEXT_WORD = re.compile(r"[\s\"'“”„‘’«»()\[\]¿¡–—-]*(\w+)")
_NEXT_SIGN = re.compile(r"[\"'“”„‘’«»()\[\]¿¡–—-]*")
_OPEN = str.maketrans("「『（", "(((")
# Thai writes no full stop: a space after a long run of Thai letters is where a clause ends.
_THAI_BOUNDARY = re.compile(r"[\u0e00-\u0e7f]{20,}[\u0e00-\u0e7f\d\"”]*(\s+)(?=[\u0e00-\u0e7f\"“])")
_THAI = re.compile(r"[\u0e00-\u0e7f]{5}")
# A bracket left open for longer than this is a slip of the pen, not one sentence.
_LONGEST_QUOTE = 400
# No sentence is longer than this; what has no full stop is cut at a blank.
_LONGEST_SENTENCE = 2000


def sentences(text: str, language: str | None = None) -> list[str]:
    """Cut one block into sentences without losing a character.

    The pieces, white space after them included, add up to the input exactly. Closing
    quotes stay with their sentence. ``language`` (ISO 639-1) chooses abbreviations;
    without it every language's common ones hold.
    """
    if not text:
        return []
    cuts = _thai_cuts(text) if _THAI.search(text) else _cuts(text, (language or "")[:2].lower())
    edges = [0, *cuts, len(text)]
    pieces = [text[start:end] for start, end in itertools.pairwise(edges) if start < end]
    return [part for piece in _join_blank(pieces) for part in _bearable(piece)]


def _bearable(piece: str) -> list[str]:
    """A piece in parts of a length that comparing can bear, cut behind blanks if it can be."""
    parts: list[str] = []
    while len(piece) > _LONGEST_SENTENCE:
        cut = piece.rfind(" ", _LONGEST_SENTENCE // 2, _LONGEST_SENTENCE) + 1 or _LONGEST_SENTENCE
        parts.append(piece[:cut])
        piece = piece[cut:]
    return [*parts, piece]


def _join_blank(pieces: list[str]) -> list[str]:
    """Pieces with no letter or digit belong to the sentence before them."""
    joined: list[str] = []
    for piece in pieces:
        if joined and not any(map(str.isalnum, piece)):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _thai_cuts(text: str) -> list[int]:
    return [match.end(1) for match in _THAI_BOUNDARY.finditer(text)]


def _cuts(text: str, language: str) -> list[int]:
    """Where sentences end: after the stop, its closing quotes and the space behind it."""
    short, starters = _words_of(language)
    cuts: list[int] = []
    for match in _BOUNDARY.finditer(text):
        end = match.end()
        if end >= len(text):
            break
        if any(sign in _WIDE for sign in match.group()):
            if _ends_wide(text, cuts[-1] if cuts else 0, end):
                cuts.append(end)
        elif match["space"] and _ends_sentence(text, match, language, short, starters):
            cuts.append(end)
    return cuts


def _ends_wide(text: str, start: int, end: int) -> bool:
    """Whether a Chinese or Japanese stop ends a sentence: not inside or right after a quotation."""
    piece = text[start:end].translate(_OPEN)
    depth = piece.count("(") - sum(map(piece.count, "」』）)"))
    if depth > 0 and len(piece) < _LONGEST_QUOTE:
        return False
    after_quote = text[end - 1] in "」』）"
    return not (after_quote and text[end] in "とのはがをにでもっな、，")


def _ends_sentence(
    text: str,
    match: re.Match[str],
    language: str,
    short: frozenset[str],
    starters: frozenset[str],
) -> bool:
    end = match.end()
    sign_at = _NEXT_SIGN.match(text, end)
    following = text[sign_at.end() if sign_at else end :][:1]
    if following.islower():
        return False
    stops = match.group().lstrip()
    if not stops.startswith(".") or stops.startswith(".."):
        return True
    word_match = _LAST_WORD.search(text, max(0, match.start() - 40), match.start())
    word = word_match.group() if word_match else ""
    next_match = _NEXT_WORD.match(text, end)
    next_word = next_match.group(1) if next_match else ""
    if word.isdigit():
        starts_block = match.start() == len(word)
        return not starts_block and not _is_ordinal(word, next_word, language)
    if _is_initials(word):
        return next_word in starters
    if word.lower() in short:
        return False
    return not following.isdigit() or len(word) > 3


def _is_initials(word: str) -> bool:
    """One letter ("J", "z"), or letters with stops between them ("U.S", "a.m", "d.h")."""
    letters = word.split(".")
    if len(letters) == 1:
        return len(word) == 1 and word.isalpha()
    return all(len(letter) <= 2 and letter.isalpha() for letter in letters)


def _is_ordinal(word: str, next_word: str, language: str) -> bool:
    if len(word) > 2:
        return False
    ordinals = _data()["ordinals"]
    return language in ordinals["languages"] or next_word.lower() in ordinals["months"].split()


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, str]]:
    return tomllib.loads(
        resources.files("store").joinpath("abbreviations.toml").read_text(encoding="utf-8")
    )


@lru_cache(maxsize=64)
def _words_of(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """The abbreviations and sentence starters of a language; of English where it is unknown."""
    data = _data()
    own = data.get({"nb": "no", "nn": "no"}.get(language, language or "en"), data["all"])
    short = f"{data['all']['abbreviations']} {own['abbreviations']}".split()
    return frozenset(short), frozenset(own["starters"].split())


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
    blocks = tuple(Block(BlockKind.PARAGRAPH, part) for part in paragraphs if part)
    language = guess_language(text)
    notes = find_notes(blocks, language)
    return Document(
        address=address,
        headline=None,
        blocks=mark_notes(blocks, notes),
        language=language,
        notes=notes,
    )
