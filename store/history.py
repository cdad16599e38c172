"""The archive's rows as JSON for machines: the contract of ``log``, ``changes`` and ``alerts``.

The schemas are in docs/schemas. Times are RFC 3339 in UTC with Z, articles are hex.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from store.archive import Archive
from store.message import rfc3339

Row = Mapping[str, Any]

_ARTICLE = (
    "article address outlet headline watching removed published added_at first_read_at "
    "last_check_at last_outcome last_reason last_change_at checks current_version"
)
_VERSION = (
    "version seen_first_at checked_before_at checked_before_by headline byline published modified "
    "language first_check captured_by capture_address capture_read_at capture_record "
    "capture_digest"
)
_CHANGE = "kind sub_kind family old new declared_by significance reason note"
_CHANGE_FRAME = (
    "article address outlet headline old_version new_version checked_before_at checked_before_by "
    "seen_first_at captured_by"
)
_NOTE = "kind text old_text place block language status cue source stated_time"
_EVENT = "kind version seen_first_at checked_before_at significance reason held_by"
_CHECK = "check_id why because signal outcome detail reason status final_address body_digest"
_WHOSE = "seen_first_at captured_by capture_address capture_read_at capture_record capture_digest"
_CAPTURE = (
    "captured_at read_at archive address captured_address record_id digest outcome detail reason "
    "status body_digest"
)
_COMMENT = "author text depth disputes seen_first_at"
_ALERT = (
    "alert_id rule article version kind title reason body link channels raised_at sent attempts "
    "last_reason"
)


def change_as_dict(row: Row) -> dict[str, Any]:
    """Return one row of the view ``change_list`` as ``storylapse changes --json`` prints it."""
    return _picked(row, _CHANGE_FRAME) | _change(row) | {"held_by": row["held_by"]}


def event_as_dict(row: Row) -> dict[str, Any]:
    """Return one row of the view ``event_list``: what happened to an article as a whole."""
    return _picked(row, _EVENT)


def alert_as_dict(row: Row) -> dict[str, Any]:
    """Return one row of the view ``alert_list`` as ``storylapse alerts --json`` prints it."""
    return _picked(row, _ALERT)


def article_as_dict(row: Row) -> dict[str, Any]:
    """Return one row of the view ``article_list``."""
    return _picked(row, _ARTICLE) | {"versions": row["versions"]}


def history_as_dict(archive: Archive, article_id: int) -> dict[str, Any]:
    """Return all that is known of one article, as ``storylapse log ADDRESS --json`` prints it."""

    def rows(view: str, order: str) -> list[dict[str, Any]]:
        sql = f"SELECT * FROM {view} WHERE article_id = ? ORDER BY {order}"  # noqa: S608  (ours)
        return archive.query(sql, [article_id])

    versions = rows("version_list", "version")  # read first: what is read later holds them all
    changes = _by(rows("change_list", "new_version, ordinal"), "new_version")
    notes = _by(rows("note_list", "version, ordinal"), "version")
    moves = {
        row["new_version"]: row
        for row in rows("queue", "new_version")
        if row["old_version"] != row["new_version"]  # an event stands in one version
    }
    return {
        "article": article_as_dict(rows("article_list", "article")[0]),
        "versions": [_version(row, moves.get(row["version"]), changes, notes) for row in versions],
        "events": [event_as_dict(row) for row in rows("event_list", "seen_first_at")],
        "comments": comments_as_dicts(archive, article_id),
        "checks": [
            {"at": rfc3339(row["started_at"])} | _picked(row, _CHECK)
            for row in rows("check_list", "started_at")
        ],
        "captures": [_picked(row, _CAPTURE) for row in rows("capture_list", "captured_at")],
    }


def comments_as_dicts(archive: Archive, article_id: int) -> list[dict[str, Any]]:
    """Return what readers wrote under one article; ``disputes`` says where one disputes it."""
    rows = archive.query(
        "FROM comment_list WHERE article_id = ? ORDER BY seen_first_at, ordinal", [article_id]
    )
    return [_picked(row, _COMMENT) for row in rows]


def captured_as_dict(archive: Archive, article_id: int, version: int) -> dict[str, Any]:
    """Return when a version was seen first, and by which archive where it was not us."""
    rows = archive.query(
        "FROM version_list WHERE article_id = ? AND version = ?", [article_id, version]
    )
    return _picked(rows[0], _WHOSE)


def _version(
    row: Row,
    move: Row | None,
    changes: Mapping[int, list[Row]],
    notes: Mapping[int, list[Row]],
) -> dict[str, Any]:
    number = row["version"]
    return _picked(row, _VERSION) | {
        "compared_with": move["old_version"] if move else None,
        "kind": move["kind"] if move else None,
        "kinds": move["kinds"] if move else [],
        "significance": move["significance"] if move else None,
        "reason": move["reason"] if move else None,
        "held_by": move["held_by"] if move else None,
        "changes": [_change(change) for change in changes[number]],
        "notes": [_picked(note, _NOTE) for note in notes[number]],
    }


def _change(row: Row) -> dict[str, Any]:
    return _picked(row, _CHANGE) | {
        "facts": json.loads(row["facts"]),
        "redline": json.loads(row["redline"] or "[]"),
    }


def _picked(row: Row, names: str) -> dict[str, Any]:
    return {name: _plain(row[name]) for name in names.split()}


def _plain(value: object) -> object:
    return rfc3339(value) if isinstance(value, datetime) else value


def _by(rows: Iterable[Row], column: str) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[column]].append(row)
    return grouped
