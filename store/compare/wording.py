"""Facts in the wording: quotations, sources, negation, hedges, states, allegations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from store.compare.lexicon import Lexicon, word_set

_DOUBLE = re.compile(r"[“\"„«»]([^“”\"„«»]{2,1000})(?:[”\"“»«]|$)")
_SINGLE = re.compile(r"(?<!\w)[‘']([^‘'’]*(?:’\w[^‘'’]*)*)[’'](?!\w)")
# Fewer words in quotation marks are a name or an expression, not a statement.
_QUOTE_WORDS = 3
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SOURCE_WORDS = 7
_SUBJECT_REACH = 160
_PRONOUNS = word_set(
    "he she they it i we you who which that this these those one also er sie es wir ich "
    "man il elle ils elles on nous je él ella ellos ellas ele ela eles elas lui lei loro "
    "hij zij ze ik han hun ho de vi jeg eg den det hon"
)
_CLAUSE = re.compile(
    r"[,;:.!?“”\"„«»()\[\]–—]|\s-\s"
    r"|\b(?:and|but|while|as|because|when|who|which|that|und|aber|et|mais|y|pero|og|men|och)\s"
)
# A clause with one of these is no subject.
_VERBS = word_set("was were is are has have had will would not to been be can could")
_AUXILIARY = re.compile(
    r"(?:\s+(?:has|have|had|is|are|was|were|also|later|now|then|earlier|previously|repeatedly))+\s*$",
    re.IGNORECASE,
)
# Before a verb of saying: it was said of the subject, or is only wished for.
_PASSIVE = re.compile(r"\b(?:was|were|been|be|being|is|are|not|to|n['’]t)\s$", re.IGNORECASE)
_ACCORDING = re.compile(
    r"\b(?:according to|laut|selon|d[’']après|según|segundo|secondo|volgens|ifølge|enligt)\s+"
    r"(?P<source>[^,.;:!?()\"“”]{2,90})",
    re.IGNORECASE,
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


def hedges_of(text: str, words: Lexicon) -> list[Words]:
    """The words that lower certainty; capitalised ones inside a sentence are names or months."""
    return [
        Words(m.group(), m.group().lower(), m.start(), m.end())
        for m in _WORD.finditer(text)
        if m.group().lower() in words.hedges and (m.start() == 0 or m.group()[0].islower())
    ]


def sources_of(text: str, words: Lexicon) -> list[Words]:
    """Who is said to have said something, as worded; pronouns left out."""
    found: list[Words] = []
    for match in _ACCORDING.finditer(text):
        cut = _CLAUSE.split(match["source"], maxsplit=1)[0]
        found.append(_source(text, match.start("source"), match.start("source") + len(cut)))
    for match in _WORD.finditer(text):
        if match.group().lower() not in words.says:
            continue
        if not _PASSIVE.search(text, max(0, match.start() - 8), match.start()):
            subject = _subject(text, match)
            if subject is not None:
                found.append(subject)
    return [source for source in found if _names_somebody(source)]


def _names_somebody(source: Words) -> bool:
    words = source.value.split()
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


def _subject(text: str, verb: re.Match[str]) -> Words | None:
    """The subject of a verb of saying: the clause before it, or after it behind a quotation."""
    before = text[max(0, verb.start() - _SUBJECT_REACH) : verb.start()]
    start = max((m.end() for m in _CLAUSE.finditer(before)), default=0)
    if before[start:].strip():
        return _source(text, verb.start() - len(before) + start, verb.start())
    if not re.search(r"[\"”’'»,]\s*$", before):
        return None
    after = text[verb.end() : verb.end() + 90]
    stop = _CLAUSE.search(after)
    return _source(text, verb.end(), verb.end() + (stop.start() if stop else len(after)))


def opposed(old: str, new: str, pairs: frozenset[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Word pairs that oppose, one in the old words and the other in the new, either way round."""
    before = f" {' '.join(_WORD.findall(old.lower()))} "
    after = f" {' '.join(_WORD.findall(new.lower()))} "
    for first, second in sorted(pairs):
        for a, b in ((first, second), (second, first)):
            if f" {a} " in before and f" {b} " in after and f" {b} " not in before:
                yield a, b
