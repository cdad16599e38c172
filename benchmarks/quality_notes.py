"""Notes: recall, kind, with and without their label, and false flags on plain sentences.

    python -m benchmarks.quality_notes [DATA]

Reads note texts and whole articles as plain text; notes on real pages are measured with
the extractor in ``quality_pages``. "Masked" takes the label away and asks again: of the notes
that then still say something. Shares stand with the bounds of Wilson's 95 % interval.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.figures import print_figures
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
    "pages/labels.jsonl",
)
# What precedes the first colon of a labelled note; longer heads are no label.
_LABEL = re.compile(r"^\W*(?:[^:]{0,60}?:|\([^()]{3,40}\)|\[\w+\])\s*")
_LEAST_MASKED = 30
# Without its label an update is a paragraph like any other; these speak about the article.
_SPEAKING = frozenset(("correction", "clarification", "retraction"))
_MOST_FAILING, _FEW_WORDS = 12, 12
# Enough of a note's text to know it again.
_SHARED = 50
# Articles with a note from before their history began, which no event names; read one by one.
_NOTED_BEFORE = frozenset(
    (
        "nodejs_blog/en/module/service-logging-in-json-with-bunyan",
        "nodejs_blog/en/vulnerability/april-2020-openssl-updates",
        "rust_blog/inside-Cleanup-Crew-ICE-breakers",
        "bitcoinops/en/2024-05-08-newsletter",
    )
)
# The normal deviate of a two-sided 95 % interval.
_Z = 1.96


def measure(data: Path) -> dict[str, float]:
    """Shares from 0 to 1, and false flags per 10,000 sentences."""
    return {**_norwegian(data), **_articles(data), **_events(data), **_masked(data)}


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def share(name: str, found: Sequence[bool]) -> dict[str, float]:
    """A share and the bounds of its interval (Wilson 1927), under three names."""
    n = len(found)
    if not n:
        return {}
    p = sum(found) / n
    middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
    return {name: p, f"{name}_low": middle - half, f"{name}_high": middle + half}


def _norwegian(data: Path) -> dict[str, float]:
    rows = _rows(data / DATA[0])
    labelled = [row for row in rows if row["kind"]]
    masked = [_LABEL.sub("", row["note_text"], count=1) for row in labelled]
    masked = [text for text in masked if len(text) > _LEAST_MASKED]
    found = [(_first(row["note_text"], "no"), row["kind"]) for row in labelled]
    return {
        **share("notes.no_recall", [_first(row["note_text"], "no") is not None for row in rows]),
        **share("notes.no_masked_recall", [_first(text, "no") is not None for text in masked]),
        "notes.no_kind": sum(note is not None and note.kind.value == kind for note, kind in found)
        / len(found),
    }


def _first(text: str, language: str | None) -> Note | None:
    notes = find_notes([Block(BlockKind.PARAGRAPH, text)], language)
    return notes[0] if notes else None


def _masked(data: Path) -> dict[str, float]:
    """Corrections and clarifications of the other sets, in four languages, without their label."""
    notes = [(note, row["lang"]) for row in _rows(data / DATA[7]) for note in row["notes"]]
    notes += [(note, None) for row in _rows(data / DATA[1]) for note in row["notes"] or []]
    notes += [({**row, "text": row["note_text"]}, "en") for row in _rows(data / DATA[2])]
    texts = [
        (_LABEL.sub("", " ".join(note["text"].split()), count=1), language)
        for note, language in notes
        if note["kind"] in _SPEAKING
    ]
    found = [_first(*text) is not None for text in texts if len(text[0]) > _LEAST_MASKED]
    return share("notes.other_masked_recall", found)


def failing(data: Path) -> list[str]:
    """Up to 12 notes that are not found, as lines of Markdown: labelled ones, then masked ones."""
    lines = []
    for row in _rows(data / DATA[1]):
        notes = list(document_from_text(row["text"]).notes)
        lines += [
            f"articles_text, {row['source']}: not found: {_words(gold['text'])}"
            for gold in row["notes"] or []
            if _take(notes, gold["text"]) is None
        ]
    for row in _rows(data / DATA[0]):
        text = _LABEL.sub("", row["note_text"], count=1)
        if row["kind"] and len(text) > _LEAST_MASKED and _first(text, "no") is None:
            lines.append(f"nrk_no, label masked: not found: {_words(text)}")
    return lines[:_MOST_FAILING]


def _words(text: str) -> str:
    """The first words of a text, quoted."""
    return f'"{" ".join(text.split()[:_FEW_WORDS])} …"'


def _articles(data: Path) -> dict[str, float]:
    right, kinds, flags = [], 0, 0
    for row in _rows(data / DATA[1]):
        notes = list(document_from_text(row["text"]).notes)
        for gold in row["notes"] or []:
            note = _take(notes, gold["text"])
            right.append(note is not None)
            kinds += note is not None and note.kind.value in {gold["kind"], *gold["also"]}
        flags += len(notes)
    return {
        **share("notes.article_recall", right),
        "notes.article_precision": sum(right) / (sum(right) + flags or 1),
        "notes.article_kind": kinds / (sum(right) or 1),
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
        (row["article_id"], row["version"]): row for name in DATA[3:7] for row in _rows(data / name)
    }
    events = [row for row in _rows(data / DATA[2]) if row["kind"] != "none"]
    noted = {event["article_id"] for event in events} | _NOTED_BEFORE
    right, kinds = [], 0
    for event in events:
        row = versions[event["article_id"], event["to_version"]]
        note = _take(list(document_from_text(row["text"]).notes), event["note_text"])
        right.append(note is not None)
        kinds += note is not None and note.kind.value in {event["kind"], *event["also"]}
    sentences, flags = _false_flags(versions, noted)
    return {
        **share("notes.event_recall", right),
        "notes.event_kind": kinds / (sum(right) or 1),
        "notes.unlabelled_flags_per_10000_at_most": 10_000 * flags / sentences,
    }


def _false_flags(
    versions: dict[tuple[str, int], dict[str, Any]], noted: set[str] | frozenset[str]
) -> tuple[int, int]:
    """Sentences and flags in the last versions of articles that no event names."""
    last = {article: row for (article, _), row in sorted(versions.items())}
    documents: list[Document] = [
        document_from_text(row["text"]) for article, row in last.items() if article not in noted
    ]
    return (
        sum(len(prepare(document).sentences) for document in documents),
        sum(len(document.notes) for document in documents),
    )


if __name__ == "__main__":
    print_figures(measure)
