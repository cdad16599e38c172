"""The redline of two versions of an article, with what each change is and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dashboard import (
    data,
    frame,
    lineage,
    marks,
    particulars,
    passages,
    redline,
    reviewing,
)
from dashboard.data import Row
from dashboard.markup import Html, element, join
from dashboard.views.article_pair import Pair, read_at, tools
from dashboard.wording import (
    HELD,
    Clock,
    between,
    captured,
    counted,
    labels_in_words,
    moment,
    plain,
)
from store.model import ChangeKind, Comparison, Document, FactChange
from store.reviews import Finding, passage_of


@dataclass(frozen=True, slots=True)
class _Compared:
    """What they say, and what became of it."""

    old: Document
    new: Document
    comparison: Comparison


def redlined(found: Row, versions: list[Row], pair: Pair) -> None:
    """Draw what became of one version in the other."""
    article_id, clock = found["article_id"], frame.clock()
    seen = _Compared(
        *data.pair(article_id, pair.old, pair.new),
        data.comparison(article_id, pair.old, pair.new),
    )
    time = _between({row["version"]: row for row in versions}, pair, clock)
    frame.show(frame.section(f"Version {pair.old} → {pair.new}", join(["changed ", time])))
    frame.show(*_captured(versions, pair, clock), *_since(pair, versions))
    look = tools(versions, pair)
    step = _step_of(versions, pair)
    said = marks.standing([article_id])
    frame.show(_verdict(step, said, clock))
    status: dict[str, str | None] = {"role": "status"}
    frame.show(
        element("p", _tally(seen.comparison), css="sl-sub", attributes=status),
        *_held_back(data.held_changes(article_id, pair.old, pair.new)),
        particulars.frame_changes(seen.comparison, seen.new),
    )
    if look == "blame":
        frame.show(_blame(found, versions, pair, clock))
    else:
        _text(seen, pair, look)
    _changes(seen.comparison, step, said)
    frame.show(
        frame.section("What the publisher claims"),
        particulars.claimed(seen.old, seen.new, time, clock),
    )


def _step_of(versions: list[Row], pair: Pair) -> Finding | None:
    """What happened between the two, where nothing else was seen in between: that can be marked."""
    row = next(row for row in versions if row["version"] == pair.new)
    if row["old_version"] != pair.old:
        return None
    return Finding(row["article_id"], row["seen_first_at"])


def _verdict(step: Finding | None, said: Mapping[Finding, Row], clock: Clock) -> Html:
    """The marks on the change as a whole."""
    if step is None:
        return Html()
    shown = reviewing.buttons(said.get(step), clock)
    return element("div", shown, css="sl-verdict", attributes=reviewing.named(step))


def _since(pair: Pair, versions: list[Row]) -> list[Html]:
    """What the reader saw then, where the address names a moment."""
    then = read_at()
    if then is None:
        return []
    if then < versions[0]["seen_first_at"]:
        said = "that is before the first version we have, which is compared instead."
    elif then >= versions[-1]["seen_first_at"]:
        said = "nothing has changed since; below is the last change before."
    else:
        said = f"version {pair.old} stood there; below is what changed since."
    read = join(["You read it ", moment(frame.clock(), then), ": ", said])
    return [element("p", read, css="sl-banner", attributes={"role": "status"})]


def _between(rows: dict[int, Row], pair: Pair, clock: Clock) -> Html:
    """Between the last check that showed the old version and the first that showed the new."""
    old, new = rows[min(pair.old, pair.new)], rows[max(pair.old, pair.new)]
    adjacent = new["old_version"] == old["version"]
    before = new["checked_before_at"] if adjacent else old["seen_first_at"]
    return between(clock, before, new["seen_first_at"])


def _captured(versions: list[Row], pair: Pair, clock: Clock) -> list[Html]:
    """Say of each version under the eye whose observation it is, where it is not ours."""
    return [
        element("p", f"Version {row['version']} was ", captured(clock, row), ".", css="sl-sub")
        for row in versions
        if row["captured_by"] and row["version"] in {pair.old, pair.new}
    ]


def _tally(comparison: Comparison) -> str:
    silent = sum(
        c.note is None and c.declared_by is None and c.kind is not ChangeKind.STILL_WRONG
        for c in comparison.changes
    )
    notes = [n for n in comparison.notes if n.status != "kept"]
    parts = [counted(len(comparison.changes), "change"), counted(len(notes), "note")]
    parts.append(f"{silent} undeclared" if silent else "nothing undeclared")
    said = f"{comparison.reason} {', '.join(parts)}."
    more = (said, labels_in_words(comparison.kinds), comparison.capped)
    return " ".join(filter(None, more))


def _held_back(rows: list[Row]) -> list[Html]:
    """Say which of the changes are told nowhere, and why."""
    return [
        element(
            "p",
            f"Held back and told nowhere: {counted(row['changes'], 'change')}, because "
            f"{HELD.get(row['rule'], plain(row['rule']).lower())}.",
            css="sl-sub",
        )
        for row in rows
    ]


def _text(seen: _Compared, pair: Pair, look: str) -> None:
    arranged = passages.paragraphs(seen.comparison, seen.old, seen.new)
    language = seen.new.language

    def facts(change: int) -> tuple[FactChange, ...]:
        return seen.comparison.changes[change].facts

    if look == "sides":
        heads = (f"Version {pair.old}", f"Version {pair.new}")
        frame.show(redline.side_by_side(arranged, heads, facts, language))
        return
    pins = particulars.pins(seen.comparison, arranged)
    frame.show(redline.inline(arranged, pins, facts, language))
    frame.show(*particulars.loose_notes(seen.comparison, arranged))


def _blame(found: Row, versions: list[Row], pair: Pair, clock: Clock) -> Html:
    numbers = tuple(row["version"] for row in versions if row["version"] <= pair.new)
    columns = data.history(found["article_id"], numbers)
    times = {row["version"]: clock.at(row["seen_first_at"]) for row in versions}
    return redline.blame(columns[-1], len(columns), times, versions[-1]["language"])


def _changes(comparison: Comparison, step: Finding | None, said: Mapping[Finding, Row]) -> None:
    """Every change with its reason; each can be marked for itself where ``step`` can."""
    if not comparison.changes:
        return
    passages = [
        step and replace(step, passage=passage_of(change.old, change.new))
        for change in comparison.changes
    ]
    shown = [None if one is None else (one, said.get(one)) for one in passages]
    frame.show(
        frame.section("Each change, and why it is one"),
        particulars.change_list(comparison, shown, frame.clock()),
    )


def alone(found: Row, version: Row) -> None:
    """An article with one version: what it says, with nothing to compare it with yet."""
    document = data.document(found["article_id"], version["version"])
    seen = join(["first seen ", moment(frame.clock(), version["seen_first_at"])])
    said = captured(frame.clock(), version) if version["captured_by"] else seen
    columns = lineage.lineage([document], [])
    frame.show(
        element("h2", "What it says", element("small", said)),
        redline.blame(columns[0], 1, {1: ""}, document.language),
    )
