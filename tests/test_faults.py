"""Every fault of the fault server, through HTTP and the whole product, to the archive's rows."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from fault_server import FaultServer
from fault_tables import all_faults
from faults_played import Played, play
from product import Product
from store.archive import open_archive

FAULTS = all_faults()
TROUBLE = ("refused", "blocked", "unreadable", "failed", "gone", "held")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    server = FaultServer(FAULTS)
    yield server
    server.close()


@pytest.fixture(scope="module")
def product(server: FaultServer, tmp_path_factory: pytest.TempPathFactory) -> Product:
    limit = {"STORYLAPSE__CRAWL__TIMEOUT_SECONDS": "5"}
    return Product(tmp_path_factory.mktemp("faults") / "a.duckdb", server.hosts, limit)


@pytest.fixture(scope="module")
def played(product: Product, server: FaultServer) -> dict[str, Played]:
    return {one.name: one for one in play(product, server)}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_ends_as_the_table_says_and_is_no_version(
    played: dict[str, Played], name: str
) -> None:
    assert played[name].wrongs(FAULTS[name].ends) == []


def test_every_reason_is_one_sentence_and_betrays_no_password(played: dict[str, Played]) -> None:
    for one in played.values():
        for check in (*one.first, *one.later):
            reason = check["reason"]
            assert reason.endswith("."), (one.name, reason)
            assert "\n" not in reason
            assert "secret" not in reason


def test_doctor_says_each_kind_of_trouble_in_one_line(
    played: dict[str, Played], product: Product
) -> None:
    said = json.loads(product.run("doctor", "--json", ok=(0, 1)).stdout)["checks"]
    lines = [one["message"] for one in said if one["check"] == "articles"]
    kinds = {
        (check["outcome"], check["detail"])
        for one in played.values()
        for check in (one.first[-1], one.later[-1])
        if check["outcome"] in TROUBLE
    }
    assert len(kinds) > 30
    for outcome, detail in kinds:
        assert [line for line in lines if f" {outcome} ({detail})" in line], (outcome, detail)


def test_what_the_dashboard_lists_says_why_beside_each_article(
    played: dict[str, Played], product: Product
) -> None:
    rows = open_archive(product.archive).query("FROM article_list WHERE watching")
    assert len(rows) == 2 * len(played)
    assert all(row["last_reason"].endswith(".") for row in rows)


def test_hosts_that_asked_for_peace_are_named(played: dict[str, Played], product: Product) -> None:
    paused = open_archive(product.archive).query(
        "FROM host_list WHERE paused_until IS NOT NULL AND pause_reason <> ''"
    )
    asking = [name for name in FAULTS if name.startswith("status-429")]
    assert len(paused) >= 2 * len(asking)
