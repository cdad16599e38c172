"""The article's frame: headline, standfirst and byline, compared apart from the body."""

from __future__ import annotations

import re

from store.compare.facts import changed_facts
from store.compare.families import is_slip
from store.compare.lexicon import Lexicon, lexicon_of
from store.compare.significance import is_factual
from store.compare.words import WordDiff
from store.model import ChangeKind, Document, FactChange
from store.text import normalise

# Tags that outlets put before or behind a headline and take away again.
_TAGS = (
    r"live(?:blog|[ -]?ticker| updates?)?|watch(?: live)?|video(?: (?:&|and) report)?|listen|"
    r"audio|podcast|gallery|photos|in pictures|update[sd]?|breaking(?: news)?|exclusive|"
    r"just in|developing|opinion|analysis|eilmeldung|ticker|aktuell|exklusiv|en direct|direct|"
    r"vidéo|alerte info|"
    r"última hora|en vivo|en directo|vídeo|ao vivo|urgente?|diretta|in diretta|siste nytt|direkte|"
    r"速報|動画|独自|快讯|视频|直播|속보|영상|단독|срочно|видео|онлайн|عاجل|مباشر"
)
_TAG = re.compile(
    rf"^(?:[\[【(]?(?:{_TAGS})(?:\s*[:|•–—-]\s*|\s*[\]】)]\s*|\s+[–—|-]\s+))+"
    rf"|(?:\s+[|•–—-]\s*|\s*[\[【(])(?:{_TAGS})[\]】)]?$",
    re.IGNORECASE,
)
_SAID = re.compile(r"(?<!\w)(?P<mark>[\"'])(?P<said>.+?)(?P=mark)(?!\w)")
# A letter or two of a word this long is a slip of the pen in a headline.
_LEAST_WORD = 5
# The share of a headline that stays where a denial in it turns it round.
_MUCH_THE_SAME = 0.6


def headline_kind(
    words: WordDiff, facts: tuple[FactChange, ...], language: str | None = None
) -> str:
    """What a changed headline is: cosmetic, tag, polarity, fact or reworded."""
    before, after = normalise(words.old), normalise(words.new)
    # In a headline, quotation marks say whose words these are: they are no typography.
    if _quoted(before) == _quoted(after):
        if _letters(before) == _letters(after) or (not facts and is_slip(words, _LEAST_WORD)):
            return "cosmetic"
        if _letters(_TAG.sub("", before)) == _letters(_TAG.sub("", after)):
            return "tag"
    if any(fact.type == "negation" for fact in facts) or _turned(words, lexicon_of(language)):
        return "polarity"
    return "fact" if is_factual(facts) else "reworded"


def _turned(words: WordDiff, lexicon: Lexicon) -> bool:
    """Whether a denial came or went in a headline that is otherwise much the same."""
    if words.kept < _MUCH_THE_SAME:
        return False
    gone, come = (_denials(text, lexicon) for text in (words.gone, words.come))
    return (gone > 0) is not (come > 0)


def _denials(text: str, lexicon: Lexicon) -> int:
    plain = normalise(text).lower()
    return plain.count("n't") + sum(word in lexicon.negators for word in plain.split())


def _quoted(text: str) -> list[str]:
    return sorted(_letters(match["said"]) for match in _SAID.finditer(text))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def frame_parts(old: Document, new: Document) -> list[tuple[ChangeKind, str | None, str | None]]:
    """The parts of the frame that differ in more than typography, old and new."""
    parts = (
        (ChangeKind.HEADLINE, old.headline, new.headline),
        (ChangeKind.STANDFIRST, old.standfirst, new.standfirst),
        (ChangeKind.BYLINE, old.byline, new.byline),
    )
    return [
        (kind, before, after)
        for kind, before, after in parts
        if before != after and normalise(before or "") != normalise(after or "")
    ]


def frame_facts(
    kind: ChangeKind, old: str | None, new: str | None, language: str | None
) -> tuple[FactChange, ...]:
    """The typed facts that differ between two states of a part of the frame."""
    if not old or not new:
        return ()
    if kind is ChangeKind.BYLINE:
        return (FactChange("byline", old, new),)
    if _letters(normalise(old)) == _letters(normalise(new)):
        return ()
    facts = changed_facts(old, new, language)
    return tuple(f for f in facts if f.type != "attribution" or (f.old and f.new))
