"""The HTML report: change histories as one file that needs no program, no script and no network.

One section an article, one part a transition between two versions, with its redline, the
outlet's notes and the evidence. Times are UTC: a report is read elsewhere, and later. Every word
of an outlet passes through ``markup``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dashboard import particulars, passages, questions, redline, timeline
from dashboard.markup import Html, element, foreign, join, link, unseen
from dashboard.wording import Clock, counted, in_utc, kind_in_queue, labels_in_words, listed
from store import message
from store.archive import Archive
from store.compare import compare
from store.model import Change, Comparison, Document
from store.selection import HAPPENED, Selection, condition

Row = Mapping[str, Any]

MOST_CHECKS = 2000
"""Ticks on a timeline: more melt into a line."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # so that no day is "today", and every year is shown
_UTC = Clock(_LONG_AGO, ZoneInfo("UTC"))
_CHOSEN = """
    SELECT article_id, any_value(article) AS article, min(seen_first_at) AS began,
           list(DISTINCT {{'old': old_version, 'new': new_version}})
               FILTER (ordinal >= 0) AS pairs,
           list({{'kind': kind, 'reason': reason, 'before': checked_before_at,
                 'seen': seen_first_at}} ORDER BY seen_first_at)
               FILTER (ordinal < 0) AS events
    FROM (SELECT * FROM {happened} WHERE {condition}) GROUP BY article_id ORDER BY began, article_id
"""


@dataclass(frozen=True, slots=True)
class _Story:
    """One article of the report, with what of it was chosen."""

    article_id: int
    row: Row
    versions: Mapping[int, Row]
    pairs: Sequence[tuple[int, int]]
    events: Sequence[Row]

    @property
    def anchor(self) -> str:
        return f"article-{self.row['article']}"

    def place(self, new: int) -> str:
        """The name of the part that tells of a version."""
        return f"{self.anchor}-{new}"


def write(archive: Archive, selection: Selection) -> Iterator[bytes]:
    """Yield the report in pieces, UTF-8: a head, one section for each article, an end."""
    where, values = condition(selection)
    chosen = archive.query(_CHOSEN.format(happened=HAPPENED, condition=where), values)
    yield _head(archive, chosen, selection).encode()
    for row in chosen:
        yield _section(archive, _story(archive, row), selection).encode()
    yield b"</main></body></html>\n"


def of_change(archive: Archive, article: int, pair: tuple[int, int], how: Selection) -> bytes:
    """Return a report of one transition alone, as UTF-8; ``how`` says how much text leaves."""
    chosen = {"article_id": article, "pairs": [{"old": pair[0], "new": pair[1]}], "events": None}
    story = _story(archive, chosen)
    head = _head(archive, [chosen], how)
    return f"{head}{_section(archive, story, how)}</main></body></html>\n".encode()


def _story(archive: Archive, chosen: Row) -> _Story:
    number = chosen["article_id"]
    (row,) = archive.query("SELECT * FROM article_list WHERE article_id = ?", [number])
    versions = archive.query(questions.VERSIONS, [number, number])
    pairs = sorted((pair["old"], pair["new"]) for pair in chosen["pairs"] or ())
    return _Story(
        number, row, {one["version"]: one for one in versions}, pairs, chosen["events"] or ()
    )


# --------------------------------------------------------------------------
# The head


def _head(archive: Archive, chosen: Sequence[Row], selection: Selection) -> str:
    style = Path(__file__).with_name("style.css").read_text("utf-8")
    own = Path(__file__).with_name("report.css").read_text("utf-8")
    title = "How these stories changed"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{style}{own}</style></head>"
        f'<body class="stApp"><main class="stHtml">'
        + join([element("h1", title), _about(chosen, selection), _contents(archive, chosen)])
    )


def _about(chosen: Sequence[Row], selection: Selection) -> Html:
    changes = sum(len(row["pairs"] or ()) for row in chosen)
    asked = [
        f"outlet {listed(list(selection.outlets))}" if selection.outlets else "",
        f"kind {listed(list(selection.kinds))}" if selection.kinds else "",
        f"since {in_utc(selection.since)}" if selection.since else "",
        f"before {in_utc(selection.until)}" if selection.until else "",
        "also what was held back as noise" if selection.held else "",
    ]
    said = ", ".join(filter(None, asked)) or "everything"
    return join(
        [
            element(
                "p",
                f"{counted(len(chosen), 'article')}, {counted(changes, 'step')} from version to "
                f"version. Chosen: {said}.",
                css="sl-sub",
            ),
            element(
                "p",
                "Made by Storylapse. A change has no exact moment: it happened between two looks, "
                "and both are named. Reasons are Storylapse’s own words, never the outlet’s; "
                "what the outlet said itself is called its note. All times are UTC. ",
                "Old text is struck through, ",
                "new text is underlined.",
                css="sl-banner",
            ),
        ]
    )


def _contents(archive: Archive, chosen: Sequence[Row]) -> Html:
    if len(chosen) < 2:
        return Html()
    named = {
        row["article_id"]: row
        for row in archive.query(
            "SELECT article_id, outlet, headline, address FROM article_list "
            "WHERE article_id IN (SELECT unnest(?::UBIGINT[]))",
            [[row["article_id"] for row in chosen]],
        )
    }
    lines = []
    for row in chosen:
        known = named[row["article_id"]]
        title = foreign("bdi", known["headline"] or known["address"])
        outlet = foreign("bdi", known["outlet"] or "")
        lines.append(element("li", link(f"#article-{row['article']}", title), " · ", outlet))
    return element("nav", element("h2", "Articles"), element("ol", *lines), css="sl-contents")


