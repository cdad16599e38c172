"""The newsroom's whole day through the real product: each change told once, none invented."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import duckdb
import frictionless
import mlcroissant
import pandas as pd
import pytest
from playwright.sync_api import expect

from dashboard.exporting import formats
from newsroom_day import EXPECTED, PASSES, Day
from running import Running
from store.address import article_id
from store.archive import Archive
from store.model import EventKind
from visits import (  # noqa: F401  (fixtures)
    DESKTOP,
    PHONE,
    Contexts,
    Open,
    axe,
    barriers,
    chromium,
    commanded,
    contexts,
    passed_over,
    served,
    settled,
    too_wide,
    visiting,
    walk,
)

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


# -- the dashboard, over what was crawled ------------------------------------------------------


@pytest.fixture(scope="module")
def shown(day: Day, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The product goes on over the day's archive, with the newsroom as it stands at night."""
    folder = tmp_path_factory.mktemp("shown")
    shutil.copy(day.product.archive, folder / "storylapse.duckdb")
    shutil.copy(day.product.archive.with_name("storylapse.toml"), folder)
    with Running(folder, "--no-newsroom", "--allow-host", day.newsroom.host) as running:
        yield served(running)


@pytest.fixture
def visit(contexts: Contexts, shown: Running) -> Iterator[Open]:  # noqa: F811
    yield from visiting(contexts, shown.address)


def article(day: Day, path: str) -> str:
    """Where the dashboard shows an article of the newsroom."""
    return f"/article?article={article_id(f'http://{day.newsroom.host}{path}'):x}"


def pages(day: Day) -> dict[str, str]:
    """Every page, and the article's with each look and with each state of an article."""
    bridge = article(day, "/courier/local/footbridge-gives-way-over-the-lune")
    return {
        "/": "What changed, what matters first",
        "/articles": "Articles",
        bridge: "Footbridge gives way over the Lune",
        f"{bridge}&old=1&new=2&view=sides": "Footbridge gives way over the Lune",
        f"{bridge}&view=blame&spacing=time": "Footbridge gives way over the Lune",
        article(day, "/northline/rents-in-the-old-town-up-by-a-tenth-48051"): (
            "Rents in the old town up by a tenth within a year"
        ),
        article(day, "/courier/health/study-links-school-lunches-to-better-marks"): (
            "Retracted: Study links free school lunches to better marks"
        ),
        article(day, "/courier/politics/mayors-brother-won-the-tender"): (
            "Mayor's brother won the tender for the quay lights"
        ),
        "/outlets": "Outlets",
        "/watching": "Watching",
        "/alerts": "Alerts",
        "/exports": "Exports",
    }


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_of_the_day_opens_fits_and_has_no_barrier(
    day: Day,
    visit: Open,
    size: dict[str, int],
    scheme: str,
    axe: str,  # noqa: F811
) -> None:
    page = visit("/", size, scheme)
    for path, title in pages(day).items():
        walk(page, path)
        expect(page.locator(".stMain h1")).to_have_text(title)
        settled(page)
        assert page.locator(".stMain [role=alert]").count() == 0, path
        assert too_wide(page) <= 0, path
        assert commanded(page) == [], path
        assert barriers(page, axe) == [], path


@pytest.mark.browser
def test_the_keyboard_alone_gets_to_everything_on_every_page(day: Day, visit: Open) -> None:
    page = visit("/")
    for path, title in pages(day).items():
        walk(page, path)
        expect(page.locator(".stMain h1")).to_have_text(title)
        settled(page)
        assert passed_over(page) == [], path
