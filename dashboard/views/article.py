"""One article: when it changed, what survived, and the redline of any two of its versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import streamlit as st

from dashboard import data, flow, frame, lineage, particulars, passages, redline, timeline
from dashboard.data import Row
from dashboard.markup import Html, element, foreign, join, link
from dashboard.wording import (
    HELD,
    Clock,
    article_address,
    between,
    captured,
    counted,
    kind_in_queue,
    kind_of_change,
    labels_in_words,
    moment,
    plain,
)
from store.model import ChangeKind, Comparison, Document, FactChange

_LOOKS = {"inline": "Inline", "sides": "Side by side", "blame": "Blame"}
_MOST_COLUMNS = 200  # versions in the history flow; the newest are shown


@dataclass(frozen=True, slots=True)
class _Pair:
    """The two versions under the eye."""

    old: int
    new: int


@dataclass(frozen=True, slots=True)
class _Compared:
    """What they say, and what became of it."""

    old: Document
    new: Document
    comparison: Comparison


def page() -> None:
    """Draw the article the address names."""
    name = st.query_params.get("article", "")
    found = data.article(name) if name else None
    if found is None:
        _unknown(name)
        return
    versions = data.versions(found["article_id"])
    _head(found["article"], len(versions))
    if not versions:
        return
    frame.show(_ladder(versions, found["current_version"], frame.clock()))
    _when(found, versions)
    _what_survived(found, versions)
    pair = _pair(versions)
    if pair is None:
        _single(found, versions[-1])
    else:
        _redline(found, versions, pair)
    _readers(found)
    _evidence(found, versions, pair or _Pair(versions[-1]["version"], versions[-1]["version"]))


def _unknown(name: str) -> None:
    said = f"The archive holds no article “{name}”." if name else "No article is named."
    frame.show(element("h1", said))
    frame.show(
        element(
            "p", "Choose one from ", link("/articles", "the list of articles"), ".", css="sl-empty"
        )
    )


# --------------------------------------------------------------------------
# Head


@frame.live
def _head(article: str, drawn: int) -> None:
    """What is known of it now; a new version draws the whole page anew."""
    row = data.article(article)
    if row is None:
        return
    _redraw_for(article, row["versions"], drawn)
    clock = frame.clock()
    unwatched = "no longer watched, added " if row["checks"] else "not watched, added "
    state = "watched since " if row["watching"] else unwatched
    parts = [
        foreign("bdi", row["outlet"] or ""),
        join([state, moment(clock, row["added_at"])]),
        f"{counted(row['checks'], 'check')}, {counted(row['versions'], 'version')}",
    ]
    if row["last_check_at"]:
        parts.append(join(["last look ", moment(clock, row["last_check_at"], seconds=True)]))
    headline = row["headline"] or row["address"]
    frame.show(
        element("p", join(parts, " · "), css="sl-sub"),
        foreign("h1", headline),
        element("p", foreign("bdi", row["address"]), css="sl-muted sl-address"),
        *_state(row),
    )


def _redraw_for(article: str, versions: int, drawn: int) -> None:
    """Draw the whole page anew when a version has come since; once for each."""
    told = (article, versions)
    if versions != drawn and st.session_state.get("redrawn") != told:
        st.session_state["redrawn"] = told
        data.forget_answers()
        st.rerun()


def _state(row: Row) -> list[Html]:
    if row["removed"]:
        said = f"The page is gone: {row['last_reason']} What it last said is kept below."
    elif not row["checks"] and row["versions"]:
        said = "We have not looked at it ourselves: all that is shown was captured by others."
    elif not row["checks"]:
        said = "It has not been looked at yet; the first look comes within the minute."
    elif not row["versions"]:
        said = f"No version could be read yet. The last look: {row['last_reason']}"
    elif row["last_outcome"] not in {"read", "unchanged"}:
        said = f"The last look learned nothing new: {row['last_reason']}"
    else:
        return []
    return [element("p", said, css="sl-banner")]


def _ladder(versions: list[Row], current: int | None, clock: Clock) -> Html:
    """Every headline it had, in order, with how long each stood; the one it has now stands out."""
    rungs = [
        row
        for before, row in zip([None, *versions], versions, strict=False)
        if before is None or before["headline"] != row["headline"]
    ]
    if len(rungs) < 2:
        return Html()
    now = next((row["headline"] for row in versions if row["version"] == current), None)
    parts = []
    for row, end in zip(rungs, [*rungs[1:], None], strict=True):
        css = "sl-now" if row["headline"] == now else ""
        stood = _stood(row, end, clock, still=bool(css))
        headline = foreign("dd", row["headline"] or "(no headline)", row["language"], css)
        parts += [element("dt", stood, css=css), headline]
    return element("dl", *parts, css="sl-ladder")


def _stood(row: Row, end: Row | None, clock: Clock, *, still: bool) -> Html:
    """“09:12 to 10:05”; “since 10:05” for the last one; “from 10:05” where it went back."""
    if end is None:
        return join(["since " if still else "from ", moment(clock, row["seen_first_at"])])
    short = end["seen_first_at"] - row["seen_first_at"] < timedelta(minutes=2)
    times = (moment(clock, one["seen_first_at"], seconds=short) for one in (row, end))
    return join(times, " to ")


# --------------------------------------------------------------------------
# Pictures


def _section(title: str, under: str = "") -> Html:
    """A second-level heading with a quiet word beside it."""
    return element("h2", title, element("small", under)) if under else element("h2", title)


def _when(found: Row, versions: list[Row]) -> None:
    checks = data.checks(found["article_id"])
    events = data.events(found["article_id"])
    frame.show(
        _section(
            "When it changed", "dots: versions, by size of change; ticks: checks that found nothing"
        ),
        timeline.timeline(
            partial(article_address, found["article"]), versions, events, checks, frame.clock()
        ),
    )


def _what_survived(found: Row, versions: list[Row]) -> None:
    shown = versions[-_MOST_COLUMNS:]
    if len(shown) < 2:
        return
    frame.show(
        _section(
            "What survived",
            "a band is a sentence; darker is newer; press between two versions to compare",
        )
    )
    by_time = st.segmented_control(
        "Spacing of versions",
        ["version", "time"],
        default=frame.chosen("spacing", ["version", "time"]) or "version",
        required=True,
        format_func=lambda name: f"By {name}",
        key="spacing",
        on_change=lambda: frame.keep("spacing", "version"),
        label_visibility="collapsed",
    )
    columns = data.history(found["article_id"], tuple(row["version"] for row in shown))
    stages = [flow.Stage(row["version"], row["seen_first_at"], _said(row)) for row in shown]
    figure = flow.history_flow(
        found["article"],
        columns,
        stages,
        frame.clock(),
        by_time=by_time == "time",
        names=_names(columns, data.document(found["article_id"], shown[-1]["version"])),
    )
    frame.show(figure)
    with st.expander("The same as a table"):
        st.dataframe(flow.twin(columns, stages), hide_index=True, alt=flow.in_words(columns))


def _names(columns: list[lineage.Column], document: Document) -> dict[int, str]:
    """Labels for lines of the last version: the headline, its notes, and what it brought."""
    last, newest = columns[-1], len(columns)
    fresh = [index for index, strand in enumerate(last) if strand.origin == newest]
    names = {index: f"new in version {newest}" for index in fresh[:1] if newest > 1}
    for note in document.notes:
        line = next((i for i, strand in enumerate(last) if strand.block == note.block), None)
        if line is not None:
            names[line] = kind_of_change(note.kind).word.lower()
    return names | {0: "headline"}


def _said(row: Row) -> str:
    if row["kind"] is None:
        return "first seen"
    return kind_in_queue(row["kind"], event=False, declared=bool(row["declared"])).word


# --------------------------------------------------------------------------
# The redline


def _pair(versions: list[Row]) -> _Pair | None:
    """The versions that the address names by number, or by the check that showed them first.

    Where it names none, the last change.
    """
    known = [row["version"] for row in versions]
    if len(known) < 2:
        return None
    asked = st.query_params
    new = _number(asked.get("new"), known) or _standing_at(asked.get("at"), versions) or known[-1]
    since = _standing_at(asked.get("since"), versions)
    if since and since != new:
        return _Pair(since, new)
    before = next((row["old_version"] for row in versions if row["version"] == new), None)
    old = _number(asked.get("old"), known) or before or max(1, new - 1)
    return _Pair(old, new) if old != new else _Pair(known[max(0, known.index(new) - 1)], new)


def _standing_at(given: str | None, versions: list[Row]) -> int | None:
    """The version a reader saw at a moment (RFC 3339; without a zone, the reader's own)."""
    try:
        moment = datetime.fromisoformat(given or "")
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=frame.clock().zone)
    seen: list[int] = [row["version"] for row in versions if row["seen_first_at"] <= aware]
    return seen[-1] if seen else int(versions[0]["version"])


