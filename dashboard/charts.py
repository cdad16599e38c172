"""Rows to charts: directly labelled, small multiples with the whole in grey behind, no legend.
Pure; every chart comes with the sentence that says it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import altair as alt

from dashboard.wording import counted, percent

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Palette:
    """A paper, and the colours on it: of what is told, its lighter part, context and words."""

    ink: str
    soft: str
    context: str
    words: str
    paper: str


LIGHT = Palette("#1f4e79", "#8fa9c2", "#b9b2a5", "#1c1b1a", "#fbfaf7")
DARK = Palette("#8fb8de", "#456078", "#6d665b", "#ece7de", "#191714")
_HOURS = [0.1, 1, 6, 24, 168, 720]


def survival(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Share unchanged by age: Kaplan and Meier's estimate (JASA 53, 1958) over ``rows`` of
    ``hours``, ``changed`` and how many ``articles``; those that never changed count until they
    were last seen.

    Returns (hours, share) where the share steps down, from (0, 1) on.
    """
    steps = [(0.0, 1.0)]
    share, left = 1.0, _articles(rows)
    ordered = sorted(rows, key=lambda row: row["hours"])
    for hours, group in groupby(ordered, key=lambda row: row["hours"]):
        here = list(group)
        changed = _changed(here)
        if changed:
            share *= 1 - changed / left
            steps.append((max(0.0, hours), share))
        left -= _articles(here)
    longest = max((row["hours"] for row in rows), default=0.0)
    return [*steps, (max(longest, steps[-1][0]), share)]


def survival_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The curves of every outlet with enough articles, and of all: outlet, hours, share."""
    counted_by = {name: [row for row in rows if row["outlet"] == name] for name in _outlets(rows)}
    return [
        {"outlet": name, "hours": max(hours, _HOURS[0] / 4), "share": share}
        for name, own in counted_by.items()
        for hours, share in survival(own)
    ]


def _articles(rows: Sequence[Row]) -> int:
    return sum(row["articles"] for row in rows)


def _changed(rows: Sequence[Row]) -> int:
    return sum(row["articles"] for row in rows if row["changed"])


def _outlets(rows: Sequence[Row]) -> list[str]:
    """The outlets that have a name among the rows, those with most articles first."""
    sizes: dict[str, int] = {}
    for row in rows:
        if row["outlet"] is not None:
            sizes[row["outlet"]] = sizes.get(row["outlet"], 0) + row["articles"]
    return sorted(sizes, key=lambda name: (-sizes[name], name))


def survival_charts(
    rows: Sequence[Row], palette: Palette
) -> Iterator[tuple[str, alt.LayerChart | alt.FacetChart]]:
    """Small multiples: each outlet's share of unchanged articles by age, all outlets in grey.

    Yields (sentence, chart), one an outlet.
    """
    whole = _line(survival(rows)).mark_line(
        color=palette.context, strokeWidth=1.2, interpolate="step-after", clip=True
    )
    for name in _outlets(rows):
        own = [row for row in rows if row["outlet"] == name]
        drawn = _line(survival(own)).mark_line(
            color=palette.ink, strokeWidth=2, interpolate="step-after", clip=True
        )
        title = alt.TitleParams(name, anchor="start", fontSize=13, fontWeight="normal")
        said = f"{name}: {survival_in_words(own)}"
        yield said, alt.layer(whole, drawn).properties(height=190, title=title)


def _line(steps: Sequence[tuple[float, float]]) -> alt.Chart:
    """A curve on the age and share axes that all outlets have in common."""
    rows = [{"hours": max(hours, _HOURS[0] / 4), "share": share} for hours, share in steps]
    scale = alt.Scale(type="log", domain=[_HOURS[0] / 4, _HOURS[-1] * 1.5])
    shares = alt.Axis(format="%", values=[0, 0.5, 1])
    curve: alt.Chart = alt.Chart(_data(rows)).encode(
        x=alt.X("hours:Q", title=None, scale=scale, axis=_age_axis()),
        y=alt.Y("share:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=shares),
    )
    return curve


def _data(rows: Sequence[Row]) -> alt.InlineData:
    return alt.InlineData(values=[dict(row) for row in rows])


def _age_axis() -> alt.Axis:
    names = {"0.1": "6 min", "1": "1 h", "6": "6 h", "24": "1 day", "168": "1 week", "720": "30 d"}
    pick = ":".join(f"datum.value=={value}?'{name}'" for value, name in names.items())
    return alt.Axis(values=_HOURS, labelExpr=f"{pick}:''", grid=False)


def survival_in_words(rows: Sequence[Row]) -> str:
    """The curves in one sentence."""
    changed, total = _changed(rows), _articles(rows)
    share = percent(changed / max(1, total))
    return f"{changed} of {counted(total, 'article')} changed while watched ({share})."


def calendar_in_words(rows: Sequence[Row]) -> str:
    """The calendar in one sentence."""
    if not rows:
        return "No change has been seen yet."
    fullest = max(rows, key=lambda row: row["changes"])
    day = f"{fullest['day'].day} {fullest['day']:%B}"
    return (
        f"{counted(fullest['changes'], 'change')} at {fullest['outlet']} on {day} is the most yet."
    )


def openness_chart(rows: Sequence[Row], palette: Palette) -> alt.LayerChart | alt.FacetChart:
    """Factual edits by outlet, those that a note admits in full ink before the silent ones."""
    values = [
        {"outlet": row["outlet"], "how": how, "order": order, "edits": edits, "label": _openly(row)}
        for row in rows
        if row["factual"]
        for order, (how, edits) in enumerate(
            [("declared", row["declared"]), ("not declared", row["factual"] - row["declared"])]
        )
    ]
    y = alt.Y("outlet:N", sort="-x", title=None, axis=alt.Axis(labelLimit=220, ticks=False))
    bars = alt.Chart(_data(values)).encode(y=y)
    drawn = bars.mark_bar(height=14).encode(
        x=alt.X("edits:Q", title="factual edits", axis=alt.Axis(tickMinStep=1, grid=False)),
        color=alt.Color(
            "how:N",
            scale=alt.Scale(domain=["declared", "not declared"], range=[palette.ink, palette.soft]),
            legend=alt.Legend(title=None, orient="top"),
        ),
        order="order:O",
    )
    named = bars.mark_text(align="left", dx=6, color=palette.words).encode(
        x="sum(edits):Q", text="label:N"
    )
    return alt.layer(drawn, named).properties(height=alt.Step(26))


def _openly(row: Row) -> str:
    return f"{row['declared']} of {row['factual']} declared"


def openness_in_words(rows: Sequence[Row]) -> str:
    """The bars in one sentence."""
    factual = sum(row["factual"] for row in rows)
    declared = sum(row["declared"] for row in rows)
    if not factual:
        return "No factual edit has been seen yet."
    share = percent(declared / factual)
    edits = counted(factual, "factual edit")
    return f"{declared} of {edits} came with a note that admits it ({share})."
