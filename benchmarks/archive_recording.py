"""What it costs to record a changed page: CPU, against a commit of Git's and one-row transactions.

The pages are articles of a generated archive as plain HTML, so that all sides record the same
changes. Ours is ``Archive.record`` in batches, as the crawl calls it, with the comparison, the
page's bytes and the findings; Git's is what NewsDiffs' scraper does (``git show``, ``add``,
``commit``, ``rev-list``), its processes counted; the third is as many rows as ours wrote for each
page, a transaction each.
"""

from __future__ import annotations

import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import escape
from pathlib import Path

import duckdb

from benchmarks.archive_sizes import file_of
from store.archive import Archive
from store.judge import Judgement, State, document_print, judge
from store.model import Document, Fetch, Outcome, Snapshot, Why
from store.telling import Telling

BATCH = 100
WRITTEN = ("fetches", "documents", "sentences", "versions", "comparisons", "changes", "passages",
           "article_states", "bodies")  # fmt: skip
START = datetime(2026, 11, 1, tzinfo=UTC)


def ours(archive: Archive, histories: Sequence[Sequence[Document]]) -> float:
    """Record histories in an archive; return the CPU seconds for each page that had changed."""
    addresses = [history[0].address for history in histories]
    rounds = _rounds(archive.watch_articles(addresses, acted_at=START), histories)
    _record(archive, rounds[0])
    changed = sum(map(len, rounds[1:]))
    return _cpu(lambda: [_record(archive, later) for later in rounds[1:]]) / changed


def judging(histories: Sequence[Sequence[Document]]) -> float:
    """Return what of ``ours`` needs no archive: CPU seconds a changed page.

    Whether it still is the article, and what changed; the pages come in the order of ``ours``.
    """
    known = State(current=1)
    pairs = [
        (old, snapshot(1, new, START))
        for turn in range(1, max(map(len, histories)))
        for old, new in (history[turn - 1 : turn + 1] for history in histories)
    ]
    return _cpu(lambda: [_judged(known, *pair) for pair in pairs]) / len(pairs)


def _judged(known: State, old: Document, seen: Snapshot) -> Judgement:
    assert seen.document is not None
    was = replace(old, extractor=seen.document.extractor)
    return judge(known, seen, document_print(seen.document), lambda _: was)


def git(histories: Sequence[Sequence[Document]], pages: int) -> float:
    """Return the CPU seconds for each changed page that NewsDiffs' way takes."""
    firsts = [history[0] for history in histories]
    later = [
        one for turn in zip(*(history[1:] for history in histories), strict=False) for one in turn
    ]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for setting in (
            ["init", "-q"],
            ["config", "user.name", "n"],
            ["config", "user.email", "n"],
        ):
            subprocess.run(["git", "-C", place, *setting], check=True)
        for one in firsts:
            (folder / _file(one)).write_bytes(file_of(one))
        for step in (["add", "."], ["commit", "-q", "-m", "first"]):
            subprocess.run(["git", "-C", place, *step], check=True)
        return _cpu(lambda: [_commit(folder, one) for one in later[:pages]]) / len(later[:pages])


def one_row(archive: Archive, pages: int) -> float:
    """Return the CPU seconds a page of rows like those of ``archive``, a transaction for each."""
    with tempfile.TemporaryDirectory() as folder:
        return _row_by_row(archive, Path(folder), pages) / pages


def _rounds(
    numbers: Sequence[int], histories: Sequence[Sequence[Document]]
) -> list[list[Snapshot]]:
    """The n-th versions of all articles, an hour apart."""
    return [
        [
            snapshot(number, history[turn], START + timedelta(hours=turn))
            for number, history in zip(numbers, histories, strict=True)
            if turn < len(history)
        ]
        for turn in range(max(map(len, histories)))
    ]


def page_of(document: Document) -> bytes:
    """Return a document as a page, in a frame of furniture that stays as it is."""
    links = "".join(f'<li><a href="/{n}/about-{n * 7919}">Story {n}</a></li>' for n in range(200))
    text = "".join(f"<p>{escape(block.text)}</p>\n" for block in document.blocks)
    head = escape(document.headline or "")
    return (
        f"<html><head><title>{head}</title></head><body><nav><ul>{links}</ul></nav>"
        f"<article><h1>{head}</h1>\n{text}</article><footer>{links}</footer></body></html>"
    ).encode()


def snapshot(article: int, document: Document, at: datetime) -> Snapshot:
    """Return a look that read a document, with the page that says it."""
    body = page_of(document)
    fetch = Fetch(
        article_id=article,
        started_at=at,
        finished_at=at + timedelta(seconds=1),
        why=Why.DUE,
        outcome=Outcome.READ,
        detail="read",
        reason="The page was read.",
        status=200,
        etag=f'"{document.modified}"',
        body_digest=sha256(body).hexdigest(),
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        because="The schedule expects a change.",
    )
    return Snapshot(fetch, body, replace(document, extractor="measured"))


def _record(archive: Archive, seen: Sequence[Snapshot]) -> None:
    for start in range(0, len(seen), BATCH):
        archive.record(seen[start : start + BATCH], Telling())


def _commit(folder: Path, document: Document) -> None:
    """What NewsDiffs' scraper asks of Git for an article that changed."""
    name = _file(document)
    _git(folder, "show", f"HEAD:{name}")
    (folder / name).write_bytes(file_of(document))
    _git(folder, "add", name)
    _git(folder, "commit", "-q", "--allow-empty", "-m", "change", name)
    _git(folder, "rev-list", "HEAD", "-n1", name)


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def _file(document: Document) -> str:
    return f"{sha256(document.address.encode()).hexdigest()}.txt"


def _row_by_row(archive: Archive, folder: Path, pages: int) -> float:
    with archive.reading() as reading:
        kept = reading.execute("SELECT count(*) FROM versions").fetchone()
        share = pages / (kept[0] if kept else 1)
        written = {name: reading.execute(f"FROM {name}").fetchall() for name in WRITTEN}
        made = reading.execute(
            "SELECT table_name, sql FROM duckdb_tables() WHERE database_name = 'archive'"
        ).fetchall()
    with duckdb.connect(folder / "one.duckdb") as connection:
        for table, sql in made:
            if table in WRITTEN:
                connection.execute(sql.replace("archive.", ""))

        def write() -> None:
            for table, rows in written.items():
                marks = ", ".join("?" * len(rows[0]))
                for row in rows[len(rows) - round(share * len(rows)) :]:
                    connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)

        return _cpu(write)


def _cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process and of those that it started."""
    before = _used()
    work()
    return _used() - before


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
