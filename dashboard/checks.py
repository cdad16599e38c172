"""What doctor checks: packages, clock, disk, archive, sources, articles, alerts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboard import checks_layouts, checks_whole, printing
from dashboard.checks_upgrade import upgraded
from dashboard.finding import Finding, Status
from dashboard.wording import counted
from store.errors import NoArchive, StorylapseError

if TYPE_CHECKING:
    from store.archive import Archive
    from store.config import Config

FEW_FREE_BYTES = 2 * 2**30
SILENT_AFTER = timedelta(days=1)
"""Sources are asked many times a day; a day without one look means that nothing runs."""
STALE_AFTER = timedelta(days=30)
"""A feed that outlets gave up often answers for years."""
CLOCK_SLACK = timedelta(seconds=60)
"""A check this far in the future was recorded under another clock."""

_SOURCE_DATE = datetime(2026, 1, 1, tzinfo=UTC)  # no clock that is right can show less


def surroundings(now: datetime) -> Iterator[Finding]:
    """Python, packages and the clock: what needs neither configuration nor archive."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding(
        "python", Status.OK, f"Python {python}, Storylapse {metadata.version('storylapse')}."
    )
    yield _packages()
    if now < _SOURCE_DATE:
        yield Finding(
            "clock",
            Status.ERROR,
            f"The clock shows {now:%Y-%m-%d}, which cannot be.",
            "Set the clock.",
        )


def examine(
    config: Config,
    now: datetime,
    *,
    everything: bool = False,
    progress: checks_whole.Progress = lambda *_: None,
) -> Iterator[Finding]:
    """The archive and all that depends on it; with ``everything`` each row of it is read."""
    from store import wal  # noqa: PLC0415
    from store.archive import open_archive  # noqa: PLC0415

    yield from _disk(config.archive.absolute())
    yield _channels(config)
    try:
        archive = open_archive(config.archive)
    except NoArchive as error:
        yield Finding("archive", Status.WARNING, str(error))
        return
    except StorylapseError as error:
        yield Finding("archive", Status.ERROR, str(error))
        return
    for notice in wal.notices(archive.path):
        yield Finding("log", Status.WARNING, notice, "Remove the file and its .txt once you know.")
    yield from _as_far_as_it_goes(
        _archive(archive, now),
        checks_whole.whole(archive, everything=everything, progress=progress),
        _budgets(archive, config),
        upgraded(archive, config),
        checks_layouts.layouts(archive, config),
    )


def _as_far_as_it_goes(*parts: Iterator[Finding]) -> Iterator[Finding]:
    """Yield what every part finds; one that a damaged archive stops does not stop the others."""
    for part in parts:
        try:
            yield from part
        except StorylapseError as error:
            yield Finding("archive", Status.ERROR, str(error))


def _packages() -> Finding:
    """Whether what pyproject.toml asks for is installed, in the asked versions."""
    from packaging.requirements import Requirement  # noqa: PLC0415

    wrong = []
    for text in metadata.requires("storylapse") or ():
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            present = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{wanted.name} is missing")
            continue
        if not wanted.specifier.contains(present, prereleases=True):
            wrong.append(f"{wanted.name} is {present}, wanted {wanted.specifier}")
    if wrong:
        return Finding(
            "packages", Status.ERROR, "; ".join(wrong) + ".", "Install Storylapse again."
        )
    shown = ("duckdb", "scrapy", "streamlit", "trafilatura", "rapidfuzz")
    return Finding(
        "packages", Status.OK, ", ".join(f"{name} {metadata.version(name)}" for name in shown) + "."
    )


def _disk(file: Path) -> Iterator[Finding]:
    from store import disk  # noqa: PLC0415

    folder = file.parent
    if not folder.is_dir():
        yield Finding(
            "disk",
            Status.WARNING,
            f"There is no folder {folder} yet.",
            "It is made with the archive.",
        )
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(
            "rights",
            Status.ERROR,
            f"{folder} cannot be written to.",
            "Change its rights or --archive.",
        )
    free = disk.free_bytes(folder)
    # What works on a copy: backup, export, forget.
    needed = max(FEW_FREE_BYTES, 2 * file.stat().st_size if file.is_file() else 0)
    amount = f"{free / 2**30:.1f} GiB free under {folder}."
    if free < disk.RESERVE_BYTES:
        yield Finding("disk", Status.ERROR, amount, "The crawl pauses: make room.")
    elif free < needed:
        yield Finding(
            "disk",
            Status.WARNING,
            amount,
            f"Make room soon; backup, export and forget need {needed / 2**30:.1f} GiB.",
        )
    else:
        yield Finding("disk", Status.OK, amount)


