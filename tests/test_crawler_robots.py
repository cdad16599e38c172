"""robots.txt: read as RFC 9309 says, closed when in doubt, kept for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler import robots
from crawler.robots import KnownRules, robots_address, rules_of, unreachable
from store.hosts import RobotsFile
from store.model import Outcome

NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)
FILE = b"""User-agent: *
Disallow: /private
Crawl-delay: 7

User-agent: Storylapse
Disallow: /
Allow: /open
"""


def _unreachable(now: datetime) -> robots.Rules:
    return unreachable(Outcome.FAILED, "timeout", "The server did not answer.", now)


def test_the_group_that_names_us_decides() -> None:
    rules = rules_of(200, FILE, NOW)
    assert not rules.allow("https://n.example/a", "Storylapse")
    assert rules.allow("https://n.example/open", "Storylapse")
    assert rules.allow("https://n.example/a", "Other")
    assert not rules.allow("https://n.example/private/a", "Other")
    assert rules.delay("Other") == 7.0


@pytest.mark.parametrize(
    ("status", "allowed"), [(200, True), (404, True), (403, True), (429, False), (500, False)]
)
def test_an_empty_file_or_none_allows_and_trouble_does_not(status: int, *, allowed: bool) -> None:
    assert rules_of(status, b"", NOW).allow("https://n.example/a", "Storylapse") is allowed


@pytest.mark.parametrize(
    "body", [b"<html><body>no</body></html>", b"\xff\xfe\0\0", b"Disallow: /", b"\n" * 10**6]
)
def test_a_file_that_is_none_has_no_rules(body: bytes) -> None:
    assert rules_of(200, body, NOW).allow("https://n.example/a", "Storylapse")


def test_what_stands_beyond_the_size_limit_is_not_read() -> None:
    body = b"User-agent: *\n" + b"# filler\n" * 60_000 + b"Disallow: /\n"
    assert len(body) > robots.LARGEST_ROBOTS_BYTES
    assert rules_of(200, body, NOW).allow("https://n.example/a", "Storylapse")


def test_an_absurd_delay_is_clamped() -> None:
    body = b"User-agent: *\nCrawl-delay: 999999\n"
    assert rules_of(200, body, NOW).delay("Storylapse") == robots.LONGEST_DELAY_SECONDS


def test_rules_are_kept_for_a_while_and_no_longer() -> None:
    known = KnownRules()
    known.learn("o", rules_of(200, FILE, NOW))
    assert known.current("o", NOW + timedelta(hours=23)) is not None
    assert known.current("o", NOW + timedelta(hours=25)) is None
    assert known.current("other", NOW) is None


def test_old_rules_stand_in_for_an_unreachable_file_for_a_day() -> None:
    known = KnownRules()
    known.learn("o", rules_of(200, FILE, NOW))
    soon = NOW + timedelta(hours=7)
    assert known.learn("o", _unreachable(soon)).allow("https://n.example/open", "Storylapse")
    assert known.learn("o", rules_of(503, b"", soon)).allow("https://n.example/open", "Storylapse")
    late = NOW + timedelta(hours=25)
    closed = known.learn("o", _unreachable(late))
    assert not closed.allow("https://n.example/open", "Storylapse")


def test_rules_that_an_earlier_run_was_answered_hold_for_the_rest_of_their_day() -> None:
    known = KnownRules([RobotsFile("https://n.example/robots.txt", NOW, 200, FILE)])
    rules = known.current("https://n.example/robots.txt", NOW + timedelta(hours=23))
    assert rules is not None
    assert not rules.allow("https://n.example/private", "Storylapse")
    assert known.current("https://n.example/robots.txt", NOW + timedelta(hours=25)) is None


def test_trouble_on_the_way_is_not_kept() -> None:
    known = KnownRules()
    known.learn("o", _unreachable(NOW))
    assert known.current("o", NOW) is None


def test_the_memory_of_origins_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robots, "MOST_ORIGINS", 3)
    known = KnownRules()
    for name in "abcd":
        known.learn(name, rules_of(404, b"", NOW))
    assert [known.current(name, NOW) is None for name in "abcd"] == [True, False, False, False]


def test_each_origin_has_its_own_file() -> None:
    assert robots_address("https://n.example/a?b#c") == "https://n.example/robots.txt"
    assert robots_address("http://n.example:8080/a") == "http://n.example:8080/robots.txt"
