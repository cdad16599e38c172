"""What making an article's findings again costs, by how many versions it has.

    python -m benchmarks.rejudging [VERSIONS …]

Captures of one article, every one another version, come in as a backfill brings them: in batches.
They are judged once at the end (as it is done), and after each batch (as it was).
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from crawler.archives.backfill import BATCH
from store.address import article_id
from store.archive import Archive, open_archive
from store.model import Capture, Captured, Outcome
from store.text import document_from_text

ADDRESS = "https://harbour.example/ferries"
START = datetime(2026, 1, 1, tzinfo=UTC)
SENTENCES = 30


def main() -> None:
    """Print the table."""
    table = Table("versions", "once, CPU s", "ms a version", "after each batch, CPU s", "ratio")
    for count in [int(word) for word in sys.argv[1:]] or [100, 200, 400]:
        once, each = _seconds(count, each_batch=False), _seconds(count, each_batch=True)
        figures = (f"{once:.2f}", f"{1000 * once / count:.1f}", f"{each:.2f}", f"{each / once:.1f}")
        table.add_row(str(count), *figures)
    Console().print(table)


def _seconds(count: int, *, each_batch: bool) -> float:
    """Return the processor time of bringing in so many captures and judging them."""
    with tempfile.TemporaryDirectory() as folder:
        archive = open_archive(Path(folder) / "a.duckdb", create=True)
        captures = [_captured(number) for number in range(count)]
        started = time.process_time()
        for place in range(0, count, BATCH):
            archive.record_captures(captures[place : place + BATCH], acted_at=START)
            if each_batch:
                _judge(archive)
        _judge(archive)
        spent = time.process_time() - started
        (row,) = archive.query("SELECT versions FROM article_list")
        if row["versions"] != count:
            raise SystemExit(f"{count} captures made {row['versions']} versions.")
        return spent


def _judge(archive: Archive) -> None:
    for article in archive.unjudged():
        archive.judge_again(article)


def _captured(number: int) -> Captured:
    """One capture: every one changes one sentence of thirty in a fact."""
    said = [
        f"On pier {place} the port counted {100 + place + (number if place == number % 30 else 0)} "
        f"crates of the harbour's goods in week {number // 30 if place <= number % 30 else 0}."
        for place in range(SENTENCES)
    ]
    moment = START + timedelta(hours=number)
    capture = Capture(
        article_id=article_id(ADDRESS),
        article_address=ADDRESS,
        captured_at=moment,
        read_at=moment,
        archive="archive.example",
        address=f"https://archive.example/{number}",
        captured_address=ADDRESS,
        outcome=Outcome.READ,
        detail="read",
        reason="It was read.",
    )
    text = "\n\n".join(("Port counts its crates", *said))
    return Captured(capture, None, document_from_text(text, ADDRESS))


if __name__ == "__main__":
    main()
