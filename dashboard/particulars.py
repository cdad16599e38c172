"""What stands beside and under a redline: pins in the margin, the list of changes, what the
publisher claims, what readers say, and the evidence. Pure: values in, HTML out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dashboard import redline, reviewing
from dashboard.markup import Html, element, foreign, join, words
from dashboard.passages import Paragraph
from dashboard.wording import (
    FACTS,
    Clock,
    counted,
    declared_in_words,
    in_utc,
    kind_of_change,
    moment,
    plain,
    sub_kind_in_words,
)
from store.compare.standfirst import standfirst_blocks
from store.model import (
    Change,
    ChangeKind,
    Claims,
    Comparison,
    Document,
    FactChange,
    Note,
    NoteChange,
    NoteKind,
    NoteStatus,
)
from store.reviews import Finding

Row = Mapping[str, Any]
Marked = tuple[Finding, dict[str, Any] | None]
"""A change as people mark it, and the mark that holds."""

_PLACES = {
    "top": "at the top",
    "inline": "in the text",
    "end": "at the foot",
    "metadata": "in the page’s metadata only",
}
_FRAME = (ChangeKind.HEADLINE, ChangeKind.STANDFIRST, ChangeKind.BYLINE)
# The notes that say something that stood there was wrong or unclear.
_OWNING_UP = frozenset({NoteKind.CORRECTION, NoteKind.CLARIFICATION, NoteKind.RETRACTION})
_MOST_HEADERS = 60
# Notes in the margin are many: as landmarks they would be in the way of those who jump.
_ASIDE: dict[str, str | None] = {"role": "note"}


# --------------------------------------------------------------------------
# Pins


def pins(comparison: Comparison, arranged: Sequence[Paragraph]) -> dict[int, list[Html]]:
    """Margin notes by paragraph: each change where it first shows, each note beside itself."""
    found: dict[int, list[Html]] = {}
    told: set[int] = set()
    for index, paragraph in enumerate(arranged):
        for number in paragraph.changes:
            if number not in told and comparison.changes[number].note is None:  # a note has its own
                told.add(number)
                found.setdefault(index, []).append(change_pin(comparison, number))
    for note in comparison.notes:
        place = _paragraph_of(note, arranged)
        if place is not None and note.status is not NoteStatus.KEPT:
            found.setdefault(place, []).insert(0, note_pin(comparison, note))
    return found


def loose_notes(comparison: Comparison, arranged: Sequence[Paragraph]) -> list[Html]:
    """Notes that stand in no paragraph: the page's metadata, for the most part."""
    return [
        note_pin(comparison, note)
        for note in comparison.notes
        if note.status is not NoteStatus.KEPT and _paragraph_of(note, arranged) is None
    ]


def _paragraph_of(change: NoteChange, arranged: Sequence[Paragraph]) -> int | None:
    block = change.note.block
    if block is None:
        return None
    gone = change.status is NoteStatus.REMOVED
    for index, paragraph in enumerate(arranged):
        stands = paragraph.old_block if gone else paragraph.new_block
        if stands == block and (paragraph.new_block is None) == gone:
            return index
    return None


def change_pin(comparison: Comparison, number: int) -> Html:
    """One change in the margin: what it is, why it matters, and whether a note admits it."""
    change = comparison.changes[number]
    kind = kind_of_change(change.kind)
    told = [] if change.note is not None else [words("sl-muted", _declared(comparison, change))]
    return element(
        "aside",
        element("b", f"{kind.sign} {kind.word}"),
        redline.quoting(change.reason),
        *(words("sl-muted", line) for line in fact_lines(change.facts)),
        *told,
        css="sl-pin",
        attributes=_ASIDE | {"title": f"Significance {change.significance:.2f} of 1"},
    )


def _declared(comparison: Comparison, change: Change) -> str:
    if change.kind is ChangeKind.STILL_WRONG:
        return "seen by us: the note admits it elsewhere"
    if change.declared_by is None:
        return "no note declares it"
    note = comparison.notes[change.declared_by].note
    return f"declared by the {_called(note).lower()} {_PLACES[note.place]}"


