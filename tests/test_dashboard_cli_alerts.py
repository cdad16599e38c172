"""The commands of alerts: tried on the past, trials of channels, and once more."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crawler.deliver import Channel, Postman
from histories import ADDRESS, corrected
from product import Product
from receivers import SECRET
from store.archive import open_archive
from store.model import Delivery, Rule

CONFIG = """
[[alerts.channels]]
name = "desk"
url = "{address}"
"""


@pytest.fixture
def kept(tmp_path, sink) -> Product:
    """The command line on an archive with two alerts for a channel that nobody has sent yet."""
    archive = corrected(tmp_path, rules=(Rule("corrections and removals", channels=("desk",)),))
    (tmp_path / "storylapse.toml").write_text(CONFIG.format(address=sink.address))
    return Product(archive.path)


def test_a_dry_run_says_what_was_raised_and_counts_it_for_each_rule(kept):
    said = kept.run("alerts", "dry-run", "--since", "2026-11-01")
    assert [line.split("\t")[1] for line in said.stdout.splitlines()] == ["removed", "correction"]
    assert "“corrections and removals” would have told 2 times" in said.stderr
    lines = kept.run("alerts", "dry-run", "--json", "--since", "2026-11-01").stdout.splitlines()
    found = [json.loads(line) for line in lines]
    raised = [json.loads(line) for line in kept.run("alerts", "--json").stdout.splitlines()]
    assert [(one["kind"], one["rule"], one["reason"]) for one in found] == [
        (one["kind"], one["rule"], one["reason"]) for one in raised
    ]
    assert {one["address"] for one in found} == {ADDRESS}


def test_a_dry_run_of_a_time_without_news_is_empty(kept):
    said = kept.run("alerts", "dry-run", "--since", "2099-01-01")
    assert (said.stdout, "told 0 times" in said.stderr) == ("", True)


def test_a_trial_says_of_each_channel_what_came_of_it(kept, sink):
    assert kept.run("alerts", "test").stdout == "desk\tThe receiver took it.\n"
    ((_, content),) = sink.taken
    assert content["title"] == "[trial] Storylapse: alerts arrive here"
    sink.status = 503
    said = kept.run("alerts", "test", "desk", ok=(1,))
    assert said.stdout == "desk\tThe receiver answered with status 503.\n"
    assert SECRET not in said.stdout + said.stderr
    assert "There is no channel 'mail'" in kept.run("alerts", "test", "mail", ok=(2,)).stderr


def test_what_was_refused_is_tried_again_on_demand_and_only_then(kept, sink):
    assert "No alert was refused" in kept.run("alerts", "retry", ok=(4,)).stderr
    sink.status = 503
    archive = open_archive(kept.archive)
    with Postman(archive, {"desk": Channel(sink.address)}, lambda: datetime.now(UTC)) as postman:
        postman.tick()
        assert postman.finish() == 0
        assert "The others wait" in kept.run("alerts", "retry").stderr  # somebody else delivers
        sink.status = 200
        postman.tick()
        assert postman.finish() == 2
    assert "No alert was refused" in kept.run("alerts", "retry", ok=(4,)).stderr
    keys = [headers["Idempotency-Key"] for headers, _ in sink.taken]
    assert (len(keys), len(set(keys))) == (2, 1)


def test_without_another_who_delivers_a_retry_does(kept, sink):
    archive = open_archive(kept.archive)
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    tries = [
        Delivery(one["alert_id"], "desk", number, "failed", "No.", long_ago)
        for one in archive.query("FROM alert_list")
        for number in range(1, 9)
    ]
    archive.record_deliveries("desk", tries)
    assert archive.pending_alerts(["desk"], datetime.now(UTC)) == []
    assert kept.run("alerts", "retry").stdout == "2 of 2 alerts were delivered now.\n"
    assert len(sink.taken) == 1
    (row,) = {(row["attempts"], *row["sent"]) for row in archive.query("FROM alert_list")}
    assert row == (9, "desk")


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_secret_address_is_nowhere_after_a_refusal(kept, sink, status):
    sink.status = status
    archive = open_archive(kept.archive)
    dead = Channel(sink.address.replace(f":{sink.port}", ":9"))
    for channel in (Channel(sink.address), dead):
        with Postman(archive, {"desk": channel}, lambda: datetime.now(UTC)) as postman:
            postman.tick()
            postman.finish()
    tables = [row["name"] for row in archive.query("SELECT name FROM (SHOW TABLES)")]
    kept_rows = [archive.query(f'SELECT t::VARCHAR FROM "{table}" t') for table in tables]
    assert "status" in str(kept_rows)
    assert SECRET not in str(kept_rows)
    said = [kept.run("alerts", "--json"), kept.run("doctor", "--json", ok=(0, 1))]
    assert SECRET not in "".join(one.stdout + one.stderr for one in said)