# --------------------------------------------------------------------------
# One article


def _section(archive: Archive, story: _Story, selection: Selection) -> str:
    row = story.row
    checks = archive.query(questions.CHECKS, [story.article_id, MOST_CHECKS])
    events = archive.query(questions.EVENTS, [story.article_id])

    def place(_old: int | None, new: int | None) -> str:
        return f"#{story.place(new)}" if new is not None else f"#{story.anchor}"

    parts = [
        element("p", foreign("bdi", row["outlet"] or ""), css="sl-sub"),
        foreign("h2", row["headline"] or row["address"]),
        element("p", foreign("bdi", row["address"]), css="sl-muted sl-address"),
        timeline.timeline(place, list(story.versions.values()), events, checks, _UTC),
        *(_event(event) for event in story.events),
        *(_transition(archive, story, pair, selection) for pair in story.pairs),
    ]
    return element("section", *parts, attributes={"id": story.anchor}, css="sl-story")


def _event(event: Row) -> Html:
    kind = kind_in_queue(event["kind"], event=True, declared=False)
    return element(
        "p",
        element("b", f"{kind.sign} {kind.word}. "),
        f"{event['reason']} ",
        element("span", f"{message.interval(event['before'], event['seen'])}.", css="sl-muted"),
        css="sl-banner",
    )


def _transition(
    archive: Archive, story: _Story, pair: tuple[int, int], selection: Selection
) -> Html:
    old, new = (archive.document(story.article_id, number) for number in pair)
    compared = compare(old, new)
    row = story.versions[pair[1]]
    kind = kind_in_queue(row["kind"], event=False, declared=bool(row["declared"]))
    before = row["checked_before_at"]
    when = message.interval(
        before, row["seen_first_at"], row["checked_before_by"], row["captured_by"]
    )
    held = set() if selection.held else _held(archive, story.article_id, pair)
    noise = f"Held back, told nowhere: {row['held_by']}." if row["held_by"] else ""
    text = _redline(compared, old, new) if selection.full_text else _excerpts(compared, held)
    return element(
        "article",
        element("h3", f"Version {pair[0]} → {pair[1]}: {kind.word}"),
        element("p", f"{when}. {compared.reason} ", labels_in_words(compared.kinds), css="sl-sub"),
        element("p", noise, css="sl-sub"),
        text,
        _evidence(archive, story, pair),
        attributes={"id": story.place(pair[1])},
        css="sl-transition",
    )


def _redline(compared: Comparison, old: Document, new: Document) -> Html:
    arranged = passages.paragraphs(compared, old, new)
    pins = particulars.pins(compared, arranged)
    drawn = redline.inline(
        arranged, pins, lambda change: compared.changes[change].facts, new.language
    )
    frame = particulars.frame_changes(compared, new)
    return join([frame, drawn, *particulars.loose_notes(compared, arranged)])


def _held(archive: Archive, article: int, pair: tuple[int, int]) -> set[int]:
    """The places of the changes that are held back as noise."""
    rows = archive.query(
        "SELECT ordinal FROM change_list WHERE article_id = ? AND new_version = ? "
        "AND held_by IS NOT NULL AND held_by <> 'unconfirmed'",
        [article, pair[1]],
    )
    return {row["ordinal"] for row in rows}


def _excerpts(compared: Comparison, held: set[int]) -> Html:
    """Each change with a little of what stands around it: whole texts leave only when asked for."""
    told = [change for place, change in enumerate(compared.changes) if place not in held]
    told.sort(key=lambda change: -change.significance)
    listed = element("ol", *(_excerpt(compared, change) for change in told), css="sl-changes")
    notes = [note for note in compared.notes if note.status != "kept"]
    return join([listed, *(particulars.note_pin(compared, note) for note in notes)])


def _excerpt(compared: Comparison, change: Change) -> Html:
    spans = message.spans_of(change)
    facts = "; ".join(particulars.fact_lines(change.facts))
    said = particulars.said_by(compared, change)
    return element(
        "li",
        particulars.weight(change.significance),
        element("div", redline.quoting(change.reason), element("small", said), css="sl-kind"),
        element(
            "div",
            element("div", redline.excerpt(spans, change.facts), css="sl-excerpt"),
            *([element("div", facts, css="sl-facts")] if facts else []),
        ),
    )


def _evidence(archive: Archive, story: _Story, pair: tuple[int, int]) -> Html:
    shown = []
    for version in pair:
        checks = archive.query(questions.EVIDENCE, [story.article_id, version])
        captures = archive.query(questions.CAPTURE, [story.article_id, version])
        if checks:
            shown.append(particulars.evidence(checks[0], version, _UTC))
        elif captures:
            shown.append(particulars.captured_evidence(captures[0], version, _UTC))
    return element(
        "details",
        element("summary", "Evidence", unseen(" of this change")),
        element("div", *shown, css="sl-both-sides"),
        css="sl-proof",
    )
