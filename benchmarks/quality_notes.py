"""Notes: recall, kind, with and without their label, and false flags on plain sentences.

    python -m benchmarks.quality_notes [DATA]

Reads note texts and whole articles as plain text; notes on real pages are measured with
the extractor in ``quality_pages``.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from store.compare import prepare
from store.compare.notes import find_notes
from store.model import Block, BlockKind, Document, Note
from store.text import document_from_text, normalise

DATA = (
    "notes/nrk_no.jsonl",
    "notes/articles_text.jsonl",
    "revisions/note_events.jsonl",
    "revisions/nodejs_blog.jsonl",
    "revisions/rust_blog.jsonl",
    "revisions/bitcoinops.jsonl",
    "revisions/wikinews_iterater.jsonl",
)
# What precedes the first colon of a labelled note; longer heads are no label.
_LABEL = re.compile(r"^[^:]{0,60}?:\s*")
_LEAST_MASKED = 30
# Enough of a note's text to know it again.
_SHARED = 50


def measure(data: Path) -> dict[str, float]:
    """Shares from 0 to 1, and false flags per 10,000 sentences."""
    return {**_norwegian(data), **_articles(data), **_events(data)}


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def _norwegian(data: Path) -> dict[str, float]:
    rows = _rows(data / DATA[0])
    labelled = [row for row in rows if row["kind"]]
    masked = [_LABEL.sub("", row["note_text"], count=1) for row in labelled]
    masked = [text for text in masked if len(text) > _LEAST_MASKED]
    found = [_first(row["note_text"], "no") for row in labelled]
    kinds = sum(
        note is not None and note.kind.value == row["kind"]
        for note, row in zip(found, labelled, strict=True)
    )
    return {
        "notes.no_recall": _share(_first(row["note_text"], "no") for row in rows),
        "notes.no_masked_recall": _share(_first(text, "no") for text in masked),
        "notes.no_kind": kinds / len(labelled),
    }


def _first(text: str, language: str) -> Note | None:
    notes = find_notes([Block(BlockKind.PARAGRAPH, text)], language)
    return notes[0] if notes else None


def _share(found: Iterable[object]) -> float:
    values = list(found)
    return sum(value is not None for value in values) / len(values)


def _articles(data: Path) -> dict[str, float]:
    right, kinds, true, flags = 0, 0, 0, 0
    for row in _rows(data / DATA[1]):
        notes = list(document_from_text(row["text"]).notes)
        for gold in row["notes"] or []:
            true += 1
            note = _take(notes, gold["text"])
            right += note is not None
            kinds += note is not None and note.kind.value in {gold["kind"], *gold["also"]}
        flags += len(notes)
    return {
        "notes.article_recall": right / true,
        "notes.article_precision": right / (right + flags or 1),
        "notes.article_kind": kinds / (right or 1),
    }


def _take(notes: list[Note], text: str) -> Note | None:
    """The note that has a gold text, taken out of the list."""
    gold = normalise(text)
    for note in notes:
        plain = normalise(note.text)
        if gold[:_SHARED] in plain or plain[:_SHARED] in gold:
            notes.remove(note)
            return note
    return None


def _events(data: Path) -> dict[str, float]:
    """Notes that blogs added to their posts, and what is flagged in posts that added none."""
    versions = {
        (row["article_id"], row["version"]): row for name in DATA[3:] for row in _rows(data / name)
    }
    events = [row for row in _rows(data / DATA[2]) if row["kind"] != "none"]
    noted = {event["article_id"] for event in events}
    right, kinds = 0, 0
    for event in events:
        row = versions[event["article_id"], event["to_version"]]
        note = _take(list(document_from_text(row["text"]).notes), event["note_text"])
        right += note is not None
        kinds += note is not None and note.kind.value in {event["kind"], *event["also"]}
    sentences, flags = _false_flags(versions, noted)
    return {
        "notes.event_recall": right / len(events),
        "notes.event_kind": kinds / (right or 1),
        "notes.unlabelled_flags_per_10000_at_most": 10_000 * flags / sentences,
    }


def _false_flags(
    versions: dict[tuple[str, int], dict[str, Any]], noted: set[str]
) -> tuple[int, int]:
    """Sentences and flags in the last versions of articles that no event names.

    Some of these flags are true notes from before the history began, so this is an upper bound.
    """
    last = {article: row for (article, _), row in sorted(versions.items())}
    documents: list[Document] = [
        document_from_text(row["text"]) for article, row in last.items() if article not in noted
    ]
    return (
        sum(len(prepare(document).sentences) for document in documents),
        sum(len(document.notes) for document in documents),
    )


def main() -> None:
    """Print the figures as a table."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    for name, value in measure(data).items():
        print(f"{name:<45}{value:>9.4f}")


if __name__ == "__main__":
    main()
