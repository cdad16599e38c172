"""Findings as plain JSON values, in the shape that ``docs/`` promises to others."""

from __future__ import annotations

from typing import Any

from store.model import Comment, Document, Note


def document_as_dict(document: Document) -> dict[str, Any]:
    """A document as ``storylapse extract --json`` prints it (docs/schemas, "document")."""
    return {
        "headline": document.headline,
        "standfirst": document.standfirst,
        "byline": document.byline,
        "published": document.published,
        "modified": document.modified,
        "language": document.language,
        "blocks": [{"kind": block.kind.value, "text": block.text} for block in document.blocks],
        "text": document.text,
        "notes": [note_as_dict(note) for note in document.notes],
        "comments": [_comment_as_dict(comment) for comment in document.comments],
        "quality": {
            "is_article": document.quality.is_article,
            "detail": document.quality.detail,
            "reason": document.quality.reason,
        },
    }


def note_as_dict(note: Note) -> dict[str, Any]:
    """One note; ``block`` is the index of its first block, null for a note in the metadata."""
    return {
        "kind": note.kind.value,
        "text": note.text,
        "place": note.place.value,
        "language": note.language,
        "cue": note.cue,
        "block": note.block,
        "stated_time": note.stated_time,
        "source": note.source,
        "confidence": note.confidence,
    }


def _comment_as_dict(comment: Comment) -> dict[str, Any]:
    return {"author": comment.author, "text": comment.text, "depth": comment.depth}
