"""Is the new reading still this article, and all of it? Pure, for the archive's gate.

A page that suddenly says something else, or a fifth of what it said, is far more
often a wrong page, a cut answer or a template change than an edit. What is doubted
here is held until a second look says the same; nothing is thrown away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from store.model import Document, NoteKind, Quality
from store.sentences import forms, sentences
from store.text import longer_words, normalise, weight

# Two texts on one event share names and terms even when every sentence was rewritten;
# two stories of one outlet share a tenth of their longer words (measured on the pages of
# the extraction set: other pages of one outlet stay under 0.2, rewrites above 0.35).
_SHARED_WORDS = 0.25
_SHARED_SENTENCES = 0.05
_LIKE_HEADLINE = 55  # rapidfuzz token_set_ratio; two headlines of one story are above it
_SHRUNK = 0.2  # what is left of the text
_MUCH_LESS = 0.6  # of the text, and none of it the old one: no rewrite, something in its place
_TAIL = 0.35  # a loss of this share, all at the end, is a cut and not an edit
_LEAST_OLD = 400  # letters; a brief item may lose most of itself honestly
_ENDED = re.compile(r"[.!?…:;。！？؟।\"'”’»)\]\d]\s*$")
_EXPLAINING = frozenset({NoteKind.RETRACTION, NoteKind.CORRECTION, NoteKind.EDITORS_NOTE})
_WITHDRAWN = re.compile(
    r"\b(?:withdrawn|retracted|removed|taken down|unpublished|deleted|zurückgezogen|entfernt|"
    r"gelöscht|retirée?|supprimée?|retirad[oa]|rimoss[oa]|verwijderd|fjernet|tilbaketrukket|"
    r"trukket tilbake)\b",
    re.IGNORECASE,
)


def judge_continuity(old: Document, new: Document) -> Quality | None:
    """Why the new reading should not be believed at once, or None when it is fine.

    ``detail`` is "other_story", "cut_inside", "replaced", "truncated" or "shrunk".
    """
    before, after = _sentences(old), _sentences(new)
    if not before or not after:
        return None
    if _is_other_story(old, new, before, after) and not _is_withdrawn(new):
        return _doubt("other_story", "Another story stands under this address now.")
    if _explained(old, new):
        return None
    if _cut_inside(before, new):
        return _doubt("cut_inside", "The text breaks off inside a sentence that it had finished.")
    return _loss(before, after)


def _loss(before: Sequence[str], after: Sequence[str]) -> Quality | None:
    """Why so much of the text is gone that the reading is doubted, or None."""
    had, has = sum(map(weight, before)), sum(map(weight, after))
    lost = _lost_tail(before, after)
    if had >= _LEAST_OLD and has < _MUCH_LESS * had and _is_strange(before, after):
        return _doubt("replaced", "Nothing of the text is left under the article's headline.")
    if had >= _LEAST_OLD and has < _SHRUNK * had:
        share = max(1, round(100 * has / had))
        return _doubt("shrunk", f"Only {share} % of the text is left, and no note explains it.")
    if lost >= _TAIL * had and had >= _LEAST_OLD:
        return _doubt(
            "truncated", "The text breaks off before its former end, and no note explains it."
        )
    return None


def _doubt(detail: str, reason: str) -> Quality:
    return Quality(is_article=False, detail=detail, reason=reason)


def _sentences(document: Document) -> list[str]:
    """The body's sentences in their comparing form."""
    return [key for block in document.blocks for _, key in forms(block.text, document.language)]


def _is_other_story(
    old: Document, new: Document, before: Sequence[str], after: Sequence[str]
) -> bool:
    if old.headline and new.headline and _headlines_alike(old.headline, new.headline):
        return False
    return _is_strange(before, after)


def _is_strange(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether two texts share neither sentences nor words as two states of one story do."""
    shared = set(before) & set(after)
    smaller = min(len(set(before)), len(set(after)))
    if len(shared) > _SHARED_SENTENCES * smaller:
        return False
    words, others = _words(before), _words(after)
    common = len(words & others) / max(1, min(len(words), len(others)))
    return common < _SHARED_WORDS


def _headlines_alike(old: str, new: str) -> bool:
    return fuzz.token_set_ratio(normalise(old).lower(), normalise(new).lower()) >= _LIKE_HEADLINE


def _words(texts: Sequence[str]) -> set[str]:
    return {word for text in texts for word in longer_words(text)}


def _explained(old: Document, new: Document) -> bool:
    """Whether a note, new since the old reading, or the text itself says why something is gone."""
    known = {normalise(note.text) for note in old.notes}
    fresh = [note for note in new.notes if normalise(note.text) not in known]
    if any(note.kind in _EXPLAINING for note in fresh):
        return True
    return _is_withdrawn(new)


def _is_withdrawn(new: Document) -> bool:
    """Whether hardly more is left than word that the article was taken back."""
    taken_back = any(note.kind is NoteKind.RETRACTION for note in new.notes)
    return len(new.blocks) <= 3 and (taken_back or _WITHDRAWN.search(new.text) is not None)


def _lost_tail(before: Sequence[str], after: Sequence[str]) -> int:
    """Letters of the old end that is gone, when nothing else of note changed."""
    left, had = set(after), set(before)
    last = max((i for i, sentence in enumerate(before) if sentence in left), default=-1)
    if last < 0 or last + 1 == len(before):
        return 0
    kept = sum(sentence in left for sentence in before[: last + 1])
    fresh = sum(sentence not in had for sentence in after)
    if kept < 0.8 * (last + 1) or fresh > 1:
        return 0
    return sum(map(weight, before[last + 1 :]))


def _cut_inside(before: Sequence[str], new: Document) -> bool:
    """Whether the new text ends in the middle of a sentence that the old one finished."""
    end = normalise(new.blocks[-1].text) if new.blocks else ""
    if not end or _ENDED.search(end):
        return False
    stump = sentences(end)[-1]
    if stump in before:
        return False
    return any(len(s) > len(stump) >= 3 and s.startswith(stump) for s in before)
