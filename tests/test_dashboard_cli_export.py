"""The command line takes every format out, and task sheets in."""

import subprocess

import duckdb
import frictionless
import openpyxl
import pandas as pd
import pytest

from dashboard.commands_export import Format
from dashboard.exporting import formats
from histories import ADDRESS, START, corrected
from product import COMMAND, Product
from store.export import Export

STORYLAPSE = """
[[stories]]
name = "Ferries"
articles = ["https://harbour.example/ferries"]

[[stories]]
name = "Nothing yet"
articles = ["https://harbour.example/other"]

[[searches]]
name = "Notes"
kinds = ["correction"]
stories = ["ferries"]
since = "2026-11-22"
"""
FILES = [name for name, made in formats("").items() if isinstance(made, Export)]


@pytest.fixture
def kept(tmp_path):
    archive = corrected(tmp_path)
    archive.watch_article("https://harbour.example/other", acted_at=START)
    (tmp_path / "storylapse.toml").write_text(STORYLAPSE)
    return Product(archive.path)


def kinds(kept, *words) -> list[str]:
    out = kept.run("export", "--format", "csv", "--output", "x.csv", *words)
    assert out.stdout == ""
    return list(pd.read_csv(kept.archive.parent / "x.csv")["kind"])


@pytest.mark.parametrize("name", FILES)
def test_each_file_goes_to_a_file_and_the_same_to_stdout(kept, name):
    folder = kept.archive.parent
    said = kept.run("export", "--format", name, "--output", "out")
    assert said.stderr == "Written to out.\n"
    with (folder / "piped").open("wb") as piped:
        words = [COMMAND, "export", "--format", name, "--archive", str(kept.archive)]
        subprocess.run(words, stdout=piped, check=True, env=kept.variables(), cwd=folder)
    same = (folder / "out").read_bytes() == (folder / "piped").read_bytes()
    assert same or name in ("duckdb", "tasks-xlsx", "html")  # which hold the time they were made
    assert (folder / "piped").stat().st_size > 300


def test_a_story_and_a_saved_search_select(kept):
    everything = kinds(kept)
    assert len(everything) == 4
    assert kinds(kept, "--story", "Ferries") == everything
    assert kinds(kept, "--story", "nothing yet") == []
    assert kinds(kept, "--story", "nothing yet", "--article", ADDRESS) == everything
    assert kinds(kept, "--search", "Notes") == ["correction"]
    assert kinds(kept, "--search", "notes", "--kind", "removed") == ["removed"]
    assert kinds(kept, "--search", "notes", "--story", "nothing yet") == []


def test_a_story_or_search_that_is_not_set_up_is_told_with_the_nearest(kept):
    wrong = kept.run("export", "--search", "Note", ok=(2,)).stderr
    assert wrong == "There is no saved search 'Note'; did you mean 'Notes'?\n"
    wrong = kept.run("export", "--story", "Fairies", ok=(2,)).stderr
    assert "There is no story 'Fairies'; " in wrong


def test_a_folder_is_filled_once_and_validates(kept):
    folder = kept.archive.parent
    words = ("export", "--format", "datapackage", "--since", "7d", "--output", "out")
    assert kept.run(*words).stderr == "Written to out.\n"
    assert frictionless.validate(str(folder / "out" / "datapackage.json")).valid
    again = kept.run(*words, ok=(1,))
    assert again.stderr == "out holds a finished export. Name another folder, or remove it.\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--format", "datapackage"), "fills a folder: name it with --output."),
        (("--format", "datapackage", "--output", "storylapse.toml"), "storylapse.toml is a file"),
    ],
)
def test_a_folder_needs_a_folder(kept, words, says):
    assert says in kept.run("export", *words, ok=(2,)).stderr


def test_a_task_sheet_goes_out_is_filled_in_and_comes_back(kept):
    folder = kept.archive.parent
    kept.run("export", "--format", Format.TASKS_XLSX, "--output", "week.xlsx")
    book = openpyxl.load_workbook(folder / "week.xlsx")
    page = book.active
    names = [cell.value for cell in page[1]]
    page.cell(2, names.index("mark") + 1).value = "right"
    page.cell(3, names.index("mark") + 1).value = "perhaps"
    book.save(folder / "week.xlsx")
    said = kept.run("import", "week.xlsx", "--by", "Ann", ok=(3,)).stderr
    assert "Row 3 was left out: 'perhaps' is no mark; write right, wrong, important." in said
    assert "week.xlsx: 3 rows read, 1 kept as new marks." in said
    kept.run("export", "--format", "duckdb", "--output", "copy.duckdb")
    with duckdb.connect(str(folder / "copy.duckdb"), read_only=True) as copy:
        told = copy.execute("SELECT mark, reviewer, came_by FROM reviewed").fetchall()
    assert told == [("right", "Ann", "week.xlsx")]
    kept.run("export", "--format", "tasks-csv", "--output", "again.csv")
    assert pd.read_csv(folder / "again.csv")["mark"][0] == "right"


def test_sheets_and_web_archives_come_in_apart(kept):
    for name in ("a.csv", "b.warc"):
        (kept.archive.parent / name).write_text("x")
    wrong = kept.run("import", "a.csv", "b.warc", ok=(2,)).stderr
    assert wrong == "Hand in task sheets and web archive files one after the other.\n"
    assert "has no column 'task'" in kept.run("import", "a.csv", ok=(1,)).stderr
