"""Where a page says that its article stands: asked there, and believed where the texts agree.

A canonical link is a claim. Sites point them at front pages, at the first of several stories, at
other domains; so an article follows one only within its site, and only to a page that holds the
same text and claims no third address. In every doubt two addresses stay two articles.
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from dataclasses import replace
from urllib.parse import urlsplit

from crawler.answers import of_redirect
from crawler.linkheader import relations
from store.address import AddressError, canonical, host_of
from store.identity import is_same_article
from store.model import Due, Fetch, Outcome, Snapshot, Why

_OF_A_SITE = re.compile(r"^(?:(?:www|m|mobile|amp|touch)\.)+")
"""Labels before a site's name under which it serves the same articles in another dress."""
_MOST_REFUSED = 20_000
_FREE_TRIES = 10
"""Claims of a host that are tried before one of them proved right; each right one pays for two
more. Some templates print one canonical link everywhere."""


class Places:
    """The looks that went on to where a page says its article stands. For the crawl's own thread.

    What was refused is remembered until the process ends; then it is asked once more.
    """

    def __init__(self) -> None:
        self._waiting: dict[int, tuple[Snapshot, str]] = {}
        self._refused: OrderedDict[int, str] = OrderedDict()
        self._tried: Counter[str] = Counter()
        self._right: Counter[str] = Counter()

    def further(self, due: Due, seen: Snapshot) -> Due | None:
        """Return the look that finds out whether the article stands elsewhere; keep ``seen``.

        None where the page claims no other place, or none worth asking.
        """
        article = due.article_id
        if article in self._waiting or seen.fetch.outcome is not Outcome.READ:
            return None
        here = seen.fetch.final_address or due.address
        there = claimed_place(seen, here)
        if there is None or not may_stand(here, there) or self._refused.get(article) == there:
            return None
        host = host_of(there)
        if self._tried[host] >= _FREE_TRIES + 3 * self._right[host]:
            return None
        self._tried[host] += 1
        self._waiting[article] = seen, there
        return replace(
            due, address=there, why=Why.CONFIRM, etag=None, last_modified=None, body_digest=None
        )

    def settled(self, seen: Snapshot) -> Snapshot:
        """Return what a look came to: itself, or of two looks the one that holds."""
        article = seen.fetch.article_id
        if article not in self._waiting:
            return seen
        first, there = self._waiting.pop(article)
        if not stands_there(first, seen, there):
            self._refuse(article, there)
            return first
        self._right[host_of(there)] += 1
        fetch = replace(seen.fetch, why=first.fetch.why, final_address=there, moved_to=there)
        return replace(seen, fetch=fetch)

    def _refuse(self, article: int, there: str) -> None:
        self._refused[article] = there
        if len(self._refused) > _MOST_REFUSED:
            self._refused.popitem(last=False)


def claimed_place(seen: Snapshot, here: str) -> str | None:
    """Return the canonical address that a page read at ``here`` claims, None where it is ``here``.

    Its Link header counts before its head (RFC 6596: either may say it).
    """
    document = seen.document
    claimed = _of_headers(seen.fetch, here) or (document and document.claims.canonical)
    if not claimed:
        return None
    try:
        there = canonical(claimed)
        return None if there == canonical(here) else there
    except AddressError:
        return None


def may_stand(here: str, there: str) -> bool:
    """Say whether an article met at ``here`` may be asked for at ``there`` on its page's word.

    Not on another site, not without TLS where it had it, not at a front page or a section above.
    """
    if _site(here) != _site(there) or of_redirect(here, there) is not None:
        return False
    if urlsplit(there).path in {"", "/"} and not urlsplit(there).query:
        return False
    return not (here.startswith("https:") and there.startswith("http:"))


def stands_there(first: Snapshot, second: Snapshot, there: str) -> bool:
    """Say whether the second look, at ``there``, found the article of the first one."""
    one, other = first.document, second.document
    if one is None or other is None or second.fetch.outcome is not Outcome.READ:
        return False
    if second.fetch.final_address is not None or claimed_place(second, there) is not None:
        return False
    return is_same_article(one, other)


def _of_headers(fetch: Fetch, here: str) -> str | None:
    values = [value for name, value in fetch.headers if name.lower() == "link"]
    for relation in relations(values, here):
        if relation.name == "canonical":
            return relation.target
    return None


def _site(address: str) -> str:
    return _OF_A_SITE.sub("", host_of(address))
