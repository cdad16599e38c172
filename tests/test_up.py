"""``storylapse up``: one process that tracks, shows and ends cleanly, and survives a kill."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from product import Product
from running import Running
from store.archive import open_archive

READS = (
    ("list",),
    ("changes",),
    ("alerts",),
    ("export", "--format", "jsonl"),
    ("export", "--format", "csv"),
    ("doctor",),
)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("up"), "--newsroom-port", "0") as running:
        yield running


def test_within_minutes_of_the_first_command_a_newcomer_sees_a_change(up: Running) -> None:
    (first, *_) = up.until(120, lambda: up.product.lines("changes"))
    assert first["reason"]
    assert first["checked_before_at"] < first["seen_first_at"]
    assert first["outlet"] in {"The Harbour Courier", "Northline"}


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_every_command_that_reads_works_while_up_runs(up: Running, words: tuple[str, ...]) -> None:
    assert up.until(120, lambda: up.product.run(*words).stdout)


def test_a_page_whose_furniture_alone_moved_is_not_read_again(up: Running) -> None:
    up.until(120, lambda: "same_article" in details(up.product))


def test_commands_that_write_work_while_up_runs(up: Running) -> None:
    address = "https://courier.example/a-story"
    up.product.run("watch", address)
    assert address in up.product.run("list").stdout
    up.product.run("unwatch", address)


def test_feeds_and_api_are_served_beside_the_dashboard(up: Running) -> None:
    for path in ("/", "/feeds/all.atom", "/feeds/all.json", "/api/health", "/api/changes"):
        answer = httpx.get(up.address + path)
        assert answer.status_code == 200, path


def test_another_name_for_the_dashboard_is_refused(up: Running) -> None:
    for path in ("/", "/api/changes", "/feeds/all.atom"):
        answer = httpx.get(up.address + path, headers={"Host": "evil.example"})
        assert answer.status_code == 400, "DNS rebinding must not reach the archive"


def test_a_second_up_on_the_archive_is_refused_with_a_sentence(up: Running) -> None:
    second = up.product.run("up", "--port", "0", ok=(1,))
    assert "Another 'storylapse up'" in second.stderr
    assert "Traceback" not in second.stderr


def test_sigterm_ends_it_cleanly_and_one_file_is_the_archive(tmp_path: Path) -> None:
    with Running(tmp_path, "--newsroom-port", "0") as running:
        running.until(60, lambda: checks(running.product))
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(30) == 0
        assert "Traceback" not in running.log()
        copied = Product(shutil.copy(running.product.archive, tmp_path / "copied.duckdb"))
        assert checks(copied) == checks(running.product) != []


def test_a_taken_port_is_named(tmp_path: Path, up: Running) -> None:
    port = up.address.rpartition(":")[2]
    failed = Product(tmp_path / "other.duckdb").run("up", "--port", port, ok=(1,))
    assert f":{port}" in failed.stderr
    assert "--port" in failed.stderr


def test_kill_9_loses_nothing_committed_and_the_next_start_goes_on(tmp_path: Path) -> None:
    with Running(tmp_path, "--newsroom-port", "0") as running:
        for _ in range(3):
            before = running.until(60, lambda: checks(running.product))
            running.process.kill()
            running.process.wait(10)
            after = checks(running.product)
            assert set(before) <= set(after)
            assert len(after) == len(set(after)), "no check is recorded twice"
            running.start()
            running.until(60, lambda known=after: set(checks(running.product)) - set(known))


def details(product: Product) -> set[str]:
    rows = open_archive(product.archive).query("SELECT DISTINCT detail FROM check_list")
    return {row["detail"] for row in rows}


def checks(product: Product) -> list[str]:
    if not product.archive.exists():
        return []
    rows = open_archive(product.archive).query("SELECT check_id FROM check_list")
    return [row["check_id"] for row in rows]
