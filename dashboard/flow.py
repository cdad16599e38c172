"""History flow: a column a version, a band a sentence, tinted by the version that brought it.

Pure: columns in, HTML out. The bands are an SVG picture (an image runs nothing); what can be
pressed, read aloud or pointed at are links laid over it.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.lineage import Column, Strand, Tally, surviving, tallies
from dashboard.markup import Html, element, words
from dashboard.wording import Clock, article_address, counted, in_utc, percent
from store.model import LinkKind

_WIDTH = 1000.0  # units of the picture; it stretches to the page
_NODE = 14.0  # greatest width of a column
_EDGE = 14.0  # left of the first column
_RIGHT = 130.0  # right of the last one, for its labels
_TALLEST = 380.0  # CSS pixels
_LINE = (2.0, 15.0)  # least and greatest height of a band, CSS pixels
_TINTS = 24
_LIGHT = ((0xD3, 0xDC, 0xE4), (0x1F, 0x4E, 0x79))
_DARK = ((0x35, 0x3D, 0x45), (0x9C, 0xC6, 0xEC))
_MOST_HEADS = 12  # columns with a number over them
_SIGN = 0.75  # of what stands over a column, in per cent of the picture's width at 900 px
_LABEL = 15.0  # CSS pixels a label takes
_MERGE = 6.0  # bands thinner than this run together with their like

_STRAIGHT = frozenset({LinkKind.SAME, LinkKind.MOVED})


@dataclass(frozen=True, slots=True)
class Stage:
    """One version on the picture: its number, when it was first seen, and a word for its change."""

    version: int
    seen_at: datetime
    said: str


@dataclass(frozen=True, slots=True)
class _Band:
    """Neighbouring lines of one origin that run together, from one column to the next."""

    top: int
    end: int
    old_top: int
    old_end: int
    origin: int
    edited: bool

    @property
    def is_straight(self) -> bool:
        """Whether it stands where it stood."""
        return (self.top, self.end) == (self.old_top, self.old_end)


def history_flow(
    article: str,
    columns: Sequence[Column],
    stages: Sequence[Stage],
    clock: Clock,
    *,
    by_time: bool,
    names: Mapping[int, str],
) -> Html:
    """The whole figure: heads, picture with links, what it says in one sentence.

    ``names`` are labels for lines of the last column.
    """
    places, node = _places([stage.seen_at for stage in stages], by_time=by_time)
    line = _line_height(columns)
    height = line * max(map(len, columns))
    picture = _picture(columns, _Grid(places, node, line, height))
    over = [
        *_gaps(article, stages, places, node),
        *_labels(names, line),
    ]
    body = element(
        "div", picture, *over, css="sl-flow-body", attributes={"style": f"height:{height:.0f}px"}
    )
    caption = element("figcaption", in_words(columns))
    return element("figure", _heads(stages, places, node, clock), body, caption, css="sl-flow")


def in_words(columns: Sequence[Column]) -> str:
    """The picture in one sentence."""
    if len(columns) == 1:
        lines = counted(len(columns[0]) - 1, "paragraph")
        return f"One version so far, with {lines}: nothing to compare it with."
    kept = percent(surviving(columns))
    return (
        f"{counted(len(columns), 'version')}; {kept} of the first version’s sentences stand in "
        "the last one word for word."
    )


def twin(columns: Sequence[Column], stages: Sequence[Stage]) -> list[dict[str, object]]:
    """The picture as rows of a table."""
    return [_twin_row(tally, stage) for tally, stage in zip(tallies(columns), stages, strict=True)]


def _twin_row(tally: Tally, stage: Stage) -> dict[str, object]:
    return {
        "Version": tally.version,
        "First seen (UTC)": in_utc(stage.seen_at).removesuffix(" UTC"),
        "Change": stage.said,
        "Sentences": tally.lines,
        "Kept": tally.kept,
        "Moved": tally.moved,
        "Edited": tally.edited,
        "Added": tally.added,
        "Removed": tally.removed,
    }


# --------------------------------------------------------------------------
# Where things stand


def _places(times: Sequence[datetime], *, by_time: bool) -> tuple[list[float], float]:
    """The left edge of each column, and how wide columns are.

    By time, but never so close that columns touch.
    """
    room = _WIDTH - _EDGE - _RIGHT - _NODE
    steps = max(1, len(times) - 1)
    even = [_EDGE + room * index / steps for index in range(len(times))]
    node = min(_NODE, 0.4 * room / steps)
    span = (times[-1] - times[0]).total_seconds()
    if not by_time or span <= 0:
        return even, node
    least = min(room / steps, 2.5 * node)
    free = room - least * steps
    passed = [(time - times[0]).total_seconds() / span for time in times]
    return [_EDGE + least * index + free * share for index, share in enumerate(passed)], node


def _line_height(columns: Sequence[Column]) -> float:
    least, most = _LINE
    return max(least, min(most + 2, _TALLEST / max(map(len, columns))))


def _heads(stages: Sequence[Stage], places: Sequence[float], node: float, clock: Clock) -> Html:
    """Versions over their columns, with the time where it has room between its neighbours."""
    step = -(-len(stages) // _MOST_HEADS)
    numbers = sorted({*range(0, len(stages), step), len(stages) - 1})
    middles = [100 * (places[number] + node / 2) / _WIDTH for number in numbers]
    heads: list[Html] = []
    free = -math.inf
    for number, middle, after in zip(numbers, middles, [*middles[1:], math.inf], strict=True):
        stage = stages[number]
        name, time = f"v{stage.version}", f" · {clock.at(stage.seen_at)}"
        width, least = (_SIGN * len(said) for said in (name + time, name))
        begin = middle - width / 2 if heads else middle  # the first one keeps within the picture
        has_room = free <= begin and begin + width <= after - least / 2
        shown = [words("sl-wide", time)] if has_room else []
        free = begin + width if has_room else middle + least
        heads.append(element("span", name, *shown, attributes={"style": f"left:{middle:.2f}%"}))
    return element("div", *heads, css="sl-flow-heads", attributes={"aria-hidden": "true"})


def _gaps(
    article: str, stages: Sequence[Stage], places: Sequence[float], node: float
) -> Iterator[Html]:
    """One link a transition, over the space between its two columns."""
    for index in range(1, len(stages)):
        old, new = stages[index - 1], stages[index]
        left, right = places[index - 1], places[index] + node
        label = f"Compare version {old.version} with version {new.version}: {new.said}"
        yield element(
            "a",
            attributes={
                "href": article_address(article, old.version, new.version),
                "aria-label": label,
                "title": label,
                "style": f"left:{left / _WIDTH:.2%};width:{(right - left) / _WIDTH:.2%}",
            },
        )


def _labels(names: Mapping[int, str], line: float) -> Iterator[Html]:
    """Names beside the last column; one that has no room under the one before is left out."""
    free = 0.0
    for index, name in sorted(names.items()):
        top = line * index
        if top < free:
            continue
        free = top + _LABEL
        style = f"top:{top:.0f}px;left:{(_WIDTH - _RIGHT + 6) / _WIDTH:.2%}"
        yield element("span", name, attributes={"style": style, "aria-hidden": "true"})


# --------------------------------------------------------------------------
# The picture


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where columns stand and how tall lines are, in units of the picture."""

    places: Sequence[float]
    node: float
    line: float
    height: float

    @property
    def gap(self) -> float:
        """The paper left between two lines."""
        return min(1.5, self.line * 0.15)