def note_pin(comparison: Comparison, change: NoteChange) -> Html:
    """A note in the margin: what kind, where, what it declares, and the cue that gave it away."""
    note = change.note
    kind = kind_of_change(note.kind)
    status = "" if change.status is NoteStatus.ADDED else f", {change.status}"
    lines = [_declares(comparison, change), *_stated(note)]
    return element(
        "aside",
        element("b", f"{kind.sign} {_called(note)}, {_PLACES[note.place]}{status}"),
        *(element("span", line, css="") for line in lines[:1]),
        *(words("sl-muted", line) for line in lines[1:]),
        words("sl-muted", _cue(note)),
        css="sl-pin",
        attributes=_ASIDE,
    )


def _cue(note: Note) -> str:
    """What gave it away: “cue: update label (en)”."""
    language, _, name = note.cue.rpartition("/")
    said = f"cue: {plain(name.replace('-', ' ')).lower()}"
    return f"{said} ({language})" if language else said


def _called(note: Note) -> str:
    return kind_of_change(note.kind).word


def _declares(comparison: Comparison, note: NoteChange) -> str:
    if note.status is NoteStatus.REMOVED:
        return "no longer in the article"
    if note.status is NoteStatus.MOVED:
        return "the same note in another place"
    index = comparison.notes.index(note)
    declared = [c for c in comparison.changes if c.declared_by == index]
    facts = [line for change in declared for line in fact_lines(change.facts)]
    if facts:
        return "declares: " + "; ".join(facts)
    if declared:
        return f"declares {counted(len(declared), 'change')} of the text"
    if note.note.kind in _OWNING_UP:
        return "no change of the text could be tied to it"
    return "declares no change of what stood before"


def _stated(note: Note) -> list[str]:
    lines = [f"time it states: {note.stated_time}"] if note.stated_time else []
    return [*lines, f"source it cites: {note.source}"] if note.source else lines


def fact_lines(facts: Sequence[FactChange]) -> list[str]:
    """“number: 12 → 11”, one line a fact."""
    lines = []
    for fact in facts:
        name = FACTS.get(fact.type) or plain(fact.type).lower()
        if fact.old and fact.new:
            lines.append(f"{name}: {fact.old} → {fact.new}")
        elif fact.new:
            lines.append(f"{name} added: {fact.new}")
        elif fact.old:
            lines.append(f"{name} taken out: {fact.old}")
    return lines


# --------------------------------------------------------------------------
# The frame of the article: headline, standfirst, byline


def frame_changes(comparison: Comparison, new: Document) -> Html:
    """Headline, standfirst and byline, with their redlines where they changed."""
    parts = [
        ("h3", "sl-headline", ChangeKind.HEADLINE, new.headline),
        ("p", "sl-standfirst", ChangeKind.STANDFIRST, _apart(new)),
        ("p", "sl-byline", ChangeKind.BYLINE, new.byline),
    ]
    by_kind = {change.kind: change for change in comparison.changes if change.kind in _FRAME}
    drawn = []
    for name, css, kind, text in parts:
        change = by_kind.get(kind)
        if change is None and not text:
            continue
        inside = _framed(change) if change else text or ""
        attributes: dict[str, str | None] = {"dir": "auto", "lang": new.language}
        drawn.append(element(name, inside, css=css, attributes=attributes))
    return element("div", *drawn, css="sl-frame")


def _apart(document: Document) -> str | None:
    """The standfirst, where it does not stand among the blocks, which are drawn below."""
    return None if standfirst_blocks(document) else document.standfirst


def _framed(change: Change) -> Html:
    if change.redline:
        return redline.runs(change.redline, change.facts)
    return join([redline.removed(change.old or ""), " ", redline.inserted(change.new or "")])


# --------------------------------------------------------------------------
# Lists


def weight(significance: float) -> Html:
    """The quiet bar at the left, with its figure for those who ask."""
    said = f"Significance {significance:.2f} of 1"
    bar = element("i", attributes={"style": f"height:{significance:.0%}"})
    return element(
        "span", bar, css="sl-weight", attributes={"title": said, "role": "img", "aria-label": said}
    )


