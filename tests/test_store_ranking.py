"""What ranks, counts and searches changes beside them: always what a full question answers."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import resources
from pathlib import Path

import pytest

from benchmarks import large_archive
from store.address import article_id
from store.archive import Archive, open_archive
from store.merging import merge
from store.session import Sessions
from test_store_repeats import STORIES, Paper
from test_store_templates import FOOTER

_CHANGES = """SELECT c.article_id, c.new_number, c.seen_first_at, v.seen_first_at AS since, c.old,
                     c.new, c.redline, c.family, c.note, c.declared_by, p.held
              FROM changes c LEFT JOIN passages p USING (article_id, new_number, ordinal)
              JOIN versions v
                ON v.article_id = c.article_id AND v.number = c.new_number
              ORDER BY c.article_id, c.new_number, c.ordinal"""
_COMPARISONS = """SELECT article_id, new_number, seen_first_at, spoken, factual, admitted
                  FROM comparisons ORDER BY 1, 2"""


def comparisons(archive: Archive) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in archive.query(_COMPARISONS)]


def in_full(archive: Archive) -> list[tuple[object, ...]]:
    """What the comparisons' rows must say, from changes and versions alone."""
    found: dict[tuple[int, int], list[str]] = {}
    edits: dict[tuple[int, int], list[bool]] = {}
    since = {}
    for row in archive.query(_CHANGES):
        assert row["seen_first_at"] == row["since"]
        key = row["article_id"], row["new_number"]
        since[key] = row["since"]
        runs = [span["text"] for span in json.loads(row["redline"]) if span["op"] != "same"]
        whole = [text for text in (row["old"], row["new"]) if text is not None]
        found.setdefault(key, []).extend(runs or whole)
        if row["family"] == "factual" and row["note"] is None and not row["held"]:
            edits.setdefault(key, []).append(row["declared_by"] is not None)
    return [
        (
            *key,
            since[key],
            "\n".join(runs).lower(),
            len(edits.get(key, [])),
            sum(edits.get(key, [])),
        )
        for key, runs in sorted(found.items())
    ]


def edited(paper: Paper) -> Archive:
    """Articles whose sentences come, go, move and change, one of them under furniture."""
    paper.reads(*STORIES.items())
    paper.reads(*((slug, f"{text}\n\n{FOOTER}") for slug, text in STORIES.items()))
    for step in (
        "{1}\n\n{0}\n\n{2}\n\nA quite new ÄNDERUNG was added here.",
        "{1}\n\n{2} It cost 40 euros.",
        "{1}\n\n{2} It cost 45 euros.\n\nCorrection: An earlier version said 40 euros.",
        "{1}\n\n{2} It cost 55 euros.",
    ):
        paper.reads(*((slug, step.format(*text.split("\n\n"))) for slug, text in STORIES.items()))
    return paper.archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    place = tmp_path_factory.mktemp("ranking") / "archive.duckdb"
    return edited(Paper(open_archive(place, create=True)))


def test_recording_and_judging_again_write_what_the_changes_say(archive: Archive):
    rows = comparisons(archive)
    assert len(rows) >= 12
    assert rows == in_full(archive)
    assert "a quite new änderung was added here." in {str(row[3]).splitlines()[-1] for row in rows}
    assert any(row[4] for row in rows)
    for address in archive.query("SELECT address FROM article_list"):
        archive.judge_again(article_id(str(address["address"])))
    assert comparisons(archive) == rows == in_full(archive)


def test_an_archive_of_before_gets_the_same(archive: Archive):
    rows = comparisons(archive)
    script = (resources.files("store") / "schema" / "0019_ranking.sql").read_text("utf-8")
    with Sessions(archive.path).writing() as connection:
        connection.execute(
            "UPDATE comparisons SET seen_first_at = NULL, spoken = NULL, factual = 0, admitted = 0"
        )
        connection.execute("UPDATE changes SET seen_first_at = NULL")
        for statement in connection.extract_statements(script):
            if "UPDATE" in statement.query:
                connection.execute(statement)
    assert comparisons(archive) == rows == in_full(archive)


def test_uniting_and_forgetting_keep_it(archive: Archive, tmp_path: Path):
    other = Paper(open_archive(tmp_path / "other.duckdb", create=True))
    other.now += timedelta(days=1, seconds=7)
    edited(other)
    before = comparisons(other.archive)
    merge(other.archive, archive.path, other.now, lambda _done, _known: None)
    assert comparisons(other.archive) == in_full(other.archive) != before
    other.archive.forget(article_id(other.address("ferry")), acted_at=other.now)
    assert comparisons(other.archive) == in_full(other.archive)


def test_a_generated_archive_says_what_a_recorded_one_would(tmp_path: Path):
    made = large_archive.make(tmp_path / "made.duckdb", 20)
    assert comparisons(made) == in_full(made)
