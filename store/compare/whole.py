"""Labels for the comparison as a whole: expansion, cut, rewrite, timestamp only …"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from store.compare.declaring import fresh_notes, is_silent
from store.compare.drafts import Sides
from store.compare.live import grew_live
from store.compare.prepared import Prepared
from store.labels import LABELS
from store.model import AlignedPair, Change, ChangeKind, NoteStatus

# Growth and loss of words, and the share of old sentences that survive (field study, 4.3).
_EXPANSION, _CUT, _REWRITE = 1.5, 0.7, 0.4
# Fewer sentences than this make no rewrite.
_LEAST_SENTENCES = 5


def kinds_of(
    sides: Sides, alignment: Sequence[AlignedPair], changes: Sequence[Change]
) -> tuple[str, ...]:
    """The labels that hold, in the order of LABELS."""
    labels: set[str] = set()
    if changes:
        labels = _of_shape(sides, alignment) | _of_changes(changes) | _of_notes(sides, changes)
    elif sides.old.document.modified != sides.new.document.modified:
        labels = {"timestamp_only"}
    return tuple(label for label in LABELS if label in labels)


def cosmetic_reason(sides: Sides) -> str:
    """What differs between two versions that say the same."""
    if any(change.status is NoteStatus.MOVED for change in sides.notes):
        return "Only the place of a note differs; the article says the same."
    if any(c.old_note is not None and c.old_note.text != c.note.text for c in sides.notes):
        return "Only the time that a note states differs; the article says the same."
    if sides.old.keys == sides.new.keys:
        return "Only typography differs: quotation marks, dashes or spacing."
    return "Only the order of a few short words differs."


def _of_shape(sides: Sides, alignment: Sequence[AlignedPair]) -> set[str]:
    """What became of the body; notes are no growth of the article."""
    old, new = sides.old, sides.new
    old_size, new_size = _letters(old, sides.old_notes), _letters(new, sides.new_notes)
    kept = len(old.sentences) - len([pair for pair in alignment if not pair.new])
    labels = {
        "expansion": old_size > 0 and new_size > _EXPANSION * old_size,
        "cut": old_size > 0 and new_size < _CUT * old_size,
        "rewrite": len(old.sentences) >= _LEAST_SENTENCES and kept < _REWRITE * len(old.sentences),
        "live_growth": grew_live(old, new, alignment),
    }
    return {label for label, holds in labels.items() if holds}


def _of_changes(changes: Sequence[Change]) -> set[str]:
    labels = {change.kind.value for change in changes} & {*LABELS}
    return labels | {
        f"headline_{change.sub_kind}"
        for change in changes
        if change.kind is ChangeKind.HEADLINE and change.sub_kind
    }


def _of_notes(sides: Sides, changes: Sequence[Change]) -> set[str]:
    """What the notes admit and what they leave unsaid."""
    fresh = fresh_notes(sides.notes)
    silent = any(is_silent(c.kind, c.facts, c.declared_by, fresh) for c in changes)
    noted = any(change.declared_by is not None for change in changes)
    labels = {
        "changed_without_note": silent,
        "changed_with_note": noted,
        "undisclosed_extra": silent and bool(fresh),
    }
    return {label for label, holds in labels.items() if holds}


def significance_of(changes: Sequence[Change]) -> float:
    """That of the most significant change; 0 without changes."""
    return max((change.significance for change in changes), default=0.0)


def _letters(side: Prepared, notes: Collection[int]) -> int:
    return sum(map(len, side.keys)) - sum([len(side.keys[place]) for place in notes])
