"""The newsroom's whole day through the real product: each change told once, none invented."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import duckdb
import frictionless
import mlcroissant
import pandas as pd
import pytest

from dashboard.exporting import formats
from newsroom_day import EXPECTED, PASSES, Day
from store.archive import Archive
from store.model import EventKind

pytestmark = pytest.mark.timeout(900)  # the day is a minute and a half of passes on two free cores


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    with Day(tmp_path_factory.mktemp("newsroom")) as made:
        made.pass_by()
        yield made


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
    alerts = day.archive().query("FROM alert_list WHERE rule = 'corrections and removals'")
    assert Counter(alert["kind"] for alert in alerts) == wanted
    assert len({alert["alert_id"] for alert in alerts}) == len(alerts)


@pytest.mark.parametrize("receiver", ["mail", "hook", "push"])
def test_each_receiver_is_told_each_change_once_and_nothing_else(day: Day, receiver: str) -> None:
    figures = day.figures()
    told = figures[receiver]
    assert isinstance(told, dict)
    assert figures["alerts"] == figures["changes"] == told["told_once"]
    assert {name: told[name] for name in ("missed", "twice", "invented")} == {
        "missed": 0,
        "twice": 0,
        "invented": 0,
    }


def test_no_message_of_the_day_came_twice(day: Day) -> None:
    for taken in (day.hook.taken, day.push.taken, day.desk.taken):
        keys = [headers["Idempotency-Key"] for headers, _ in taken]
        assert len(set(keys)) == len(keys) > 0
    names = [message["Message-ID"] for message in day.mail.messages]
    assert len(set(names)) == len(names) > 0


def test_a_dry_run_says_what_was_told_and_nothing_else(day: Day) -> None:
    found = day.product.lines("alerts", "dry-run", "--since", "2026-01-01")
    raised = day.product.lines("alerts")
    said = Counter((one["article"], one["rule"], one["reason"]) for one in found)
    assert said == Counter((one["article"], one["rule"], one["reason"]) for one in raised)


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


@pytest.mark.parametrize("name", list(formats("")))
def test_the_day_leaves_in_every_format(day: Day, name: str) -> None:
    place = day.product.archive.with_name(f"day-{name}")
    said = day.product.run("export", "--format", name, "--full-text", "--output", str(place))
    assert said.stderr == f"Written to {place}.\n"
    assert place.stat().st_size > 1000


@pytest.mark.parametrize("name", ["csv", "jsonl", "parquet", "duckdb"])
def test_what_was_told_of_the_day_is_in_each_table(day: Day, name: str) -> None:
    place = day.product.archive.with_name(f"told-{name}.{name}")
    day.product.run("export", "--format", name, "--output", str(place))
    with duckdb.connect(str(place) if name == "duckdb" else ":memory:") as connection:
        table = "change_list WHERE held_by IS NULL" if name == "duckdb" else f"'{place}'"
        if name == "jsonl":
            table = f"read_json('{place}')"
        addresses = connection.execute(f"SELECT DISTINCT address FROM {table}").fetchall()
    found = {urlsplit(address).path for (address,) in addresses}
    changed = {one.path for one in EXPECTED if one.kind not in set(map(str, EventKind))}
    assert changed <= found


def test_the_day_as_a_data_package_has_no_fault(day: Day) -> None:
    place = day.product.archive.with_name("package")
    day.product.run("export", "--format", "datapackage", "--output", str(place))
    assert frictionless.validate(str(place / "datapackage.json")).valid
    dataset = mlcroissant.Dataset(jsonld=str(place / "croissant.json"))
    assert len(list(dataset.records("articles"))) == len(day.archive().query("FROM articles"))


def test_the_day_as_a_task_sheet_has_a_row_for_all_that_was_told(day: Day) -> None:
    place = day.product.archive.with_name("day.xlsx")
    day.product.run("export", "--format", "tasks-xlsx", "--output", str(place))
    sheet = pd.read_excel(place)
    assert len(sheet) == len(told(day.archive()))
    assert day.product.run("import", str(place)).stderr.endswith("0 kept as new marks.\n")
