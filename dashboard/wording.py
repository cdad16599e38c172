"""Our words on screen: kinds, times, counts. Pure functions; clock and zone are given."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dashboard.markup import Html, element, foreign, join


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of change is shown: never by colour alone, always a sign and a word."""

    sign: str
    word: str


# What the outlet says itself.
_DECLARING = {
    "retraction": Kind("⊘", "Retraction"),
    "correction": Kind("■", "Correction"),
    "clarification": Kind("□", "Clarification"),
    "editors_note": Kind("¶", "Editor’s note"),
    "update": Kind("+", "Update"),
    "note_removed": Kind("⊟", "Note taken away"),
    "note_edited": Kind("⊡", "Note reworded"),
    "still_wrong": Kind("◨", "Error still standing"),
}
_FRAME = {
    "headline": Kind("▲", "Headline"),
    "standfirst": Kind("△", "Standfirst"),
    "byline": Kind("▽", "Byline"),
}
_TEXT = {
    "added": Kind("⊕", "Passage added"),
    "removed": Kind("⊖", "Passage removed"),
    "edited": Kind("✎", "Sentence edited"),
    "rewritten": Kind("≋", "Sentence rewritten"),
    "moved": Kind("⇅", "Passage moved"),
    "moved_edited": Kind("⇅", "Passage moved and edited"),
    "split": Kind("⑂", "Sentence split"),
    "merged": Kind("⑃", "Sentences merged"),
    "absorbed": Kind("⊂", "Part of a sentence taken into another"),
}
_EVENTS = {
    "removed": Kind("✕", "Removed"),
    "restored": Kind("○", "Back again"),
    "returned": Kind("↺", "Went back"),
    "moved": Kind("→", "New address"),
    "hidden": Kind("▨", "Hidden from us"),
}
_UNSAID = "changed_without_note"
_SILENT = Kind("◐", "Changed without a note")  # a fact changed, and no note says so
_NOTED = Kind("◒", "Changed, and noted")

CHANGE_KINDS = _DECLARING | _FRAME | _TEXT
TEXT_KINDS = frozenset(_TEXT)
# What became of the outlet's notes, as we saw it: nothing that it declares.
_OBSERVED = frozenset({"note_removed", "note_edited", "still_wrong"})
DECLARING = frozenset(_DECLARING) - _OBSERVED

# What a change is more narrowly (``Change.sub_kind``), where its kind is no type of fact.
SUB_KINDS = {
    "cosmetic": "only its typography or spelling",
    "tag": "only a tag such as “LIVE”",
    "reworded": "reworded",
    "fact": "a fact in it changed",
    "polarity": "a denial came or went",
    "up": "up",
    "down": "down",
}
FACTS = {
    # Types of facts (store/compare/weights.toml), as they stand before "12 → 11".
    "casualty_count": "casualties",
    "number": "number",
    "percent": "share",
    "money": "sum of money",
    "quantity": "measure",
    "score": "score",
    "date": "date",
    "time": "time",
    "age": "age",
    "title": "title of a person",
    "name": "name",
    "name_spelling": "spelling of a name",
    "quote": "quotation",
    "speaker": "speaker",
    "attribution": "who is said to have said it",
    "source": "source",
    "hedge": "word of doubt",
    "negation": "denial",
    "status": "state",
    "allegation": "wording of guilt",
    "link": "link",
    "byline": "byline",
    "dateline": "dateline",
}
# Why a change is kept and not told (``held_by``), as the end of "because".
HELD = {
    "unconfirmed": "more looks have to agree first",
    "flap": "the text went back to what it was, as in a headline test or a stale copy",
    "template": "the same text changed in unrelated articles of the outlet",
    "other_story": "another story stands at this address now",
    "reader": "another revision of the reader read it than the version before",
}
LABELS = {
    # Of a comparison as a whole (store/labels.py), as the end of "As a whole: ".
    "timestamp_only": "only the time stamp moved",
    "headline": "the headline changed",
    "headline_cosmetic": "only the typography or spelling of the headline changed",
    "headline_tag": "only a tag of the headline changed, such as “LIVE”",
    "headline_reworded": "the headline says it in other words",
    "headline_fact": "a fact in the headline changed",
    "headline_polarity": "a denial came into the headline or left it",
    "byline": "the byline changed",
    "expansion": "the text grew by half or more",
    "cut": "the text lost three tenths or more",
    "rewrite": "less than two fifths of the old sentences are left",
    "live_growth": "it grows as a live report does",
    "changed_without_note": "a fact changed and no note says so",
    "changed_with_note": "a note admits a change",
    "undisclosed_extra": "a note came with it and does not mention everything",
    "still_wrong": "an error that a note admits still stands",
}


def kind_of_change(kind: str) -> Kind:
    """How one change is called on the article page."""
    return CHANGE_KINDS.get(kind, Kind("·", plain(kind)))


def kind_of_alert(kind: str) -> Kind:
    """How an alert is called: its kind is one of a rule's."""
    if kind == _UNSAID:
        return _SILENT
    return _EVENTS.get(kind) or kind_of_change(kind)


def kind_in_queue(kind: str, *, event: bool, declared: bool) -> Kind:
    """How a transition is called in the queue: one of the text by whether a note admits it."""
    if event:
        return _EVENTS.get(kind, Kind("·", plain(kind)))
    if kind == _UNSAID:
        return _SILENT
    return _NOTED if declared and kind in TEXT_KINDS else kind_of_change(kind)


