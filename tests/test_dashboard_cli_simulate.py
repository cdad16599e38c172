"""simulate: change times replayed from a table, or from the archive's own changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from crawler.rivals import FAMILIES
from shell import storylapse
from store.alerts import DEFAULT_RULES
from store.archive import open_archive
from store.model import Fetch, Outcome, Snapshot, Why
from store.telling import Telling
from store.text import document_from_text

NOW = datetime(2026, 5, 14, 9, tzinfo=UTC)


def table(folder: Path, articles: int = 120) -> Path:
    """Articles of a week, each followed for a day, with changes at ages like the real ones."""
    rng = np.random.default_rng(1)
    lines = ["id,group,birth,first_seen,last_seen,ages,kinds"]
    for number in range(articles):
        born = 1_700_000_000 + number * 5_000
        ages = ";".join(str(int(age)) for age in rng.exponential(10_000, rng.poisson(1.5)))
        lines.append(f"a{number},n,{born},{born + 600},{born + 90_000},{ages},h")
    place = folder / "table.csv"
    place.write_text("\n".join(lines))
    return place


def test_every_policy_is_shown_at_the_same_cost(tmp_path: Path) -> None:
    found = storylapse("simulate", str(table(tmp_path)), "--looks", "10", cwd=tmp_path)
    assert found.code == 0, found.err
    assert "table.csv: 120 articles" in found.err
    for family in (*FAMILIES, "Storylapse", "GDELT", "clairvoyant"):
        assert f"\n{family}\t" in found.out
    assert "points [" in found.out


def test_json_holds_the_same_and_corrections_of_ones_own(tmp_path: Path) -> None:
    corrections = tmp_path / "corrections.csv"
    corrections.write_text("hours,kind\n2,other\n100,other\n900,other\n")
    found = storylapse(
        "simulate", str(table(tmp_path)), "--looks", "10", "--last", "0.5",
        "--corrections", str(corrections), "--json", cwd=tmp_path,
    )  # fmt: skip
    assert found.code == 0, found.err
    rows = [json.loads(line) for line in found.out.splitlines()]
    ours = [row for row in rows if row["family"] == "Storylapse"]
    assert [row["table"] for row in ours] == ["table.csv", "corrections.csv"]
    assert ours[0]["looks"] == 10
    assert len(ours[0]["more_kept"]) == 3
    assert ours[1]["kept"] == 1


def test_what_is_no_table_is_refused_with_its_reason(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n1,2\n")
    found = storylapse("simulate", str(wrong), cwd=tmp_path)
    assert found.code == 2
    assert "has no column" in found.err
    found = storylapse("simulate", str(tmp_path / "none.csv"), cwd=tmp_path)
    assert found.code == 2


def test_an_archive_with_few_changes_says_so_and_one_with_many_is_replayed(tmp_path: Path) -> None:
    archive = open_archive(tmp_path / "a.duckdb", create=True)
    addresses = [f"https://n.example/{number}" for number in range(20)]
    numbers = archive.watch_articles(addresses, acted_at=NOW)

    def look(hour: int) -> None:
        moment = NOW + timedelta(hours=hour)
        snapshots = [
            Snapshot(
                Fetch(number, moment, moment, Why.DUE, Outcome.READ, "read", "It was read."),
                None,
                document_from_text(f"It is {hour} now. So they say.", addresses[0]),
            )
            for number in numbers
        ]
        archive.record(snapshots, Telling(DEFAULT_RULES, ""))

    look(0)
    found = storylapse("--archive", str(archive.path), "simulate", "--looks", "5", cwd=tmp_path)
    assert found.code == 4
    assert "0 changes" in found.err
    for hour in (1, 3, 6, 20):
        look(hour)
    found = storylapse("--archive", str(archive.path), "simulate", "--looks", "5", cwd=tmp_path)
    assert found.code == 0, found.err
    assert "20 articles" in found.err
