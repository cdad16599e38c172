"""When an article changed, on one line: dots for versions, ticks for the checks that found nothing.

Pure: rows in, HTML out. A dot stands where the change was first seen; the bar before it reaches
back to the last check that still showed the state before, for nobody knows more than that.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.markup import Html, element, unseen, words
from dashboard.wording import (
    Clock,
    between_in_words,
    counted,
    kind_in_queue,
)

Row = Mapping[str, Any]
Address = Callable[[int | None, int | None], str]
"""Where the redline of two versions stands; of none, the article."""

_LANES = 3
_CHARACTER = 0.78  # of a label, in per cent of the line's width at 900 px
_DOT = (8.0, 20.0)  # least and greatest dot, CSS pixels
_QUIET = frozenset({"unchanged"})


@dataclass(frozen=True, slots=True)
class _Mark:
    """One dot: where from and to in per cent, how large, its label and address."""

    left: float
    since: float
    size: float
    css: str
    label: str
    tip: str
    address: str


def timeline(
    address: Address,
    versions: Sequence[Row],
    events: Sequence[Row],
    checks: Sequence[Row],
    clock: Clock,
) -> Html:
    """The whole figure, with its caption; ``address`` says where a press on a dot leads."""
    scale = _Scale.over(versions, checks, clock)
    marks = [_version(address, row, scale, clock) for row in versions]
    marks += [_event(address, row, scale, clock) for row in events if row["held_by"] is None]
    marks.sort(key=lambda mark: mark.left)
    bars = [_bar(mark) for mark in marks if mark.left - mark.since > 0.2]
    line = element("div", _ticks(checks, scale), *bars, *_dots(marks), css="sl-line-body")
    ends = element(
        "div",
        element("span", clock.at(scale.start)),
        element("span", clock.at(scale.end)),
        css="sl-line-ends",
        attributes={"aria-hidden": "true"},
    )
    caption = element("figcaption", in_words(versions, checks))
    return element("figure", line, ends, caption, css="sl-line")


def in_words(versions: Sequence[Row], checks: Sequence[Row]) -> str:
    """The picture in one sentence: how often somebody looked, and how often it was in vain."""
    vain = sum(row["outcome"] in _QUIET for row in checks)
    failed = sum(row["outcome"] not in _QUIET | {"read"} for row in checks)
    said = f"{counted(len(checks), 'check')}: {counted(len(versions), 'version')}, {vain} found "
    said += "nothing new"
    return said + (f", {failed} could not read the article." if failed else ".")


@dataclass(frozen=True, slots=True)
class _Scale:
    start: datetime
    end: datetime

    @classmethod
    def over(cls, versions: Sequence[Row], checks: Sequence[Row], clock: Clock) -> _Scale:
        times = [row["seen_first_at"] for row in versions]
        times += [row["started_at"] for row in checks]
        return cls(min(times, default=clock.now), max(times, default=clock.now))

    def at(self, moment: datetime) -> float:
        """Per cent of the line, with a little room at both ends."""
        span = (self.end - self.start).total_seconds()
        share = (moment - self.start).total_seconds() / span if span > 0 else 0.0
        return 1.5 + 95 * min(1.0, max(0.0, share))


def _version(address: Address, row: Row, scale: _Scale, clock: Clock) -> _Mark:
    number, before = row["version"], row["checked_before_at"]
    weight = row["significance"] or 0.0
    left = scale.at(row["seen_first_at"])
    if row["kind"] is None:
        said, css = "", "sl-first"
    else:
        kind = kind_in_queue(row["kind"], event=False, declared=bool(row["declared"]))
        said, css = kind.word, f"sl-k-{row['kind']}"
    when = between_in_words(clock, before, row["seen_first_at"])
    tip = ". ".join(part for part in (f"Version {number}, {when}", row["reason"] or "") if part)
    old = row["old_version"]
    return _Mark(
        left=left,
        since=scale.at(before) if before else left,
        size=_DOT[0] + (_DOT[1] - _DOT[0]) * weight,
        css=f"{css} sl-held" if row["held_by"] else css,
        label=f"v{number}" + (f" {said.lower()}" if said else ""),
        tip=tip,
        address=address(old, number if old else None),
    )


def _event(address: Address, row: Row, scale: _Scale, clock: Clock) -> _Mark:
    kind = kind_in_queue(row["kind"], event=True, declared=False)
    left, before = scale.at(row["seen_first_at"]), row["checked_before_at"]
    when = between_in_words(clock, before, row["seen_first_at"])
    return _Mark(
        left=left,
        since=scale.at(before) if before else left,
        size=_DOT[0] + 4,
        css="sl-event",
        label=f"{kind.sign} {kind.word.lower()}",
        tip=f"{kind.word}, {when}. {row['reason']}",
        address=address(None, None),
    )


def _bar(mark: _Mark) -> Html:
    style = f"left:{mark.since:.2f}%;width:{mark.left - mark.since:.2f}%"
    return element("i", css="sl-since", attributes={"style": style, "aria-hidden": "true"})


def _dots(marks: Sequence[_Mark]) -> Iterable[Html]:
    ends = [-1.0] * _LANES
    for mark in marks:
        half = len(mark.label) * _CHARACTER / 2
        left = min(max(mark.left, half), 100 - half)
        lane = next((i for i, end in enumerate(ends) if end <= left - half), None)
        if lane is not None:
            ends[lane] = left + half + 1
        yield _dot(mark, lane, left)


def _dot(mark: _Mark, lane: int | None, left: float) -> Html:
    style = f"left:{mark.left:.2f}%;--size:{mark.size:.1f}px"
    # What a dot is stands in it as text: the sanitizer drops attributes that hold markup.
    dot = element(
        "a",
        unseen(mark.tip),
        attributes={"href": mark.address, "title": mark.tip, "style": style},
        css=f"sl-dot {mark.css}",
    )
    if lane is None:
        return dot
    number, _, rest = mark.label.partition(" ")
    place = f"left:{left:.2f}%;--lane:{lane}"
    said = element(
        "span",
        number,
        words("sl-wide", f" {rest}"),
        css="sl-dot-label",
        attributes={"style": place, "aria-hidden": "true"},
    )
    return Html(dot + said)


def _ticks(checks: Sequence[Row], scale: _Scale) -> Html:
    """All ticks as one picture: two thousand elements would be slow, and say no more."""
    shapes = set()
    for row in checks:
        if row["outcome"] == "read":
            continue
        css, top, end = ("q", 0, 6) if row["outcome"] in _QUIET else ("f", 0, 9)
        x = round(scale.at(row["started_at"]) * 10, 0)
        shapes.add(f'<line class="{css}" x1="{x:.0f}" x2="{x:.0f}" y1="{top}" y2="{end}"/>')
    style = (
        "line{vector-effect:non-scaling-stroke;stroke-width:1}.q{stroke:#b9b2a5}"
        ".f{stroke:#9a4a00;stroke-dasharray:2 1}"
        "@media(prefers-color-scheme:dark){.q{stroke:#6d665b}.f{stroke:#e8a25c}}"
    )
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 10" preserveAspectRatio="none">'
        f"<style>{style}</style>{''.join(sorted(shapes))}</svg>"
    )
    source = "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()
    return element("img", css="sl-ticks", attributes={"src": source, "alt": ""})
