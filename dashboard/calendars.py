"""Two pictures of an outlet's habits: the days on which it changed things, and how old its articles
were when it corrected them. Pure; small multiples, directly labelled, each with its sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import altair as alt

from dashboard.charts import Palette
from dashboard.wording import counted, lasted

Row = Mapping[str, Any]
Layers = alt.LayerChart | alt.FacetChart

_WEEKS = (13, 26)
"""Shown at least and at most: half a year of days fits a phone with the number in each square."""
_SQUARE = 17  # CSS pixels
_BETWEEN = 0.15  # of a square, left free
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_REACH = [1 / 60, 1000]  # hours: a minute to six weeks
_AGES = {1 / 60: "1 min", 1: "1 h", 24: "1 day", 168: "1 week", 720: "30 days"}


def calendars(rows: Sequence[Row], palette: Palette) -> Iterator[tuple[str, Layers]]:
    """A calendar an outlet: a square a day, darker for weightier changes, with how many in it.

    ``rows`` are of ``counts.days``. Yields (sentence, chart), the weeks the same for all.
    """
    if not rows:
        return
    last = max(row["day"] for row in rows)
    first = _monday(min(row["day"] for row in rows))
    least, most = (_monday(last) - timedelta(weeks=weeks - 1) for weeks in _WEEKS)
    first = max(min(first, least), most)
    for outlet, group in groupby(rows, key=lambda row: row["outlet"]):
        found = {row["day"]: row for row in group if row["day"] >= first}
        changes = sum(row["changes"] for row in found.values())
        said = f"{outlet}: {counted(changes, 'change')} on {counted(len(found), 'day')}"
        yield said, _calendar(list(_squares(found, first, last)), said, palette)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _squares(found: Mapping[date, Row], first: date, last: date) -> Iterator[dict[str, Any]]:
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        row = found.get(day)
        yield {
            "week": _monday(day).isoformat(),
            "weekday": _DAYS[day.weekday()],
            "day": f"{day.day} {day:%B %Y}",
            "changes": row["changes"] if row else 0,
            "weight": row["weight"] if row else None,
        }


def _calendar(values: list[dict[str, Any]], said: str, palette: Palette) -> Layers:
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=alt.X(
            "yearmonthdate(week):O",
            title=None,
            scale=alt.Scale(paddingInner=_BETWEEN),
            axis=alt.Axis(
                format="%-d %b", ticks=False, domain=False, labelAngle=0, labelOverlap="greedy"
            ),
        ),
        y=alt.Y(
            "weekday:O",
            title=None,
            sort=list(_DAYS),
            scale=alt.Scale(paddingInner=_BETWEEN),
            axis=alt.Axis(ticks=False, domain=False, values=["Mon", "Thu", "Sun"]),
        ),
        tooltip=["day:N", "changes:Q", alt.Tooltip("weight:Q", format=".2f")],
    )
    weight = alt.Scale(domain=[0, 1], range=[palette.soft, palette.ink])
    changed = alt.datum.changes > 0
    squares = base.mark_rect(cornerRadius=2).encode(
        color=alt.condition(
            changed, alt.Color("weight:Q", scale=weight, legend=None), alt.value("transparent")
        ),
        stroke=alt.value(palette.context),
        strokeWidth=alt.condition(changed, alt.value(0), alt.value(0.4)),
    )
    numbers = (
        base.transform_filter(changed)
        .mark_text(fontSize=9)
        .encode(
            text="changes:Q",
            color=alt.condition(
                alt.datum.weight > _DARK_FROM, alt.value(palette.paper), alt.value(palette.words)
            ),
        )
    )
    title = alt.TitleParams(said, anchor="start", fontSize=13, fontWeight="normal")
    chart: Layers = alt.layer(squares, numbers).properties(height=7 * _SQUARE, title=title)
    return chart


_DARK_FROM = 0.5
"""From this weight on a square is nearer to ink than to its soft colour."""


def ages_chart(rows: Sequence[Row], palette: Palette) -> Layers:
    """How old articles were when they were corrected: a dot an age, larger for more corrections.

    ``rows`` are of ``counts.correction_ages``; the median of each outlet stands beside its name.
    """
    medians = _medians(rows)
    names = {outlet: f"{outlet} (half within {_aged(hours)})" for outlet, hours in medians.items()}
    values = [{**row, "name": names[row["outlet"]]} for row in rows]
    values = [{**row, "hours": _within(row["hours"])} for row in values]
    pick = ":".join(f"abs(datum.value-{at})<1e-6?'{name}'" for at, name in _AGES.items())
    axis = alt.Axis(values=list(_AGES), labelExpr=f"{pick}:''", gridColor=palette.context)
    x = alt.X("hours:Q", title=None, scale=alt.Scale(type="log", domain=_REACH), axis=axis)
    y = alt.Y("name:N", title=None, sort=list(names.values()), axis=_names_axis())
    dots = (
        alt.Chart(alt.InlineData(values=values))
        .mark_circle(color=palette.ink, opacity=0.75)
        .encode(
            x=x,
            y=y,
            size=alt.Size("corrections:Q", scale=alt.Scale(range=[40, 300]), legend=None),
            tooltip=["outlet:N", "corrections:Q", alt.Tooltip("hours:Q", format=".1f")],
        )
    )
    middle = [{"name": names[outlet], "hours": _within(at)} for outlet, at in medians.items()]
    ticks = (
        alt.Chart(alt.InlineData(values=middle))
        .mark_tick(color=palette.words, thickness=2, height=18)
        .encode(x=x, y=y)
    )
    chart: Layers = alt.layer(dots, ticks).properties(height=alt.Step(28))
    return chart


def _names_axis() -> alt.Axis:
    return alt.Axis(labelLimit=380, ticks=False, domain=False)


def _medians(rows: Sequence[Row]) -> dict[str, float]:
    """The median age of each outlet's corrections, in hours; the soonest first."""
    found: dict[str, float] = {}
    for outlet, group in groupby(sorted(rows, key=lambda r: (r["outlet"], r["hours"])), _outlet):
        ages = [row["hours"] for row in group for _ in range(row["corrections"])]
        found[outlet] = ages[(len(ages) - 1) // 2]
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))


def _within(hours: float) -> float:
    return min(max(hours, _REACH[0]), _REACH[1])


def _outlet(row: Row) -> str:
    return str(row["outlet"])


def _aged(hours: float) -> str:
    return lasted(timedelta(hours=hours))


def ages_in_words(rows: Sequence[Row]) -> str:
    """The dots in one sentence."""
    if not rows:
        return "No correction has been seen yet."
    soonest, hours = next(iter(_medians(rows).items()))
    total = sum(row["corrections"] for row in rows)
    most = counted(total, "correction or note", "corrections and notes")
    return f"{most}; {soonest} is soonest, half of its own within {_aged(hours)}."
