"""Rules: what somebody wants to be told about, and the alert that tells it. Pure.

A rule is met by a transition between two versions or by an event of the whole article. One
rule makes at most one alert of each, however many changes meet it, and its id is the same
for ever, so that telling again can be recognised.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from store import patterns
from store.address import host_of
from store.compare.significance import is_factual
from store.config import AlertsConfig, RuleConfig
from store.errors import ConfigError
from store.message import described, interval, one_line, rfc3339, spans_of, title
from store.model import Alert, Change, ChangeKind, EventKind, NoteChange, Rule

KINDS: dict[str, str] = {
    # A rule's kind and what it found, said of the outlet or its article; what weighs most first.
    "retraction": "the outlet retracted the article or a part of it",
    "removed": "the article is no longer where it was published",
    "correction": "the outlet published a new correction",
    "clarification": "the outlet published a new clarification",
    "changed_without_note": "a fact changed and no note of the outlet says so",
    "note_removed": "a note of the outlet is no longer there",
    "still_wrong": "an error that a note of the outlet admits still stands elsewhere",
    "number": "a number changed",
    "quote": "a quotation changed",
    "name": "a name changed",
    "headline": "the headline changed",
    "update": "the outlet published a new update",
    "editors_note": "the outlet published a new editor's note",
    "restored": "the article is back where it was published",
    "any": "the article changed",
}

FACT_FAMILIES: dict[str, frozenset[str]] = {
    # A rule's kind and the types of fact (store/compare/weights.toml) that it stands for.
    "number": frozenset(
        {"number", "percent", "money", "casualty_count", "age", "score", "quantity"}
    ),
    "name": frozenset({"name", "name_spelling"}),
    "quote": frozenset({"quote", "speaker"}),
}

DEFAULT_RULES = (Rule("corrections and removals"),)
"""What holds when no rule is written: corrections, clarifications, retractions and removals."""

_NOTE_KINDS = frozenset(
    {
        ChangeKind.RETRACTION,
        ChangeKind.CORRECTION,
        ChangeKind.CLARIFICATION,
        ChangeKind.EDITORS_NOTE,
        ChangeKind.UPDATE,
        ChangeKind.NOTE_REMOVED,
        ChangeKind.NOTE_EDITED,
        ChangeKind.STILL_WRONG,
    }
)
_EVENTS = frozenset({EventKind.REMOVED, EventKind.RESTORED})
_UNDECLARED = "changed_without_note"
# Written without blanks between words: there a word may stand inside a longer run.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Found:
    """One recorded transition between two versions, or one event: what rules look at.

    A transition has ``changes``, ``notes`` (what became of each note) and ``labels`` (the
    comparison's kinds for the article as a whole). An event has ``event``, its ``reason`` and
    ``significance``, and the state it happened in as both versions.
    """

    article_id: int
    address: str
    outlet: str
    headline: str | None
    old_version: int | None
    new_version: int | None
    checked_before_at: datetime | None
    seen_first_at: datetime
    changes: tuple[Change, ...] = ()
    notes: tuple[NoteChange, ...] = ()
    labels: tuple[str, ...] = ()
    event: EventKind | None = None
    reason: str = ""
    significance: float = 0.0
    checked_before_by: str | None = None  # the archive whose capture that was, no check of ours
    source: str | None = None  # the address of the source that first offered the article
    stories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that was met: by which kind, by which changes (none for an event), by which word.

    ``changes`` that meet the rule come first, then those which the notes among them admit.
    ``word`` is the one that stands in the changed words, ``pattern`` whether the rule's fits them.
    """

    kind: str
    changes: tuple[Change, ...]
    word: str | None = None
    pattern: str | None = None


def rules_from_config(alerts: AlertsConfig) -> tuple[Rule, ...]:
    """Return the configured rules, or the default where none is written.

    A rule that names no channel gets all configured now, so that a channel added later is not
    sent what happened before it. Raises ConfigError for an unknown kind, an unknown channel, a
    pattern that cannot be used, or two rules of one name.
    """
    channels = tuple(channel.name for channel in alerts.channels)
    names = [rule.name for rule in alerts.rules]
    if len(set(names)) < len(names):
        raise ConfigError("Two [[alerts.rules]] have the same name; give each its own.")
    if not alerts.rules:
        return tuple(replace(rule, channels=channels) for rule in DEFAULT_RULES)
    return tuple(rule_of(rule, channels) for rule in alerts.rules)


def rule_of(rule: RuleConfig, channels: Sequence[str]) -> Rule:
    """Return one rule, checked against what there is. Raises ConfigError."""
    where = f"the alert rule '{rule.name}'"
    for kind in rule.kinds:
        _check(kind, tuple(KINDS), f"kind in {where}")
    for channel in rule.channels:
        _check(channel, channels, f"channel in {where}")
    if rule.pattern is not None:
        patterns.check(rule.pattern, where)
    return Rule(**rule.model_dump() | {"channels": rule.channels or tuple(channels)})


def raise_alerts(
    rules: Iterable[Rule], found: Found, *, link_base: str, raised_at: datetime
) -> tuple[Alert, ...]:
    """Return one alert for each rule ``found`` meets. ``link_base`` has no slash at its end."""
    met = ((rule, matches(rule, found)) for rule in rules)
    return tuple(
        _alert(rule, match, found, link_base, raised_at) for rule, match in met if match is not None
    )


def matches(rule: Rule, found: Found) -> Match | None:
    """Say whether, and by what, ``found`` meets the rule."""
    if not (_of_outlet(rule, found) and _of_source(rule, found) and _of_story(rule, found)):
        return None
    return _match_event(rule, found) if found.event else _match_changes(rule, found)


def why(rule: Rule, match: Match) -> str:
    """Say in one sentence why the rule fired."""
    said = KINDS.get(match.kind, KINDS["any"])
    word = f", and “{one_line(match.word)}” stands in the changed words" if match.word else ""
    if match.pattern:
        word += f", and the pattern “{one_line(match.pattern)}” fits them"
    return f"The rule “{one_line(rule.name)}” fired because {said}{word}."


def alert_id(rule: str, found: Found, kind: str) -> str:
    """Return SHA-256 (hex) of rule, article, the two versions, their check and kind: for ever.

    The check counts too: an event can happen to one version more than once, and versions are
    numbered anew where an archive brings older ones.
    """
    parts = [rule, f"{found.article_id:x}", str(found.old_version), str(found.new_version), kind]
    parts.append(found.seen_first_at.isoformat())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def deep_link(link_base: str, found: Found) -> str:
    """Return the address of the exact comparison on the dashboard.

    It is named by the check that first showed it, since versions are numbered anew where an
    archive brings older ones.
    """
    compared = not (found.event or found.old_version is None or found.new_version is None)
    return article_link(link_base, found.article_id, found.seen_first_at if compared else None)


def article_link(link_base: str, article_id: int, at: datetime | None) -> str:
    """Return the address of an article on the dashboard, or of what a check ``at`` first showed."""
    link = f"{link_base}/article?article={article_id:x}"
    return f"{link}&at={rfc3339(at)}" if at else link


# --------------------------------------------------------------------------
# Matching


def _of_outlet(rule: Rule, found: Found) -> bool:
    if not rule.outlets:
        return True
    host = host_of(found.address)
    wanted = [name.casefold() for name in rule.outlets]
    return any(
        name in (found.outlet.casefold(), host) or host.endswith(f".{name}") for name in wanted
    )


def _of_source(rule: Rule, found: Found) -> bool:
    return not rule.sources or found.source in rule.sources


def _of_story(rule: Rule, found: Found) -> bool:
    return not rule.stories or not set(rule.stories).isdisjoint(found.stories)


def _match_event(rule: Rule, found: Found) -> Match | None:
    if found.event not in _EVENTS or found.significance < rule.least_significance:
        return None
    if rule.kinds and not {found.event.value, "any"} & set(rule.kinds):
        return None
    said = _said(rule, found.headline or "")
    return None if said is None else Match(found.event.value, (), *said)


def _match_changes(rule: Rule, found: Found) -> Match | None:
    met: list[tuple[str, Change, _Said]] = []
    for change in found.changes:
        kind = _kind_met(rule, change, found)
        said = _said(rule, _changed_words(change)) if kind else None
        if kind and said:
            met.append((kind, change, said))
    if not met:
        return None
    kind, _, said = min(met, key=lambda one: (_rank(one[0]), -one[1].significance))
    changes = [change for _, change, _ in met]
    return Match(kind, (*changes, *_admitted(changes, found)), *said)


def _admitted(met: Sequence[Change], found: Found) -> Iterable[Change]:
    """Return what the notes among ``met`` admit: a correction is told with what it corrects."""
    notes = {change.note for change in met if change.note is not None}
    return (one for one in found.changes if one.declared_by in notes and one not in met)


def _kind_met(rule: Rule, change: Change, found: Found) -> str | None:
    """Return the weightiest kind by which the change meets the rule."""
    if change.significance < rule.least_significance:
        return None
    answers = _kinds_of(change, found)
    wanted = answers if not rule.kinds or "any" in rule.kinds else answers & set(rule.kinds)
    return min(wanted, key=_rank, default=None)


def _kinds_of(change: Change, found: Found) -> set[str]:
    """Return every kind of rule that the change answers to."""
    kinds = {"any"}
    if change.kind in _NOTE_KINDS:
        return kinds | {_note_kind(change, found)}
    if change.kind is ChangeKind.HEADLINE:
        kinds.add("headline")
    types = {fact.type for fact in change.facts}
    kinds.update(kind for kind, family in FACT_FAMILIES.items() if family & types)
    if _UNDECLARED in found.labels and change.declared_by is None and is_factual(change.facts):
        kinds.add(_UNDECLARED)
    return kinds


def _note_kind(change: Change, found: Found) -> str:
    """Return the note's kind of change; an edit that makes it a correction counts as one."""
    if change.kind is not ChangeKind.NOTE_EDITED or change.note is None:
        return change.kind.value
    edit = found.notes[change.note]
    became_another = edit.old_note is not None and edit.old_note.kind is not edit.note.kind
    return edit.note.kind.value if became_another else change.kind.value


def _rank(kind: str) -> int:
    order = tuple(KINDS)
    return order.index(kind) if kind in KINDS else len(order)


def _changed_words(change: Change) -> str:
    return "\n".join(span.text for span in spans_of(change) if span.op != "same")


_Said = tuple[str | None, str | None]


def _said(rule: Rule, text: str) -> _Said | None:
    """Return the rule's word and pattern that are in a text; None where what it asks for is not."""
    word = _word_in(rule.words, text)
    if (rule.words and word is None) or (rule.pattern and not patterns.fits(rule.pattern, text)):
        return None
    return word, rule.pattern


def _word_in(words: Sequence[str], text: str) -> str | None:
    """Return the first of ``words`` that stands in the text as a whole word, case folded."""
    folded = text.casefold()
    return next((word for word in words if _stands_in(word.casefold(), folded)), None)


def _stands_in(word: str, text: str) -> bool:
    if _UNSPACED.search(word):
        return word in text
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


# --------------------------------------------------------------------------
# Making


def _alert(rule: Rule, match: Match, found: Found, link_base: str, raised_at: datetime) -> Alert:
    link = deep_link(link_base, found)
    reason = why(rule, match)
    return Alert(
        alert_id=alert_id(rule.name, found, match.kind),
        rule=rule.name,
        article_id=found.article_id,
        kind=match.kind,
        title=title(match.kind, found.outlet, found.headline),
        reason=reason,
        body=_body(match, found, reason, link),
        link=link,
        raised_at=raised_at,
    )


def _body(match: Match, found: Found, reason: str, link: str) -> str:
    heading = f"{one_line(found.outlet)}\n{one_line(found.headline or '(no headline)')}"
    told = [one_line(found.reason)] if found.event else list(described(match.changes))
    when = interval(found.checked_before_at, found.seen_first_at, found.checked_before_by)
    label = "History" if found.event else "Compare"
    closing = f"{reason}\n{label}: {link}\nArticle: {one_line(found.address)}"
    return "\n\n".join([heading, *told, f"{when}.", closing])


def _check(name: str, known: Sequence[str], what: str) -> None:
    if name in known:
        return
    close = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean '{close[0]}'?" if close else f" Known: {', '.join(known) or 'none'}."
    raise ConfigError(f"Unknown {what}: '{name}'.{hint}")
