"""The commands that make history again after an upgrade: reread, recompare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard import printing
from dashboard.commands_crawl import clock
from dashboard.options import PARTIAL, Chosen, JsonOption, NothingToShow

if TYPE_CHECKING:
    from store.archive import Archive
    from store.moved import Count, Moved

WantedArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="ADDRESS", help="Articles, whoever read or judged them last."),
]
AllOption = Annotated[bool, typer.Option("--all", help="Every article, not only what is older.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would move; nothing is written.")
]


def reread(
    chosen: Chosen,
    wanted: WantedArgument = None,
    *,
    everything: AllOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Read the kept responses again after an upgrade of the reader, and make history again.

    Without an address: the articles that another revision read. Nothing is fetched, no check
    changes, no alert is raised; articles that are done stay done when it is stopped. With --json
    one line for each article, and the total.
    """
    from crawler import layout, rereading  # noqa: PLC0415  (parsers, extractors)
    from crawler.parsers import ParserPool  # noqa: PLC0415

    config, archive = chosen.open()
    layouts = layout.load(config.crawl.layouts)
    chosen_ones = _named(archive, wanted, everything=everything)
    articles = rereading.stale(archive, layouts) if chosen_ones is None else chosen_ones
    if not articles:
        raise NothingToShow(
            "Every kept response was read by this revision of the reader; --all reads them again."
        )
    workers = config.crawl.parser_workers
    report = _Report(as_json=as_json)
    unreadable = read = 0
    with (
        ParserPool(workers, layouts=config.crawl.layouts) as pool,
        printing.progress("Reading again") as advance,
    ):
        made = rereading.reread(
            rereading.Desk(archive, pool, clock, layouts),
            articles,
            everything=chosen_ones is not None,
            workers=workers,
            dry_run=dry_run,
        )
        for done, one in enumerate(made, 1):
            advance(done, len(articles))
            report.add(one.article_id, one.moved, read=one.read, unreadable=one.unreadable)
            read, unreadable = read + one.read, unreadable + one.unreadable
    report.end(len(articles), dry_run=dry_run, read=read, unreadable=unreadable)
    _say_what_stayed(report.total, read, unreadable)
    if unreadable:
        raise typer.Exit(PARTIAL)


def recompare(
    chosen: Chosen,
    wanted: WantedArgument = None,
    *,
    everything: AllOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make all findings again after an upgrade of the engine, from what is kept.

    Without an address: the articles with findings that another engine made. No alert is raised,
    and articles that are done stay done when it is stopped. With --json one line for each
    article, and the total.
    """
    from store.compare import ENGINE  # noqa: PLC0415

    _, archive = chosen.open()
    chosen_ones = _named(archive, wanted, everything=everything)
    articles = archive.judged_by_another(ENGINE) if chosen_ones is None else chosen_ones
    if not articles:
        raise NothingToShow("Every finding was made by this engine; --all makes them again.")
    report = _Report(as_json=as_json)
    with printing.progress("Comparing again") as advance:
        for done, article in enumerate(articles, 1):
            report.add(article, archive.judge_again(article, dry_run=dry_run))
            advance(done, len(articles))
    report.end(len(articles), dry_run=dry_run)


def _named(archive: Archive, wanted: Sequence[str] | None, *, everything: bool) -> list[int] | None:
    """Return the articles that were asked for, or None where the oldest readings decide."""
    if wanted:
        return list(dict.fromkeys(archive.article_id(one) for one in wanted))
    if not everything:
        return None
    rows = archive.query("SELECT article_id FROM article_list WHERE versions > 0 ORDER BY 1")
    return [row["article_id"] for row in rows]


class _Report:
    """What moved, told as it happens to programs and at the end to people."""

    def __init__(self, *, as_json: bool) -> None:
        from store.moved import Moved  # noqa: PLC0415

        self.total: Moved = Moved()
        self._as_json = as_json
        self._touched = 0

    def add(self, article: int, moved: Moved, **counts: int) -> None:
        """Take in one article."""
        self.total.add(moved)
        self._touched += moved.anything
        if self._as_json:
            printing.json_line({"article": f"{article:x}", **counts, **_as_dict(moved)})

    def end(self, articles: int, *, dry_run: bool, **counts: int) -> None:
        """Say what moved in all."""
        if self._as_json:
            total = {"articles": articles, "moved": self._touched, "dry_run": dry_run}
            printing.json_line({"total": total | counts | _as_dict(self.total)})
        else:
            headings = ("kind", "before", "after", "same", "re-worded", "gone", "new")
            printing.table(headings, _lines(self.total))
        would = "would move" if dry_run else "moved"
        printing.say(f"{articles} articles made again, {self._touched} of them {would}. No alert.")


def _say_what_stayed(total: Moved, read: int, unreadable: int) -> None:
    """Say what was read, and what keeps an older reading and why."""
    from crawler.extract import EXTRACTOR  # noqa: PLC0415  (extractors)

    printing.say(f"{read} looks were read again; earlier readings are kept beside the new ones.")
    # An outlet's layouts add to the stamp.
    older = sum(n for reader, n in total.readers.items() if not reader.startswith(EXTRACTOR))
    if older:
        printing.say(
            f"{older} versions keep an older reading: their responses are not kept, or not those "
            "around them, so that nothing of the same reading could be compared."
        )
    if total.unlike:
        printing.say(
            f"{total.unlike} versions begin anew, since no one revision has read both sides: kept "
            "and not told (held as 'reader')."
        )
    if unreadable:
        printing.say(f"{unreadable} responses could not be read and keep the reading they have.")


def _lines(moved: Moved) -> Iterator[tuple[object, ...]]:
    yield _line("versions", moved.versions)
    for kind, count in sorted(moved.findings.items()):
        yield _line(kind, count)


def _line(name: str, count: Count) -> tuple[object, ...]:
    return (name, *_figures(count).values())


def _figures(count: Count) -> dict[str, int]:
    from store.moved import FIGURES  # noqa: PLC0415

    return {name: getattr(count, name) for name in FIGURES}


def _as_dict(moved: Moved) -> dict[str, Any]:
    kinds: Iterable[tuple[str, Count]] = sorted(moved.findings.items())
    return {
        "versions": _figures(moved.versions),
        "findings": {kind: _figures(count) for kind, count in kinds},
        "begun_anew": moved.unlike,
        "readers": dict(sorted(moved.readers.items())),
    }
