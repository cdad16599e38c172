"""The command that takes change histories out of the archive: export."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard import printing
from dashboard.options import Chosen, UsageError
from dashboard.selecting import (
    ArticleOption,
    HeldOption,
    KindOption,
    OutletOption,
    SearchOption,
    SinceOption,
    StoryOption,
    UntilOption,
    saved,
    selection,
)

if TYPE_CHECKING:
    from store.archive import Archive
    from store.export import Folder, Selection


class Format(StrEnum):
    """The formats of ``dashboard.exporting.formats`` (a test holds them the same)."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"
    DUCKDB = "duckdb"
    TASKS_CSV = "tasks-csv"
    TASKS_XLSX = "tasks-xlsx"
    HTML = "html"
    DATAPACKAGE = "datapackage"
    PARQUET_TABLES = "parquet-tables"
    GIT = "git"


def export(
    chosen: Chosen,
    *,
    format: Annotated[  # noqa: A002  (the option's name)
        Format, typer.Option(help="docs/exports.md says what each is and what it loses.")
    ] = Format.JSONL,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The file, or the folder, to make; a file else stdout."),
    ] = None,
    full_text: Annotated[
        bool, typer.Option("--full-text", help="Whole texts instead of short spans and digests.")
    ] = False,
    search: SearchOption = None,
    story: StoryOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    kind: KindOption = None,
    outlet: OutletOption = None,
    article: ArticleOption = None,
    held: HeldOption = False,
) -> None:
    """Write change histories to a file, a folder or stdout.

    A folder that was stopped goes on where it was when the same is asked for again.
    """
    from dashboard.exporting import formats  # noqa: PLC0415  (openpyxl, DuckDB)
    from store.export import Folder  # noqa: PLC0415

    config, archive = chosen.open()
    asked = saved(
        config,
        search,
        stories=story,
        since=since,
        until=until,
        kinds=kind,
        outlets=outlet,
        articles=article,
        held=held,
    )
    now = datetime.now(UTC)
    wanted = selection(archive, now, **asked, full_text=full_text)
    made = formats(config.dashboard.link_base)[format]
    if isinstance(made, Folder):
        _to_folder(made, archive, wanted, output, asked=asked | {"full_text": full_text}, now=now)
    elif output is None:
        for piece in made.write(archive, wanted):
            sys.stdout.buffer.write(piece)
    else:
        _to_file(made.write(archive, wanted), output)


def _to_folder(
    made: Folder,
    archive: Archive,
    wanted: Selection,
    output: Path | None,
    *,
    asked: dict[str, Any],
    now: datetime,
) -> None:
    from dashboard.exporting import filled  # noqa: PLC0415  (openpyxl, DuckDB)

    if output is None:
        raise UsageError(f"--format {made.name} fills a folder: name it with --output.")
    if output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file, and --format {made.name} fills a folder.")
    with printing.progress("Exporting") as advance:
        for done, known in filled(made, archive, wanted, output, asked=asked, now=now):
            advance(done, known)
    printing.say(f"Written to {output}.")


def _to_file(pieces: Iterator[bytes], output: Path) -> None:
    """Write beside ``output`` and give it its name at the end: never half a file under it.

    A link stays a link, and a device or a pipe (``/dev/stdout``) is written to, not replaced.
    """
    is_special = output.exists() and not output.is_file()
    place = output if is_special else output.resolve()
    unfinished = place if is_special else place.with_name(place.name + ".part")
    with unfinished.open("wb") as file, printing.progress("Exporting") as advance:
        for done, piece in enumerate(pieces, 1):
            file.write(piece)
            advance(done, None)
    if not is_special:
        unfinished.replace(place)
    printing.say(f"Written to {output}.")
