"""Pure: what one observation makes of an article's summary, the row of ``article_states``.

Two hands use it: ``recording``, as things are seen, and ``replay``, which makes all findings of
an article again from its facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from store.judge import Event, Judgement, State, Waiting, hides, is_gone, shows_current
from store.model import EventKind, Outcome, Snapshot

Row = Mapping[str, Any]

_FAILURES = {Outcome.FAILED, Outcome.REFUSED, Outcome.BLOCKED, Outcome.UNREADABLE}
# What an archive's capture can say of an article; the rest of the row is about checks of ours.
_OF_THE_TEXT = (
    "current_version",
    "versions",
    "headline",
    "outlet",
    "published",
    "last_good_at",
    "last_change_at",
    "removed",
    "held_print",
    "confirms",
    "waiting",
    "before_version",
)
_NO_VALIDATORS = {"etag": None, "last_modified": None, "body_digest": None}


def state_of(row: Row, prints: Mapping[int, int]) -> State:
    """Return what ``judge`` asks of an article; ``prints`` maps document print to version."""
    return State(
        current=row["current_version"],
        prints=prints,
        removed=bool(row["removed"]),
        gone_streak=row["gone_streak"] or 0,
        hidden_streak=row["hidden_streak"] or 0,
        held_print=row["held_print"],
        confirms=row["confirms"] or 0,
        waiting=Waiting(row["waiting"]) if row["waiting"] else None,
        before=row["before_version"],
        changed_at=row["last_change_at"],
        good_at=row["last_good_at"],
        stands_at=row["stands_at"] or row["address"],
    )


def interval(before: Row, seen: Snapshot, event: Event) -> tuple[datetime | None, datetime]:
    """Return the check that still showed the other state, and the first that showed this one.

    A removal is told at its second look and began at its first, an article is said to be hidden at
    the third; a page that is back was still away at the look before.
    """
    if event.kind is EventKind.REMOVED:
        return before["last_good_at"], before["last_fetch_at"]
    if event.kind is EventKind.RESTORED:
        return before["last_fetch_at"], seen.fetch.started_at
    if event.kind is EventKind.HIDDEN:
        return before["last_good_at"], before["hidden_since"] or seen.fetch.started_at
    return before["last_good_at"], seen.fetch.started_at


def moved_on(before: Row, seen: Snapshot, verdict: Judgement, number: int | None) -> dict[str, Any]:
    """Return what a check of ours changes in the summary; ``number`` is the new version's."""
    fetch = seen.fetch
    changed = verdict.outcome is Outcome.READ
    moved = {
        "current_version": number or verdict.current,
        "versions": (before["versions"] or 0) + (number is not None),
        "checks": (before["checks"] or 0) + 1,
        "last_fetch_at": fetch.started_at,
        "last_outcome": verdict.outcome.value,
        "last_detail": verdict.detail,
        "last_reason": verdict.reason,
        "unchanged_streak": 0 if changed else (before["unchanged_streak"] or 0) + 1,
        "failures_streak": _streak(before["failures_streak"], verdict.outcome in _FAILURES),
        "gone_streak": _streak(before["gone_streak"], is_gone(verdict.outcome, verdict.detail)),
        "removed": verdict.removed,
        "held_print": verdict.held_print,
        "confirms": verdict.confirms,
        "waiting": verdict.waiting.value if verdict.waiting else None,
        "before_version": verdict.before,
    }
    if changed and before["current_version"] is not None:
        moved["last_change_at"] = fetch.started_at
    if is_gone(verdict.outcome, verdict.detail):
        moved["stands_at"] = None  # its first address may lead on to a newer one
    moved |= _out_of_sight(before, seen, verdict)
    return moved | _validators(before, seen, verdict) | _frame_of(before, seen, number)


def _out_of_sight(before: Row, seen: Snapshot, verdict: Judgement) -> dict[str, Any]:
    """Count the looks that met something in the article's place; trouble on the way is no look."""
    if verdict.outcome in {Outcome.FAILED, Outcome.REFUSED, Outcome.HELD}:
        return {}
    if not hides(verdict.outcome):
        return {"hidden_streak": 0, "hidden_since": None}
    return {
        "hidden_streak": (before["hidden_streak"] or 0) + 1,
        "hidden_since": before["hidden_since"] or seen.fetch.started_at,
    }


def captured_on(
    before: Row, seen: Snapshot, verdict: Judgement, number: int | None, archive: str
) -> dict[str, Any]:
    """Return what a capture of ``archive`` changes in the summary.

    Where it shows another state, our validators vouch for a state that is no longer the newest
    one known, and the next check is unconditional.
    """
    moved = moved_on(before, seen, verdict, number)
    kept = {name: moved[name] for name in _OF_THE_TEXT if name in moved}
    if verdict.outcome is Outcome.READ:
        kept |= _NO_VALIDATORS
    return kept | ({"last_good_by": archive} if "last_good_at" in moved else {})


def _streak(length: int | None, goes_on: bool) -> int:  # noqa: FBT001
    return (length or 0) + 1 if goes_on else 0


def _validators(before: Row, seen: Snapshot, verdict: Judgement) -> dict[str, Any]:
    """Keep validators of the current state only.

    After an odd answer the next look is unconditional, or a 304 would vouch for the odd answer.
    """
    fetch = seen.fetch
    if verdict.outcome is Outcome.HELD:
        return dict(_NO_VALIDATORS)
    if not shows_current(verdict):
        return {}
    shown = {
        "stands_at": fetch.moved_to or before["stands_at"],
        "last_good_at": fetch.started_at,
        "last_good_by": None,
        "first_read_at": before["first_read_at"] or fetch.started_at,
        "pages": fetch.pages,
    }
    if fetch.pages > 1:  # the first page's would vouch for the others
        return shown | _NO_VALIDATORS
    return shown | {
        "etag": fetch.etag or before["etag"],
        "last_modified": fetch.last_modified or before["last_modified"],
        "body_digest": fetch.body_digest or before["body_digest"],
    }


def _frame_of(before: Row, seen: Snapshot, number: int | None) -> dict[str, Any]:
    if number is None or seen.document is None:
        return {}
    return {
        "headline": seen.document.headline,
        "published": seen.document.published,
        "outlet": seen.document.claims.outlet or before["outlet"],
    }
