"""A comparison as plain data: the JSON that ``storylapse compare --json`` prints."""

from __future__ import annotations

from typing import Any

from store.model import Change, Comparison, Document, NoteChange, Sentence


def comparison_as_dict(comparison: Comparison, old: Document, new: Document) -> dict[str, Any]:
    """The stable form of a comparison; indices count from 0 into the sentences given."""
    return {
        "old": _side(old, comparison.old_sentences),
        "new": _side(new, comparison.new_sentences),
        "alignment": [
            {
                "old": list(pair.old),
                "new": list(pair.new),
                "kind": pair.kind.value,
                "score": pair.score,
            }
            for pair in comparison.alignment
        ],
        "changes": [_change(change) for change in comparison.changes],
        "notes": [_note(change) for change in comparison.notes],
        "verdict": comparison.verdict.value,
        "significance": comparison.significance,
        "reason": comparison.reason,
        "kinds": list(comparison.kinds),
        "capped": comparison.capped,
        "engine": comparison.engine,
    }


def _side(document: Document, sentences: tuple[Sentence, ...]) -> dict[str, Any]:
    return {
        "address": document.address,
        "headline": document.headline,
        "standfirst": document.standfirst,
        "byline": document.byline,
        "published": document.published,
        "modified": document.modified,
        "language": document.language,
        "sentences": [sentence.text for sentence in sentences],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        "sub_kind": change.sub_kind,
        "family": change.family,
        "intention": change.intention,
        "old": change.old,
        "new": change.new,
        "old_sentences": list(change.old_sentences),
        "new_sentences": list(change.new_sentences),
        "facts": [{"type": f.type, "old": f.old, "new": f.new} for f in change.facts],
        "note": change.note,
        "declared_by": change.declared_by,
        "significance": change.significance,
        "parts": [
            {"name": part.name, "meaning": part.meaning, "points": part.points}
            for part in change.parts
        ],
        "reason": change.reason,
        "redline": [{"op": span.op, "text": span.text} for span in change.redline],
    }


def _note(change: NoteChange) -> dict[str, Any]:
    note = change.note
    return {
        "kind": note.kind.value,
        "text": note.text,
        "place": note.place.value,
        "language": note.language,
        "status": change.status.value,
        "cue": note.cue,
        "stated_time": note.stated_time,
        "source": note.source,
        "confidence": note.confidence,
        "old_text": change.old_note.text if change.old_note else None,
    }
