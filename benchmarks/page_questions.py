"""Every question that a page, a feed or an address of the API puts to the archive, by name.

For ``benchmarks.archive_queries``. Each calls the function that the page calls.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request

from dashboard import alerting, api, counts, data, feeds, ranked, rehearsal
from store.archive import Archive
from store.config import Config, SearchConfig
from store.findable import query
from store.search import Wanted
from store.selection import Selection

Questions = dict[str, Callable[[], object]]

PAGE = 41  # rows the queue asks for at once
MOST_EXPORTED = 5000  # changes that the page of exports counts before it says "more than"
OUTLET = "news7.example"


def questions(archive: Archive, now: datetime) -> Questions:
    """Return all of them, in the order of the pages."""
    found = archive.query("SELECT article_id, versions FROM article_list ORDER BY 1 LIMIT 50")
    articles = [row["article_id"] for row in found]
    return (
        _of_the_queue(now, articles)
        | _of_alerts(now)
        | _of_lists()
        | _of_an_article(archive, articles[0], found[0]["versions"])
        | _of_exports(now)
        | _of_feeds(archive, now, articles[0])
        | _of_the_api(archive)
        | _of_searches(archive)
    )


def _of_the_queue(now: datetime, articles: list[int]) -> Questions:
    day, week, month = (now - timedelta(days=days) for days in (1, 7, 30))

    def queue(**filters: Any) -> Callable[[], object]:
        return lambda: ranked.queue(ranked.Filters(**filters), now, PAGE)

    return {
        "queue": queue(),
        "queue, last day": queue(since=day),
        "queue, last week": queue(since=week),
        "queue, one outlet": queue(outlet=OUTLET),
        "queue, corrections": queue(group="corrections"),
        "queue, unmarked": queue(mark=ranked.UNMARKED),
        "queue, words": queue(words="stabal"),
        "queue, words, one outlet, a month": queue(words="be", outlet=OUTLET, since=month),
        "queue, 200 rows": lambda: ranked.queue(ranked.Filters(), now),
        "queue, counts": lambda: ranked.queue_counts(ranked.Filters()),
        "queue, counts with words": lambda: ranked.queue_counts(ranked.Filters(words="stabal")),
        "queue, outlets": ranked.outlets_in_queue,
        "held back, last week": lambda: ranked.held_back(week),
        "held back, any time": lambda: ranked.held_back(None),
        "held rows, last week": lambda: ranked.held_rows(week),
        "held rows, any time": lambda: ranked.held_rows(None),
        "sparks": lambda: ranked.sparks(articles),
        "pulse": counts.pulse,
    }


def _of_alerts(now: datetime) -> Questions:
    day = now - timedelta(days=1)
    return {
        "alerts: what rules would have told since yesterday": lambda: rehearsal.history(
            data.ask, day
        ),
        "alerts": counts.alerts,
        "alerts, how many": counts.raised,
        "alerts, refused by a channel": alerting.refused,
        "alerts, sources": alerting.sources,
    }


def _of_lists() -> Questions:
    return {
        "sources": counts.sources,
        "newsroom": counts.newsroom,
        "hosts": counts.hosts,
        "articles": counts.articles,
        "articles, words": lambda: counts.articles("stabal"),
        "outlets": counts.outlets,
        "first changes": counts.first_changes,
        "days": counts.days,
        "correction ages": counts.correction_ages,
        "repeated": counts.repeated,
    }


def _of_an_article(archive: Archive, one: int, versions: int) -> Questions:
    def history() -> object:
        data._history.clear()
        return data.history(one, tuple(range(1, versions + 1)))

    digests = archive.query(
        "SELECT body_digest FROM check_list WHERE article_id = ? LIMIT 2", [one]
    )
    return {
        "article": lambda: data.article(f"{one:x}"),
        "article, versions": lambda: data.versions(one),
        "article, held changes": lambda: data.held_changes(one, 1, 2),
        "article, events": lambda: data.events(one),
        "article, checks": lambda: data.checks(one),
        "article, comments": lambda: data.comments(one),
        "article, evidence": lambda: data.evidence(one, 1),
        "article, capture": lambda: data.capture(one, 1),
        "article, following pages": lambda: data.pages(one, "1"),
        "article, kept responses": lambda: data.are_kept([row["body_digest"] for row in digests]),
        "article, two versions": lambda: archive.pair(one, 1, 2),
        "article, blame and flow of all versions": history,
    }


def _of_exports(now: datetime) -> Questions:
    month = now - timedelta(days=30)
    chosen = {
        "everything": Selection(),
        "one outlet": Selection(outlets=(OUTLET,)),
        "a month": Selection(since=month),
        "corrections of a month": Selection(since=month, kinds=("correction",)),
    }
    return {
        f"exports, {name}": lambda which=which: data.chosen(which, MOST_EXPORTED)  # type: ignore[misc]
        for name, which in chosen.items()
    }


def _of_feeds(archive: Archive, now: datetime, article: int) -> Questions:
    saved = SearchConfig(name="saved", outlets=(OUTLET,))
    config = Config.model_construct(searches=(saved,), stories=())
    named = {
        "all": "",
        "outlet": OUTLET,
        "article": f"{article:x}",
        "kind": "correction",
        "search": "saved",
    }
    return {
        f"feed, {scope}": lambda scope=scope, name=name: feeds.feed(  # type: ignore[misc]
            archive, "", scope, name, config=config, now=now
        )
        for scope, name in named.items()
    }


def _of_the_api(archive: Archive) -> Questions:
    request = Request({"type": "http", "query_string": b"", "headers": []})
    return {
        "api, changes": lambda: api.changes(archive, request),
        "api, articles": lambda: api.articles(archive, request),
        "api, alerts": lambda: api.alerts(archive, request),
        "api, health": lambda: api.health(archive, request),
    }


def _of_searches(archive: Archive) -> Questions:
    def search(*words: str, within: Selection = Selection()) -> Callable[[], object]:  # noqa: B008
        wanted = Wanted(query(words), within)
        return lambda: list(
            itertools.islice(archive.search(wanted, lambda _done, _known: None), 50)
        )

    there = Selection(outlets=(OUTLET,))
    return {
        "search, a rare word": search("stabal"),
        "search, a common word": search("be"),
        "search, two common words": search("be", "co"),
        "search, a common word at one outlet": search("be", within=there),
        "search, a rare word at one outlet": search("stabal", within=there),
    }