def _archive(archive: Archive, now: datetime) -> Iterator[Finding]:
    from store import migrate  # noqa: PLC0415

    counts = archive.query(_COUNTS)[0]
    size = archive.path.stat().st_size / 2**20
    yield Finding(
        "archive",
        Status.OK,
        f"{archive.path} opens (schema {migrate.newest()}, {size:.1f} MiB): "
        f"{counted(counts['articles'], 'article')}, {counted(counts['versions'], 'version')}, "
        f"{counted(counts['checks'], 'check')}.",
    )
    if not os.access(archive.path, os.W_OK):
        yield Finding(
            "rights", Status.ERROR, f"{archive.path} cannot be written to.", "Change its rights."
        )
    if counts["versions"] != counts["counted"]:
        yield Finding(
            "facts",
            Status.ERROR,
            f"{counted(counts['counted'], 'version')} counted, {counts['versions']:,} kept.",
            "Run 'storylapse recompare --all'.",
        )
    yield _recorded_clock(counts["last_check_at"], now)
    yield from _sources(archive, now)
    yield from _articles(archive)
    yield from _hosts(archive, now)
    yield from _alerts(archive)


_COUNTS = """
    SELECT (SELECT count(*) FROM article_list) AS articles,
           (SELECT count(*) FROM version_list) AS versions,
           (SELECT coalesce(sum(versions), 0) FROM article_list) AS counted,
           (SELECT count(*) FROM check_list) AS checks,
           (SELECT max(finished_at) FROM check_list) AS last_check_at
"""
_SOURCES = """
    SELECT address, added_at, last_poll_at, last_outcome, last_reason, last_links, news_at
    FROM source_list WHERE watching
"""
_TROUBLED = """
    SELECT last_outcome, last_detail, count(*) AS articles, min(address) AS address,
           arg_min(last_reason, address) AS reason,
           arg_min_null(last_good_at, address) AS last_good_at
    FROM article_list
    WHERE watching
      AND last_outcome IN ('refused', 'blocked', 'unreadable', 'failed', 'gone', 'held', 'moved')
      AND last_detail <> 'moved'
    GROUP BY last_outcome, last_detail ORDER BY articles DESC, last_outcome, last_detail
"""
_PAUSED = """
    SELECT host, paused_until, pause_reason FROM host_list
    WHERE paused_until > ? ORDER BY host
"""
_AGES = """
    SELECT host, greatest(epoch(last_fetch_at) - epoch(added_at), 0) AS age
    FROM schedule_list WHERE last_outcome IN ('read', 'unchanged')
"""
_UNDELIVERED = """
    SELECT count(*) AS alerts, max(last_reason) AS reason FROM alert_list
    WHERE attempts > 0 AND (len(sent) = 0 OR NOT list_has_all(sent, channels))
"""


def _recorded_clock(last: datetime | None, now: datetime) -> Finding:
    if last and last > now + CLOCK_SLACK:
        return Finding(
            "clock",
            Status.WARNING,
            f"The newest check is of {printing.field(last)}, and it is {printing.field(now)}.",
            "The clock was set back, or was wrong then; set it by network time.",
        )
    return Finding("clock", Status.OK, f"It is {printing.field(now)}, after every recorded check.")


def _sources(archive: Archive, now: datetime) -> Iterator[Finding]:
    rows = archive.query(_SOURCES)
    silent = 0
    for row in rows:
        trouble = _silence(row, now)
        if trouble:
            silent += 1
            yield Finding(
                "source", Status.WARNING, f"{row['address']}: {trouble}", "Open it in a browser."
            )
    if not silent:
        yield Finding("sources", Status.OK, f"{len(rows)} watched, none fell silent.")