def _number(given: str | None, known: list[int]) -> int | None:
    return int(given) if given and given.isdigit() and int(given) in known else None


def _go(old: int, new: int) -> None:
    st.query_params["old"], st.query_params["new"] = str(old), str(new)
    for name in ("since", "at"):
        st.query_params.pop(name, None)


def _redline(found: Row, versions: list[Row], pair: _Pair) -> None:
    article_id, clock = found["article_id"], frame.clock()
    seen = _Compared(
        *data.pair(article_id, pair.old, pair.new),
        data.comparison(article_id, pair.old, pair.new),
    )
    time = _between({row["version"]: row for row in versions}, pair, clock)
    frame.show(_section(f"Version {pair.old} → {pair.new}", join(["changed ", time])))
    frame.show(*_captured(versions, pair, clock))
    look = _tools(versions, pair)
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
    _changes(seen.comparison)
    frame.show(_section("What the publisher claims"), particulars.claimed(seen.old, seen.new, time))


def _between(rows: dict[int, Row], pair: _Pair, clock: Clock) -> Html:
    """Between the last check that showed the old version and the first that showed the new."""
    old, new = rows[min(pair.old, pair.new)], rows[max(pair.old, pair.new)]
    adjacent = new["old_version"] == old["version"]
    before = new["checked_before_at"] if adjacent else old["seen_first_at"]
    return between(clock, before, new["seen_first_at"])


