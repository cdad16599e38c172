"""The commands that read and compare texts: diff, compare, extract.

Pages are hostile, so they are read in the parser children, one page as well as thousands.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from dashboard import printing
from dashboard.addresses import names_version, spot
from dashboard.commands_read import current_version, print_document, stood
from dashboard.options import Chosen, JsonOption, NothingToShow, UsageError
from store.errors import StorylapseError
from store.message import spans_of
from store.model import Comparison, Document

if TYPE_CHECKING:
    from store.archive import Archive

LARGEST_FILE_BYTES = 64 * 2**20
"""Unpacked; a larger page on disk is refused."""

BatchOption = Annotated[
    str | None,
    typer.Option(
        metavar="WORK.jsonl",
        help="One JSON line of answer for each JSON line of work, in order; - reads stdin. "
        "A line that cannot be done is answered with its id and the error.",
    ),
]
_SIDE = "A file (.html, .html.gz, .txt) or ADDRESS@VERSION."


class UnreadableFile(StorylapseError):
    """A file on disk is no page that can be read."""


def diff(
    chosen: Chosen,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS[@OLD]", help="An article, or one version of it.")
    ],
    versions: Annotated[
        list[int] | None,
        typer.Argument(metavar="[OLD] [NEW]", help="Else the version before, and the newest."),
    ] = None,
    *,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN",
            help="From what it said then: a date or time (UTC), or 90m, 24h, 7d, 2w ago.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what changed between two versions of an article: reasons and a redline."""
    _, archive = chosen.open()
    if since is not None:
        article_id, old, new = _pair_since(archive, address, versions or [], since)
    else:
        article_id, old, new = _pair(archive, address, versions or [])
    _show(*archive.pair(article_id, old, new), as_json=as_json)


def _pair(archive: Archive, address: str, typed: list[int]) -> tuple[int, int, int]:
    """Return the article and the versions meant; raises UsageError and NothingToShow."""
    named = spot(archive, address)
    wanted = [*([] if named.version is None else [named.version]), *typed]
    if len(wanted) > 2:
        raise UsageError("Name at most two versions: storylapse diff ADDRESS OLD NEW")
    if len(wanted) == 2:
        return named.article_id, wanted[0], wanted[1]
    newest = current_version(archive, named.article_id)
    if wanted:
        return named.article_id, wanted[0], newest
    before = archive.query(_VERSION_BEFORE, [named.article_id, newest])[0]["version"]
    if before is None:
        raise NothingToShow("There is one version of it only, so nothing changed yet.")
    return named.article_id, before, newest


def _pair_since(
    archive: Archive, address: str, typed: list[int], since: str
) -> tuple[int, int, int]:
    """Return the article, the version seen last by a moment, and the newest or the one named."""
    if len(typed) > 1:
        raise UsageError("With --since name one version at most: the new one.")
    named = spot(archive, address)
    old, known = stood(archive, named, since)
    printing.say(known)
    return named.article_id, old, typed[0] if typed else current_version(archive, named.article_id)


_VERSION_BEFORE = """
    SELECT max(version) AS version FROM version_list WHERE article_id = ? AND version < ?
"""


