"""robots.txt: read as RFC 9309 says, closed when in doubt, kept for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler import robots
from crawler.robots import (
    KnownRules,
    product_word,
    robots_address,
    rules_of,
    unreachable,
)
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


US = "Storylapse"


def _unreachable(now: datetime) -> robots.Rules:
    return unreachable(Outcome.FAILED, "timeout", "The server did not answer.", now)


def test_the_group_that_names_us_decides() -> None:
    rules = rules_of(200, FILE, US, NOW)
    assert not rules.allow("https://n.example/a")
    assert rules.allow("https://n.example/open")
    others = rules_of(200, FILE, "Other", NOW)
    assert others.allow("https://n.example/a")
    assert not others.allow("https://n.example/private/a")
    assert others.delay == 7.0


@pytest.mark.parametrize(
    "named", ["storyLAPSE", "Storylapse/1.0", "GPTBot\nUser-agent: Storylapse", "Storylapse # a"]
)
def test_we_are_meant_however_our_name_is_written(named: str) -> None:
    body = f"User-agent: *\nAllow: /\n\nUser-agent: {named}\nDisallow: /\n".encode()
    assert not rules_of(200, body, US, NOW).allow("https://n.example/a")


@pytest.mark.parametrize("named", ["us", "others", "Story", "Storylapse-news", "notStorylapse"])
def test_a_group_for_somebody_else_is_not_ours(named: str) -> None:
    body = f"User-agent: {named}\nDisallow: /\n".encode()
    assert rules_of(200, body, US, NOW).allow("https://n.example/a")


def test_a_thousand_agents_before_a_thousand_rules_cost_no_more_than_one() -> None:
    agents = "".join(f"User-agent: bot{n}\n" for n in range(10_000))
    text = agents + "User-agent: storylapse\n" + "Disallow: /a\n" * 15_000 + "Disallow: /b\n"
    rules = rules_of(200, text.encode(), US, NOW)
    assert not rules.allow("https://n.example/b")
    assert rules.allow("https://n.example/c")


def test_we_are_called_by_the_first_word_of_the_user_agent() -> None:
    assert product_word("Storylapse (Jane Roe, jane@example.org)") == "Storylapse"
    assert product_word("Storylapse/0.1 (news)") == "Storylapse"


@pytest.mark.parametrize(
    ("status", "allowed"), [(200, True), (404, True), (403, True), (429, False), (500, False)]
)
def test_an_empty_file_or_none_allows_and_trouble_does_not(status: int, *, allowed: bool) -> None:
    assert rules_of(status, b"", US, NOW).allow("https://n.example/a") is allowed


@pytest.mark.parametrize(
    "body", [b"<html><body>no</body></html>", b"\xff\xfe\0\0", b"Disallow: /", b"\n" * 10**6]
)
def test_a_file_that_is_none_has_no_rules(body: bytes) -> None:
    assert rules_of(200, body, US, NOW).allow("https://n.example/a")


def test_what_stands_beyond_the_size_limit_is_not_read() -> None:
    body = b"User-agent: *\n" + b"# filler\n" * 60_000 + b"Disallow: /\n"
    assert len(body) > robots.LARGEST_ROBOTS_BYTES
    assert rules_of(200, body, US, NOW).allow("https://n.example/a")


def test_an_absurd_delay_is_clamped() -> None:
    body = b"User-agent: *\nCrawl-delay: 999999\n"
    assert rules_of(200, body, US, NOW).delay == robots.LONGEST_DELAY_SECONDS


def test_rules_are_kept_for_a_while_and_no_longer() -> None:
    known = KnownRules(US)
    known.learn("o", rules_of(200, FILE, US, NOW))
    assert known.current("o", NOW + timedelta(hours=23)) is not None
    assert known.current("o", NOW + timedelta(hours=25)) is None
    assert known.current("other", NOW) is None


def test_old_rules_stand_in_for_an_unreachable_file_for_a_day() -> None:
    known = KnownRules(US)
    known.learn("o", rules_of(200, FILE, US, NOW))
    soon = NOW + timedelta(hours=7)
    assert known.learn("o", _unreachable(soon)).allow("https://n.example/open")
    assert known.learn("o", rules_of(503, b"", US, soon)).allow("https://n.example/open")
    late = NOW + timedelta(hours=25)
    closed = known.learn("o", _unreachable(late))
    assert not closed.allow("https://n.example/open")


def test_rules_that_an_earlier_run_was_answered_hold_for_the_rest_of_their_day() -> None:
    known = KnownRules(US, [RobotsFile("https://n.example/robots.txt", NOW, 200, FILE)])
    rules = known.current("https://n.example/robots.txt", NOW + timedelta(hours=23))
    assert rules is not None
    assert not rules.allow("https://n.example/private")
    assert known.current("https://n.example/robots.txt", NOW + timedelta(hours=25)) is None


def test_trouble_on_the_way_is_not_kept() -> None:
    known = KnownRules(US)
    known.learn("o", _unreachable(NOW))
    assert known.current("o", NOW) is None


def test_the_memory_of_origins_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robots, "MOST_ORIGINS", 3)
    known = KnownRules(US)
    for name in "abcd":
        known.learn(name, rules_of(404, b"", US, NOW))
    assert [known.current(name, NOW) is None for name in "abcd"] == [True, False, False, False]


def test_each_origin_has_its_own_file() -> None:
    assert robots_address("https://n.example/a?b#c") == "https://n.example/robots.txt"
    assert robots_address("http://n.example:8080/a") == "http://n.example:8080/robots.txt"
