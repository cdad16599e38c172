"""A Git repository: a file an article, a commit a version, written by ``git fast-import``.

``git log -p --word-diff`` then reads as the history, in every tool that knows Git. A commit's
author is the outlet and its date the look that first showed the version; the interval stands in
the trailers. Nothing of a page reaches a shell or a file name: files are named by host and number.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from store import documents
from store.archive import Archive
from store.errors import ExportError
from store.message import interval, one_line, rfc3339, title
from store.model import Block, BlockKind, Document
from store.selection import HAPPENED, Selection, condition

Row = Mapping[str, Any]

STRETCH = 200
"""Versions read in one session, so that a long export holds up nobody."""
BRANCH = "refs/heads/main"

# Every version of each article that something chosen happened to, and each removal between them.
_STEPS = """
    SELECT 'version' AS what, v.article_id, v.article, v.version, v.document_id, v.seen_first_at,
           v.checked_before_at, v.checked_before_by, v.captured_by, q.kind, q.reason,
           q.significance, a.address, a.outlet, a.host, v.headline
    FROM version_list v JOIN article_list a USING (article_id)
    LEFT JOIN (SELECT * FROM queue WHERE old_version <> new_version) q
      ON q.article_id = v.article_id AND q.new_version = v.version
    WHERE v.article_id IN ({chosen})
    UNION ALL BY NAME
    SELECT 'event' AS what, e.article_id, e.article, e.version, v.document_id, e.seen_first_at,
           e.checked_before_at, e.kind, e.reason, e.significance, e.address, e.outlet, a.host,
           e.headline
    FROM event_list e JOIN article_list a USING (article_id)
    LEFT JOIN version_list v ON v.article_id = e.article_id AND v.version = e.version
    WHERE e.article_id IN ({chosen}) AND e.held_by IS NULL
      AND e.kind IN ('removed', 'restored', 'returned')
    ORDER BY seen_first_at, article_id, version, what DESC
