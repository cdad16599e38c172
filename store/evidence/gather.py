"""What is known of one change: both responses as they came, when, by whom, and what was found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.archive import Archive
from store.errors import ExportError
from store.history import history_as_dict
from store.model import Document

Row = Mapping[str, Any]


class NoEvidence(ExportError):
    """What would be evidence of this change is not in the archive."""


@dataclass(frozen=True, slots=True)
class Response:
    """One answer of a server, its body as it was decoded; ``body`` None is no longer kept."""

    address: str
    seen_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    sha256: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Side:
    """One version: the answers that first showed it, its pages in order, and its text.

    ``captured_by`` names the web archive that saw it, None where it was a check of ours.
    """

    version: int
    document: Document
    responses: tuple[Response, ...]
    captured_by: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One transition of one article. ``facts`` are plain JSON values: change.json of the bundle."""

    old: Side
    new: Side
    facts: Mapping[str, Any]


_CHECK = """
    SELECT c.started_at AS seen_at, c.status, c.headers, c.body_digest, c.article_id,
           coalesce(c.final_address, a.address) AS address, v.captured_by
    FROM version_list v
    JOIN check_list c ON c.article_id = v.article_id AND c.check_id = v.first_check
    JOIN article_list a ON a.article_id = v.article_id
    WHERE v.article_id = ? AND v.version = ?
"""
_CAPTURE = """
    SELECT c.captured_at AS seen_at, c.status, c.headers, c.body_digest,
           c.captured_address AS address, v.captured_by
    FROM version_list v JOIN capture_list c
      ON c.article_id = v.article_id AND c.address = v.capture_address AND c.archive = v.captured_by
    WHERE v.article_id = ? AND v.version = ?
"""
_PAGES = """
    SELECT p.started_at AS seen_at, p.status, p.headers, p.body_digest,
           coalesce(p.final_address, p.address) AS address
    FROM pages p JOIN versions v ON v.fetch_id = p.fetch_id AND v.article_id = p.article_id
    WHERE v.article_id = ? AND v.number = ? ORDER BY p.number
"""


def gather(archive: Archive, article: int, new: int) -> Evidence:
    """Return the evidence of the change that led to version ``new``.

    Raises UnknownVersion, and NoEvidence where there was no change, or where a response is no
    longer kept.
    """
    history = history_as_dict(archive, article)
    archive.document(article, new)
    (row,) = [one for one in history["versions"] if one["version"] == new]
    old = row["compared_with"]
    if old is None:
        raise NoEvidence(
            f"Version {new} is the first that was seen, so it is no change. "
            f"'storylapse log {article:x}' lists the changes."
        )
    sides = [_side(archive, article, version) for version in (old, new)]
    return Evidence(sides[0], sides[1], _facts(history, row, sides))


def _side(archive: Archive, article: int, version: int) -> Side:
    rows = [
        *archive.query(_CHECK, [article, version]),
        *archive.query(_CAPTURE, [article, version]),
        *archive.query(_PAGES, [article, version]),
    ]
    return Side(
        version,
        archive.document(article, version),
        tuple(_response(archive, row, version) for row in rows),
        rows[0]["captured_by"],
    )


def _response(archive: Archive, row: Row, version: int) -> Response:
    digest = row["body_digest"]
    body = archive.body(digest) if digest else None
    if body is None:
        raise NoEvidence(
            f"The response that showed version {version} is no longer kept (its SHA-256 was "
            f"{digest}), so there is nothing to show. Findings and text are still in the archive: "
            "'storylapse diff' shows them."
        )
    pairs = tuple((str(name), str(value)) for name, value in json.loads(row["headers"] or "[]"))
    return Response(row["address"], row["seen_at"], row["status"] or 200, pairs, digest, body)


def _facts(history: Mapping[str, Any], row: Row, sides: list[Side]) -> dict[str, Any]:
    """The change, its interval, every look from the one that brought the old state to the new."""
    versions = {one["version"]: one for one in history["versions"]}
    began = versions[sides[0].version]["seen_first_at"]
    within = [check for check in history["checks"] if began <= check["at"] <= row["seen_first_at"]]
    return {
        "article": history["article"],
        "change": row,
        "old_version": versions[sides[0].version],
        "checks": within,
        "sides": {
            name: {
                "version": side.version,
                "captured_by": side.captured_by,
                "read_by": side.document.extractor,
                "responses": [
                    {
                        "address": one.address,
                        "seen_at": one.seen_at.isoformat().replace("+00:00", "Z"),
                        "status": one.status,
                        "sha256": one.sha256,
                        "bytes": len(one.body),
                    }
                    for one in side.responses
                ],
            }
            for name, side in zip(("old", "new"), sides, strict=True)
        },
    }