def _picture(columns: Sequence[Column], grid: _Grid) -> Html:
    drawing = _svg(columns, grid)
    source = "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()
    return element("img", attributes={"src": source, "alt": in_words(columns)})


def _svg(columns: Sequence[Column], grid: _Grid) -> str:
    tint, merge = _tints(len(columns)), grid.line < _MERGE
    # One shape for all of one look: a browser draws twenty thousand of them ten times as slowly.
    looks: dict[str, list[str]] = {}
    for band, left, right in _ribbons(columns, grid, merge=merge):
        look = f"t{tint[band.origin]} {'e' if band.edited else 'b'}"
        looks.setdefault(look, []).append(_ribbon(band, left, right, grid))
    for column, place in zip(columns, grid.places, strict=True):
        for first, end, origin in _runs(column, merge=merge):
            looks.setdefault(f"t{tint[origin]}", []).append(_node(first, end, place, grid))
    shapes = (f'<path class="{look}" d="{"".join(ways)}"/>' for look, ways in _behind_first(looks))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {grid.height:.1f}" '
        f'preserveAspectRatio="none"><style>{"".join(_rules())}</style>{"".join(shapes)}</svg>'
    )


def _behind_first(looks: Mapping[str, list[str]]) -> list[tuple[str, list[str]]]:
    """Bands lie behind columns."""
    return sorted(looks.items(), key=lambda one: " " not in one[0])


