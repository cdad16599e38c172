"""Every format that people can ask for: the archive's own, and those that need the dashboard."""

from __future__ import annotations

from functools import partial

from dashboard import html_report
from store.export import EXPORTS, FOLDERS, Export, Folder
from store.export.tasks import write_csv, write_xlsx

_LOST = "all but what a person needs to judge a change; what is filled in comes back with `import`"


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