def compare(
    chosen: Chosen,
    old: Annotated[str | None, typer.Argument(metavar="OLD", help=_SIDE)] = None,
    new: Annotated[str | None, typer.Argument(metavar="NEW", help=_SIDE)] = None,
    *,
    batch: BatchOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two texts and explain each difference.

    A text file's paragraphs are parted by blank lines.
    """
    if batch is not None:
        _no_more(batch, old)
        _answer(chosen, "compare", batch)
    elif old is None or new is None:
        raise UsageError("Name two texts, OLD and NEW, or give --batch WORK.jsonl.")
    else:
        _show(_side(chosen, old), _side(chosen, new), as_json=as_json)


def extract(
    chosen: Chosen,
    page: Annotated[
        Path | None,
        typer.Argument(metavar="PAGE", help="A file: .html or .html.gz; - reads stdin."),
    ] = None,
    *,
    url: Annotated[str, typer.Option(metavar="URL", help="Where the page comes from.")] = "",
    batch: BatchOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read the article in a page: headline, blocks, notes, readers' comments apart."""
    from store.report import document_as_dict  # noqa: PLC0415

    if batch is not None:
        _no_more(batch, page)
        _answer(chosen, "extract", batch)
        return
    if page is None:
        raise UsageError("Name a page, or give --batch WORK.jsonl.")
    document = document_as_dict(_document(chosen, page, url))
    if as_json:
        printing.json_line(document)
        return
    print_document(document)
    if not document["quality"]["is_article"]:
        printing.say(document["quality"]["reason"])


def _no_more(batch: str, argument: object) -> None:
    if argument is not None:
        raise UsageError(f"Either --batch {batch} or {argument}, not both.")


# --------------------------------------------------------------------------
# One comparison


def _side(chosen: Chosen, text: str) -> Document:
    if not names_version(text):
        return _document(chosen, Path(text), "")
    _, archive = chosen.open()
    named = spot(archive, text)
    return archive.document(named.article_id, named.version or 0)


def _show(old: Document, new: Document, *, as_json: bool) -> None:
    from store.compare import compare, prepare  # noqa: PLC0415
    from store.compare.report import comparison_as_dict  # noqa: PLC0415

    comparison = compare(prepare(old), prepare(new))
    if as_json:
        printing.json_line(comparison_as_dict(comparison, old, new))
    else:
        _print_comparison(comparison)


def _print_comparison(comparison: Comparison) -> None:
    printing.line(f"{comparison.verdict} ({comparison.significance:.2f}): {comparison.reason}")
    for change in comparison.changes:
        printing.line()
        printing.line(f"{change.kind} ({change.significance:.2f}): {printing.field(change.reason)}")
        printing.redline(spans_of(change))
    if comparison.capped:
        printing.say(comparison.capped)


# --------------------------------------------------------------------------
# Files


def _document(chosen: Chosen, file: Path, url: str) -> Document:
    """Return what a page or text file says. Raises UsageError, UnreadableFile."""
    from store.text import document_from_text  # noqa: PLC0415

    body = _bytes(file)
    if file.suffix == ".txt":
        return document_from_text(body.decode("utf-8", "replace"), url)
    from crawler.parsers import ParserPool, Unreadable  # noqa: PLC0415

    try:
        with ParserPool(1, layouts=chosen.settings().crawl.layouts) as pool:
            return pool.read(body, url)
    except Unreadable as error:
        raise UnreadableFile(f"{file}: {error.reason}") from None


def _bytes(file: Path) -> bytes:
    try:
        with _opened(file) as stream:
            body: bytes = stream.read(LARGEST_FILE_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(
            f"There is no file {file}; for a kept version write ADDRESS@VERSION."
        ) from None
    except (gzip.BadGzipFile, EOFError):
        raise UnreadableFile(f"{file} is no whole gzip file; unpack it and see.") from None
    if len(body) > LARGEST_FILE_BYTES:
        raise UnreadableFile(f"{file} is larger than {LARGEST_FILE_BYTES // 2**20} MiB.")
    return body


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
        yield stream


# --------------------------------------------------------------------------
# Batches


def _answer(chosen: Chosen, operation: str, batch: str) -> None:
    """Answer each line of work, in order, as it is done; holds a few lines at a time."""
    from crawler.parsers import ParserPool  # noqa: PLC0415

    broken: deque[dict[str, Any] | None] = deque()
    failed = 0
    layouts = chosen.settings().crawl.layouts
    with _work(batch) as lines, ParserPool(os.cpu_count() or 1, layouts=layouts) as pool:
        for answer in in_order(pool.map_jobs(operation, _jobs(lines, broken)), broken):
            failed += "error" in answer
            printing.json_line(answer)
    if failed:
        printing.say(f"{failed} lines of work could not be done; their answers say why.")


def _jobs(lines: Iterable[bytes], broken: deque[dict[str, Any] | None]) -> Iterator[dict[str, Any]]:
    """Yield the jobs; keep in ``broken`` an answer for each line that is none, None for others."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            job = json.loads(line)
        except (ValueError, RecursionError):
            job = None
        if isinstance(job, dict):
            broken.append(None)
            yield job
        else:
            broken.append({"id": None, "error": f"Line {number} of the work is no JSON object."})


def in_order(
    answers: Iterable[dict[str, Any]], broken: deque[dict[str, Any] | None]
) -> Iterator[dict[str, Any]]:
    """Yield the answers, with those of broken lines where these stood."""
    for answer in answers:
        while known := broken.popleft():
            yield known
        yield answer
    yield from (known for known in broken if known)


@contextmanager
def _work(batch: str) -> Iterator[BinaryIO]:
    if batch == "-":
        yield sys.stdin.buffer
        return
    if not Path(batch).exists():
        raise UsageError(f"There is no file {batch}; check its name.")
    with Path(batch).open("rb") as stream:
        yield stream
