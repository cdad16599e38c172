"""The commands about the archive as a whole: backup, restore, forget, merge."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dashboard import addresses, printing
from dashboard.options import Chosen, JsonOption, UsageError

_YES = Annotated[bool, typer.Option("--yes", help="Do not ask first.")]


def backup(
    chosen: Chosen,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes; a new file.")],
) -> None:
    """Copy the archive to FILE while everything runs; the copy is opened before it gets its name.

    With `restore`, or simply as --archive FILE, it is an archive again.
    """
    from store.backup import back_up  # noqa: PLC0415  (DuckDB takes 0.1 s)

    _, archive = chosen.open()
    with printing.progress("Copying"):
        made = back_up(archive, file)
    printing.line(str(made))
    printing.say(f"{made.stat().st_size / 1e6:,.1f} MB; restore it with: storylapse restore {made}")


def restore(
    chosen: Chosen,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
) -> None:
    """Put a backup in the archive's place. The archive before it is moved aside, never deleted."""
    from store import backup  # noqa: PLC0415

    place = chosen.settings().archive
    before = backup.restore(place, file, datetime.now(UTC))
    printing.say(f"{place} is what {file} held.")
    if before is not None:
        printing.say(f"The archive that stood there is kept as {before}; remove it when you like.")


def forget(
    chosen: Chosen,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An address or article id.")],
    *,
    yes: _YES = False,
) -> None:
    """Remove an article everywhere, for good: texts, responses, checks, findings, alerts, marks.

    Its number stays as a tombstone, so that no source brings it back. The archive's file is
    written anew, which takes as long as copying it; nobody reads or writes meanwhile.
    """
    from store.remains import left_behind  # noqa: PLC0415  (DuckDB takes 0.1 s)

    _, archive = chosen.open()
    spot = addresses.spot(archive, address)
    if spot.version is not None:
        raise UsageError("An article is forgotten whole: name it without a version.")
    (row,) = archive.query(
        "SELECT headline, address, versions, checks FROM article_list WHERE article_id = ?",
        [spot.article_id],
    )
    named = printing.field(row["headline"] or row["address"])
    printing.say(f"{named}: {row['versions']} versions, {row['checks']} checks.")
    if not yes and not typer.confirm("Remove all of it, for good?", err=True):
        raise typer.Abort
    now = datetime.now(UTC)
    archive.forget(spot.article_id, acted_at=now)
    printing.say(
        f"Forgotten; only the number {spot.article_id:x} is kept. Exports, backups and messages "
        "that left before still hold it."
    )
    for said in left_behind(archive, now):
        printing.say(said)


def merge(
    chosen: Chosen,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Other archives.")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would come; works on a copy.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take in all that other archives hold: a crawl that was split is one history again.

    Articles that both have seen keep every look of either and are judged again; no alert is
    raised. What either has forgotten stays forgotten. The other archives are only read; merging
    the same again changes nothing, so that one that was stopped is simply started again.
    """
    from store import merging  # noqa: PLC0415  (DuckDB takes 0.1 s)

    _, archive = chosen.open()
    for file in files:
        with printing.progress(f"Merging {file.name}") as advance:
            made = merging.merge(archive, file, datetime.now(UTC), advance, dry_run=dry_run)
        if as_json:
            told = {"forgotten": made.forgotten, "judged_again": made.shared, "dry_run": dry_run}
            printing.json_line({"merged": str(file), **made.new, **told})
        else:
            printing.table(("new", "rows"), made.new.items())
        printing.say(
            f"{file}: {made.shared} articles that both had seen were judged again, "
            f"{made.forgotten} forgotten as they were there. No alert."
            + (" Nothing was written." if dry_run else "")
        )
