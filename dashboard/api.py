"""The JSON API: what the archive holds, for programs. Reading only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.lately import newest
from store.archive import Archive
from store.errors import ArchiveError, StorylapseError, UnknownArticle
from store.history import (
    alert_as_dict,
    article_as_dict,
    change_as_dict,
    history_as_dict,
)
from store.message import rfc3339
from store.rows import to_column
from store.selection import HAPPENED, Selection, condition

MOST = 1000
"""Rows of one answer at most; ``since`` and ``until`` reach the rest."""
USUAL = 100

Read = Callable[[Archive, Request], dict[str, Any]]


class _BadQuestion(StorylapseError):
    """A parameter that cannot be used."""


def routes(archive: Archive, link_base: str) -> list[Route]:
    """Return the API's routes. ``link_base`` begins the links in its answers."""

    def answering(read: Read) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            return _answered(archive, link_base, read, request)

        return answer

    return [Route(path, answering(read)) for path, read in PATHS.items()]


def _answered(archive: Archive, link_base: str, read: Read, request: Request) -> Response:
    try:
        found = read(archive, request) | {"dashboard": link_base}
    except _BadQuestion as error:
        return _json({"error": str(error)}, 400)
    except UnknownArticle as error:
        return _json({"error": str(error)}, 404)
    except ArchiveError as error:
        return _json({"error": str(error)}, 503)
    return _json(found, 200)


def _json(content: dict[str, Any], status: int) -> Response:
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return JSONResponse(content, status, headers)


def changes(archive: Archive, request: Request) -> dict[str, Any]:
    """Changes and events, the newest first; parameters as in ``_selection``, and ``limit``."""
    where, values = condition(_selection(archive, request))
    question = (
        f"SELECT * FROM {HAPPENED} WHERE {where} AND seen_first_at >= ? "  # noqa: S608  (conditions of ours)
        "ORDER BY seen_first_at DESC, article, new_version DESC, ordinal LIMIT ?"
    )
    many = _limit(request)
    rows = newest(
        archive, lambda bound: archive.query(question, [*values, to_column(bound), many]), many
    )
    return {"changes": [change_as_dict(row) for row in rows]}


def articles(archive: Archive, request: Request) -> dict[str, Any]:
    """Articles, those that changed last first; parameters ``outlet`` and ``limit``."""
    outlet = request.query_params.get("outlet")
    rows = archive.query(
        "SELECT * FROM article_list WHERE ?::VARCHAR IS NULL OR outlet = ? "
        "ORDER BY last_change_at DESC NULLS LAST, added_at DESC, article LIMIT ?",
        [outlet, outlet, _limit(request)],
    )
    return {"articles": [article_as_dict(row) for row in rows]}


def article(archive: Archive, request: Request) -> dict[str, Any]:
    """All that is known of one article, as ``storylapse log --json`` prints it."""
    return history_as_dict(archive, archive.article_id(request.path_params["article"]))


def alerts(archive: Archive, request: Request) -> dict[str, Any]:
    """Alerts, the newest first; parameter ``limit``."""
    rows = archive.query(
        "SELECT * FROM alert_list ORDER BY raised_at DESC, alert_id LIMIT ?", [_limit(request)]
    )
    return {"alerts": [alert_as_dict(row) for row in rows]}


def health(archive: Archive, _: Request) -> dict[str, Any]:
    """Whether the archive can be read, and when anything was looked at last."""
    (row,) = archive.query(
        """SELECT count(*) AS articles, count(*) FILTER (watching) AS watched,
                  coalesce(sum(versions), 0)::BIGINT AS versions,
                  max(last_check_at) AS last_check_at
           FROM article_list"""
    )
    last = row.pop("last_check_at")
    return {"status": "ok", **row, "last_check_at": rfc3339(last) if last else None}


PATHS: dict[str, Read] = {
    "/api/alerts": alerts,
    "/api/articles": articles,
    "/api/articles/{article}": article,
    "/api/changes": changes,
    "/api/health": health,
}


# --------------------------------------------------------------------------
# Parameters


def _selection(archive: Archive, request: Request) -> Selection:
    """Read ``article``, ``outlet`` and ``kind`` (each any number of times), ``since``, ``until``
    (RFC 3339) and ``held`` (1 or 0).
    """
    asked = request.query_params
    return Selection(
        articles=tuple(map(archive.article_id, asked.getlist("article"))),
        outlets=tuple(asked.getlist("outlet")),
        kinds=tuple(asked.getlist("kind")),
        since=_moment(request, "since"),
        until=_moment(request, "until"),
        held=asked.get("held") == "1",
    )


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(USUAL))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST):
        raise _BadQuestion(f"limit is a number from 1 to {MOST}, not '{text[:40]}'.")
    return int(text)


def _moment(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _BadQuestion(
            f"{name} is a time such as 2026-11-22T14:00:00Z, not '{text[:40]}'."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
