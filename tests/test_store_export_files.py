"""Parquet, DuckDB and the folders that describe themselves, opened by tools nobody here wrote."""

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb
import frictionless
import mlcroissant
import pandas as pd
import pyarrow.parquet
import pytest

from histories import ADDRESS, CORRECTION, START, TEXT, archive_of, corrected, document
from store.address import article_id
from store.archive import open_archive
from store.errors import ExportError
from store.export import EXPORTS, FOLDERS, database, folders, parquet, scratch
from store.export.dictionary import CHANGES, TABLES
from store.export.tables import records
from store.model import Comment, Outcome
from store.selection import Selection

LONG = " ".join(f"The clerk read entry number {n} aloud to the council" for n in range(60)) + "."
FRAME_TYPES = {
    "string": "string",
    "integer": "int",
    "number": "double",
    "boolean": "bool",
    "datetime": "timestamp[us, tz=UTC]",
    "array": "list",
}


def file_of(archive, name, folder, **selection) -> Path:
    file = folder / f"exported{EXPORTS[name].suffix}"
    file.write_bytes(b"".join(EXPORTS[name].write(archive, Selection(**selection))))
    return file


def filled(archive, name, folder, **selection) -> Path:
    chosen = folders.begun(folder, name, Selection(**selection), {}, START)
    assert list(FOLDERS[name].fill(archive, chosen, folder))[-1] == (len(TABLES) + 1,) * 2
    folders.finish(folder)
    return folder


def lines(archive, **selection) -> list[dict]:
    return list(records(archive, CHANGES, Selection(**selection)))


def leftovers(folder) -> list[str]:
    return [path.name for path in folder.glob("*export-*")]


# -- Parquet ---------------------------------------------------------------------------------


def test_parquet_holds_the_same_rows_as_json_lines(tmp_path):
    archive = corrected(tmp_path)
    frame = pyarrow.parquet.read_table(file_of(archive, "parquet", tmp_path)).to_pylist()
    told = [
        {
            name: value.astimezone(UTC).isoformat().replace("+00:00", "Z")
            if isinstance(value, datetime)
            else value
            for name, value in row.items()
        }
        for row in frame
    ]
    assert told == lines(archive)
    assert leftovers(tmp_path) == []


def test_every_parquet_column_has_the_type_that_the_dictionary_says(tmp_path):
    schema = pyarrow.parquet.read_schema(file_of(corrected(tmp_path), "parquet", tmp_path))
    for column in CHANGES.columns:
        assert str(schema.field(column.name).type).startswith(FRAME_TYPES[column.type])
    meanings = json.loads(schema.metadata[b"storylapse_dictionary"])
    assert meanings == {column.name: column.meaning for column in CHANGES.columns}


def test_pandas_and_duckdb_read_parquet(tmp_path):
    archive = corrected(tmp_path)
    file = file_of(archive, "parquet", tmp_path)
    frame = pd.read_parquet(file)
    assert list(frame["kind"]) == [row["kind"] for row in lines(archive)]
    assert list(frame.loc[frame["kind"] == "correction", "note_text"]) == [CORRECTION]
    sql = "SELECT count(*), max(len(facts)) FROM read_parquet(?)"
    assert duckdb.execute(sql, [str(file)]).fetchone() == (len(frame), 1)


def test_what_is_long_comes_from_a_copy_and_says_the_same(tmp_path, monkeypatch):
    archive = corrected(tmp_path)
    small = file_of(archive, "parquet", tmp_path).read_bytes()
    monkeypatch.setattr(parquet, "MOST_AT_ONCE", 0)
    assert file_of(archive, "parquet", tmp_path).read_bytes() == small
    assert leftovers(tmp_path) == []


def test_an_export_needs_room_for_the_copy_and_says_so(tmp_path, monkeypatch):
    archive = corrected(tmp_path)
    nothing_free = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(scratch.shutil, "disk_usage", lambda place: nothing_free)
    with pytest.raises(ExportError, match="Make room, or ask for less"):
        file_of(archive, "duckdb", tmp_path)
    assert leftovers(tmp_path) == []