def _captured(versions: list[Row], pair: _Pair, clock: Clock) -> list[Html]:
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


def _tools(versions: list[Row], pair: _Pair) -> str:
    known = [row["version"] for row in versions]
    here = known.index(pair.new)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        look = st.segmented_control(
            "How to show it",
            list(_LOOKS),
            default=frame.chosen("view", list(_LOOKS)) or "inline",
            required=True,
            format_func=_LOOKS.__getitem__,
            key="view",
            on_change=lambda: frame.keep("view", "inline"),
            label_visibility="collapsed",
        )
        _step("‹ Previous change", "p", known, here - 1)
        _step("Next change ›", "n", known, here + 1)
        _version_box("From", "old", versions, pair)
        _version_box("to", "new", versions, pair)
    return str(look)


def _step(label: str, key: str, known: list[int], place: int) -> None:
    possible = 0 < place < len(known)
    pair = (known[place - 1], known[place]) if possible else (0, 0)
    st.button(
        label, key=f"step_{key}", shortcut=key, disabled=not possible, on_click=_go, args=pair
    )


def _version_box(label: str, name: str, versions: list[Row], pair: _Pair) -> None:
    value, clock = getattr(pair, name), frame.clock()
    times = {row["version"]: clock.at(row["seen_first_at"]) for row in versions}
    key = f"{name}_{pair.old}_{pair.new}"  # a new pair makes new boxes: they show what is drawn

    def changed() -> None:
        chosen = st.session_state[key]
        _go(*((chosen, pair.new) if name == "old" else (pair.old, chosen)))

    st.selectbox(
        f"{label} version",
        list(times),
        index=list(times).index(value),
        format_func=lambda number: f"{label} version {number}, {times[number]}",
        key=key,
        on_change=changed,
        label_visibility="collapsed",
        width=215,
    )


def _text(seen: _Compared, pair: _Pair, look: str) -> None:
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


def _blame(found: Row, versions: list[Row], pair: _Pair, clock: Clock) -> Html:
    numbers = tuple(row["version"] for row in versions if row["version"] <= pair.new)
    columns = data.history(found["article_id"], numbers)
    times = {row["version"]: clock.at(row["seen_first_at"]) for row in versions}
    return redline.blame(columns[-1], len(columns), times, versions[-1]["language"])


def _changes(comparison: Comparison) -> None:
    if not comparison.changes:
        return
    bars = [particulars.weight(change.significance) for change in comparison.changes]
    frame.show(
        _section("Each change, and why it is one"), particulars.change_list(comparison, bars)
    )


def _single(found: Row, version: Row) -> None:
    """An article with one version: what it says, with nothing to compare it with yet."""
    document = data.document(found["article_id"], version["version"])
    seen = join(["first seen ", moment(frame.clock(), version["seen_first_at"])])
    said = captured(frame.clock(), version) if version["captured_by"] else seen
    columns = lineage.lineage([document], [])
    frame.show(
        element("h2", "What it says", element("small", said)),
        redline.blame(columns[0], 1, {1: ""}, document.language),
    )


# --------------------------------------------------------------------------
# What readers say, and the evidence


def _readers(found: Row) -> None:
    rows = data.comments(found["article_id"])
    if rows:
        under = f"{counted(len(rows), 'comment')}; never part of the article, never a change of it"
        frame.show(_section("What readers say", under), particulars.voices(rows))


def _evidence(found: Row, versions: list[Row], pair: _Pair) -> None:
    frame.show(_section("Evidence", "the responses that first showed each version"))
    numbers = sorted({pair.old, pair.new})
    digests = []
    for place, version in zip(st.columns(2), numbers, strict=False):
        row = data.evidence(found["article_id"], version)
        shown = particulars.evidence if row else particulars.captured_evidence
        row = row or data.capture(found["article_id"], version)
        if row is None:
            continue
        with place:
            frame.show(shown(row, version, frame.clock()))
            if row["body_digest"]:
                digests.append(row["body_digest"])
                _download(found["article"], version, row["body_digest"])
    steps = {(row["old_version"], row["version"]) for row in versions}
    if len(digests) == 2 and (pair.old, pair.new) in steps and data.are_kept(digests):
        _bundle(found, pair.new)


def _bundle(found: Row, version: int) -> None:
    """The change that led to a version as a file that anybody can check."""
    st.download_button(
        f"Download the evidence of the change to version {version}",
        data=lambda: data.evidence_bundle(found["article_id"], version),
        file_name=f"evidence-{found['article']}-{version}.zip",
        mime="application/zip",
        on_click="ignore",
        help="Both responses as WARC and WACZ, texts, redline and digests; "
        "`storylapse verify` checks it on any machine.",
    )


def _download(article: str, version: int, digest: str) -> None:
    st.download_button(
        f"Download the response of version {version}",
        data=lambda: data.body(digest) or b"",
        file_name=f"storylapse-{article}-v{version}.html.txt",
        mime="text/plain",  # never opened as a page of ours
        on_click="ignore",
        key=f"body_{version}",
    )
