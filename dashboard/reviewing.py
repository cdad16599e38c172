"""People's marks on findings: how a page names a finding and shows what was said of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dashboard.markup import Html, element, foreign, words
from dashboard.wording import Clock, moment
from store.model import EventKind
from store.reviews import MARKS, TRANSITION, Finding

FINDING, MARK = "finding", "mark"
SIGNS = {"right": "✓", "wrong": "✗", "important": "!"}
_MEANT = {
    "right": "Right: Storylapse found and named this as it is",
    "wrong": "Wrong: no such change, or another than is said",
    "important": "Important: worth more than its place",
}
Row = Mapping[str, Any]
_NAME = re.compile(
    r"(?P<article>[0-9a-f]{1,16})~(?P<seen>[0-9T:.+Z-]{19,40})~(?P<what>\w{1,20})"
    r"~(?P<passage>(?:[0-9a-f]{64})?)"
)
_HAPPENINGS = frozenset({TRANSITION, *EventKind})


def finding_of(row: Mapping[str, Any], passage: str | None = None) -> Finding:
    """What a row of the view ``queue`` tells of, or one passage of it."""
    event = row["old_version"] == row["new_version"]
    what = row["kind"] if event else TRANSITION
    return Finding(row["article_id"], row["seen_first_at"], what, passage)


def name_of(finding: Finding) -> str:
    """The name by which a page hands a finding to the keys, and they hand it back."""
    seen = finding.seen_first_at.isoformat()
    return f"{finding.article_id:x}~{seen}~{finding.what}~{finding.passage or ''}"


def finding_named(name: str) -> Finding | None:
    """The finding of a name; None where it is none (a browser can send anything)."""
    parts = _NAME.fullmatch(name)
    if parts is None or parts["what"] not in _HAPPENINGS:
        return None
    try:
        seen = datetime.fromisoformat(parts["seen"])
    except ValueError:
        return None
    if seen.tzinfo is None:
        return None
    return Finding(int(parts["article"], 16), seen, parts["what"], parts["passage"] or None)


def buttons(held: Row | None, clock: Clock) -> Html:
    """The three marks as buttons, the one that holds pressed, and who set it when. Pure.

    They stand inside an element that ``named`` gives the finding's name.
    """
    shown = [
        element(
            "button",
            words("sl-sign", SIGNS[mark]),
            mark,
            css="sl-mark",
            attributes={
                "type": "button",
                "data-mark": mark,
                "aria-pressed": "true" if held and held["mark"] == mark else "false",
                "title": _MEANT[mark],
            },
        )
        for mark in MARKS
    ]
    if held:
        by = foreign("bdi", held["reviewer"])
        shown.append(words("sl-muted", "by ", by, ", ", moment(clock, held["acted_at"])))
    label: dict[str, str | None] = {"role": "group", "aria-label": "What you say of it"}
    return element("div", *shown, css="sl-marks", attributes=label)


def named(finding: Finding) -> dict[str, str | None]:
    """The attribute by which an element is about a finding."""
    return {"data-finding": name_of(finding)}
