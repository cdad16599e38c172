"""What a subscription to a hub needs next, and what a hub is answered (WebSub). Pure.

W3C Recommendation of 23 January 2018; sections are named where they decide. A hub's word is a hint
that wakes discovery for its feed and nothing more: what it sends is never read.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from store.subscriptions import State, Subscription

PATH = "/websub/"
"""Where hubs reach us, followed by a token that only one of them knows."""
LEASE_ASKED = timedelta(days=10)
SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=5), timedelta(days=90)
_RENEWED_BEFORE = timedelta(hours=12)
"""Before its end, or at half of a lease that is shorter than twice that, it is asked for anew."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=10), timedelta(days=1)
_MOST_GOODBYES = 3
_METHODS = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
"""SHA-1, which the recommendation also names, is not taken: it can be forged."""


def mode_due(one: Subscription, now: datetime, *, watching: bool) -> str | None:
    """Return what to ask of the hub now: "subscribe", "unsubscribe" or nothing."""
    if one.tries and one.asked_at and one.asked_at <= now < one.asked_at + _wait(one.tries):
        return None
    if not watching:
        ends = one.state in {State.ASKED, State.HELD}
        again = one.state is State.LEAVING and one.tries < _MOST_GOODBYES
        return "unsubscribe" if ends or again else None
    return None if one.state is State.HELD and not _ends_soon(one, now) else "subscribe"


def _wait(tries: int) -> timedelta:
    """Return how long a hub has to keep its word before it is asked again."""
    return min(_FIRST_WAIT * 2.0 ** min(max(tries - 1, 0), 10), _LONGEST_WAIT)


def _ends_soon(one: Subscription, now: datetime) -> bool:
    if one.until_at is None or one.asked_at is None:
        return True
    lease = max(one.until_at - one.asked_at, timedelta(0))
    return now >= one.until_at - min(_RENEWED_BEFORE, lease / 2)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a hub is answered: a status, and the text it wants to hear back."""

    status: int
    text: str = ""


def verified(
    one: Subscription, said: Mapping[str, str], now: datetime
) -> tuple[Subscription, Answer]:
    """Judge a hub's question whether we meant it (section 5.3): what it leaves, and the answer.

    The challenge is echoed only for what we asked of that hub, on that topic.
    """
    mode, topic = said.get("hub.mode"), said.get("hub.topic")
    if topic != one.topic:
        return one, Answer(404, "No such subscription.")
    if mode == "denied":
        reason = "The hub refused the subscription; the feed is asked in its turn."
        return replace(one, state=State.REFUSED, reason=reason), Answer(200)
    challenge = said.get("hub.challenge", "")
    if mode == "subscribe" and one.state in {State.ASKED, State.HELD} and challenge:
        until = now + _lease(said.get("hub.lease_seconds", ""))
        reason = f"The hub tells when the feed changes, until {until:%Y-%m-%d %H:%M} UTC."
        held = replace(one, state=State.HELD, until_at=until, tries=0, reason=reason)
        return held, Answer(200, challenge)
    if mode == "unsubscribe" and one.state in {State.LEAVING, State.LEFT} and challenge:
        left = replace(one, state=State.LEFT, until_at=None, reason="The subscription was ended.")
        return left, Answer(200, challenge)
    return one, Answer(404, "No such subscription.")


def _lease(text: str) -> timedelta:
    digits = text.isascii() and text.isdigit() and len(text) < 12
    seconds = timedelta(seconds=int(text)) if digits else LEASE_ASKED
    return min(max(seconds, SHORTEST_LEASE), LONGEST_LEASE)


def is_signed(secret: str | None, header: str, body: bytes) -> bool:
    """Say whether X-Hub-Signature is right for what was sent (section 7)."""
    method, _, digest = header.strip().partition("=")
    made_by = _METHODS.get(method.lower())
    if made_by is None or not secret:
        return False
    wanted = hmac.new(secret.encode(), body, made_by).hexdigest()
    return hmac.compare_digest(wanted.encode(), digest.lower().encode())
