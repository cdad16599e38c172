"""Draw the history flow of a long article: 200 versions of 100 sentences, to be there in a second.

    python -m benchmarks.flow [--versions 200] [--sentences 100]

One to three sentences are edited, exchanged or moved from version to version. Measured apart:
reading the versions back, tracing every sentence through them (comparing each with the one
before), making the figure, and showing it in Chromium until it is painted. Smallest of three;
the first three are processor time, the last is by the clock.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from playwright.sync_api import sync_playwright

from dashboard.flow import Stage, history_flow
from dashboard.lineage import traced
from dashboard.wording import Clock
from store import documents
from store.archive import open_archive
from store.model import Block, BlockKind, Document
from store.session import Sessions

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from browser import ARGUMENTS, find_browser

START = datetime(2026, 1, 1, tzinfo=UTC)
STYLE = Path(__file__).parent.parent / "dashboard" / "style.css"
_PAINTED = """async () => {
    await document.querySelector('img').decode();
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""

_Made = TypeVar("_Made")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.flow")
    parser.add_argument("--versions", type=int, default=200)
    parser.add_argument("--sentences", type=int, default=100)
    given = parser.parse_args()
    history = list(_versions(given.versions, given.sentences, random.Random(1)))
    with tempfile.TemporaryDirectory() as folder:
        read, reading = _least(_reader(history, Path(folder)), time.process_time)
    columns, tracing = _least(lambda: traced(read), time.process_time)
    stages = [
        Stage(number, START + timedelta(hours=number), "A sentence differs")
        for number in range(1, len(history) + 1)
    ]
    clock = Clock(START, ZoneInfo("UTC"))
    figure, making = _least(
        lambda: history_flow("ab", columns, stages, clock, by_time=False, names={}),
        time.process_time,
    )
    showing = _shown(str(figure))
    print(f"{given.versions} versions of {given.sentences} sentences, {len(figure):,} letters")
    parts = {"read": reading, "trace": tracing, "make the figure": making, "show": showing}
    for name, took in (parts | {"in all": sum(parts.values())}).items():
        print(f"{name:18}{1000 * took:8.0f} ms")


def _versions(versions: int, sentences: int, chance: random.Random) -> Iterator[Document]:
    words = [
        "".join(chance.choices("bcdfglmnprstaeiou", k=chance.randint(2, 9))) for _ in range(3000)
    ]
    said = [_sentence(words, chance) for _ in range(sentences)]
    for _ in range(versions):
        blocks = (" ".join(said[start : start + 3]) for start in range(0, sentences, 3))
        yield Document(
            address="https://news.example/long",
            headline="A long story",
            blocks=tuple(Block(BlockKind.PARAGRAPH, text) for text in blocks),
            language="en",
            extractor="measured",
        )
        for _ in range(chance.randint(1, 3)):
            _edit(said, words, chance)


def _sentence(words: list[str], chance: random.Random) -> str:
    return " ".join(chance.choices(words, k=chance.randint(8, 25))).capitalize() + "."


def _edit(said: list[str], words: list[str], chance: random.Random) -> None:
    place = chance.randrange(len(said))
    match chance.choice(("word", "word", "word", "exchange", "move")):
        case "word":
            first, _, rest = said[place].partition(" ")
            said[place] = f"{first} {chance.choice(words)} {rest.partition(' ')[2]}"
        case "exchange":
            said[place] = _sentence(words, chance)
        case "move":
            said.insert(chance.randrange(len(said)), said.pop(place))


def _reader(history: list[Document], folder: Path) -> Callable[[], list[Document]]:
    archive = open_archive(folder / "long.duckdb", create=True)
    with Sessions(archive.path).writing() as connection:
        for document in history:
            documents.keep(connection, [document])
    numbers = [documents.document_id(document) for document in history]

    def read() -> list[Document]:
        with archive.reading() as connection:
            kept = documents.load_all(connection, numbers)
        return [replace(kept[number]) for number in numbers]

    return read


def _least(work: Callable[[], _Made], clock: Callable[[], float]) -> tuple[_Made, float]:
    times = []
    for _ in range(3):
        started = clock()
        made = work()
        times.append(clock() - started)
    return made, min(times)


def _shown(figure: str) -> float:
    place = find_browser()
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=place, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})

        def show() -> None:
            page.set_content(f"<style>{STYLE.read_text('utf-8')}</style>{figure}")
            page.evaluate(_PAINTED)

        _, took = _least(show, time.perf_counter)
        browser.close()
    return took


if __name__ == "__main__":
    main()