def change_list(comparison: Comparison, marks: Sequence[Marked | None], clock: Clock) -> Html:
    """Every change with its reason and its facts, what matters first.

    ``marks`` names each change as people mark it, with the mark that holds; None cannot be marked.
    """
    order = sorted(
        range(len(comparison.changes)), key=lambda i: -comparison.changes[i].significance
    )
    rows = [_change_row(comparison, index, marks[index], clock) for index in order]
    return element("ol", *rows, css="sl-changes")


def _change_row(comparison: Comparison, index: int, marked: Marked | None, clock: Clock) -> Html:
    change = comparison.changes[index]
    kind = kind_of_change(change.kind)
    said = said_by(comparison, change)
    sub = f"{sub_kind_in_words(change.sub_kind)} · " if change.sub_kind else ""
    lines = "; ".join(fact_lines(change.facts))
    sentence = redline.marked(change.reason, change.redline, change.facts) or redline.quoting(
        change.reason
    )
    name = element(
        "div",
        words("sl-sign", kind.sign),
        kind.word,
        element("small", sub, said),
        *_intended(change),
        css="sl-kind",
    )
    told = [element("div", sentence, css="sl-why")]
    if lines:
        told.append(element("div", lines, css="sl-facts"))
    if change.parts:
        told.append(_parts(change))
    named = None
    if marked is not None:
        named = reviewing.named(marked[0])
        told.append(reviewing.buttons(marked[1], clock))
    bar = weight(change.significance)
    return element("li", bar, name, element("div", *told), attributes=named)


def _intended(change: Change) -> list[Html]:
    """What kind of edit it is in the scheme of NewsEdits 2.0, where a rule can say so."""
    if not change.intention:
        return []
    scheme: dict[str, str | None] = {"title": "Its intention, as NewsEdits 2.0 names them"}
    return [element("small", f"kind of edit: {change.intention.lower()}", attributes=scheme)]


def said_by(comparison: Comparison, change: Change) -> str:
    """Who says so, in a few words: the outlet's note, or nobody."""
    if change.note is None:
        return _declared(comparison, change)
    return declared_in_words(change.kind, event=False, declared=False)


def _parts(change: Change) -> Html:
    """Why it matters as much as it does: the parts of its significance, folded away."""
    rows = [
        element("li", element("b", f"{part.points:.2f}"), " ", part.meaning)
        for part in change.parts
    ]
    summary = element("summary", f"Significance {change.significance:.2f} of 1: why")
    return element("details", summary, element("ul", *rows), css="sl-parts")


def claimed(old: Document, new: Document, seen: Html, clock: Clock) -> Html:
    """What the publisher's metadata says, beside what we observed. Claims stay claims."""
    before, after = old.claims, new.claims
    rows = [
        _stamp("published", before.published, after.published, "", clock),
        _stamp("modified", before.modified, after.modified, _moved(before, after), clock),
        _claim("headline for sharing", before.social_headline, after.social_headline, ""),
        _claim("section", before.section, after.section, ""),
        *(_claim("correction", None, text, "") for text in after.corrections),
    ]
    told = [row for row in rows if row]
    head = [words("sl-head", name) for name in ("", "The publisher’s metadata says", "We observed")]
    observed = [words("sl-head", "text"), element("span", "—"), element("span", "changed ", seen)]
    if not told:
        observed[1] = element("span", "nothing", css="sl-muted")
    return element(
        "div", *head, *observed, *(cell for row in told for cell in row), css="sl-claims"
    )


def _claim(name: str, old: str | None, new: str | None, observed: str) -> list[Html]:
    if not (old or new):
        return []
    said = [foreign("span", new or "no longer said")]
    if old and old != new:
        said = [redline.removed(old), Html(" "), redline.inserted(new or "nothing")]
    return [words("sl-head", name), element("span", *said), element("span", observed)]


def _stamp(name: str, old: str | None, new: str | None, observed: str, clock: Clock) -> list[Html]:
    """A claimed time as the reader's clock shows it; the tooltip has it as it is written."""
    row = _claim(name, _as_read(old, clock), _as_read(new, clock), observed)
    written = " → ".join(dict.fromkeys(filter(None, (old, new))))
    return [element("div", cell, attributes={"title": written}) for cell in row]