def test_what_a_killed_export_left_behind_goes_and_what_is_held_stays(tmp_path):
    archive = corrected(tmp_path)
    dead = tmp_path / f"{archive.path.name}.export-dead"
    dead.mkdir()
    (dead / "lock").touch()
    (dead / "half").write_bytes(b"half")
    with scratch.scratch(archive) as held, scratch.scratch(archive):
        assert held.exists()
        assert not dead.exists()


# -- DuckDB ----------------------------------------------------------------------------------


def opened(file) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(file), read_only=True)


def test_a_duckdb_file_has_the_views_and_says_what_the_archive_says(tmp_path):
    archive = corrected(tmp_path)
    with opened(file_of(archive, "duckdb", tmp_path, full_text=True)) as copy:
        for view in ("change_list", "version_list", "check_list", "queue", "event_list"):
            (count,) = copy.execute(f"SELECT count(*) FROM {view}").fetchone()
            assert count == archive.query(f"SELECT count(*) AS n FROM {view}")[0]["n"]
            assert count


def test_a_duckdb_file_with_full_text_is_an_archive_again(tmp_path):
    archive = corrected(tmp_path)
    for selection in ({}, {"kinds": ("correction",)}):
        copy = open_archive(file_of(archive, "duckdb", tmp_path, full_text=True, **selection))
        for version in (1, 2, 3):
            number = article_id(ADDRESS)
            assert copy.document(number, version) == archive.document(number, version)
        assert lines(copy) == lines(archive)
        copy.path.unlink()


def test_without_full_text_no_whole_text_is_anywhere_in_the_file(tmp_path):
    archive = archive_of(tmp_path / "archive", document(*TEXT), document(*TEXT, LONG))
    file = file_of(archive, "duckdb", tmp_path)
    with opened(file) as copy:
        texts = copy.execute("SELECT old, new, redline FROM changes").fetchall()
        assert texts
        assert all(len(text) < 1000 for row in texts for text in row if text)
        assert copy.execute("SELECT count(*) FROM sentences").fetchone() == (0,)
        (digest,) = copy.execute(
            "SELECT new_sha256 FROM change_digests WHERE new_sha256 IS NOT NULL"
        ).fetchone()
    assert digest == hashlib.sha256(LONG.encode()).hexdigest()


def test_only_articles_that_were_selected_are_in_the_file(tmp_path):
    archive = corrected(tmp_path)
    other = "https://harbour.example/other"
    archive.watch_article(other, acted_at=START)
    for full_text in (False, True):
        file = file_of(
            archive, "duckdb", tmp_path, articles=(article_id(other),), full_text=full_text
        )
        with opened(file) as copy:
            assert copy.execute("SELECT address FROM articles").fetchall() == [(other,)]
            for table in ("versions", "changes", "fetches", "sentences", "documents", "alerts"):
                assert copy.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        file.unlink()


def test_a_period_brings_the_whole_history_of_what_changed_in_it(tmp_path):
    archive = corrected(tmp_path)
    during = {"since": START + timedelta(hours=3), "until": START + timedelta(hours=4)}
    with opened(file_of(archive, "duckdb", tmp_path, **during)) as copy:
        assert copy.execute("SELECT count(*) FROM versions").fetchone() == (3,)
    (tmp_path / "exported.duckdb").unlink()
    with opened(file_of(archive, "duckdb", tmp_path, until=START)) as copy:
        assert copy.execute("SELECT count(*) FROM versions").fetchone() == (0,)


def test_every_table_has_a_rule_for_what_of_it_leaves(tmp_path):
    rows = corrected(tmp_path).query(
        """SELECT table_name, list_contains(list(column_name), 'article_id') AS keyed
           FROM duckdb_columns() WHERE database_name = 'archive' AND table_name IN
           (SELECT table_name FROM duckdb_tables()) GROUP BY table_name"""
    )
    ruled = {*database.RULES, *database.WHOLE_TEXTS}
    assert [
        row["table_name"] for row in rows if not row["keyed"] and row["table_name"] not in ruled
    ] == []