def _runs(column: Column, *, merge: bool) -> Iterator[tuple[int, int, int]]:
    """Neighbouring lines of one origin: (first, end, origin)."""
    start = 0
    for index in range(1, len(column) + 1):
        alike = merge and start and index < len(column)
        if not (alike and column[index].origin == column[start].origin):
            yield start, index, column[start].origin
            start = index


def _node(first: int, end: int, place: float, grid: _Grid) -> str:
    top, height = first * grid.line, (end - first) * grid.line - grid.gap
    return f"M{place:.1f},{top:.1f}h{grid.node:.1f}v{height:.1f}h-{grid.node:.1f}z"


def _ribbons(
    columns: Sequence[Column], grid: _Grid, *, merge: bool
) -> Iterator[tuple[_Band, float, float]]:
    """Bands with their left and right ends; one that runs on straight is one from end to end."""
    running: dict[_Band, float] = {}
    for index in range(1, len(columns)):
        left, right = grid.places[index - 1] + grid.node, grid.places[index]
        bands = list(_bands(columns[index], merge=merge))
        straight = {band: left for band in bands if band.is_straight}
        yield from (
            (one, since, left - grid.node) for one, since in running.items() if one not in straight
        )
        running = {band: running.get(band, left) for band in straight}
        yield from ((band, left, right) for band in bands if not band.is_straight)
    yield from ((band, since, grid.places[-1]) for band, since in running.items())


def _bands(column: Column, *, merge: bool) -> Iterator[_Band]:
    current: _Band | None = None
    for index, strand in enumerate(column):
        for band in _threads(index, strand):
            joined = _grown(current, band) if merge and index > 1 else None
            if joined is None and current is not None:
                yield current
            current = joined or band
    if current is not None:
        yield current


def _threads(index: int, strand: Strand) -> Iterator[_Band]:
    edited = strand.kind not in _STRAIGHT
    for parent in strand.parents:
        yield _Band(index, index + 1, parent, parent + 1, strand.origin, edited)


def _grown(band: _Band | None, more: _Band) -> _Band | None:
    """The band with the next line joined to it, where both run side by side."""
    if band is None or (band.origin, band.edited) != (more.origin, more.edited):
        return None
    if (more.top, more.old_top) != (band.end, band.old_end):
        return None
    return _Band(band.top, more.end, band.old_top, more.old_end, band.origin, band.edited)


def _ribbon(band: _Band, left: float, right: float, grid: _Grid) -> str:
    y1, y2 = band.old_top * grid.line, band.old_end * grid.line - grid.gap
    y3, y4 = band.top * grid.line, band.end * grid.line - grid.gap
    if band.is_straight:
        return f"M{left:.1f},{y1:.1f}H{right:.1f}V{y2:.1f}H{left:.1f}z"
    m = (left + right) / 2
    return (
        f"M{left:.1f},{y1:.1f}C{m:.1f},{y1:.1f} {m:.1f},{y3:.1f} {right:.1f},{y3:.1f}"
        f"V{y4:.1f}C{m:.1f},{y4:.1f} {m:.1f},{y2:.1f} {left:.1f},{y2:.1f}z"
    )


def _tints(versions: int) -> dict[int, int]:
    """The tint of each version of origin: 0 is the first, the last is the newest."""
    steps = max(1, versions - 1)
    return {n: round((n - 1) * (_TINTS - 1) / steps) for n in range(1, versions + 1)}


def _rules() -> Iterator[str]:
    yield ".b{opacity:.5}.e{opacity:.22}"
    yield from (f".t{step}{{fill:{_mixed(_LIGHT, step)}}}" for step in range(_TINTS))
    yield "@media(prefers-color-scheme:dark){"
    yield from (f".t{step}{{fill:{_mixed(_DARK, step)}}}" for step in range(_TINTS))
    yield "}"


def _mixed(ends: tuple[tuple[int, ...], tuple[int, ...]], step: int) -> str:
    share = step / (_TINTS - 1)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(*ends, strict=True))
