"""The vocabulary: every word by which a change, an event or a whole comparison is named.

One source for the engine, ``changes``, exports, the dashboard and the schemas.
"""

from __future__ import annotations

from store.model import ChangeKind, EventKind

LABELS = (
    # Of a comparison as a whole, in the order in which they are given.
    "timestamp_only",
    "headline",
    "headline_cosmetic",
    "headline_tag",
    "headline_reworded",
    "headline_fact",
    "headline_polarity",
    "byline",
    "expansion",
    "cut",
    "rewrite",
    "live_growth",
    "changed_without_note",
    "changed_with_note",
    "undisclosed_extra",
    "still_wrong",
)

_WORDS = {
    "editors_note": "editor's note",
    "changed_without_note": "changed without a note",
    "still_wrong": "error still standing",
    "note_removed": "note taken away",
    "note_edited": "note reworded",
}


def in_words(name: str) -> str:
    """A kind or label as people read it in a title, small letters."""
    return _WORDS.get(name) or name.replace("_", " ")


KINDS = tuple(dict.fromkeys((*map(str, ChangeKind), *map(str, EventKind), *LABELS)))
"""Kinds of changes, then of events of the article as a whole (removed, restored, returned to an
earlier state, moved to another address), then labels."""
