"""Measure the archive: size, cost of recording, growth and exports, in one run.

    python -m benchmarks.archive [DATA] [--articles 1000] [--large FILE] [--write-docs]

Ratios within this run; times depend on the machine and are printed for the record only.
``--articles`` sets the generated archive that is held against Git (ten versions each);
``--large`` names one that ``benchmarks.large_archive`` made, for growth and exports at its size;
it is written to. What it answers, and how fast, ``benchmarks.archive_queries`` measures.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from benchmarks import archive_queries, archive_recording, large_archive
from benchmarks.archive_sizes import (
    TEXT_TABLES,
    Text,
    file_of,
    git_pack,
    gzipped,
    table_bytes,
    versions_of,
)
from store import bodies, documents
from store.archive import Archive, open_archive
from store.export import EXPORTS
from store.export.dictionary import CHANGES
from store.model import Document
from store.rows import insert, number_of
from store.selection import Selection
from store.text import document_from_text

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs" / "archive-measured.md"
HISTORIES = ("rust_blog", "nodejs_blog", "bitcoinops", "wikinews_iterater")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what, against what, the figure in words, and what to reach."""

    what: str
    against: str
    value: str
    reach: str


def main() -> None:
    """Measure everything and print it; write it down where asked."""
    parser = argparse.ArgumentParser(prog="benchmarks.archive")
    parser.add_argument("data", nargs="?", type=Path, default=HERE.parent.parent / "shared/data")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--large", type=Path, help="made by benchmarks.large_archive")
    parser.add_argument("--write-docs", action="store_true", help="write docs/archive-measured.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = list(_figures(arguments.data, arguments.articles, arguments.large, Path(folder)))
    print("\n".join(table(figures)))
    if arguments.write_docs:
        DOCS.write_text(page(figures), "utf-8")


def _figures(data: Path, articles: int, large: Path | None, folder: Path) -> Iterator[Figure]:
    if data.exists():
        _say("real histories")
        real = real_histories(data, folder / "real.duckdb")
        yield from text_sizes(real, "real histories")
        yield from response_sizes(_pairs(data), "real pages fetched twice", "the later one")
    _say("generated archive")
    small = large_archive.make(folder / "small.duckdb", articles)
    yield from text_sizes(small, f"generated, {10 * articles:,} versions")
    histories = _histories(small, 200)
    yield from response_sizes(_pages(histories), "generated histories of ten", "all ten")
    _say("recording")
    yield from recording(histories, folder)
    yield rebuilding(folder)
    if large is not None:
        _say("the large archive")
        yield from at_size(open_archive(large), small, histories)


def real_histories(data: Path, place: Path) -> Archive:
    """Make an archive of the real revision histories, as if each text had been read."""
    archive = open_archive(place, create=True)
    files = [data / "revisions" / f"{name}.jsonl" for name in HISTORIES]
    lines = [json.loads(line) for file in files for line in file.open(encoding="utf-8")]
    lines.sort(key=lambda one: (one["fetched_at"] or "", one["article_id"], one["version"]))
    read = [
        replace(
            document_from_text(one["text"], one["url"] or one["article_id"]),
            headline=one["title"],
            extractor="measured",
        )
        for one in lines
    ]
    with archive._sessions.writing() as connection:
        documents.keep(connection, read)
        rows = [_version_row(*numbered) for numbered in enumerate(zip(lines, read, strict=True))]
        insert(connection, "versions", rows)
    _must_be_exact(archive, {documents.document_id(one): one for one in read})
    return archive


def _version_row(place: int, one: tuple[dict[str, object], Document]) -> tuple[object, ...]:
    line, document = one
    article, number = number_of(line["article_id"]), documents.document_id(document)
    seen = datetime.fromtimestamp(1_600_000_000 + 97 * place, UTC).replace(tzinfo=None)
    fetch = number_of(article, place)
    return (article, line["version"], fetch, number, number, seen, seen, None, None)


def _must_be_exact(archive: Archive, kept: dict[int, Document]) -> None:
    with archive.reading() as connection:
        if documents.load_all(connection, kept) != kept:
            raise SystemExit("What was kept did not come back exactly.")


def text_sizes(archive: Archive, name: str) -> Iterator[Figure]:
    """Hold what the texts of an archive take against Git's pack of them."""
    sizes = table_bytes(archive, TEXT_TABLES)
    texts = [Text(f"{article:x}", file_of(read)) for article, read in versions_of(archive)]
    count = len(texts)
    parts = ", ".join(f"{table} {size / count:.0f}" for table, size in sizes.items())
    for aggressive in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            pack = git_pack(texts, Path(folder), aggressive=aggressive)
        ours = sum(sizes.values())
        yield Figure(
            f"bytes per version, text ({name})",
            "git gc --aggressive" if aggressive else "git repack -adF",
            f"{ours / pack:.2f} × ({ours / count:.0f} bytes: {parts}; Git {pack / count:.0f}; "
            f"the texts {sum(len(one.text) for one in texts) / count:.0f})",
            "0.8 ×",
        )


def response_sizes(histories: Iterable[list[bytes]], name: str, which: str) -> Iterator[Figure]:
    """Hold packed responses against each gzipped alone; the first of a history counts in "all"."""
    ours = alone = 0
    for first, *later in histories:
        counted = later if which == "the later one" else [first, *later]
        for body in counted:
            packed = bodies.pack(body, None if body is first else first)
            if bodies.unpack(packed, len(body), None if body is first else first) != body:
                raise SystemExit("A packed response did not come back exactly.")
            ours += len(packed)
            alone += gzipped(body)
    yield Figure(
        f"bytes per version, responses ({name}; {which})",
        "each gzipped alone",
        f"{ours / alone:.3f} ×",
        "0.15 ×",
    )


def _pairs(data: Path) -> Iterator[list[bytes]]:
    folder = data / "refetch"
    for line in (folder / "pairs.jsonl").open(encoding="utf-8"):
        pair = json.loads(line)
        names = (pair["file_a"], pair["file_b"])
        yield [gzip.decompress(next(folder.rglob(Path(name).name)).read_bytes()) for name in names]


def _histories(archive: Archive, most: int) -> list[list[Document]]:
    ordered = sorted(enumerate(versions_of(archive)), key=lambda one: (one[1][0], one[0]))
    grouped = groupby(ordered, key=lambda one: one[1][0])
    return [[document for _, (_, document) in group] for _, group in grouped][:most]


def _pages(histories: Iterable[list[Document]]) -> Iterator[list[bytes]]:
    return ([archive_recording.page_of(one) for one in history] for history in histories)


def recording(histories: list[list[Document]], folder: Path) -> Iterator[Figure]:
    """Hold the CPU of recording changed pages against Git and one-row transactions."""
    some = [history[:5] for history in histories]
    archive = open_archive(folder / "recorded.duckdb", create=True)
    whole = archive_recording.ours(archive, some)
    thinking = archive_recording.judging(some)
    rivals = {
        "NewsDiffs' way (Git)": archive_recording.git(some, 40),
        "one-row transactions": archive_recording.one_row(archive, 40),
    }
    for name, cost in rivals.items():
        yield Figure(
            "recording a changed page, CPU",
            name,
            f"{whole / cost:.2f} × ({1000 * whole:.1f} ms and {1000 * cost:.1f}); without judging "
            f"what changed, {1000 * thinking:.1f} ms: {(whole - thinking) / cost:.2f} ×",
            "0.1 ×",
        )


def rebuilding(folder: Path) -> Figure:
    """Read back an article of 200 versions."""
    archive = large_archive.make(folder / "long.duckdb", 10, versions=200, looks=1)
    count, cpu = archive_queries.rebuilt(archive, 5)
    return Figure(
        f"one article's {count} versions rebuilt", "–", f"{1000 * cpu:.0f} ms CPU", "50 ms"
    )


def at_size(archive: Archive, small: Archive, histories: list[list[Document]]) -> Iterator[Figure]:
    """Growth from the small archive to the large one, and its export."""
    sizes = [_bytes_per_version(one) for one in (small, archive)]
    versions = archive.query("SELECT count(*) AS n FROM versions")[0]["n"]
    grown = f"growth to {versions:,} versions"
    yield Figure(
        f"{grown}: bytes per version, the whole file",
        "the small archive",
        f"{sizes[1] / sizes[0]:.2f} × ({sizes[0]:.0f} and {sizes[1]:.0f} bytes)",
        "1.2 ×",
    )
    some = [history[:3] for history in histories]
    costs = [archive_recording.ours(one, some) for one in (small, archive)]
    yield Figure(
        f"{grown}: CPU per recorded version",
        "the small archive",
        f"{costs[1] / costs[0]:.2f} × ({1000 * costs[0]:.1f} and {1000 * costs[1]:.1f} ms)",
        "1.2 ×",
    )
    yield exporting(archive)


def _bytes_per_version(archive: Archive) -> float:
    archive.fold_in()
    rows = archive.query("SELECT count(*) AS n FROM versions")
    return archive.path.stat().st_size / int(rows[0]["n"])


def exporting(archive: Archive) -> Figure:
    """Hold the export of all changes as Parquet against COPY of the same columns of the tables."""
    selection = Selection(full_text=True, held=True)
    sql, values = CHANGES.select(selection)
    with tempfile.TemporaryDirectory() as folder:

        def copied() -> None:
            target = f"{folder}/copy.parquet"
            with archive.reading(3600) as connection:
                connection.execute(f"COPY ({sql}) TO '{target}' (COMPRESSION zstd)", values)

        ours = archive_queries.least_cpu(
            lambda: sum(len(piece) for piece in EXPORTS["parquet"].write(archive, selection)), 1
        )
        theirs = archive_queries.least_cpu(copied, 1)
    return Figure(
        "exporting all changes as Parquet, CPU",
        "DuckDB's own COPY of the same columns",
        f"{ours / theirs:.2f} × ({ours:.1f} and {theirs:.1f} s)",
        "1.5 ×",
    )


def table(figures: Iterable[Figure]) -> list[str]:
    """The figures as a Markdown table."""
    head = ["| what | against | measured | to reach |", "|---|---|---|---|"]
    return [*head, *(f"| {f.what} | {f.against} | {f.value} | {f.reach} |" for f in figures)]


def page(figures: Iterable[Figure]) -> str:
    """The page in docs/."""
    return "\n".join([_INTRODUCTION, *table(figures), ""])


_INTRODUCTION = """# The archive, measured

Written by `python -m benchmarks.archive --large FILE --write-docs`, where FILE was made by
`python -m benchmarks.large_archive FOLDER`. Ratios within one run; milliseconds are of one shared
machine and say little about another. Real histories are three technology blogs and a wiki of news
kept in Git by others; the generated archive is of a language nobody speaks, articles of about
3 kB, edited a sentence or two at a time. Texts are what the tables sentences, frames, documents
and versions take, all columns and ids counted; Git's side is one text file an article and a commit
a version, the whole pack counted. Every real text and every response came back to the byte.
"""


def _say(what: str) -> None:
    print(f"{what} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
