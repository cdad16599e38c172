"""The commands that make the product look: up, watch, unwatch, pause, resume, fetch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard import printing
from dashboard.addresses import What, handed_over, settled
from dashboard.options import PARTIAL, Chosen, JsonOption, NothingToShow, UsageError, overlaid
from store.address import AddressError, article_id
from store.errors import UnknownArticle
from store.model import Outcome, Recorded, SourceKind

if TYPE_CHECKING:
    from crawler.once import PassSummary
    from store.archive import Archive


def clock() -> datetime:
    """The one clock, made at the edge."""
    return datetime.now(UTC)


def up(
    chosen: Chosen,
    *,
    host: Annotated[
        str | None,
        typer.Option(metavar="HOST", help="The address to listen on; else [dashboard] host."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", help="0 takes any free one; else [dashboard] port.", min=0, max=65535
        ),
    ] = None,
    newsroom: Annotated[
        bool | None,
        typer.Option(
            "--newsroom/--no-newsroom",
            help="Track the bundled practice site while nothing else is tracked.",
            show_default=False,
        ),
    ] = None,
    newsroom_port: Annotated[
        int | None,
        typer.Option(metavar="PORT", help="Its port; else [newsroom] port.", min=0, max=65535),
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the dashboard in the browser.")
    ] = False,
) -> None:
    """Run everything: the crawl on its schedule, the dashboard, the feeds and the alerts.

    Ends cleanly on Ctrl-C or SIGTERM. Every other command works meanwhile.
    """
    from dashboard.server import serve  # noqa: PLC0415

    config = chosen.settings()
    dashboard = overlaid(config.dashboard, host=host, port=port)
    practice = overlaid(config.newsroom, enabled=newsroom, port=newsroom_port)
    serve(
        config.model_copy(update={"dashboard": dashboard, "newsroom": practice}),
        open_browser=open_browser,
    )


def watch(
    chosen: Chosen,
    wanted: Annotated[
        list[str],
        typer.Argument(
            metavar="ADDRESS",
            help="Articles, feeds, sitemaps, section pages; a file of addresses (.opml, .txt); "
            "- reads lines of stdin.",
        ),
    ],
    kind: Annotated[
        What, typer.Option(help="What the addresses are; auto tells it by the address.")
    ] = What.AUTO,
    pattern: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="Of the sources, take only articles whose address holds this; * is anything.",
        ),
    ] = None,
) -> None:
    """Watch articles or sources of articles.

    Makes the archive where there is none. Nothing is fetched yet: `storylapse up` fetches on
    its schedule, `storylapse fetch` at once.
    """
    good, complaints = _sorted_out(handed_over(wanted, kind))
    for complaint in complaints:
        printing.say(complaint)
    if not good:
        raise UsageError("Nothing new is watched; give at least one good address.")
    if pattern is not None and all(what is What.ARTICLE for _, what in good):
        raise UsageError(
            "--pattern is for sources, and all of these are taken for articles; say what they are "
            "with --kind page, feed, sitemap or list."
        )
    config, archive = chosen.open(create=True)
    now = clock()
    articles = [address for address, what in good if what is What.ARTICLE]
    archive.watch_articles(articles, acted_at=now)
    for address, what in good:
        if what is not What.ARTICLE:
            archive.watch_source(address, SourceKind(what), acted_at=now, pattern=pattern)
        printing.line(f"{what}\t{address}")
    _foretell([address for address, _ in good], config.crawl.allow_hosts)
    if complaints:
        raise typer.Exit(PARTIAL)


def _sorted_out(
    wanted: Iterable[tuple[str, What]],
) -> tuple[list[tuple[str, What]], list[str]]:
    good, complaints = [], []
    for address, what in wanted:
        try:
            good.append(settled(address, what))
        except AddressError as error:
            complaints.append(str(error))
    return list(dict.fromkeys(good)), complaints


def _foretell(watched: list[str], allow_hosts: tuple[str, ...]) -> None:
    """Say what happens next, and warn of what the crawler will refuse."""
    from crawler.guard import judge_address  # noqa: PLC0415

    refusals = dict.fromkeys(filter(None, (judge_address(one, allow_hosts) for one in watched)))
    for refusal in refusals:
        printing.say(f"It will not be fetched: {refusal}")
    printing.say(
        f"{len(watched)} watched from now on; `storylapse up` fetches on its schedule, "
        "`storylapse fetch` does one pass now."
    )


def unwatch(
    chosen: Chosen,
    wanted: Annotated[
        list[str], typer.Argument(metavar="ADDRESS", help="Articles or sources; - reads stdin.")
    ],
) -> None:
    """Stop watching articles or sources; what was kept of them stays."""
    _, archive = chosen.open()
    now = clock()
    for address, _ in handed_over(wanted, What.AUTO):
        archive.unwatch(address, acted_at=now)
        printing.line(address)
    printing.say("No longer watched; what was kept stays and can be watched again.")


def pause(
    chosen: Chosen,
    wanted: Annotated[list[str], typer.Argument(metavar="ADDRESS", help="Sources; - reads stdin.")],
) -> None:
    """Let sources rest, with their articles, until they are resumed."""
    _each_source(chosen, wanted, lambda archive: archive.pause)
    printing.say("At rest, with its articles, until 'storylapse resume'.")


def resume(
    chosen: Chosen,
    wanted: Annotated[list[str], typer.Argument(metavar="ADDRESS", help="Sources; - reads stdin.")],
) -> None:
    """Watch sources again, with the articles that rested with them."""
    _each_source(chosen, wanted, lambda archive: archive.resume)
    printing.say("Watched again; the first look comes within the minute where 'up' runs.")


def _each_source(
    chosen: Chosen, wanted: list[str], act_of: Callable[[Archive], Callable[..., object]]
) -> None:
    """Do an act of the archive to every source named, and print its address."""
    _, archive = chosen.open()
    act, now = act_of(archive), clock()
    for address, number in _sources(archive, wanted):
        act(number, acted_at=now)
        printing.line(address)


def _sources(archive: Archive, wanted: list[str]) -> list[tuple[str, int]]:
    """The sources of these addresses with their numbers.

    Raises AddressError, and UnknownArticle for what is no source here.
    """
    known = {row["source_id"] for row in archive.query("SELECT source_id FROM source_list")}
    asked = [(address, article_id(address)) for address, _ in handed_over(wanted, What.AUTO)]
    for address, number in asked:
        if number not in known:
            raise UnknownArticle(f"{address} is no source here. 'storylapse list' shows what is.")
    return asked


def fetch(
    chosen: Chosen,
    wanted: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ADDRESS]", help="Only these articles, whatever the schedule says."
        ),
    ] = None,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Every watched article and source once, now.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Do one pass now, for cron: ask the sources, fetch what is due, record, deliver alerts.

    With --json one line for each fetch: address, outcome, reason, version, event, changes, alerts.
    """
    from crawler.once import one_pass  # noqa: PLC0415

    config, archive = chosen.open()
    fetched: list[Recorded] = []
    with printing.progress("Fetching") as advance:

        def recorded(result: Recorded, done: int, known: int) -> None:
            fetched.append(result)
            advance(done, known)

        summary = one_pass(
            archive,
            config,
            clock,
            link_base=config.dashboard.link_base,
            everything=everything,
            addresses=wanted or (),
            progress=recorded,
        )
    _tell(archive, fetched, as_json=as_json)
    _sum_up(summary, everything=everything, named=bool(wanted), as_json=as_json)


