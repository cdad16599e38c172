"""What texts and responses take in the archive, against Git and gzip: bytes, in one run.

Texts: the tables that hold them (``TEXT_TABLES``) are copied to a file of their own with small
blocks, and what an empty such file takes is left out, since a DuckDB file grows by steps of
256 KiB. Git holds the same versions as NewsDiffs does: a text file an article (headline, then
the paragraphs), a commit a version; all of its pack counts, as all of our tables do.
"""

from __future__ import annotations

import gzip
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from store import documents
from store.archive import Archive
from store.model import Document

TEXT_TABLES = ("sentences", "frames", "documents", "versions")
_SMALL_BLOCKS = (
    32_768  # the smallest in which numbers are compressed as they are in an archive's blocks
)


@dataclass(frozen=True, slots=True)
class Text:
    """One version of one article as a text file."""

    article: str
    text: bytes


def file_of(document: Document) -> bytes:
    """Return a document as the text file that Git is given."""
    return f"{document.headline or ''}\n\n{document.text}\n".encode()


def versions_of(archive: Archive, step: int = 2000) -> Iterator[tuple[int, Document]]:
    """Yield article and document of every version, in the order in which they were seen."""
    with archive.reading(600) as connection:
        rows = connection.execute(
            "SELECT article_id, document_id FROM versions ORDER BY seen_first_at"
        ).fetchall()
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            read = documents.load_all(connection, {document for _, document in part})
            yield from ((article, read[document]) for article, document in part)


def table_bytes(archive: Archive, tables: Iterable[str]) -> dict[str, int]:
    """Return what the rows of each table take on the disk, what an empty table takes left out."""
    with archive.reading(600) as connection, tempfile.TemporaryDirectory() as folder:
        return {
            table: _copied(connection, table, "true", folder)
            - _copied(connection, table, "false", folder)
            for table in tables
        }


def _copied(connection: duckdb.DuckDBPyConnection, table: str, where: str, folder: str) -> int:
    place = Path(folder) / f"{table}-{where}.duckdb"
    sql = connection.execute(
        "SELECT sql FROM duckdb_tables() WHERE table_name = ? AND database_name = 'archive'",
        [table],
    ).fetchone()
    assert sql is not None
    made = sql[0].replace(f"CREATE TABLE archive.{table}", f"CREATE TABLE {table}")
    made = made.replace(f"CREATE TABLE {table}", f"CREATE TABLE copy.{table}")
    connection.execute(f"ATTACH '{place}' AS copy (BLOCK_SIZE {_SMALL_BLOCKS})")
    connection.execute(made)
    connection.execute(
        f"INSERT INTO copy.{table} SELECT * FROM archive.{table} WHERE {where} ORDER BY rowid"
    )
    connection.execute("CHECKPOINT copy")
    connection.execute("DETACH copy")
    return place.stat().st_size


def git_pack(texts: Iterable[Text], folder: Path, *, aggressive: bool) -> int:
    """Commit each version to a repository in ``folder``, collect garbage, return the pack's bytes.

    ``git fast-import`` makes the commits that NewsDiffs makes with ``git commit``; the pack that
    ``git gc`` leaves is made anew from them (``-F``: no delta of the import is taken over).
    """
    _git(folder, "init", "-q")
    with subprocess.Popen(
        ["git", "-C", str(folder), "fast-import", "--quiet"], stdin=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        for number, one in enumerate(texts):
            running.stdin.write(_commit(number, one))
    if aggressive:
        _git(folder, "gc", "-q", "--aggressive", "--prune=now")
    else:
        _git(folder, "repack", "-q", "-a", "-d", "-F")
    return sum(pack.stat().st_size for pack in folder.rglob("*.pack"))


def git_text(folder: Path, article: str) -> bytes:
    """Return the last committed text of an article."""
    return _git(folder, "show", f"main:{_file(article)}")


def _commit(number: int, one: Text) -> bytes:
    head = (
        "commit refs/heads/main\n"
        f"committer newsdiffs <newsdiffs@example.org> {1_600_000_000 + 60 * number} +0000\n"
        f"data 6\nchange\nM 100644 inline {_file(one.article)}\ndata {len(one.text)}\n"
    )
    return head.encode() + one.text + b"\n"


def _file(article: str) -> str:
    """A folder for every two digits: one folder of all articles would be Git's worst case."""
    name = "".join(letter if letter.isalnum() else "-" for letter in article)
    return f"{name[-2:]}/{name}.txt"


def _git(folder: Path, *arguments: str) -> bytes:
    done = subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)
    return done.stdout


def gzipped(body: bytes) -> int:
    """Return what a response takes when it is gzipped alone, as WARC files keep it."""
    return len(gzip.compress(body, 9, mtime=0))
