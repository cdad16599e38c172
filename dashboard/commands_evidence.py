"""The commands evidence and verify: one change as a file that anybody can check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard import addresses, printing
from dashboard.commands_read import current_version
from dashboard.options import ERROR, Chosen, JsonOption, UsageError
from store.errors import StorylapseError
from store.model import Document

if TYPE_CHECKING:
    from store.evidence import Page


def evidence(
    chosen: Chosen,
    address: Annotated[
        str,
        typer.Argument(
            metavar="ADDRESS[@VERSION]",
            help="An article: the change to its newest version, or one.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE.zip]", help="Else a name made of article and version."),
    ] = None,
) -> None:
    """Pack the evidence of one change into one file: responses, interval, redline, digests.

    It holds both responses and both texts whole; whoever hands it on answers for that.
    """
    from dashboard.bundles import bundle  # noqa: PLC0415  (with the engine, 0.3 s)

    _, archive = chosen.open()
    spot = addresses.spot(archive, address)
    version = spot.version or current_version(archive, spot.article_id)
    made = bundle(archive, spot.article_id, version, datetime.now(UTC))
    place = output or Path(f"evidence-{spot.article_id:x}-{version}.zip")
    unfinished = place.with_name(f"{place.name}.part")
    unfinished.write_bytes(made)
    unfinished.replace(place)
    printing.line(str(place))
    printing.say(f"Anybody can check it: storylapse verify {place}")


def verify(
    chosen: Chosen,
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A file `evidence` made.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Check an evidence bundle, on any machine: digests, responses, times, texts, the change.

    Ends with 1 where something does not hold. What it cannot check is said: nobody signed the
    responses, and the times are those of the machine that made them.
    """
    from crawler.following import joined  # noqa: PLC0415
    from crawler.parsers import ParserPool, Unreadable  # noqa: PLC0415
    from store.evidence import Answer, check, opened  # noqa: PLC0415

    def read(pages: Sequence[Page]) -> Document:
        try:
            return joined([pool.read(one.body, one.address, one.content_type) for one in pages])
        except Unreadable as error:
            raise StorylapseError(f"{bundle}: {error.reason}") from None

    if not bundle.exists():
        raise UsageError(f"There is no file {bundle}; check its name.")
    layouts = chosen.settings().crawl.layouts
    with opened(bundle) as held, ParserPool(1, layouts=layouts) as pool:
        found = list(check(held, read))
    for one in found:
        if as_json:
            printing.json_line({"check": one.name, "answer": one.answer.value, "said": one.said})
        else:
            printing.fields(one.answer.value, one.said)
    if any(one.answer is Answer.FAILS for one in found):
        printing.say(f"{bundle} does not hold: see the lines above.")
        raise typer.Exit(ERROR)
    printing.say("What can be checked holds. Nobody signed the responses: a second witness helps.")
