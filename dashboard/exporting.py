"""Every format that people can ask for, and how the command and the page make one."""

from __future__ import annotations

import shlex
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from dashboard import html_report
from store.archive import Archive
from store.export import EXPORTS, FOLDERS, Export, Folder, Selection, folders
from store.export.scratch import scratch
from store.export.tasks import write_csv, write_xlsx

_LOST = "all but what a person needs to judge a change; what is filled in comes back with `import`"
_STEP_BYTES = 500_000
_OPTIONS = {
    "search": "--search",
    "stories": "--story",
    "since": "--since",
    "until": "--until",
    "kinds": "--kind",
    "outlets": "--outlet",
    "articles": "--article",
    "held": "--held",
    "full_text": "--full-text",
}
"""What is asked for, and the option of ``storylapse export`` that asks for it."""


def formats(link_base: str) -> dict[str, Export | Folder]:
    """Return the formats by their names. ``link_base`` begins links to the dashboard."""
    return {
        **EXPORTS,
        "tasks-csv": Export(
            "tasks-csv",
            ".csv",
            "text/csv; charset=utf-8",
            "A task sheet to fill in: what matters most first.",
            _LOST,
            partial(write_csv, link_base=link_base),
        ),
        "tasks-xlsx": Export(
            "tasks-xlsx",
            ".xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "The same as a workbook, with lists to choose from.",
            _LOST,
            partial(write_xlsx, link_base=link_base),
        ),
        "html": Export(
            "html",
            ".html",
            "text/html; charset=utf-8",
            "A report for people: redlines, timeline, notes, evidence; one HTML file, prints well.",
            "the texts around the changes, unless --full-text",
            html_report.write,
        ),
        **FOLDERS,
    }


def filled(
    made: Folder,
    archive: Archive,
    selection: Selection,
    folder: Path,
    *,
    asked: Mapping[str, Any],
    now: datetime,
) -> Iterator[tuple[int, int | None]]:
    """Fill a folder, or go on with it; yield (parts done, parts in all, None where unknown).

    ``asked`` is what was asked for, by which a folder that was stopped is known. Raises
    ExportError.
    """
    told = {name: list(one) if isinstance(one, tuple) else one for name, one in asked.items()}
    (last,) = archive.query("SELECT max(forgotten_at) AS at_time FROM forgotten_list")
    begun = folders.begun(folder, made.name, selection, told, now, forgot_at=last["at_time"])
    yield from made.fill(archive, begun, folder)
    folders.finish(folder)


def packed(
    made: Folder,
    archive: Archive,
    selection: Selection,
    file: IO[bytes],
    *,
    now: datetime,
    say: Callable[[str], object],
) -> None:
    """Write a folder into a file, as one ZIP; ``say`` is told how far it is. Raises ExportError."""
    with scratch(archive) as place:
        folder = place / f"storylapse-{made.name}"
        for done, known in filled(made, archive, selection, folder, asked={}, now=now):
            say(f"part {done}" if known is None else f"part {done} of {known}")
        say("packing")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packing:
            for one in sorted(folder.rglob("*")):
                packing.write(one, one.relative_to(place))


def written(pieces: Iterator[bytes], file: IO[bytes], say: Callable[[str], object]) -> None:
    """Write the pieces as they come; every so often ``say`` is told how much there is."""
    done = told = 0
    for piece in pieces:
        file.write(piece)
        done += len(piece)
        if done - told > _STEP_BYTES:
            told = done
            say(f"{done / 1e6:,.1f} MB so far")


def by_command(made: Export | Folder, asked: Mapping[str, Any]) -> str:
    """Return the command that makes the same. ``asked`` has what was chosen, as it was typed."""
    place = f"changes{made.suffix}" if isinstance(made, Export) else "changes"
    words = ["storylapse", "export", "--format", made.name, "--output", place]
    for name, option in _OPTIONS.items():
        chosen = asked.get(name)
        if chosen is True:
            words.append(option)
        elif isinstance(chosen, str):
            words += [option, chosen]
        else:
            words += [word for one in chosen or () for word in (option, one)]
    return shlex.join(words)
