"""Notes the main-text reader dropped: looked for on the raw page, kept at their place.

Every predecessor lost them: a note in an aside, a label in an element of its own,
a correction box with "meta" in its class. So every passage of the page is asked
whether it reads as a note, and a candidate is kept when it stands with the article
and not with navigation, teasers or readers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from lxml.html import HtmlElement

from crawler.extract.furniture import line_name
from crawler.extract.passages import Passage, hints
from store.compare.notes import looks_like_note
from store.text import weight

# A note box names itself; such a hint lets a note stand further from the body.
_NOTE_HINT = re.compile(
    r"correct(?:ion|ions|ed)?(?:$|-)|clarif|editors?-?note|editor-s-note|erratum|errata|korrektur|berichtigung|"
    r"richtigstellung|rectificati|rettelse|retting|update-?note|article-?update|note-?box|retract|anmerkung|"
    r"rettelser|fe-de-errat|oikaisu|presisering",
)
# Regions in which a line that reads as a note is about something else, always …
_NEVER = frozenset(("navigation", "login", "consent", "hidden", "form"))
# … or unless the region is nothing but that note ("ad-note", "teaser" set around one line).
_SELDOM = frozenset(("related", "share", "newsletter", "advert"))
_LONE_PASSAGES = 2  # a label and its text
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_SHORTEST_SENTENCE = 40
_NEAR = 6  # passages between a stray note and the body it belongs to
_MOST_LINKED = 0.6  # a note with more of its letters in links is a teaser
_LONGEST_LABEL = 40
_SHORTEST_NOTE = 20
_SAYS_SOMETHING = re.compile(r"[:.!?] .*\w{3}")  # words behind the label
_LEVELS = 5  # ancestors within which a note shares an element with the body


def article_notes(
    passages: Sequence[Passage],
    inside: Sequence[bool],
    noise: Sequence[bool],
    names: Sequence[Sequence[str]],
    language: str | None,
) -> frozenset[int]:
    """Indices of passages to keep as notes: lacking in the main text, or taken for furniture.

    ``inside`` is the main text's choice, ``noise`` what the noise rules would
    drop, ``names`` the believed regions of each passage. A label that stands alone
    brings the passage after it.
    """
    crowd = Counter(region.element for passage in passages for region in passage.regions)
    kept: set[int] = set()
    for index, passage in enumerate(passages):
        if inside[index] and not noise[index]:
            continue
        if not _may_speak(passage, names[index], crowd) or not _belongs(passages, inside, index):
            continue
        if _reads_as_note(passage.text, language, hints(passage)):
            kept.update(_whole_note(passages, names, index))
    return frozenset(kept)


def _may_speak(passage: Passage, names: Sequence[str], crowd: Counter[HtmlElement]) -> bool:
    """Whether the article's own note may stand in a passage's regions."""
    if passage.link_share > _MOST_LINKED or _NEVER.intersection(names):
        return False
    if not _SELDOM.intersection(names):
        return True
    alone = all(
        crowd[region.element] <= _LONE_PASSAGES
        for region in passage.regions
        if region.name in _SELDOM
    )
    says = weight(passage.text) >= _SHORTEST_SENTENCE and _SENTENCE_END.search(passage.text)
    return alone and not passage.targets and bool(says)


@lru_cache(maxsize=8192)
def _reads_as_note(text: str, language: str | None, words: tuple[str, ...]) -> bool:
    """``looks_like_note``, remembered: the furniture of an outlet's pages is always the same."""
    return looks_like_note(text, language, words)


def _whole_note(
    passages: Sequence[Passage], names: Sequence[Sequence[str]], index: int
) -> tuple[int, ...]:
    """A note's passage, and the next one where it is a label that stands alone.

    A stamp with no text behind it ("Updated: 9.45 pm") is no note.
    """
    text = passages[index].text
    if weight(text) > _LONGEST_LABEL:
        return (index,)
    follows = index + 1
    if line_name(text) == "time" or follows >= len(passages):
        return ()
    if _NEVER.intersection(names[follows]) or weight(passages[follows].text) < _SHORTEST_NOTE:
        return (index,) if _SAYS_SOMETHING.search(text) else ()
    return (index, follows)


def _belongs(passages: Sequence[Passage], inside: Sequence[bool], index: int) -> bool:
    """Whether a candidate stands with the article: in it, or near it and in one element with it."""
    if inside[index]:
        return True
    reach = _NEAR * 3 if any(map(_NOTE_HINT.search, hints(passages[index]))) else _NEAR
    near = [
        passages[at].element
        for at in range(max(0, index - reach), min(len(passages), index + reach + 1))
        if inside[at]
    ]
    around = _ancestors(passages[index].element)
    return any(not around.isdisjoint(_ancestors(element)) for element in near)


def _ancestors(element: HtmlElement) -> set[HtmlElement]:
    """The element and its nearest ancestors, without the page's own frame."""
    found = {element}
    for up, _ in zip(element.iterancestors(), range(_LEVELS), strict=False):
        if up.tag in ("body", "html"):
            break
        found.add(up)
    return found
