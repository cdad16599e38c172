"""What the pages rank and count over an archive: the same as when every row is read for it."""

from __future__ import annotations

import ast
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from benchmarks import large_archive
from dashboard import counts, data, ranked
from store.archive import Archive
from store.session import Sessions

NOW = large_archive.UNTIL
DECLARING = ast.literal_eval(ranked._DECLARING)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    made = large_archive.make(tmp_path_factory.mktemp("ranked") / "made.duckdb", 400)
    with Sessions(made.path).writing() as connection:  # so few have no furniture in common
        connection.execute(
            """UPDATE changes SET new = 'Subscribe to the letter of this paper.'
               WHERE ordinal = 0 AND hash(article_id) % 9 = 0"""
        )
        connection.execute("UPDATE articles SET host = 'news' || length(address) % 3")
        connection.execute("UPDATE article_states SET outlet = NULL")
    return made


@pytest.fixture(autouse=True)
def asked(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYLAPSE_ARCHIVE", str(archive.path))
    data.forget_answers()


def rank(row: dict[str, Any]) -> tuple[float, Any]:
    age = (NOW - row["seen_first_at"]) / ranked.HALF_LIFE
    return -row["significance"] * 0.5**age, -row["seen_first_at"].timestamp()


@pytest.mark.parametrize(
    "filters",
    [
        ranked.Filters(),
        ranked.Filters(group="corrections"),
        ranked.Filters(group="removed"),
        ranked.Filters(outlet="news1", since=NOW - timedelta(days=90)),
        ranked.Filters(words="Figure Differs: 1"),
    ],
)
def test_the_queue_is_ranked_as_if_every_row_were_read(archive: Archive, filters: ranked.Filters):
    rows = archive.query("SELECT *, old_version = new_version AS event FROM queue")
    wanted = [
        row
        for row in rows
        if row["held_by"] is None
        and filters.outlet in (None, row["outlet"])
        and (filters.since is None or row["seen_first_at"] >= filters.since)
        and (filters.words is None or filters.words.lower() in row["reason"].lower())
        and (filters.group is None or of_group(row, filters.group))
    ]
    found = ranked.queue(filters, NOW, 50)
    assert [(row["article_id"], row["new_version"], row["kind"]) for row in found] == [
        (row["article_id"], row["new_version"], row["kind"])
        for row in sorted(wanted, key=rank)[:50]
    ]
    assert len(found) == min(50, len(wanted)) > 0
    counted = ranked.queue_counts(filters)
    assert sum(counted.values()) >= len(wanted)
    assert filters.group is None or counted[filters.group] == len(wanted)


def of_group(row: dict[str, Any], group: str) -> bool:
    if group == "removed":
        return bool(row["event"])
    declared = row["declared"] and row["kind"] not in ast.literal_eval(ranked._NAMED)
    return not row["event"] and (row["kind"] in DECLARING or declared)


def test_the_lead_of_a_transition_is_its_weightiest_change(archive: Archive):
    found = [row for row in ranked.queue(ranked.Filters(), NOW, 30) if not row["event"]]
    for row in found:
        changes = archive.query(
            """SELECT facts, redline FROM change_list WHERE article_id = ? AND new_version = ?
                 AND held_by IS DISTINCT FROM 'template'
               ORDER BY significance DESC, ordinal LIMIT 1""",
            [row["article_id"], row["new_version"]],
        )
        lead = changes[0] if changes else {"facts": None, "redline": None}
        assert (row["lead_facts"], row["lead_redline"]) == (lead["facts"], lead["redline"])


def test_words_are_found_in_what_went_or_came_and_nowhere_else_in_the_sentence(archive: Archive):
    (row,) = archive.query(
        """SELECT article_id, new_version, redline FROM change_list
           WHERE held_by IS NULL AND kind = 'edited' ORDER BY seen_first_at LIMIT 1"""
    )
    spans = data.spans(row["redline"])
    came = next(span.text for span in spans if span.op == "added")
    found = ranked.queue(ranked.Filters(words=came.upper()), NOW, 5000)
    assert (row["article_id"], row["new_version"]) in {
        (one["article_id"], one["new_version"]) for one in found
    }
    stayed = next(span.text for span in spans if span.op == "same")
    assert ranked.queue(ranked.Filters(words=stayed), NOW) == []


def test_outlets_are_counted_as_if_every_change_were_read(archive: Archive):
    known = {row["article_id"]: row for row in archive.query("SELECT * FROM article_list")}
    changes = archive.query("SELECT * FROM change_list WHERE held_by IS NULL")
    told = archive.query("SELECT * FROM queue WHERE held_by IS NULL AND old_version <> new_version")
    factual = [one for one in changes if one["family"] == "factual" and one["note"] is None]
    for row in counts.outlets():
        own = {number for number, one in known.items() if one["outlet"] == row["outlet"]}
        assert row["articles"] == len(own)
        assert row["changed"] == len({one["article_id"] for one in told} & own)
        assert row["corrections"] == sum(
            one["kind"] in DECLARING for one in changes if one["article_id"] in own
        )
        mine = [one for one in factual if one["article_id"] in own]
        assert row["factual"] == len(mine) > 0
        assert row["declared"] == sum(one["declared_by"] is not None for one in mine)
        assert row["hours"] > 0


def test_days_and_first_changes_count_every_transition_once(archive: Archive):
    rows = archive.query("SELECT * FROM queue WHERE held_by IS NULL")
    per_day = Counter((row["outlet"], row["seen_first_at"].date()) for row in rows)
    assert {(row["outlet"], row["day"]): row["changes"] for row in counts.days()} == per_day
    stood = counts.first_changes()
    changed = {row["article_id"] for row in rows if row["old_version"] != row["new_version"]}
    assert sum(row["articles"] for row in stood) == 400
    assert sum(row["articles"] for row in stood if row["changed"]) == len(changed)
    assert {row["outlet"] for row in stood} == {"news0", "news1", "news2"}


def test_what_repeats_is_found_within_a_month(archive: Archive):
    rows = counts.repeated()
    assert {row["text"] for row in rows} == {"Subscribe to the letter of this paper."}
    assert all(row["articles"] >= 3 for row in rows)


def test_the_last_change_is_the_last_that_was_told(archive: Archive):
    last: dict[int, Any] = {}
    for row in archive.query(
        "SELECT * FROM queue WHERE held_by IS NULL AND old_version < new_version"
    ):
        seen = row["seen_first_at"]
        last[row["article_id"]] = max(seen, last.get(row["article_id"], seen))
    shown = counts.articles(limit=400)
    assert {row["article_id"]: row["last_change_at"] for row in shown} == {
        row["article_id"]: last.get(row["article_id"]) for row in shown
    }
    ordered = [row["last_change_at"] or row["added_at"] for row in shown]
    assert ordered == sorted(ordered, reverse=True)


def test_what_was_held_back_is_counted_and_shown_with_its_reason(archive: Archive):
    long_ago = NOW - timedelta(days=400)
    counted = {row["rule"]: row for row in ranked.held_back(long_ago)}
    rows = ranked.held_rows(long_ago, 5000)
    assert set(counted) == {row["rule"] for row in rows} == {"template"}
    assert counted["template"]["articles"] == len(rows)
    assert counted["template"]["times"] == sum(row["times"] for row in rows)
    assert all(row["reason"] and row["old_version"] == row["new_version"] - 1 for row in rows)