_NO_READING = frozenset({Outcome.REFUSED, Outcome.BLOCKED, Outcome.UNREADABLE, Outcome.FAILED})


def _tell(archive: Archive, fetched: list[Recorded], *, as_json: bool) -> None:
    rows = archive.query("SELECT article_id, article, address FROM article_list")
    known = {row["article_id"]: row for row in rows}
    for result in fetched:
        row = known[result.article_id]
        if as_json:
            printing.json_line(
                {
                    "address": row["address"],
                    "article": row["article"],
                    "outcome": result.outcome,
                    "reason": result.reason,
                    "version": result.version,
                    "event": result.event,
                    "changes": result.changes,
                    "alerts": result.alerts,
                }
            )
        elif result.outcome in _NO_READING:
            printing.say(f"{row['address']}: {result.reason}")


def _sum_up(summary: PassSummary, *, everything: bool, named: bool, as_json: bool) -> None:
    looks, polls = summary.looks.total(), summary.polls.total()
    if not looks and not polls:
        raise NothingToShow(_why_nothing(everything=everything, named=named))
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(summary.looks.items()))
    sentence = (
        f"{looks} fetches ({outcomes or 'none due'}), {polls} sources asked: "
        f"{summary.versions} new versions, {summary.changes} changes, {summary.alerts} alerts."
    )
    (printing.say if as_json else printing.line)(sentence)
    unread = sum(summary.polls[outcome] for outcome in _NO_READING)
    if unread:
        printing.say(f"{unread} sources could not be read; `storylapse doctor` says why.")
    if unread or any(summary.looks[outcome] for outcome in _NO_READING):
        raise typer.Exit(PARTIAL)


def _why_nothing(*, everything: bool, named: bool) -> str:
    if named:
        return "None of them is watched any more; `storylapse watch ADDRESS` takes it up again."
    if everything:
        return "Nothing is watched yet; begin with: storylapse watch ADDRESS"
    return "Nothing is due now; `storylapse fetch --all` looks at everything all the same."
