"""The newsroom's whole day through the real product: each change told once, none invented."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.newsroom.server import Newsroom
from crawler.newsroom.stories import load, oracle
from product import Product
from store.archive import Archive, open_archive

OPENED = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)
EXPECTED = oracle(load())
# Two passes at each stage: a removal is believed at its second look.
PASSES = 2


class Day:
    """A newsroom whose clock the test turns, and an archive that watched it all day."""

    def __init__(self, folder: Path) -> None:
        self.now = OPENED
        self.newsroom = Newsroom(OPENED, lambda: self.now)
        self.newsroom.start()
        self.product = Product(folder / "day.duckdb", (self.newsroom.host,))
        self.product.run("watch", *self.newsroom.feeds)

    def pass_by(self) -> None:
        self.product.run("fetch", "--all")
        for expected in EXPECTED:
            self.now = OPENED + timedelta(seconds=expected.after_seconds + 1)
            for _ in range(PASSES):
                self.product.run("fetch", "--all")

    def archive(self) -> Archive:
        return open_archive(self.product.archive)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    made = Day(tmp_path_factory.mktemp("newsroom"))
    made.pass_by()
    yield made
    made.newsroom.stop()


def told(archive: Archive) -> list[tuple[str, str]]:
    """The told transitions and events: the article's path and what each is called."""
    rows = archive.query("FROM queue WHERE held_by IS NULL ORDER BY seen_first_at")
    return [(urlsplit(row["address"]).path, row["kind"]) for row in rows]


def test_every_change_of_the_day_is_told_once_and_none_is_invented(day: Day) -> None:
    wanted = Counter(expected.path for expected in EXPECTED)
    found = Counter(path for path, _ in told(day.archive()))
    assert found == wanted


def test_each_is_called_what_it_is(day: Day) -> None:
    found = set(told(day.archive()))
    for expected in EXPECTED:
        silent = not expected.declared and expected.kind == "edited"
        kind = "changed_without_note" if silent else expected.kind
        assert (expected.path, kind) in found, f"{expected.says} Found: {sorted(found)}"


def test_the_headline_test_is_kept_and_not_told(day: Day) -> None:
    held = day.archive().query("FROM queue WHERE held_by IS NOT NULL")
    assert held
    assert {urlsplit(row["address"]).path for row in held}.isdisjoint(
        {expected.path for expected in EXPECTED if expected.kind == "headline"}
    )


def test_the_default_rule_alerts_each_correction_and_removal_once(day: Day) -> None:
    wanted = Counter(
        expected.kind
        for expected in EXPECTED
        if expected.kind in {"correction", "clarification", "retraction", "removed"}
    )
    alerts = day.archive().query("FROM alert_list")
    assert Counter(alert["kind"] for alert in alerts) == wanted
    assert len({alert["alert_id"] for alert in alerts}) == len(alerts)


def test_what_the_outlet_declared_is_linked_to_what_changed(day: Day) -> None:
    rows = day.archive().query(
        "FROM change_list WHERE declared_by IS NOT NULL AND address LIKE '%footbridge-gives-way%'"
    )
    assert [(row["kind"], row["declared_by"]) for row in rows] == [("edited", 0)]


def test_readers_are_kept_apart_and_their_dispute_is_theirs(day: Day) -> None:
    rows = day.archive().query("FROM comment_list WHERE disputes IS NOT NULL")
    assert rows
    assert all(row["disputes"].startswith("A reader") for row in rows)


def test_every_check_is_a_row_with_a_reason(day: Day) -> None:
    rows = day.archive().query("FROM check_list")
    assert len(rows) >= 12 * (1 + PASSES * len(EXPECTED))
    assert all(row["reason"] for row in rows)
    assert {row["outcome"] for row in rows} == {"read", "unchanged", "gone"}