"""
_CHOSEN = "SELECT DISTINCT article_id FROM {happened} WHERE {condition}"
_UNFIT = re.compile(r"[^a-z0-9.-]+")
_MARKS = {BlockKind.HEADING: "## ", BlockKind.LIST_ITEM: "- ", BlockKind.QUOTE: "> "}


def fill(archive: Archive, selection: Selection, folder: Path) -> Iterator[tuple[int, int | None]]:
    """Write the repository into ``folder``, or go on with it; yield (commits, of how many).

    Raises ExportError without full text, since each commit holds an article whole, and where Git
    is missing or refuses.
    """
    if not selection.full_text:
        raise ExportError(
            "Every commit of a Git repository holds an article's whole text. Ask for it with "
            "--full-text, or choose another format."
        )
    where, values = condition(selection)
    chosen = _CHOSEN.format(happened=HAPPENED, condition=where)
    steps = archive.query(_STEPS.format(chosen=chosen), [*values, *values])
    known = _begun(folder)
    left = [step for step in steps if _id(step) not in known]
    done = len(steps) - len(left)
    yield done, len(steps)
    for start in range(0, len(left), STRETCH):
        stretch = left[start : start + STRETCH]
        begins = not known and start == 0
        _commit(folder, _commits(archive, stretch, begins=begins))
        done += len(stretch)
        yield done, len(steps)
    if steps:
        _git(folder, "reset", "--quiet", "--hard", "main")


def _begun(folder: Path) -> set[str]:
    """Make the repository, or return the ids of the commits that are there."""
    if not (folder / ".git").exists():
        _git(folder, "init", "--quiet", "--initial-branch=main")
        return set()
    if _git(folder, "rev-list", "--all", "--max-count=1") == "":
        return set()
    told = _git(folder, "log", "--format=%(trailers:key=Storylapse-Id,valueonly)", "main")
    return set(told.split())


def _commit(folder: Path, commits: Iterator[bytes]) -> None:
    """Hand commits to ``git fast-import``; all of a stretch are kept, or none."""
    command = [_program(), "fast-import", "--quiet", "--done"]
    with subprocess.Popen(  # noqa: S603  (words of ours; the page's go through stdin)
        command, cwd=folder, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as importer:
        assert importer.stdin is not None
        _feed(importer.stdin, commits)
        _, said = importer.communicate()
    if importer.returncode:
        raise ExportError(_refusal(folder, said))


def _feed(stream: IO[bytes], commits: Iterator[bytes]) -> None:
    try:
        for commit in commits:
            stream.write(commit)
        stream.write(b"done\n")
        stream.flush()
    except BrokenPipeError:
        return  # what git said on its way out is told by its exit


def _commits(archive: Archive, steps: Sequence[Row], *, begins: bool) -> Iterator[bytes]:
    """Yield each step as a command of fast-import; the first goes on from what is there."""
    with archive.reading() as connection:
        wanted = {step["document_id"] for step in steps} - {None}
        shown = documents.load_all(connection, wanted)
    for place, step in enumerate(steps):
        parent = [] if begins or place else [f"from {BRANCH}^0".encode()]
        yield _command(step, shown.get(step["document_id"]), parent)


def _command(step: Row, document: Document | None, parent: list[bytes]) -> bytes:
    told = _message(step).encode("utf-8", "replace")
    seconds = int(step["seen_first_at"].timestamp())
    lines = [
        f"commit {BRANCH}".encode(),
        f"author {_author(step)} {seconds} +0000".encode(),
        f"committer Storylapse <storylapse@localhost> {seconds} +0000".encode(),
        b"data %d" % len(told),
        told,
        *parent,
    ]
    if step["kind"] == "removed" or document is None:
        return b"\n".join([*lines, f"D {_path(step)}".encode(), b""])
    text = _text(document, step["address"]).encode("utf-8", "replace")
    file = [f"M 100644 inline {_path(step)}".encode(), b"data %d" % len(text), text]
    return b"\n".join([*lines, *file, b""])


def _author(step: Row) -> str:
    name = re.sub(r"[<>]", "", one_line(step["outlet"] or "")).strip()
    host = _UNFIT.sub("-", step["host"].lower())
    return f"{name or host} <articles@{host}>"


def _path(step: Row) -> str:
    return f"{_UNFIT.sub('-', step['host'].lower()).strip('.-') or 'host'}/{step['article']}.md"


def _id(step: Row) -> str:
    """Name a step by what never changes of it: the article, the look, what happened."""
    return f"{step['article']}.{rfc3339(step['seen_first_at'])}.{step['what']}"


def _message(step: Row) -> str:
    first = step["what"] == "version" and step["kind"] is None
    kind = "first seen" if first else step["kind"]
    trailers = {
        "Article": step["address"],
        "Version": step["version"],
        "Kind": kind,
        "Significance": f"{step['significance']:.2f}" if step["significance"] is not None else None,
        "Checked-Before": _time(step["checked_before_at"]),
        "Seen-First": _time(step["seen_first_at"]),
        "Captured-By": step["captured_by"],
        "Storylapse-Id": _id(step),
    }
    when = interval(
        step["checked_before_at"],
        step["seen_first_at"],
        step["checked_before_by"],
        step["captured_by"],
    )
    written = "".join(
        f"{name}: {one_line(str(value))}\n" for name, value in trailers.items() if value is not None
    )
    reason = f"{one_line(step['reason'])}\n\n" if step["reason"] else ""
    subject = title(kind, step["outlet"] or step["host"], step["headline"])
    return f"{subject}\n\n{reason}{when}.\n\n{written}"


def _text(document: Document, address: str) -> str:
    """Write a document as Markdown, a paragraph a line."""
    head = [f"# {one_line(document.headline or '(no headline)')}", f"<{address}>"]
    if document.standfirst:
        head.append(f"*{one_line(document.standfirst)}*")
    if document.byline:
        head.append(one_line(document.byline))
    return "\n\n".join([*head, *map(_block, document.blocks)]) + "\n"


def _block(block: Block) -> str:
    if block.kind is BlockKind.NOTE:
        return f"> **Note:** {block.text}"
    return f"{_MARKS.get(block.kind, '')}{block.text}"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)


# --------------------------------------------------------------------------
# The program


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(  # noqa: S603  (words of ours)
        [_program(), *words], cwd=folder, capture_output=True, check=False, timeout=600
    )
    if done.returncode:
        raise ExportError(_refusal(folder, done.stderr))
    return done.stdout.decode("utf-8", "replace").strip()


def _program() -> str:
    found = shutil.which("git")
    if found is None:
        raise ExportError("Git is not installed here; install it, or choose another format.")
    return found


def _refusal(folder: Path, said: bytes) -> str:
    return f"Git refused in {folder}: {one_line(said.decode('utf-8', 'replace'), 300)}"
