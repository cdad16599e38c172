"""Cutting a block of text into sentences, by script and language, without losing a character.

Each stop is judged from the word before it, the signs behind it and the word that follows;
what is particular to a language is data (``store.abbreviations``). Measured against kept
libraries in ``benchmarks/quality_segmentation.py``, see decision record 0013.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache

from store.abbreviations import Words, thai_links, words_of
from store.text import normalise

_STOPS = ".!?…。！？｡．؟۔।॥።፧։៕။‼⁇⁈⁉"
_CLOSERS = "\"'”’»›)\\]}」』）】〉》〕"
# Stops that end a sentence with no space after them.
_WIDE = frozenset("。！？｡．")
# German, Czech and Danish close a quotation with the sign that opens one elsewhere: a closing
# one has a stop before it and a space behind it. A Greek question mark is a semicolon.
_BOUNDARY = re.compile(
    rf"[{_STOPS};\u037e](?:(?<![;\u037e])|(?<=[\u0370-\u03ff\u1f00-\u1fff][;\u037e]))"
    rf"[{_STOPS}]{{0,39}}(?:\x20\.(?=[\s\"”]|$)){{0,6}}"
    rf"(?:\[\d{{1,4}}\]){{0,9}}(?:[{_CLOSERS}]|[“«‘](?=\s|$)){{0,9}}(?:\s[”»](?=[\s,.;]|$))?"
    r"(?P<space>\s*)"
)
_LAST_WORD = re.compile(r"[^\s\"'“”„‘’«»()\[\]/]+$")
_NEXT_WORD = re.compile(r"[\s\"'“”„‘’«»()\[\]¿¡–—-]*(\w+)")
_NEXT_SIGN = re.compile(r"[\s\"'“”„‘’«»()\[\]¿¡–—-]*")
_OPEN = str.maketrans("「『（《", "((((")
# A quotation that a colon leads in ends its sentence.
_INTRODUCED = re.compile("[：:]\\s?[“「『][^“「『]*$")
_CLAUSE_END = re.compile(rf"[{_STOPS}，,：:“「\"«]")
# Particles that carry a Japanese quotation on into its sentence.
_AFTER_QUOTE = frozenset("とのはがをにでもっなだ、，")
# A bracket left open for longer than this is a slip of the pen, not one sentence.
_LONGEST_QUOTE = 400
# No sentence is longer than this; what has no full stop is cut at a blank.
_LONGEST_SENTENCE = 2000
# A page is cut when it is doubted, compared and kept, and most of its blocks are those of the
# version before: so many blocks are remembered, each of so many letters at most.
_REMEMBERED, _LONGEST_REMEMBERED = 2048, 4000
# How far before a stop its word can begin.
_REACH = 40
# A word with a small first letter that opens a sentence: "iPhone", Dutch "'s Avonds".
_SMALL_OPENER = re.compile(r"[a-z][A-Z]|['’][snt]\s[A-Z]")
# A stop with no space behind it between two plain words: "He asked why.She did not answer."
_GLUED = re.compile(r"(?<![\w./@-])[^\W\d_]{2,}[.!?](?=[^\W\d_]{2,}\b(?![./@]))")
# Letters around the quotation mark inside a Hebrew acronym.
_ACRONYM = re.compile(r"[\u05d0-\u05ea]+[\"״][\u05d0-\u05ea]$")
# The parts of a date as Korean writes it: "2019. 5. 3."
_DATE_BEFORE, _DATE_AFTER = re.compile(r"\d\.\s?\d{1,2}$"), re.compile(r"\d{1,2}\.")
_ROMAN = re.compile(r"[IVX]+")
_HANGUL = re.compile("[\uac00-\ud7af]")
# Scripts without small letters, in which a following word does not tell whether it opens.
_CASELESS = re.compile("[\u0590-\u06ff\u0900-\u0dff\uac00-\ud7af]")
_THAI = re.compile(r"[\u0e00-\u0e7f]{5}")
_GAP = re.compile(r"\s+")
# Thai writes no full stop: a space between clauses of so many letters is where one ends.
_THAI_BEFORE, _THAI_AFTER = 20, 10
# What goes on behind the space: a number with its unit, a quotation with its speaker.
_THAI_OPEN = (*"0123456789", "”", '"', ".")


def sentences(text: str, language: str | None = None) -> list[str]:
    """Cut one block into sentences without losing a character.

    The pieces, white space after them included, add up to the input exactly. Closing
    quotes stay with their sentence, and several sentences in one quotation are several.
    ``language`` (ISO 639-1) chooses abbreviations; without it the English ones hold.
    """
    if len(text) > _LONGEST_REMEMBERED:
        return _pieces(text, language)
    return list(_remembered(text, language))


def forms(text: str, language: str | None = None) -> tuple[tuple[str, str], ...]:
    """Return the sentences of one block, trimmed, each with its comparing form; no empty ones."""
    if len(text) > _LONGEST_REMEMBERED:
        return tuple(_forms(text, language))
    return _remembered_forms(text, language)


@lru_cache(_REMEMBERED)
def _remembered(text: str, language: str | None) -> tuple[str, ...]:
    return tuple(_pieces(text, language))


@lru_cache(_REMEMBERED)
def _remembered_forms(text: str, language: str | None) -> tuple[tuple[str, str], ...]:
    return tuple(_forms(text, language))


def _forms(text: str, language: str | None) -> Iterator[tuple[str, str]]:
    form = _as_it_is if normalise(text) == text else normalise
    for piece in sentences(text, language):
        trimmed = piece.strip()
        key = form(trimmed)
        if key:
            yield trimmed, key


def _as_it_is(piece: str) -> str:
    """The comparing form of a piece, where the whole text is its own."""
    return piece


def _pieces(text: str, language: str | None) -> list[str]:
    if not text:
        return []
    words = words_of((language or "")[:2].lower())
    is_thai = not text.isascii() and _THAI.search(text)
    cuts = _thai_cuts(text) if is_thai else _cuts(text, words)
    if not cuts:
        return _bearable(text)
    edges = itertools.pairwise([*_starts(text, cuts), len(text)])
    pieces = [text[start:end] for start, end in edges]
    if len(text) <= _LONGEST_SENTENCE:
        return pieces
    return [part for piece in pieces for part in _bearable(piece)]


def _bearable(piece: str) -> list[str]:
    """A piece in parts of a length that comparing can bear, cut behind blanks if it can be."""
    if len(piece) <= _LONGEST_SENTENCE:
        return [piece]
    edges = [0]
    while len(piece) - edges[-1] > _LONGEST_SENTENCE:
        at = edges[-1]
        blank = piece.rfind(" ", at + _LONGEST_SENTENCE // 2, at + _LONGEST_SENTENCE)
        edges.append(blank + 1 or at + _LONGEST_SENTENCE)
    return [piece[start:end] for start, end in itertools.pairwise([*edges, len(piece)])]


def _starts(text: str, cuts: list[int]) -> list[int]:
    """Where sentences start: a piece with no letter or digit belongs to the one before it."""
    starts = [0]
    for start, end in itertools.pairwise([*cuts, len(text)]):
        if text[start].isalnum() or any(map(str.isalnum, text[start:end])):
            starts.append(start)
    return starts


# --------------------------------------------------------------------------
# Stops


def _cuts(text: str, words: Words) -> list[int]:
    """Where sentences end: after the stop, its closing quotes and the space behind it."""
    cuts: list[int] = []
    for match in _BOUNDARY.finditer(text):
        end = match.end()
        if end >= len(text):
            break
        start = cuts[-1] if cuts else 0
        if _is_plain(text, match, words):
            ends = True
        elif _is_wide(match.group(), text[end]):
            ends = _ends_wide(text, start, end, words)
        elif match["space"]:
            ends = _ends_sentence(text, match, start, words)
        else:
            ends = _is_glued(text, match.start(), end)
        if ends:
            cuts.append(end)
    return cuts


def _is_plain(text: str, match: re.Match[str], words: Words) -> bool:
    """Whether a stop stands between a small word of some length and a capital: the usual case."""
    stop = match.start()
    if match.group() != ". " or not text[stop + 2].isupper():
        return False
    word = text[max(0, stop - _REACH) : stop].rpartition(" ")[2]
    return len(word) > 3 and word.isalpha() and word.islower() and word not in words.listed


def _is_wide(stops: str, following: str) -> bool:
    """Whether a stop needs no space behind it: Chinese, Japanese, or dots before their quote."""
    if stops.isascii():
        return False
    if any(sign in _WIDE for sign in stops):
        return True
    return stops[0] in "…！？" and stops[-1] in "”」』" and following >= "\u3040"


def _ends_wide(text: str, start: int, end: int, words: Words) -> bool:
    """Whether a Chinese or Japanese stop ends a sentence: not inside or right after a quotation."""
    if end - start >= _LONGEST_QUOTE:
        return True
    piece = text[start:end].rstrip()
    plain = piece.translate(_OPEN)
    if plain.count("(") > sum(map(plain.count, "」』）》)")):
        return False
    if piece[-1] in "」』）" and text[end] in _AFTER_QUOTE:
        return False
    quoted = piece[-1] in "”」』" and not _INTRODUCED.search(piece)
    return not (quoted and _goes_on(text, end, words))


def _goes_on(text: str, end: int, words: Words) -> bool:
    """Whether a verb of saying follows a quotation closely, so that the sentence goes on."""
    clause = _CLAUSE_END.split(text[end : end + _REACH], maxsplit=1)[0]
    if words.language == "zh":
        return any(verb in clause[:12] for verb in words.speech)
    return any(word in words.speech for word in clause.split())


def _is_glued(text: str, stop: int, end: int) -> bool:
    """Whether a full stop parts two plain words with no space: a slip, not an address."""
    if end != stop + 1 or not text[end].isupper() or not text[stop - 1 : stop].islower():
        return False
    start = max(text.rfind(" ", max(0, stop - _REACH), stop), stop - _REACH, -1) + 1
    return bool(_GLUED.match(text, start))


def _ends_sentence(text: str, match: re.Match[str], start: int, words: Words) -> bool:
    """Whether a stop with space behind it ends a sentence that began at ``start``."""
    end = match.end()
    sign_at = _NEXT_SIGN.match(text, end)
    follows_at = sign_at.end() if sign_at else end
    following = text[follows_at : follows_at + 1]
    if following.islower() and not _SMALL_OPENER.match(text, end):
        return False
    stops = match.group().strip()
    if _CASELESS.match(following) and _continues(text, stops, end, words):
        return False
    if not stops.startswith(".") or stops.startswith(".."):
        return True
    return _ends_word(text, match.start(), end, start, words)


def _continues(text: str, stops: str, end: int, words: Words) -> bool:
    """Whether a sentence goes on where no capital can tell: after dots, and in speech."""
    if stops.startswith(("…", "..")):
        return True
    if stops.endswith(")"):
        return "(" in text[max(0, end - _REACH // 2) : end]
    return len(stops) > 1 and _goes_on(text, end, words)


def _ends_word(text: str, stop: int, end: int, start: int, words: Words) -> bool:
    """Whether a single full stop ends a sentence, by the words on both sides of it."""
    word_match = _LAST_WORD.search(text, max(0, stop - _REACH), stop)
    word = word_match.group() if word_match else ""
    next_match = _NEXT_WORD.match(text, end)
    next_word = next_match.group(1) if next_match else ""
    opens = not any(map(str.isalnum, text[start : min(stop - len(word), start + _REACH)]))
    if word.isdigit() or (words.ordinals and opens and _ROMAN.fullmatch(word)):
        return not opens and _ends_number(text, stop, end, (word, next_word), words)
    word = word if word[:1].isdigit() else word.rpartition("-")[2]
    if _is_unit(text, word, stop, words):
        return True
    if _is_initials(word) and not _ACRONYM.search(text, max(0, stop - _REACH), stop):
        return next_word in words.starters and text[end + len(next_word) : end + 2] != "."
    known = _ends_abbreviation(word, next_word, words)
    if known is not None:
        return known
    return not next_word[:1].isdigit() or len(word) > 3 or bool(_CASELESS.match(word))


def _ends_abbreviation(word: str, next_word: str, words: Words) -> bool | None:
    """Whether an abbreviation ends its sentence here; None where the word is none."""
    forms = {word} if word.isupper() and len(word) > 2 else {word, word.lower()}
    if forms & words.never:
        return False
    if forms & words.numbered:
        return not (next_word[:1].isdigit() or _ROMAN.fullmatch(next_word))
    if forms & words.either:
        return next_word in words.starters
    return not next_word[:1].isdigit() if forms & words.last else None


def _ends_number(text: str, stop: int, end: int, around: tuple[str, str], words: Words) -> bool:
    """Whether a full stop behind a number ends a sentence: no ordinal, no part of a date."""
    word, next_word = around
    in_date = _DATE_AFTER.match(text, end) or _DATE_BEFORE.search(text, max(0, stop - 9), stop)
    if in_date and _HANGUL.search(text, max(0, stop - _REACH), end + _REACH):
        return False
    if len(word) > 2:
        return True
    if words.ordinals:
        return next_word in words.starters
    return next_word.lower() not in words.months


def _is_unit(text: str, word: str, stop: int, words: Words) -> bool:
    """Whether a small letter behind a number is a unit ("1 200 e."); in German "50 v. Chr."."""
    if len(word) != 1 or not word.islower() or words.language == "de":
        return False
    return text[max(0, stop - 3) : stop - 1].rstrip()[-1:].isdigit()


def _is_initials(word: str) -> bool:
    """One letter ("J", "z"), or letters with stops between them ("U.S", "a.m", "d.h")."""
    letters = word.split(".")
    if len(letters) == 1:
        return len(word) == 1 and word.isalpha()
    return all(len(letter) <= 2 and letter.isalpha() for letter in letters)


# --------------------------------------------------------------------------
# Thai


def _thai_cuts(text: str) -> list[int]:
    """Ends of Thai clauses: a space with enough letters before and behind it, or a stop."""
    cuts: list[int] = []
    links = thai_links()
    letters, at = 0, 0
    for match in _GAP.finditer(text):
        before, at = text[at : match.start()], match.end()
        letters += _thai_letters(before)
        after = text[at : at + 4 * _REACH].split(maxsplit=1)
        if before.endswith(("?", "!")) or (
            letters >= _THAI_BEFORE
            and not before.endswith(_THAI_OPEN)
            and after
            and _thai_letters(after[0]) >= _THAI_AFTER
            and not after[0].startswith(links)
        ):
            cuts.append(at)
            letters = 0
    return cuts


def _thai_letters(text: str) -> int:
    return sum("\u0e00" <= sign <= "\u0e7f" for sign in text)
