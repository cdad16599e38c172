"""Notes on real pages, after extraction: found, false, exact, of the right kind.

    python -m benchmarks.quality_pages [DATA]

"Kept" asks only whether a labelled note survives in the document's text at all;
it is what every plain extractor loses, so trafilatura's share stands beside ours.
"Kept own" leaves out notes of other articles that a page shows in full below its own (endless
scrolling): told as notes of this article they would be false, so they are left out on purpose.
Kinds follow the label policy: right when in ``{kind} | also``. Shares stand with the bounds of
Wilson's 95 % interval.
"""

from __future__ import annotations

import gzip
import json
import logging
import pathlib
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import trafilatura
from rapidfuzz import fuzz
from rich.console import Console
from trafilatura import load_html

from benchmarks.quality_notes import share
from crawler.extract import decode, read_page
from store.model import Document, Note

DATA = ("pages/labels.jsonl", "pages/html")


def pages(folder: pathlib.Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Labelled pages, decoded."""
    with (folder / "labels.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            body = (folder / row["file"]).read_bytes()
            yield row, decode(gzip.decompress(body) if row["file"].endswith(".gz") else body)


def flat(text: str) -> str:
    """A text on one line, for comparing across block borders."""
    return " ".join(text.split())


def matches(label: dict[str, Any], note: Note) -> bool:
    """Whether a found note is the labelled one: the same opening, or nearly the same text."""
    wanted, got = flat(label["text"]), flat(note.text)
    return (
        got.startswith(wanted[:60]) or wanted.startswith(got[:60]) or fuzz.ratio(wanted, got) > 85
    )


def _match(label: dict[str, Any], notes: Sequence[Note]) -> Note | None:
    """The note that is the labelled one: to the letter, else the first that is nearly so."""
    alike = [note for note in notes if matches(label, note)]
    exact = (note for note in alike if flat(note.text) == flat(label["text"]))
    return next(exact, alike[0] if alike else None)


def measure(data: pathlib.Path) -> dict[str, float]:
    """Recall, precision, exact text and kind of notes, and the share of notes kept in the text."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    counts = dict.fromkeys(
        (
            "labels",
            "kept",
            "own",
            "kept_own",
            "plain_kept",
            "found",
            "exact",
            "kind",
            "notes",
            "false",
        ),
        0,
    )
    for row, html in pages(data / "pages"):
        document = read_page(html, row["url"] or "")
        plain = flat(trafilatura.extract(html, url=row["url"]) or "")
        for name, value in count(row, document, plain, _of_others(html, row)).items():
            counts[name] += value
    labels, notes = max(1, counts["labels"]), max(1, counts["notes"])
    bounds = {
        **share("recall", _answers(counts["found"], counts["labels"])),
        **share("precision", _answers(counts["notes"] - counts["false"], counts["notes"])),
        **share("exact", _answers(counts["exact"], counts["found"])),
    }
    return bounds | {
        "kept": counts["kept"] / labels,
        "kept_own": counts["kept_own"] / max(1, counts["own"]),
        "trafilatura/kept": counts["plain_kept"] / labels,
        "recall": counts["found"] / labels,
        "precision": 1 - counts["false"] / notes,
        "exact": counts["exact"] / max(1, counts["found"]),
        "kind": counts["kind"] / max(1, counts["found"]),
    }


def failing(data: pathlib.Path) -> list[str]:
    """Up to 12 notes that are not found, or not exactly, as lines of Markdown."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    lines = []
    for row, html in pages(data / "pages"):
        notes = read_page(html, row["url"] or "").notes
        for label in row["notes"]:
            found = [flat(note.text) for note in notes if matches(label, note)]
            if flat(label["text"]) not in found:
                came = f'"{" ".join(found[0].split()[:12])} …"' if found else "nothing"
                wanted = " ".join(label["text"].split()[:12])
                lines.append(f'{row["file"]}: wanted "{wanted} …", came {came}')
    return lines[:12]


def _answers(right: int, asked: int) -> list[bool]:
    return [place < right for place in range(asked)]


def _of_others(html: str, row: dict[str, Any]) -> list[bool]:
    """For each label, whether its note stands in another article than the page's own.

    The page's own is the ``article`` element that holds what ``og:title`` says, where one does.
    """
    tree = load_html(html)
    if tree is None:
        return [False] * len(row["notes"])
    stated = tree.find(".//meta[@property='og:title']")
    title = flat(stated.get("content") or "") if stated is not None else ""
    articles = [flat(str(one.text_content())) for one in tree.iter("article")] if title else []
    own = [text for text in articles if title in text]
    return [
        bool(own)
        and flat(label["text"]) not in own[0]
        and any(flat(label["text"]) in text for text in articles if text not in own)
        for label in row["notes"]
    ]


def count(
    row: dict[str, Any], document: Document, plain: str, others: Sequence[bool]
) -> dict[str, int]:
    """What one page adds to the totals; ``others`` are the labels of other articles on it."""
    text = flat(document.text)
    pairs = [(label, _match(label, document.notes)) for label in row["notes"]]
    found = [(label, note) for label, note in pairs if note is not None]
    hits = {id(note) for _, note in found}
    return {
        "labels": len(row["notes"]),
        "kept": sum(flat(label["text"]) in text for label in row["notes"]),
        "own": sum(not other for other in others),
        "kept_own": sum(
            flat(label["text"]) in text
            for label, other in zip(row["notes"], others, strict=True)
            if not other
        ),
        "plain_kept": sum(flat(label["text"]) in plain for label in row["notes"]),
        "found": len(found),
        "exact": sum(flat(label["text"]) == flat(note.text) for label, note in found),
        "kind": sum(note.kind in {label["kind"], *label["also"]} for label, note in found),
        "notes": len(document.notes),
        "false": sum(id(note) not in hits for note in document.notes),
    }


def main() -> None:
    """Print the figures."""
    data = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    for name, value in measure(data).items():
        Console().print(f"{name:18} {value:.4f}")


if __name__ == "__main__":
    main()