def _silence(row: Mapping[str, Any], now: datetime) -> str | None:
    if row["last_poll_at"] is None:
        return None
    if row["last_outcome"] not in {"read", "unchanged"}:
        return str(row["last_reason"])
    if now - row["last_poll_at"] > SILENT_AFTER:
        return f"It was last asked at {printing.field(row['last_poll_at'])}; is `up` running?"
    if row["last_links"] == 0:
        return "It was read and offered no address; is it still written, does its pattern fit?"
    if now - (row["news_at"] or row["added_at"]) > STALE_AFTER:
        return f"It offered nothing new since {printing.field(row['news_at'] or row['added_at'])}."
    return None


def _articles(archive: Archive) -> Iterator[Finding]:
    rows = archive.query(_TROUBLED)
    for row in rows:
        good = row["last_good_at"]
        since = f" It was last there at {printing.field(good)}." if good else ""
        yield Finding(
            "articles",
            Status.WARNING,
            f"{row['articles']} {row['last_outcome']} ({row['last_detail']}), for example "
            f"{row['address']}: {row['reason']}{since}",
        )
    if not rows:
        yield Finding("articles", Status.OK, "No watched article is in trouble.")


def _hosts(archive: Archive, now: datetime) -> Iterator[Finding]:
    """Which hosts are left in peace: nothing is asked there, whatever is due."""
    for row in archive.query(_PAUSED, [now.astimezone(UTC).replace(tzinfo=None)]):
        until = printing.field(row["paused_until"])
        yield Finding(
            "host",
            Status.WARNING,
            f"{row['pause_reason']}; no request goes there until {until}.",
            "Wait; what is due there is looked at afterwards.",
        )


def _channels(config: Config) -> Finding:
    """Whether every rule is understood and every channel's address is at hand."""
    from crawler.deliver import channel_addresses  # noqa: PLC0415  (Apprise takes 0.3 s)
    from store.alerts import rules_from_config  # noqa: PLC0415

    try:
        rules = rules_from_config(config.alerts)
        channels = channel_addresses(config.alerts, os.environ)
    except StorylapseError as error:
        return Finding("channels", Status.ERROR, str(error))
    shown = ", ".join(channels) or "none, so alerts are kept and shown, not sent"
    told = f"{counted(len(rules), 'alert rule')}; channels: {shown}."
    return Finding("channels", Status.OK, told)


def _budgets(archive: Archive, config: Config) -> Iterator[Finding]:
    """Whether the hosts' budgets keep up with what is watched there."""
    import numpy as np  # noqa: PLC0415

    from crawler.plan import crawl_delays  # noqa: PLC0415
    from crawler.policy import PATIENT, longest_gaps, paces  # noqa: PLC0415
    from crawler.pricing import looks_a_day, stretches  # noqa: PLC0415

    pace_of = paces(config.crawl.allow_hosts)
    rows = [row for row in archive.query(_AGES) if pace_of(row["host"]) is PATIENT]
    hosts, places = np.unique([row["host"] for row in rows], return_inverse=True)
    longest = longest_gaps(np.array([row["age"] for row in rows], dtype=np.float64), PATIENT)
    crawl, delays = config.crawl, crawl_delays(archive)
    pauses = [max(crawl.seconds_between_requests, delays.get(str(host), 0.0)) for host in hosts]
    budgets = np.array([looks_a_day(crawl.requests_per_day, pause) for pause in pauses])
    stretched = stretches(longest, places, budgets)
    if stretched.max(initial=1.0) <= 1.0:
        places_kept = counted(len(hosts), "host")
        yield Finding("budgets", Status.OK, f"Looks are kept up with at {places_kept}.")
        return
    worst = stretched.argmax()
    yield Finding(
        "budgets",
        Status.WARNING,
        f"The longest gaps between looks are stretched at "
        f"{counted((stretched > 1).sum(), 'host')}, most at {hosts[worst]}, "
        f"{stretched[worst]:.1f} times: more is watched than the budget allows.",
        "Raise [crawl] requests_per_day, or watch less.",
    )


def _alerts(archive: Archive) -> Iterator[Finding]:
    row = archive.query(_UNDELIVERED)[0]
    if row["alerts"]:
        yield Finding(
            "alerts",
            Status.WARNING,
            f"{row['alerts']} were tried and not delivered: {row['reason']}",
            "Check [[alerts.channels]].",
        )
