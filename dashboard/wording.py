"""Our words on screen: kinds, times, counts. Pure functions; clock and zone are given."""

from __future__ import annotations

from collections.abc import Mapping
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
}
_SILENT = Kind("◐", "Changed without a note")  # a fact changed, and no note says so
_NOTED = Kind("◒", "Changed, and noted")

CHANGE_KINDS = _DECLARING | _FRAME | _TEXT
DECLARING = frozenset(_DECLARING)
TEXT_KINDS = frozenset(_TEXT)


def kind_of_change(kind: str) -> Kind:
    """How one change is called on the article page."""
    return CHANGE_KINDS.get(kind, Kind("·", plain(kind)))


def kind_of_alert(kind: str) -> Kind:
    """How an alert is called: its kind is one of a rule's."""
    if kind == "changed_without_note":
        return _SILENT
    return _EVENTS.get(kind) or kind_of_change(kind)


def kind_in_queue(kind: str, *, event: bool, declared: bool) -> Kind:
    """How a transition is called in the queue: one of the text by whether a note admits it."""
    if event:
        return _EVENTS.get(kind, Kind("·", plain(kind)))
    if kind == "changed_without_note":
        return _SILENT
    return _NOTED if declared and kind in TEXT_KINDS else kind_of_change(kind)


def declared_in_words(kind: str, *, event: bool, declared: bool) -> str:
    """Who says so: the outlet, or only our comparison."""
    if event:
        return "seen by us"
    if declared or kind in DECLARING - {"note_removed", "note_edited", "still_wrong"}:
        return "declared by the outlet"
    return "no note declares it"


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
