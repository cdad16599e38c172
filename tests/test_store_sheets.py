"""Task sheets: out to spreadsheets, filled in there, and back, whatever is done to them."""

import csv
import io
import tracemalloc
import zipfile
from datetime import timedelta
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from histories import START, TEXT, archive_of, corrected, document
from store import sheet_files
from store.errors import ExportError, SheetError
from store.export import tasks
from store.selection import Selection
from store.sheets import take_in

BASE = "http://127.0.0.1:8501"
NOW = START + timedelta(days=1)
ATTACKS = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x.test")']


def sheet(archive, folder, kind="csv", **selection) -> Path:
    write = {"csv": tasks.write_csv, "xlsx": tasks.write_xlsx}[kind]
    file = folder / f"tasks.{kind}"
    file.write_bytes(b"".join(write(archive, Selection(**selection), BASE)))
    return file


def filled_in(file, *rows: dict[str, str], delimiter=",", encoding="utf-8-sig") -> Path:
    """Fill in the first rows of a sheet, as a spreadsheet program would save it."""
    if file.suffix == ".xlsx":
        book = openpyxl.load_workbook(file)
        (page,) = book.worksheets
        names = [cell.value for cell in page[1]]
        for number, cells in enumerate(rows, 2):
            for name, text in cells.items():
                page.cell(number, names.index(name) + 1).value = text
        book.save(file)
        return file
    with file.open(encoding="utf-8-sig", newline="") as opened:
        table = list(csv.DictReader(opened))
    for row, cells in zip(table, rows, strict=False):
        row.update(cells)
    with file.open("w", encoding=encoding, newline="") as opened:
        writer = csv.DictWriter(opened, list(table[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(table)
    return file


def marks(archive) -> list[tuple]:
    rows = archive.query("FROM reviewed ORDER BY seen_first_at")
    return [
        (row["what"], row["mark"], row["status"], row["assignee"], row["note"], row["reviewer"])
        for row in rows
    ]


# -- Out --------------------------------------------------------------------------------------


def test_a_sheet_ranks_what_changed_with_reason_and_link(tmp_path):
    archive = corrected(tmp_path)
    frame = pd.read_csv(sheet(archive, tmp_path))
    assert list(frame.columns) == list(tasks.COLUMNS)
    assert list(frame["rank"]) == [1, 2, 3]
    assert list(frame["kind"]) == ["correction", "removed", "changed_without_note"]
    assert list(frame["significance"]) == sorted(frame["significance"], reverse=True)
    assert frame["reason"].str.endswith(".").all()
    assert frame["link"].str.startswith(f"{BASE}/article?article=").all()
    assert frame["when"].str.startswith("Between the checks of ").all()


def test_the_workbook_says_what_the_csv_says(tmp_path):
    archive = corrected(tmp_path)
    table = pd.read_csv(sheet(archive, tmp_path), dtype=str)
    pd.testing.assert_frame_equal(pd.read_excel(sheet(archive, tmp_path, "xlsx"), dtype=str), table)


def test_a_workbook_offers_the_words_and_holds_no_formula(tmp_path):
    hostile = [document(*TEXT, f"{one} is a line.", headline=one) for one in ("=1+1", "@SUM(A1)")]
    archive = archive_of(tmp_path, document(*TEXT), *hostile, *hostile[1:] * 3)
    (page,) = openpyxl.load_workbook(sheet(archive, tmp_path, "xlsx", held=True)).worksheets
    cells = [cell for row in page.iter_rows() for cell in row]
    assert {"=1+1", "@SUM(A1)"} & {cell.value for cell in cells}
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    offered = [choice.formula1 for choice in page.data_validations.dataValidation]
    assert offered == ['"right,wrong,important"', '"open,in_work,done,set_aside"']


def test_a_hostile_headline_is_no_formula_in_the_csv(tmp_path):
    headline = "=cmd|' /C calc'!A0"
    archive = archive_of(
        tmp_path,
        document(*TEXT, headline=headline),
        document(*TEXT, TEXT[0][::-1], headline=headline),
    )
    frame = pd.read_csv(sheet(archive, tmp_path), dtype=str)
    assert list(frame["headline"]) == [f"'{headline}"]


def test_more_tasks_than_people_can_do_are_no_sheet(tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "MOST", 2)
    with pytest.raises(ExportError, match="more than 2 tasks"):
        sheet(corrected(tmp_path), tmp_path)


# -- Back -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_people_fill_in_comes_back_and_is_exported_again(tmp_path, kind):
    archive = corrected(tmp_path)
    first = {
        "mark": "important",
        "status": "done",
        "assignee": "Ben",
        "note": "Called them.\nTwice.",
    }
    file = filled_in(sheet(archive, tmp_path, kind), first, {"status": "In work", "reviewer": "Cy"})
    taken = take_in(archive, file, "Ann", NOW)
    assert (taken.rows, taken.kept, taken.problems) == (3, 2, ())
    assert marks(archive) == [
        ("change", "important", "done", "Ben", "Called them.\nTwice.", "Ann"),
        ("removed", None, "in_work", None, None, "Cy"),
    ]
    again = pd.read_csv(sheet(archive, tmp_path), dtype=str, keep_default_na=False)
    assert list(again.loc[0, list(first)]) == list(first.values())
    assert list(again["reviewer"]) == ["Ann", "Cy", ""]
    assert take_in(archive, sheet(archive, tmp_path, kind), "Dot", NOW).kept == 0


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_notes_that_look_like_formulas_survive_every_way(tmp_path, kind):
    archive = corrected(tmp_path)
    for attack in ATTACKS:
        filled_in(file := sheet(archive, tmp_path), {"note": f"'{attack}"})
        take_in(archive, file, "Ann", NOW)
        assert marks(archive)[0][4] == attack
        # Out and back untouched, it is what it was.
        assert take_in(archive, sheet(archive, tmp_path, kind), "Ben", NOW).kept == 0


def test_a_sheet_that_comes_back_late_undoes_nobodys_work(tmp_path):
    archive = corrected(tmp_path)
    take_in(archive, filled_in(sheet(archive, tmp_path), {"status": "open"}), "Ann", NOW)
    late = filled_in(sheet(archive, tmp_path, "xlsx"), {"note": "Late."})
    early = filled_in(sheet(archive, tmp_path), {"status": "done", "mark": "right"})
    take_in(archive, early, "Ben", NOW + timedelta(hours=1))
    take_in(archive, late, "Cy", NOW + timedelta(hours=2))
    assert marks(archive) == [("change", "right", "done", None, "Late.", "Cy")]


def test_an_emptied_cell_takes_the_mark_back_and_a_missing_column_does_not(tmp_path):
    archive = corrected(tmp_path)
    take_in(
        archive, filled_in(sheet(archive, tmp_path), {"mark": "right", "note": "x"}), "Ann", NOW
    )
    file = filled_in(sheet(archive, tmp_path), {"note": ""})
    pd.read_csv(file, dtype=str).drop(columns="mark").to_csv(file, index=False)
    take_in(archive, file, "Ben", NOW)
    assert marks(archive) == [("change", "right", None, None, None, "Ben")]


@pytest.mark.parametrize(
    ("delimiter", "encoding"),
    [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16"), (";", "cp1252")],
)
def test_csv_is_read_however_a_spreadsheet_saved_it(tmp_path, delimiter, encoding):
    archive = corrected(tmp_path)
    file = sheet(archive, tmp_path, kinds=("removed",))  # whose texts every encoding has
    filled_in(file, {"note": "Né à Zürich"}, delimiter=delimiter, encoding=encoding)
    assert take_in(archive, file, "Ann", NOW).problems == ()
    assert marks(archive)[0][4] == "Né à Zürich"


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"mark": "superb"}, "'superb' is no mark; write right, wrong, important"),
        ({"status": "x" * 999}, "is no status; write open, in_work, done, set_aside"),
        ({"note": "x" * 4001}, "its note has 4001 characters; 4000 are kept"),
        ({"task": "1"}, "its cell 'task' is not as it was exported"),
        ({"task": "zz/2026-11-22T09:00:00Z/change"}, "its cell 'task' is not as it was exported"),
        ({"task": "1/2026-99-99T09:00:00Z/change"}, "is not as it was exported"),
        ({"task": "1/2026-11-22T09:00:00Z/change"}, "this archive has no task 1/2026"),
        ({"note": "x", "reviewed_at": "22/11/2026"}, "is not as it was exported"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_of_and_the_others_count(tmp_path, cells, says):
    archive = corrected(tmp_path)
    file = filled_in(sheet(archive, tmp_path), cells, {"mark": "right"})
    taken = take_in(archive, file, "Ann", NOW)
    (problem,) = taken.problems
    assert problem.startswith("Row 2 was left out: ")
    assert says in problem
    assert [row[:2] for row in marks(archive)] == [("removed", "right")]


def test_two_rows_of_one_task_are_one_too_many(tmp_path):
    archive = corrected(tmp_path)
    file = filled_in(sheet(archive, tmp_path), {"mark": "right"})
    lines = file.read_text("utf-8-sig").splitlines()
    file.write_text("\n".join([lines[0], lines[1], lines[1].replace("right", "wrong")]))
    assert take_in(archive, file, "Ann", NOW).problems == (
        "Row 3 was left out: it names the same task as row 2.",
    )
    assert marks(archive)[0][1] == "right"


def test_a_formula_in_a_workbook_is_not_taken_for_what_it_shows(tmp_path):
    archive = corrected(tmp_path)
    file = filled_in(sheet(archive, tmp_path, "xlsx"), {"note": '=WEBSERVICE("http://x.test")'})
    assert take_in(archive, file, "Ann", NOW).problems == (
        "Row 2 was left out: its cell 'note' holds a formula; write what you mean.",
    )
    assert marks(archive) == []


# -- What is no sheet -------------------------------------------------------------------------


def workbook(folder, **parts: bytes) -> Path:
    """A workbook in which parts of the archive file were put or replaced."""
    file = folder / "hostile.xlsx"
    source = openpyxl.Workbook()
    source.active.append(["task", "mark", "reviewed_at"])
    made = io.BytesIO()
    source.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return file


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><sst>&b;</sst>"""
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.csv", b"", "is empty"),
        ("x.csv", b"a,b\r\n1,2\r\n", "has no column 'task'"),
        ("x.csv", b"task,mark,Mark\r\n1,2,3\r\n", "has the column 'mark' twice"),
        ("x.csv", b'task,note\r\n1,"' + b"x" * 200_000, "is no CSV"),
        ("x.csv", b"\x00\xff\xfe\x9d" * 5000, "has no column 'task'"),
        ("x.xlsx", b"", "cannot be read as a workbook"),
        ("x.xlsx", b"PK\x03\x04 but no zip", "cannot be read as a workbook"),
    ],
)
def test_what_is_no_sheet_is_refused_with_the_next_step(tmp_path, name, content, says):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(SheetError, match=says):
        take_in(corrected(tmp_path), file, "Ann", NOW)


@pytest.mark.parametrize(
    ("part", "content", "says"),
    [
        (SHEET, b"<worksheet><sheetData><row", "cannot be read as a workbook"),
        (SHEET, b"\x00" * 1000, "cannot be read as a workbook"),
        ("xl/workbook.xml", b"<x/>", "cannot be read as a workbook"),
        (SHEET, ENTITIES, "holds XML that no spreadsheet writes"),
        (SHEET, ENTITIES.decode().encode("utf-16"), "holds XML that no spreadsheet writes"),
        ("xl/media/bomb.bin", b"\x00" * (101 * 2**20), "unpacks to more than"),
    ],
)
def test_a_hostile_workbook_is_refused(tmp_path, part, content, says):
    file = workbook(tmp_path, **{part: content})
    with pytest.raises(SheetError, match=says):
        take_in(corrected(tmp_path), file, "Ann", NOW)


def test_a_workbook_that_lies_about_a_far_row_and_column_costs_little(tmp_path):
    rows = b"".join(
        b'<row r="%d"><c r="XFD%d" t="inlineStr"><is><t>x</t></is></c></row>' % (n, n)
        for n in (1, 1_048_576)
    )
    page = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    file = workbook(tmp_path, **{SHEET: page + rows + b"</sheetData></worksheet>"})
    tracemalloc.start()
    with pytest.raises(SheetError):
        sheet_files.rows(file, "task")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 50 * 2**20


def test_a_file_that_is_too_large_is_not_even_read(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet_files, "MOST_BYTES", 10)
    file = tmp_path / "x.csv"
    file.write_text("task,mark\r\n1,right\r\n")
    with pytest.raises(SheetError, match="hand in parts of it"):
        sheet_files.rows(file, "task")
    monkeypatch.undo()
    monkeypatch.setattr(sheet_files, "MOST_ROWS", 1)
    with pytest.raises(SheetError, match="more than 1 rows"):
        sheet_files.rows(file, "task")
