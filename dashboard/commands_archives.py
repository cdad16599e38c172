"""The commands that fetch history which others captured: backfill, import."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard import printing, sheets
from dashboard.addresses import What, handed_over
from dashboard.commands_crawl import clock
from dashboard.options import PARTIAL, Chosen, JsonOption, NothingToShow, UsageError
from dashboard.selecting import moment
from store.address import article_id as number_of
from store.address import canonical, host_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.archives.backfill import Tally, Wanted
    from crawler.archives.importing import ImportTally
    from store.archive import Archive
    from store.model import Captured


def backfill(
    chosen: Chosen,
    wanted: Annotated[
        list[str],
        typer.Argument(metavar="ADDRESS", help="Articles; - reads lines of stdin."),
    ],
    *,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="WHEN", help="Only what was captured since then (UTC)."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--to", metavar="WHEN", help="Only what was captured up to then."),
    ] = None,
    archive_url: Annotated[
        str,
        typer.Option(
            metavar="ARCHIVE",
            help="web.archive.org, arquivo.pt, or the address of a collection of any pywb.",
        ),
    ] = "web.archive.org",
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", help="At most so many captures of each article.", min=1),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch the history of articles from a web archive, as far as it is not kept yet.

    What comes in is marked as the archive's and raises no alert. With --json one line for each
    capture: address, article, archive, captured_at, capture_address, outcome, detail, reason.
    """
    from crawler.archives.backfill import Wanted  # noqa: PLC0415  (parsers, clients)

    now = clock()
    span = Wanted(
        moment(since, now) if since else None, moment(until, now) if until else None, limit
    )
    addresses = [canonical(one) for one, _ in handed_over(wanted, What.ARTICLE)]
    _read_archive(chosen, archive_url, list(dict.fromkeys(addresses)), span, as_json=as_json)


def _read_archive(
    chosen: Chosen, archive_url: str, addresses: list[str], span: Wanted, *, as_json: bool
) -> None:
    from crawler import layout  # noqa: PLC0415
    from crawler.archives.memento import endpoint  # noqa: PLC0415
    from crawler.archives.session import Archivist  # noqa: PLC0415
    from crawler.parsers import ParserPool  # noqa: PLC0415
    from crawler.rereading import Desk  # noqa: PLC0415

    archivist = Archivist(endpoint(archive_url), chosen.settings().crawl)
    config, archive = chosen.open(create=True)
    tallies = []
    with ParserPool(1, layouts=config.crawl.layouts) as pool:
        desk = Desk(archive, pool, clock, layout.load(config.crawl.layouts))
        for address in addresses:
            tallies.append(_one_article(desk, archivist, address, span, as_json=as_json))
            _say_tally(archive, address, tallies[-1])
    archivist.close()
    if not any(tally.listed for tally in tallies):
        raise NothingToShow(
            f"{archivist.end.name} holds no capture of it; another archive may (--archive-url)."
        )
    if any(tally.unusable or tally.no_article for tally in tallies):
        raise typer.Exit(PARTIAL)


def _one_article(desk: Any, archivist: Any, address: str, span: Wanted, *, as_json: bool) -> Tally:
    from crawler.archives.backfill import backfill as fetch_history  # noqa: PLC0415

    tell = _teller(as_json=as_json)
    with printing.progress("Reading captures") as advance:

        def told(one: Captured, done: int, known: int) -> None:
            advance(done, known)
            tell(one)

        return fetch_history(desk, archivist, address, span, told)


def _say_tally(archive: Archive, address: str, tally: Tally) -> None:
    parts = [f"{tally.listed} captures", f"{tally.kept_before} kept before", f"{tally.read} read"]
    if tally.no_article:
        parts.append(f"{tally.no_article} no article")
    if tally.unusable:
        parts.append(f"{tally.unusable} could not be replayed")
    rows = archive.query(
        "SELECT versions FROM article_list WHERE article_id = ?", [number_of(address)]
    )
    versions = rows[0]["versions"] if rows else 0
    printing.say(f"{address}: {', '.join(parts)}; {versions} versions are known now.")


def import_files(
    chosen: Chosen,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="WARC (.warc, .warc.gz) or WACZ files, or task sheets (.csv, .tsv, .xlsx).",
        ),
    ],
    *,
    article: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="Only pages of this article; repeatable."),
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="Only pages of this host; repeatable."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who filled in a task sheet, where it does not say."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read articles out of web archive files: by default every page that is an article.

    What comes in is marked with the file and record it came from and raises no alert. A file can
    be imported again: what is kept is left out. With --json one line for each capture.

    Of a task sheet (`export --format tasks-xlsx`) it takes what people filled in: mark, status,
    assignee, note, reviewer.
    """
    from crawler import layout  # noqa: PLC0415
    from crawler.archives.importing import Choice  # noqa: PLC0415
    from crawler.parsers import ParserPool  # noqa: PLC0415
    from crawler.rereading import Desk  # noqa: PLC0415  (parsers, clients)

    choice = Choice(
        frozenset(number_of(one) for one in article or ()),
        frozenset(host_of(f"https://{one}") for one in host or ()),
    )
    for file in files:
        if not file.is_file():
            raise UsageError(f"There is no file {file}; check its name.")
    if sheets.all_sheets(files):
        sheets.take_in(chosen, files, by)
        return
    config, archive = chosen.open(create=True)
    with ParserPool(1, layouts=config.crawl.layouts) as pool:
        desk = Desk(archive, pool, clock, layout.load(config.crawl.layouts))
        most = config.crawl.largest_body_bytes
        tallies = [_one_file(desk, file, choice, most, as_json=as_json) for file in files]
    if not any(tally.read or tally.left_out["kept_before"] for tally in tallies):
        raise NothingToShow("No article was found in it; --article and --host say what to take.")
    if any(tally.troubles or _damaged(tally.left_out) for tally in tallies):
        raise typer.Exit(PARTIAL)


def _one_file(desk: Any, file: Path, choice: Any, most_bytes: int, *, as_json: bool) -> ImportTally:
    from crawler.archives.importing import import_file, in_words  # noqa: PLC0415

    tell = _teller(as_json=as_json)
    done = 0
    with printing.progress(f"Importing {file.name}") as advance:

        def told(one: Captured) -> None:
            nonlocal done
            done += 1
            advance(done, None)
            tell(one)

        tally = import_file(desk, file, choice, most_bytes, told)
    for trouble in tally.troubles:
        printing.say(f"{file}: {trouble}")
    left = f"; left out: {', '.join(in_words(tally.left_out))}" if tally.left_out else ""
    printing.say(f"{file}: {tally.read} captures read{left}.")
    return tally


def _damaged(left_out: Counter[str]) -> int:
    from crawler.archives.importing import MEANINGS  # noqa: PLC0415

    return sum(count for detail, count in left_out.items() if detail not in MEANINGS)


def _teller(*, as_json: bool) -> Callable[[Captured], None]:
    """Return what tells of one capture: a line of JSON, or a line where it was no article."""

    def tell(one: Captured) -> None:
        capture = one.capture
        if as_json:
            printing.json_line(
                {
                    "address": capture.captured_address,
                    "article": f"{capture.article_id:x}",
                    "archive": capture.archive,
                    "captured_at": capture.captured_at,
                    "capture_address": capture.address,
                    "capture_record": capture.record_id,
                    "outcome": capture.outcome,
                    "detail": capture.detail,
                    "reason": capture.reason,
                }
            )
        else:
            printing.fields(capture.captured_at, capture.outcome, capture.address, capture.reason)

    return tell