def _as_read(written: str | None, clock: Clock) -> str | None:
    try:
        at = datetime.fromisoformat(written or "")
    except ValueError:
        return written
    return clock.at(at, seconds=True) if at.tzinfo else written


def _moved(before: Claims, after: Claims) -> str:
    if before.modified == after.modified:
        return "not moved by this edit"
    return "moved with this edit"


def voices(rows: Sequence[Row]) -> Html:
    """What readers wrote. Apart, and never a change of the article."""
    disputes = [row["disputes"] for row in rows if row["disputes"]]
    shown = [
        element("p", words("sl-muted", "Readers say: "), " ".join(disputes), css="sl-disputes")
    ]
    voices = [
        element(
            "li",
            element("div", foreign("bdi", row["author"] or "A reader"), css="sl-muted"),
            foreign("div", row["text"], css="sl-says"),
            attributes={"style": f"--depth:{min(row['depth'], 5)}"},
        )
        for row in rows
    ]
    return join([*(shown if disputes else []), element("ol", *voices, css="sl-voices")])


def evidence(row: Row, version: int, clock: Clock) -> Html:
    """How we know: the response that first showed a version."""
    facts = [
        (
            "asked",
            join(
                [moment(clock, row["started_at"], seconds=True), f" ({in_utc(row['started_at'])})"]
            ),
        ),
        ("answered", join([moment(clock, row["finished_at"], seconds=True)])),
        ("why", row["because"] or plain(row["why"]).lower()),
        ("status", str(row["status"] or "none")),
        ("address", row["final_address"] or "as asked"),
        ("SHA-256 of the response", element("code", row["body_digest"] or "none")),
        ("read by", row["extractor"] or "nothing"),
    ]
    return _evidence(f"Version {version}", facts, row["headers"])


def further_pages(rows: Sequence[Row]) -> Html:
    """The pages after the first from which the article was read, each a request of its own."""
    if not rows:
        return Html()
    said = f"Spread over {counted(len(rows) + 1, 'page')}; after the first, shown above:"
    shown = [
        element(
            "li",
            element("b", f"Page {row['number']}: "),
            foreign("bdi", row["address"]),
            element("div", f"{row['status'] or 'no status'}. {row['reason']}", css="sl-muted"),
            element("code", row["body_digest"] or "nothing kept"),
        )
        for row in rows
    ]
    return element("div", element("p", said), element("ol", *shown), css="sl-evidence sl-pages")


def captured_evidence(row: Row, version: int, clock: Clock) -> Html:
    """How we know of a version that an archive captured, and where anybody may look it up."""
    facts = [
        ("captured by", foreign("bdi", row["archive"])),
        ("on", join([moment(clock, row["captured_at"], seconds=True)])),
        ("as", foreign("bdi", row["captured_address"])),
        ("it stands at", foreign("bdi", row["address"])),
        ("read there by us on", join([moment(clock, row["read_at"], seconds=True)])),
        ("WARC record", element("code", row["record_id"] or "not stated")),
        ("digest, as they state it", element("code", row["digest"] or "not stated")),
        ("SHA-256 of the page", element("code", row["body_digest"] or "none")),
        ("read by", row["extractor"] or "nothing"),
    ]
    return _evidence(f"Version {version}, captured by others", facts, row["headers"])


def _evidence(title: str, facts: list[tuple[str, Html | str]], written: str | None) -> Html:
    headers = json.loads(written or "[]")[:_MOST_HEADERS]
    listed = [part for name, value in facts for part in (element("dt", name), element("dd", value))]
    pairs = [
        part
        for name, value in headers
        for part in (element("dt", str(name)), element("dd", element("code", str(value))))
    ]
    summary = element("summary", counted(len(headers), "response header"))
    fold = [element("details", summary, element("dl", *pairs), css="sl-fold")] if pairs else []
    head = element("h3", title)
    return element("div", head, element("dl", *listed), *fold, css="sl-evidence")
