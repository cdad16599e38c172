"""Facts in the wording: quotations, sources, negation, hedges, states, allegations."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from store.compare.lexicon import ACCORDING, Lexicon, word_set

# A straight mark behind a word or sign and before a blank or sign closes: it opens nothing.
_DOUBLE = re.compile(
    r"(?:[“„«»「『]|\"(?![\s,.;:!?])|(?<!\S)\")([^“”\"„«»「」『』]{2,1000})(?:[”\"“»«」』]|$)"
)
_SINGLE = re.compile(r"(?<!\w)[‘']([^‘'’]*(?:’\w[^‘'’]*)*)[’'](?!\w)")
# Fewer words in quotation marks are a name or an expression, not a statement.
_QUOTE_WORDS = 3
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SOURCE_WORDS = 9
# How far before a verb of saying its subject may begin, and how far behind it it may end.
_SUBJECT_REACH, _SOURCE_REACH = 100, 90
_PRONOUNS = word_set(
    "he she they it i we you who which that this these those one also er sie es wir ich "
    "man il elle ils elles on nous je él ella ellos ellas ele ela eles elas lui lei loro "
    "hij zij ze ik han hun ho de vi as so jeg eg den det hon"
)
_SIGNS = ',;:.!?“”"„«»()[]–—'
_SIGN = re.compile(f"[{re.escape(_SIGNS)}]")
_JOINT = (
    r"\s-\s|\b(?:and|but|while|as|because|when|who|which|that|und|aber|et|mais|y|pero|og|men|och)\s"
)
_CONJUNCTION = re.compile(_JOINT)
_CLAUSE = re.compile(rf"{_SIGN.pattern}|{_JOINT}")
# Verbs of saying that are nouns as often ("experience reports"): their subject is a name, or has
# an article.
_NOUNS_TOO = word_set("reports claims states notes")
# A clause with one of these is no subject.
_VERBS = word_set("was were is are has have had will would not to been be can could")
_AUXILIARY = re.compile(
    r"(?:\s+(?:has|have|had|is|are|was|were|also|later|now|then|earlier|previously|repeatedly))+\s*$",
    re.IGNORECASE,
)
# Behind a quotation, right before the verb of saying that follows it.
_QUOTE_END = re.compile(r"[\"”’'»,]\s*$")
# Before a verb of saying: it was said of the subject, or is only wished for.
_PASSIVE = re.compile(r"\b(?:was|were|been|be|being|is|are|not|to|n['’]t)\s$", re.IGNORECASE)
_ACCORDING = re.compile(
    r"\b(?:according to|laut|selon|d[’']après|según|segundo|secondo|volgens|ifølge|enligt)\s+"
    r"(?P<source>[^,.;:!?()\"“”]{2,90})",
    re.IGNORECASE,
)
# A name behind a verb of saying, its title before it, up to the lower-case words that follow:
# "said the mayor Carla Nogueira during …".
_NAMED = re.compile(
    r"\s(?:[^\W\d_A-Z][\w’'-]*\s){0,3}[A-ZÀ-ÞĀ-Ž][\w.’'-]*(?:\s(?:de|da|do|di|del|van|von|al)?\s?"
    r"[A-ZÀ-ÞĀ-Ž][\w.’'-]*)+(?=\s[^\W\d_A-Z])"
)
_CONTRACTED = re.compile(r"(?<=\w)n['’]t\b|(?<=ca)n(?=not\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """A run of words in a text: as worded, lower case, and where it stands."""

    text: str
    value: str
    start: int
    end: int


def quotes_of(text: str) -> list[Words]:
    """The runs in quotation marks, an unclosed one up to the end."""
    found: list[Words] = []
    for match in (*_DOUBLE.finditer(text), *_SINGLE.finditer(text)):
        inner = match[1].strip()
        words = _canonical(inner)
        overlaps = any(match.start() < q.end and q.start < match.end() for q in found)
        if words and not overlaps:
            value = " ".join(words)
            found.append(Words(inner.rstrip(" ,"), value, match.start(), match.end()))
    return sorted(found, key=lambda quote: quote.start)


def is_statement(quote: Words) -> bool:
    """Whether a run in quotation marks is long enough to be somebody's words, not a name."""
    return len(quote.value.split()) >= _QUOTE_WORDS


def _canonical(text: str) -> list[str]:
    """The words of a statement, contractions and signs written out."""
    plain = text.lower().replace("’", "'").replace("n't", " not").replace("cannot", "can not")
    return _WORD.findall(plain.replace("%", " percent ").replace("per cent", "percent"))