def declared_in_words(
    kind: str, *, event: bool, declared: bool, labels: Collection[str] = ()
) -> str:
    """Who says so: the outlet, or only our comparison; ``labels`` are those of the whole."""
    if event or kind in _OBSERVED:
        return "seen by us"
    extra = "undisclosed_extra" in labels
    if kind == _UNSAID:
        return "the note does not mention it" if extra else "no note declares it"
    if not declared and kind not in DECLARING:
        return "no note declares it"
    if extra:
        return "declared in part by the outlet"
    left = " and still wrong elsewhere" if "still_wrong" in labels else ""
    return f"declared by the outlet{left}"


def sub_kind_in_words(sub_kind: str) -> str:
    """What a change is more narrowly, in plain words."""
    return SUB_KINDS.get(sub_kind) or FACTS.get(sub_kind) or plain(sub_kind).lower()


def labels_in_words(labels: Collection[str]) -> str:
    """What the versions as a whole come to, one sentence; nothing where no label says more.

    A headline's own label says more than that it changed.
    """
    narrower = any(label.startswith("headline_") for label in labels)
    told = [LABELS[x] for x in labels if x in LABELS and not (narrower and x == "headline")]
    return f"As a whole: {'; '.join(told)}." if told else ""


def plain(word: str) -> str:
    """A stable word as people read it: ``cookie_wall`` becomes “Cookie wall”."""
    text = word.replace("_", " ").replace("/", ", ")
    return text[:1].upper() + text[1:]


def counted(number: int, one: str, many: str | None = None) -> str:
    """“1 check”, “61 checks”, “1,204 checks”."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(parts: list[str]) -> str:
    """“a”, “a and b”, “a, b and c”."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def percent(share: float) -> str:
    """A share between 0 and 1 in whole per cent."""
    return f"{round(share * 100)} %"


# --------------------------------------------------------------------------
# Time


@dataclass(frozen=True, slots=True)
class Clock:
    """The reader's zone, and the moment of this look."""

    now: datetime
    zone: ZoneInfo

    def day(self, moment: datetime) -> str:
        """“” for today, else “12 May” or “12 May 2025”."""
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone)
        if local.date() == today.date():
            return ""
        year = "" if local.year == today.year else f" {local.year}"
        return f"{local.day} {local:%b}{year}"

    def at(self, moment: datetime, *, seconds: bool = False) -> str:
        """“14:02”, “14:02:31” or “12 May 14:02”, in the reader's time."""
        local = moment.astimezone(self.zone)
        return f"{self.day(moment)} {local:%H:%M:%S}"[: None if seconds else -3].strip()


def zone_named(name: str | None) -> ZoneInfo:
    """The reader's zone; UTC where the browser names none that is known."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def in_utc(moment: datetime) -> str:
    """“2026-05-12 14:02:11 UTC”: for tooltips and evidence."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def moment(clock: Clock, at: datetime | None, *, seconds: bool = False) -> Html:
    """A moment as the reader's clock shows it, with UTC in the tooltip."""
    if at is None:
        return element("span", "never")
    return _time(clock.at(at, seconds=seconds), at.isoformat(), in_utc(at))


def captured(clock: Clock, row: Mapping[str, Any]) -> Html:
    """Whose observation a version is, where it is not ours (a row of version_list)."""
    parts = [
        "captured by ",
        foreign("bdi", row["captured_by"]),
        " on ",
        moment(clock, row["seen_first_at"]),
        "; read by us on ",
        moment(clock, row["capture_read_at"]),
    ]
    return join(parts)


def between(clock: Clock, before: datetime | None, seen: datetime) -> Html:
    """When a change happened, as honestly as two checks can say it."""
    words = between_in_words(clock, before, seen)
    if before is None:
        return _time(words, seen.isoformat(), in_utc(seen))
    return _time(words, seen.isoformat(), f"{in_utc(before)} to {in_utc(seen)}")


def between_in_words(clock: Clock, before: datetime | None, seen: datetime) -> str:
    """The same, as plain words."""
    if before is None:
        return f"first seen {clock.at(seen)}"
    if seen < before:
        now = clock.at(seen)
        return f"after {clock.at(before)} and by {now}, before which our clock was set back"
    seconds = seen - before < timedelta(minutes=2)
    last = clock.at(seen, seconds=seconds)
    if clock.day(before) == clock.day(seen):
        last = last.removeprefix(clock.day(seen)).strip()
    elif not clock.day(seen):
        last = f"today {last}"
    return f"between {clock.at(before, seconds=seconds)} and {last}"


def lasted(span: timedelta) -> str:
    """A length of time in its largest fitting unit: “40 seconds”, “3 hours”, “12 days”."""
    seconds = max(0, round(span.total_seconds()))
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size or (seconds >= size and size < 3600):
            return counted(round(seconds / size), name)
    return counted(seconds, "second")


def _time(shown: str, machine: str, tip: str) -> Html:
    return element("time", shown, attributes={"datetime": machine, "title": tip})


# --------------------------------------------------------------------------
# Addresses of our own pages


def article_address(article: str, old: int | None = None, new: int | None = None) -> str:
    """The deep link of an article, or of one comparison of it."""
    given = {"article": article, "old": old, "new": new}
    return "/article?" + urlencode(
        {key: value for key, value in given.items() if value is not None}
    )


def queue_address(**filters: str) -> str:
    """The deep link of the queue with these filters."""
    return "/?" + urlencode(filters) if filters else "/"
