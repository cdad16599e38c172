"""robots.txt as RFC 9309 says: one verdict per origin, kept for a while, closed when in doubt."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeGuard
from urllib.parse import urlsplit

from protego import Protego

from store.hosts import RobotsFile
from store.model import Outcome

LARGEST_ROBOTS_BYTES = 500 * 1024
"""RFC 9309 2.5: at least 500 KiB are parsed; what comes after is not read."""
KEPT_FOR = timedelta(hours=24)
"""How long an answered robots.txt holds (RFC 9309 2.4: no longer than 24 h)."""
OWN_KEPT_FOR = timedelta(minutes=1)
"""The same for hosts in allow_hosts, whose owner wants to see a change of theirs obeyed."""
RETRY_AFTER = timedelta(minutes=10)
"""How soon an unreachable robots.txt is asked for again."""
OLD_RULES_HOLD = timedelta(hours=24)
"""How long the last answered rules stand in for an unreachable robots.txt."""
LONGEST_DELAY_SECONDS = 300.0
"""The longest Crawl-delay obeyed to the letter; longer ones are meant for whole-site crawlers."""
MOST_ORIGINS = 10_000

_AGENT_LINE = re.compile(r"\s*user[ -]?agent\s*[:\s]\s*(\*(?=\s*(?:#|$))|[\w-]*)", re.IGNORECASE)
_PRODUCT = re.compile(r"[A-Za-z_-]+")
_US = "us"
"""What the groups that name us, and we, are called once a file is cut down to what concerns us."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one origin lets us do. ``parsed`` is None where ``allows_all`` decides alone."""

    answered_at: datetime
    good_until: datetime
    parsed: Protego | None
    allows_all: bool
    reason: str
    detail: str = "robots"
    outcome: Outcome = Outcome.REFUSED

    @property
    def is_answer(self) -> bool:
        """Whether these rules are the site's own answer."""
        return self.detail == "robots"

    def allow(self, address: str) -> bool:
        """Whether we may ask for ``address``."""
        if self.parsed is None:
            return self.allows_all
        return bool(self.parsed.can_fetch(address, _US))

    @property
    def delay(self) -> float:
        """The Crawl-delay asked of us in seconds, 0 where none is asked."""
        asked = None if self.parsed is None else self.parsed.crawl_delay(_US)
        return min(max(float(asked or 0.0), 0.0), LONGEST_DELAY_SECONDS)


def robots_address(address: str) -> str:
    """Return where the robots.txt for ``address`` stands."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def product_word(user_agent: str) -> str:
    """Return the word by which robots.txt files call ``user_agent`` (RFC 9309 2.2.1)."""
    found = _PRODUCT.match(user_agent.strip())
    return found[0] if found else "storylapse"


def rules_of(
    status: int, body: bytes, agent: str, now: datetime, kept_for: timedelta = KEPT_FOR
) -> Rules:
    """Return what an answer to the request for robots.txt means for ``agent``, our product word.

    RFC 9309 2.3.1: 2xx is read; 4xx means no rules; 429 and server errors, like an unreachable
    server, mean that nothing is allowed.
    """
    if 200 <= status < 300:
        text = body[:LARGEST_ROBOTS_BYTES].decode("utf-8-sig", errors="replace")
        return Rules(
            answered_at=now,
            good_until=now + kept_for,
            parsed=Protego.parse(_for_us(text, agent)),
            allows_all=True,
            reason="The site's robots.txt asks crawlers to leave this address alone.",
        )
    if 400 <= status < 500 and status != 429:
        reason = "The site has no robots.txt."
        return Rules(now, now + kept_for, None, allows_all=True, reason=reason)
    return Rules(
        answered_at=now,
        good_until=now + RETRY_AFTER,
        parsed=None,
        allows_all=False,
        reason=f"The site's robots.txt answered {status}, so nothing may be fetched for now.",
        detail="robots_unreachable",
    )


def _for_us(text: str, agent: str) -> str:
    """Return ``text`` with every agent that is neither we nor everybody called the same.

    Protego keeps each rule once for every agent of its group: 4,000 agents before 9,000 rules, in
    half a megabyte, took all memory there was.
    """
    lines: list[str] = []
    names: set[str] = set()  # of the group whose agents are being listed
    for line in text.splitlines():
        found = _AGENT_LINE.match(line)
        if found is None:
            lines.append(line)
            names = names if _is_blank(line) else set()
        elif (name := _called(found[1].lower(), agent.lower())) not in names:
            names.add(name)
            lines.append(f"User-agent: {name}")
    return "\n".join(lines)


def _is_blank(line: str) -> bool:
    return not line.partition("#")[0].strip()


def _called(name: str, agent: str) -> str:
    if name == "*":
        return name
    product = _PRODUCT.match(name)
    return _US if product and product[0] == agent else "others"


def unreachable(outcome: Outcome, detail: str, reason: str, now: datetime) -> Rules:
    """Return the rules of an origin that could not be asked: nothing is allowed, for this once.

    Not kept, since the next look costs the one request that it would cost anyway; what is
    recorded is the trouble itself.
    """
    return Rules(
        answered_at=now,
        good_until=now,
        parsed=None,
        allows_all=False,
        reason=reason,
        detail=detail,
        outcome=outcome,
    )


class KnownRules:
    """The rules known so far, one per origin, the least recently used dropped first.

    ``files`` are what an earlier run of ``agent`` was answered.
    """

    def __init__(self, agent: str, files: Iterable[RobotsFile] = ()) -> None:
        self._rules: OrderedDict[str, Rules] = OrderedDict(
            (file.address, rules_of(file.status, file.body, agent, file.answered_at))
            for file in files
        )

    def current(self, origin: str, now: datetime) -> Rules | None:
        """Return the rules of ``origin`` where they still hold at ``now``."""
        rules = self._rules.get(origin)
        if rules is None or rules.good_until <= now:
            return None
        self._rules.move_to_end(origin)
        return rules

    def learn(self, origin: str, fresh: Rules) -> Rules:
        """Keep ``fresh``, or the old answer where ``fresh`` is none; return what now holds."""
        old = self._rules.get(origin)
        if not fresh.is_answer and _still_holds(old, fresh.answered_at):
            fresh = replace(old, good_until=fresh.answered_at + RETRY_AFTER)
        self._rules[origin] = fresh
        self._rules.move_to_end(origin)
        while len(self._rules) > MOST_ORIGINS:
            self._rules.popitem(last=False)
        return fresh


def _still_holds(old: Rules | None, now: datetime) -> TypeGuard[Rules]:
    """Whether an earlier answer may stand in for one that did not come."""
    return old is not None and old.is_answer and now - old.answered_at < OLD_RULES_HOLD