def negators_of(text: str, words: Lexicon) -> list[Words]:
    """The words that deny, contracted ones included ("wasn't" as "n't")."""
    found = [
        Words(m.group(), "not", m.start(), m.end())
        for m in _WORD.finditer(text)
        if m.group().lower().replace("’", "'") in words.negators
    ]
    covered = {(w.start, w.end) for w in found}
    found += [
        Words(match.group(), "not", match.start(), match.end())
        for match in _CONTRACTED.finditer(text)
        if words.language == "en" and not any(s <= match.start() < e for s, e in covered)
    ]
    return sorted(found, key=lambda word: word.start)


def hedges_in(text: str, start: int, end: int, words: Lexicon) -> list[str]:
    """The words between two places that lower certainty; a capital inside a sentence makes a
    name or a month of them."""
    return [
        m.group()
        for m in _WORD.finditer(text, start, end)
        if m.group().lower() in words.hedges and (m.start() == 0 or m.group()[0].islower())
    ]


def sources_of(
    text: str, words: Lexicon, near: Sequence[tuple[int, int]], own: Set[str]
) -> list[Words]:
    """Who is said to have said something, as worded; ``own`` are words of the text, or more.

    Only clauses that touch one of the places ``near`` (start and end) are read. A source may
    be a pronoun or no person at all: see ``names_somebody``.
    """
    signs = [-1, *(match.start() for match in _SIGN.finditer(text)), len(text)]
    found: list[Words] = []
    for match in _ACCORDING.finditer(text) if own & ACCORDING else ():
        cut = _CLAUSE.split(match["source"], maxsplit=1)[0]
        start = match.start("source")
        if _touches(match.start(), start + len(cut), near):
            found.append(_source(text, start, start + len(cut)))
    for verb in sorted(own & words.says):
        for match in _word(verb).finditer(text):
            subject = _subject(text, match, signs, near)
            noun = verb in _NOUNS_TOO and subject is not None and _is_bare(subject.text)
            if subject is not None and not noun:
                found.append(subject)
    return found


def _is_bare(subject: str) -> bool:
    """Whether a subject is one small word: no name, no article, no plural of several words."""
    return subject.islower() and " " not in subject


def _touches(start: int, end: int, near: Sequence[tuple[int, int]]) -> bool:
    return any(first <= end + 1 and start <= last + 1 for first, last in near)


@lru_cache(maxsize=512)
def _word(word: str) -> re.Pattern[str]:
    return re.compile(rf"{re.escape(word)}(?<!\w{re.escape(word)})(?!\w)")


def names_somebody(source: Words) -> bool:
    """Whether a source is a person or body: no pronoun, no clause, no number."""
    words = source.value.replace("close to", "close").split()
    if _VERBS & set(words):
        return False
    if not any(word.isalpha() and word not in {"percent", "per", "cent"} for word in words):
        return False
    return len(words) <= _SOURCE_WORDS and not set(words) <= _PRONOUNS | {"the"}


def _source(text: str, start: int, end: int) -> Words:
    raw = _AUXILIARY.sub("", text[start:end])
    start += len(raw) - len(raw.lstrip())
    raw = raw.strip()
    return Words(raw, " ".join(_WORD.findall(raw)).casefold(), start, start + len(raw))


def _subject(
    text: str, verb: re.Match[str], signs: Sequence[int], near: Sequence[tuple[int, int]]
) -> Words | None:
    """The subject of a verb of saying: the clause before it, or after it behind a quotation.

    ``signs`` are the places of all signs that end a clause, in order.
    """
    start, end = verb.span()
    first = max(signs[bisect_left(signs, start) - 1] + 1, start - _SUBJECT_REACH)
    for match in _CONJUNCTION.finditer(text, first, start):
        first = match.end()
    if text[first:start].strip():
        wished = _PASSIVE.search(text, max(0, start - 8), start)
        return None if wished or not _touches(first, end, near) else _source(text, first, start)
    last = min(signs[bisect_left(signs, end)], end + _SOURCE_REACH)
    quoted = _QUOTE_END.search(text, max(0, start - 4), start)
    if not quoted or not _touches(start, last, near):
        return None
    named, stop = _NAMED.match(text, end, last), _CLAUSE.search(text, end, last)
    return _source(text, end, named.end() if named else stop.start() if stop else last)


def opposed(old: str, new: str, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Word pairs that oppose, one in the old words and the other in the new, either way round."""
    before = f" {' '.join(_WORD.findall(old.lower()))} "
    after = f" {' '.join(_WORD.findall(new.lower()))} "
    for first, second in pairs:
        for a, b in ((first, second), (second, first)):
            if f" {a} " in before and f" {b} " in after and f" {b} " not in before:
                yield a, b
