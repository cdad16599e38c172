"""The article's frame: headline, standfirst and byline, compared apart from the body."""

from __future__ import annotations

import re

from store.compare.facts import changed_facts
from store.compare.significance import is_factual
from store.model import ChangeKind, Document, FactChange
from store.text import normalise

# Tags that outlets put before a headline and take away again.
_TAG = re.compile(
    r"^(?:(?:live|watch|video|listen|update[sd]?|breaking|exclusive|just in|photos|liveblog|"
    r"eilmeldung|direct|en direct|última hora|ao vivo)\s*[:|•-]\s*)+",
    re.IGNORECASE,
)


def headline_kind(old: str, new: str, facts: tuple[FactChange, ...]) -> str:
    """What a changed headline is: cosmetic, tag, polarity, fact or reworded."""
    before, after = normalise(old), normalise(new)
    if _letters(before) == _letters(after):
        return "cosmetic"
    if _letters(_TAG.sub("", before)) == _letters(_TAG.sub("", after)):
        return "tag"
    if any(fact.type == "negation" for fact in facts):
        return "polarity"
    return "fact" if is_factual(facts) else "reworded"


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
        if normalise(before or "") != normalise(after or "")
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