# -- Folders ---------------------------------------------------------------------------------


def talked_about(folder):
    """An archive with everything that tables hold: a note, comments, alerts, odd headlines."""
    seen = document(*TEXT, LONG, note=CORRECTION)
    said = (Comment("Not 14 but 15 ferries! " + LONG, "=Ann"), Comment("Agreed.", "Ben", 1))
    return archive_of(
        folder,
        document(*TEXT, headline="=1+1"),
        type(seen)(**{name: getattr(seen, name) for name in seen.__slots__} | {"comments": said}),
        document(*TEXT, headline='Ferries, "again"\nand again'),
        Outcome.GONE,
        Outcome.GONE,
    )


@pytest.mark.parametrize("full_text", [False, True])
def test_frictionless_finds_no_fault_in_the_data_package(tmp_path, full_text):
    archive = talked_about(tmp_path)
    folder = filled(archive, "datapackage", tmp_path / "out", held=True, full_text=full_text)
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.flatten(["resourceName", "fieldName", "rowNumber", "message"]) == []
    assert report.valid
    package = frictionless.Package(str(folder / "datapackage.json"))
    assert package.resource_names == list(TABLES)
    for resource in package.resources:
        told = records(archive, TABLES[resource.name], Selection(held=True, full_text=full_text))
        assert len(resource.read_rows()) == len(list(told))


def test_frictionless_would_find_a_fault(tmp_path):
    folder = filled(corrected(tmp_path), "datapackage", tmp_path / "out")
    table = folder / "data" / "checks.csv"
    table.write_text(table.read_text().replace(",200,", ",many,"))
    found = frictionless.validate(str(folder / "datapackage.json"))
    assert {"type-error"} <= {kind for (kind,) in found.flatten(["type"])}


def test_croissant_finds_no_fault_and_reads_every_row(tmp_path):
    archive = talked_about(tmp_path)
    folder = filled(archive, "datapackage", tmp_path / "out", held=True)
    dataset = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    issues = dataset.metadata.ctx.issues
    assert (list(issues.errors), list(issues.warnings)) == ([], [])
    for name in TABLES:
        expected = list(records(archive, TABLES[name], Selection(held=True)))
        assert len(list(dataset.records(name))) == len(expected)


def test_full_text_is_there_when_asked_for_and_not_otherwise(tmp_path):
    archive = talked_about(tmp_path)
    short = filled(archive, "datapackage", tmp_path / "short", held=True)
    whole = filled(archive, "datapackage", tmp_path / "whole", held=True, full_text=True)
    for name in ("changes", "versions", "comments"):
        assert LONG not in (short / "data" / f"{name}.csv").read_text()
        assert LONG in (whole / "data" / f"{name}.csv").read_text()
    assert "=Ann" not in (short / "data" / "comments.csv").read_text()
    texts = pd.read_csv(whole / "data" / "versions.csv")["text"]
    assert texts[1] == archive.document(article_id(ADDRESS), 2).text


def test_a_parquet_folder_holds_the_same_tables(tmp_path):
    archive = talked_about(tmp_path)
    folder = filled(archive, "parquet-tables", tmp_path / "out", held=True, full_text=True)
    package = json.loads((folder / "datapackage.json").read_text())
    assert [one["name"] for one in package["resources"]] == list(TABLES)
    for one in package["resources"]:
        file = folder / one["path"]
        frame = pd.read_parquet(file)
        assert list(frame.columns) == [field["name"] for field in one["schema"]["fields"]]
        expected = records(archive, TABLES[one["name"]], Selection(held=True, full_text=True))
        assert len(frame) == len(list(expected))
        assert one["hash"] == f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


