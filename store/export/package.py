"""A folder that describes itself: every table, a Data Package (Frictionless v2) and Croissant.

The tables come as CSV, which everything reads, or as Parquet, which keeps the types. They are made
from one copy of the archive, so they tell of one moment, also where the work was stopped between.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from store.archive import Archive
from store.export import croissant, parquet, tabular
from store.export.dictionary import PARENTS, TABLES
from store.export.folders import begun_at
from store.export.scratch import copied
from store.export.tables import Column, Table
from store.selection import Selection, belonging

_UNFINISHED = "unfinished"
_PROFILE = "https://datapackage.org/profiles/2.0/{}.json"
# Of the identifiers of the Open Definition, which the profile asks for.
LICENCE = {
    "name": "notspecified",
    "title": "The texts quoted belong to their publishers. Whoever passes this folder on chooses "
    "the licence of all else, and answers for the texts.",
}
TITLE = "How news articles changed after publication"
README = """\
# {title}

Made by Storylapse on {made}. Each table is a file in `data/`; what its columns mean stands in
`datapackage.json` (Frictionless Data Package 2.0){croissant}.

- A change has no exact moment: it happened after the check `checked_before_at` and before the check
  `seen_first_at`. Times are UTC.
- `reason` is Storylapse's own sentence, never the outlet's. `note_text` and `declared_by` are the
  outlet's words.
- {texts}
- {loses}
"""
_TEXTS = {
    False: "Texts are short spans, with the SHA-256 of the whole.",
    True: "Full texts are in it: they belong to their publishers.",
}
_LOSES = {
    "csv": "A text that a spreadsheet would take for a formula has an apostrophe in front.",
    "parquet": "Nothing is altered; lists are lists.",
}
_MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


def fill_csv(archive: Archive, selection: Selection, folder: Path) -> Iterator[tuple[int, int]]:
    """Fill a folder with CSV files and what describes them."""
    return _fill(archive, selection, folder, "csv", _write_csv)


def fill_parquet(archive: Archive, selection: Selection, folder: Path) -> Iterator[tuple[int, int]]:
    """Fill a folder with Parquet files and what describes them."""
    return _fill(archive, selection, folder, "parquet", parquet.copy)


def _fill(
    archive: Archive,
    selection: Selection,
    folder: Path,
    suffix: str,
    write: Callable[[Archive, Table, Selection, Path], None],
) -> Iterator[tuple[int, int]]:
    work, data = folder / _UNFINISHED, folder / "data"
    for one in (work, data):
        one.mkdir(exist_ok=True)
    source = copied(archive, work)
    for done, table in enumerate(TABLES.values(), 1):
        file = data / f"{table.name}.{suffix}"
        if not file.exists():
            write(source, table, selection, work / file.name)
            (work / file.name).replace(file)
        yield done, len(TABLES) + 1
    _describe(source, selection, folder, suffix)
    shutil.rmtree(work)
    yield len(TABLES) + 1, len(TABLES) + 1


def _write_csv(archive: Archive, table: Table, selection: Selection, file: Path) -> None:
    with file.open("wb") as opened:
        opened.writelines(tabular.lines(archive, table, selection))


def _describe(source: Archive, selection: Selection, folder: Path, suffix: str) -> None:
    made = begun_at(folder)
    files = {name: folder / "data" / f"{name}.{suffix}" for name in TABLES}
    sums = {name: _sha256(file) for name, file in files.items()}
    outlets = _outlets(source, selection)
    package = {
        "$schema": _PROFILE.format("datapackage"),
        "name": "storylapse-export",
        "title": TITLE,
        "description": f"{_TEXTS[selection.full_text]} {_LOSES[suffix]}",
        "created": made,
        "licenses": [LICENCE],
        "sources": [{"title": outlet, "path": f"https://{host}/"} for outlet, host in outlets],
        "resources": [_resource(TABLES[name], files[name], sums[name]) for name in TABLES],
    }
    _write_json(folder / "datapackage.json", package)
    if suffix == "csv":  # its readers take no lists in Parquet
        hosts = [host for _, host in outlets]
        described = croissant.described(
            TITLE, LICENCE["title"], made, hosts, files=files, sums=sums
        )
        _write_json(folder / "croissant.json", described)
    readme = README.format(
        title=TITLE,
        made=made,
        croissant=" and again in `croissant.json` (Croissant 1.1)" if suffix == "csv" else "",
        texts=_TEXTS[selection.full_text],
        loses=_LOSES[suffix],
    )
    (folder / "README.md").write_text(readme, "utf-8")


def _resource(table: Table, file: Path, digest: str) -> dict[str, Any]:
    suffix = file.suffix[1:]
    return {
        "name": table.name,
        "type": "table",
        "path": f"data/{file.name}",
        "title": table.name.capitalize(),
        "description": table.meaning,
        "format": suffix,
        "mediatype": _MEDIA[suffix],
        "encoding": "utf-8",
        "bytes": file.stat().st_size,
        "hash": f"sha256:{digest}",
        "schema": {
            "$schema": _PROFILE.format("tableschema"),
            "fields": [_field(column) for column in table.columns],
            "missingValues": [""],
            "primaryKey": list(table.key),
            "foreignKeys": [
                {"fields": [field], "reference": {"resource": parent, "fields": [field]}}
                for parent, field in PARENTS.items()
                if parent != table.name and field in {one.name for one in table.columns}
            ],
        },
    }


def _field(column: Column) -> dict[str, Any]:
    limits = {"constraints": {"enum": list(column.values)}} if column.values else {}
    return {"name": column.name, "type": column.type, "description": column.meaning} | limits


def _outlets(source: Archive, selection: Selection) -> list[tuple[str, str]]:
    where, values = belonging(selection, None)
    rows = source.query(
        f"SELECT DISTINCT outlet, host FROM article_list WHERE {where} ORDER BY ALL",  # noqa: S608
        values,
    )
    return [(row["outlet"], row["host"]) for row in rows]


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _write_json(file: Path, value: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")
