"""The command blame: which version brought each sentence of an article."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard import addresses, printing
from dashboard.commands_read import current_version
from dashboard.options import Chosen, JsonOption
from store.errors import UnknownVersion
from store.message import rfc3339

if TYPE_CHECKING:
    from dashboard.lineage import Strand
    from store.archive import Archive


def blame(
    chosen: Chosen,
    address: Annotated[
        str,
        typer.Argument(metavar="ADDRESS[@VERSION]", help="An article; its newest version, or one."),
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """Show which version brought each sentence of an article, and when it was first seen."""
    _, archive = chosen.open()
    spot = addresses.spot(archive, address)
    version = spot.version or current_version(archive, spot.article_id)
    lines = [_line(strand, seen) for strand, seen in blamed(archive, spot.article_id, version)]
    if as_json:
        printing.json_line({"article": f"{spot.article_id:x}", "version": version, "lines": lines})
        return
    rows = [(line["since_version"], line["seen_first_at"], line["text"]) for line in lines]
    printing.table(("Version", "First seen", "Sentence"), rows)


def blamed(archive: Archive, article: int, version: int) -> list[tuple[Strand, datetime]]:
    """Return each line of a version, the headline first, with when its words were first seen.

    Raises UnknownVersion.
    """
    from dashboard.lineage import traced  # noqa: PLC0415  (with the engine, 0.2 s)

    seen = {
        row["version"]: row["seen_first_at"]
        for row in archive.query(
            "SELECT version, seen_first_at FROM version_list WHERE article_id = ?", [article]
        )
    }
    if version not in seen:
        raise UnknownVersion(
            f"Article {article:x} has no version {version}. "
            f"'storylapse log {article:x}' lists its versions."
        )
    columns = traced([archive.document(article, number) for number in range(1, version + 1)])
    return [(strand, seen[strand.origin]) for strand in columns[-1] if strand.text]


def _line(strand: Strand, seen: datetime) -> dict[str, Any]:
    return {
        "text": strand.text.strip(),
        "place": "headline" if strand.block < 0 else "text",
        "block": None if strand.block < 0 else strand.block,
        "since_version": strand.origin,
        "seen_first_at": rfc3339(seen),
    }