def test_a_folder_that_was_stopped_goes_on_and_ends_up_the_same(tmp_path):
    archive = corrected(tmp_path)
    whole = filled(archive, "datapackage", tmp_path / "whole")
    halting = tmp_path / "halting"
    asked = {"since": None}
    chosen = folders.begun(halting, "datapackage", Selection(), asked, START)
    for done, _ in FOLDERS["datapackage"].fill(archive, chosen, halting):
        if done == 4:
            break
    made = (halting / "data" / "articles.csv").stat().st_mtime_ns
    # What is recorded meanwhile is not in it: the rest comes from the same moment.
    archive.watch_article("https://harbour.example/later", acted_at=START)
    again = folders.begun(halting, "datapackage", Selection(), asked, START + timedelta(days=1))
    assert list(FOLDERS["datapackage"].fill(archive, again, halting))
    assert (halting / "data" / "articles.csv").stat().st_mtime_ns == made
    assert not (halting / "unfinished").exists()
    for name in TABLES:
        file = f"data/{name}.csv"
        assert (halting / file).read_bytes() == (whole / file).read_bytes()
    for file in ("datapackage.json", "croissant.json"):
        assert json.loads((halting / file).read_text()) == json.loads((whole / file).read_text())


def test_a_folder_that_may_hold_what_was_forgotten_since_is_not_gone_on_with(tmp_path):
    chosen = Selection()
    folders.begun(tmp_path / "out", "datapackage", chosen, {}, START)
    before, after = (START + hours * timedelta(hours=1) for hours in (-1, 1))
    again = partial(folders.begun, tmp_path / "out", "datapackage", chosen, {}, START)
    assert again(forgot_at=before) == chosen
    with pytest.raises(ExportError, match=r"An article was forgotten since .* Remove the folder"):
        again(forgot_at=after)


def test_a_relative_period_stays_what_it_was_when_the_folder_was_begun(tmp_path):
    first = Selection(since=START, kinds=("removed",), full_text=True)
    asked = {"since": "7d", "kinds": ["removed"]}
    assert folders.begun(tmp_path / "out", "datapackage", first, asked, START) == first
    later = Selection(since=START + timedelta(hours=1), kinds=("removed",), full_text=True)
    assert folders.begun(tmp_path / "out", "datapackage", later, asked, START) == first


def test_a_folder_of_somebody_else_or_of_another_export_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ExportError, match="not empty"):
        folders.begun(tmp_path, "datapackage", Selection(), {}, START)
    out = tmp_path / "out"
    folders.begun(out, "datapackage", Selection(), {"held": False}, START)
    for name, asked in (("parquet-tables", {"held": False}), ("datapackage", {"held": True})):
        with pytest.raises(ExportError, match="another export"):
            folders.begun(out, name, Selection(), asked, START)
    folders.finish(out)
    with pytest.raises(ExportError, match="finished export"):
        folders.begun(out, "datapackage", Selection(), {"held": False}, START)


@pytest.mark.parametrize("marker", ["", "[]", "{", '{"format": 1}', '{"selection": {"x": 1}}'])
def test_a_broken_marker_is_taken_for_no_export_of_ours(tmp_path, marker):
    (tmp_path / folders.MARKER).write_text(marker)
    with pytest.raises(ExportError, match="not empty"):
        folders.begun(tmp_path, "datapackage", Selection(), {}, START)


def test_other_tables_follow_the_selection_by_article_outlet_period_and_kind(tmp_path):
    archive = corrected(tmp_path)

    def count(name, **selection) -> int:
        return len(list(records(archive, TABLES[name], Selection(**selection))))

    at = START + timedelta(hours=3)
    for name in ("versions", "checks"):
        assert (
            count(name, until=at) + count(name, since=at) == count(name) > count(name, since=at) > 0
        )
    for name in ("articles", "versions", "checks", "notes"):
        assert count(name, outlets=("The Harbour Gazette",)) == count(name) > 0
        assert count(name, outlets=("Another",)) == count(name, articles=(1,)) == 0
        assert count(name, kinds=("correction",)) == count(name)
        assert count(name, kinds=("retraction",)) == 0
