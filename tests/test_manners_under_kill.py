"""Politeness outlives ``kill -9`` of the whole product."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from fault_origin import Origin, answer
from product import Product
from running import Running
from store.archive import open_archive

pytestmark = pytest.mark.slow
LONG = 120  # seconds in which something must have come, on a machine busy with other work


def up(folder: Path, origin: Origin, *addresses: str) -> Running:
    """``up`` over some addresses, not yet started."""
    running = Running(folder, "--no-newsroom")
    running.product = Product(running.product.archive, (origin.host,))
    running.product.run("watch", *addresses)
    return running


def killed_when(running: Running, kept: str) -> None:
    """Kill the product outright once the archive holds a row that the question asks for."""
    archive = open_archive(running.product.archive)
    running.until(LONG, lambda: archive.query(kept))
    running.process.kill()
    running.process.wait()


def test_a_pause_that_a_host_asked_for_is_kept(tmp_path: Path) -> None:
    origin = Origin({"/busy": lambda _: answer(b"", 429, Retry_After="3600")})
    running = up(tmp_path, origin, origin.at("/busy"))
    with running:
        killed_when(running, "FROM host_list WHERE paused_until IS NOT NULL")
        asked = len(origin.asked)
        running.start()
        looked = running.product.run("fetch", "--all", ok=(0, 3))
        time.sleep(6)  # three beats of the schedule
    origin.close()
    assert origin.asked[asked:] == [], looked.stdout
    assert "asked to be left in peace" in running.product.run("doctor", ok=(0, 1)).stdout


def test_a_crawl_delay_is_kept_between_the_requests_of_two_lives(tmp_path: Path) -> None:
    delay = 8.0
    robots = answer(f"User-agent: *\nCrawl-delay: {delay:g}\n".encode(), content_type="text/plain")
    routes = {f"/{n}": lambda _: answer() for n in range(6)}
    origin = Origin({"/robots.txt": lambda _: robots, **routes})
    running = up(tmp_path, origin, *(origin.at(path) for path in routes))
    with running:
        killed_when(running, "FROM host_list WHERE delay_seconds > 0")
        asked = len(origin.asked)
        running.start()
        running.until(LONG, lambda: len([p for p in origin.asked[asked:] if p in routes]) > 1)
    origin.close()
    times = [when for path, when in zip(origin.asked, origin.times, strict=True) if path in routes]
    assert all(later - earlier >= delay for earlier, later in pairwise(times))


def test_a_few_random_kills_lose_no_check_and_hurry_no_host() -> None:
    """The short form of ``python -m benchmarks.kill``."""
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kill", "3"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passes" in done.stdout
