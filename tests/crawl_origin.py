"""A crawl in a process of its own, without an archive: jobs as JSON in, what was seen out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def crawled(jobs: dict[str, Any], seconds: float = 90) -> list[dict[str, Any]]:
    """Run a crawl of ``jobs`` in a process of its own; return what it saw, by line."""
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def crawl_addresses(
    addresses: Iterable[str], allow_hosts: Iterable[str], **config: Any
) -> dict[str, dict[str, Any]]:
    """Crawl each address once; return what was seen by address."""
    wanted = list(addresses)
    dues = [{"article_id": n, "address": a, "why": "first"} for n, a in enumerate(wanted)]
    seen = crawled({"dues": dues, "config": {"allow_hosts": list(allow_hosts), **config}})
    found = {wanted[each["article_id"]]: each for each in seen}
    assert len(seen) == len(wanted), "every due work ends in exactly one snapshot"
    return found


def _main() -> None:
    from datetime import UTC, datetime

    from crawler.discovery import PollDue
    from crawler.parsers import ParserPool
    from crawler.run import Calls, CrawlThread
    from store.config import CrawlConfig
    from store.model import Due, Snapshot, SourceKind, Why
    from store.polls import Poll

    work = json.load(sys.stdin)
    dues = [Due(**{**due, "why": Why(due["why"])}) for due in work.get("dues", ())]
    polls = [
        PollDue(**{**poll, "kind": SourceKind(poll["kind"])}) for poll in work.get("polls", ())
    ]

    def seen(snapshot: Snapshot) -> None:
        fetch = snapshot.fetch
        line = {name: getattr(fetch, name) for name in fetch.__slots__}
        line["headline"] = snapshot.document.headline if snapshot.document else None
        line["has_body"] = snapshot.body is not None
        print(json.dumps(line, default=str), flush=True)

    def polled(poll: Poll) -> tuple[()]:
        line = {name: getattr(poll, name) for name in poll.__slots__}
        line["links"] = [link.address for link in poll.links]
        print(json.dumps(line, default=str), flush=True)
        return ()

    with ParserPool(1) as pool:
        config = CrawlConfig(**work["config"])
        crawl = CrawlThread(config, pool, Calls(seen, polled), lambda: datetime.now(UTC))
        crawl.start()
        crawl.submit([*dues, *polls])
        crawl.finish()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    _main()
