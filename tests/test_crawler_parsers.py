# ruff: noqa: E501 - a page is easier to read on one line
"""Parser processes: what hangs, dies or eats memory costs one page and nothing else."""

import gzip
import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from crawler.children import Children
from crawler.parsers import ParserPool, Unreadable, check_markup

URL = "https://post.example/2026/11/pier"
STORY = (
    "<html lang='en'><head><title>Pier sold</title></head><body><h1>Council sells the old pier {n}</h1>"
    "<p>The council voted on Monday night to sell the old pier to a private company.</p>"
    "<p>Correction: An earlier version of this article gave a wrong price for the pier.</p></body></html>"
)
# Forty thousand attributes whose values hide the tag from the quick check: 90 s in the parser.
SLOW = (
    b"<html><body><div "
    + b" ".join(b'a%d="<"' % n for n in range(45_000))
    + b">x</div></body></html>"
)


@pytest.fixture(scope="module")
def pool():
    with ParserPool(2, cpu_seconds=2) as pool:
        yield pool


def story(n: int = 1) -> bytes:
    return STORY.format(n=n).encode()


def test_a_page_comes_back_as_the_same_document_that_reading_it_here_gives(pool):
    from crawler.extract import read_page

    assert pool.read(story(), URL, "text/html") == read_page(story(), URL, "text/html")


def test_a_page_around_whose_article_alone_something_moved_is_recognised(pool):
    first = pool.look(story(), URL, "text/html")
    assert first.document == pool.read(story(), URL, "text/html")
    moved = story().replace(b"<body>", b"<body><nav>12 readers</nav>")
    assert first.known.sees(story()), "what the child learned is good for a glance here"
    assert pool.look(moved, URL, "text/html", first.known.sketch) is None
    again = pool.look(story(2), URL, "text/html", first.known.sketch)
    assert again.document.headline != first.document.headline
    assert not first.known.sees(story(2))


def test_what_cannot_be_looked_into_is_not_recognised(pool):
    known = pool.look(story(), URL, "text/html").known.sketch
    with pytest.raises(Unreadable):
        pool.look(b"<" * 60_000, URL, "text/html", known)
    assert pool.look(story(), URL, "text/html", b"") is not None
    with ParserPool(1) as closed:
        closed.close()
        with pytest.raises(Unreadable):
            closed.look(story(), URL, "text/html", known)


def test_many_threads_share_the_processes(pool):
    found = {}

    def read(n):
        found[n] = pool.read(story(n), URL).headline

    threads = [threading.Thread(target=read, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: f"Council sells the old pier {n}" for n in range(12)}


def test_a_page_that_hangs_is_stopped_and_the_next_one_is_read(pool):
    with pytest.raises(Unreadable) as caught:
        pool.read(SLOW, URL)
    assert caught.value.detail == "too_slow"
    assert caught.value.reason == "The page could not be read in time."
    assert pool.read(story(), URL).headline == "Council sells the old pier 1"


def test_who_is_late_is_stopped_however_little_processor_time_it_took():
    children = Children(1, 1_500_000_000, "", 0)
    job = {"op": "read", "url": URL, "content_type": None, "cpu_seconds": 60}
    assert children.ask(job | {"wall_seconds": 60}, story())[1]
    with pytest.raises(Unreadable) as caught:
        children.ask(job | {"wall_seconds": 0.2}, SLOW)
    children.close()
    assert caught.value.detail == "too_slow"


SITE = "https://long.example/2026/11/"


def _read_slowly(pool: ParserPool, reasons: list[str]) -> None:
    with pytest.raises(Unreadable) as caught:
        pool.read(SLOW, SITE)
    reasons.append(caught.value.reason)


def test_sites_whose_pages_take_long_wait_for_one_another_and_for_nobody_else():
    with ParserPool(1, cpu_seconds=1) as pool:
        reasons: list[str] = []
        _read_slowly(pool, reasons)  # read apart from now on
        threads = [threading.Thread(target=_read_slowly, args=(pool, reasons)) for _ in range(20)]
        for thread in threads:
            thread.start()
        while len(reasons) < 5:
            threads[0].join(0.01)
        assert set(reasons[1:5]) == {"Too many pages that take long to read wait already."}
        for n in range(20):
            pool.read(story(n), URL)
        assert len(reasons) < 21, "twenty pages of another site were read before they all were"
        pool.close()
        for thread in threads:
            thread.join()


def test_closing_waits_for_no_page_that_hangs():
    pool = ParserPool(1, cpu_seconds=600)
    threads = [threading.Thread(target=_read_slowly, args=(pool, [])) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(1.0)
    pool.close()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)


def test_memory_is_bounded():
    with ParserPool(1, memory_bytes=400_000_000) as small:
        with pytest.raises(Unreadable) as caught:
            small.read(b"<html><body><p>" + b"words and more words " * 12_000_000, URL)
        assert caught.value.detail in {"too_big", "crashed"}
        assert small.read(story(), URL).headline == "Council sells the old pier 1"


def test_a_process_killed_from_outside_is_replaced(pool):
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    if children.exists():
        for child in map(int, children.read_text().split()):
            command = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"crawler.parser_child" in command:
                os.kill(child, signal.SIGKILL)
    for n in range(4):
        assert pool.read(story(n), URL).headline == f"Council sells the old pier {n}"


@pytest.mark.parametrize(
    ("body", "hostile"),
    [
        (b"<div " + b" ".join(b"a%d=1" % n for n in range(40_000)) + b">", True),
        (b"<p>a" * 50_001, True),
        (b'<img src="data:image/png;base64,' + b"A" * 200_000 + b'">', False),
        (b"<p>" * 20_000 + b"<div class='a b c' id=d>", False),
    ],
)
def test_markup_that_holds_the_parser_is_refused_unread(body, hostile):
    if not hostile:
        check_markup(body)
        return
    with pytest.raises(Unreadable) as caught:
        check_markup(body)
    assert caught.value.detail == "hostile_markup"


@pytest.mark.parametrize(
    "body", [b"", b"\x00" * 50, b"\xff\xd8\xff\xe0JFIF", b'{"json": true}', b"<" * 3000]
)
def test_what_is_no_page_is_a_document_that_says_so(pool, body):
    assert pool.read(body, URL, "application/json").quality.is_article is False


def test_batch_work_is_answered_in_order_and_broken_lines_do_not_stop_it(pool, tmp_path):
    page = tmp_path / "page.html.gz"
    page.write_bytes(gzip.compress(story(2)))
    text = tmp_path / "note.txt"
    text.write_text("A first paragraph.\n\nUpdate: A second one.", encoding="utf-8")
    jobs = [
        {"id": "a", "url": URL, "html": story(1).decode()},
        {"id": "b", "url": URL, "path": str(page)},
        {"id": "c", "url": URL, "path": str(text)},
        {"id": "d", "url": URL},
        {"id": "e", "url": URL, "path": str(tmp_path / "missing.html")},
        {"id": "f", "url": URL, "html": "<p>a" * 60_000},
        *({"id": n, "url": URL, "html": story(n).decode()} for n in range(30)),
    ]
    answers = list(pool.map_jobs("extract", jobs))
    assert [answer["id"] for answer in answers] == [job["id"] for job in jobs]
    assert answers[1]["headline"] == "Council sells the old pier 2"
    assert [block["text"] for block in answers[2]["blocks"]] == [
        "A first paragraph.",
        "Update: A second one.",
    ]
    assert [note["kind"] for note in answers[0]["notes"]] == ["correction"]
    assert {answer["id"] for answer in answers if "error" in answer} == {"d", "e", "f"}
    assert all(answer["error"].endswith(".") for answer in answers if "error" in answer)
    json.dumps(answers)


def test_batch_work_is_streamed_and_not_hoarded(pool):
    taken = []

    def jobs():
        for n in range(200):
            taken.append(n)
            yield {"id": n, "html": story(n).decode()}

    next(pool.map_jobs("extract", jobs()))
    assert len(taken) < 20


def test_batch_comparison_takes_every_kind_of_side(pool, tmp_path):
    old = tmp_path / "old.html"
    old.write_bytes(story(1))
    sides = {
        "sentences": {"sentences": ["The pier was sold.", "Nobody knows the price."]},
        "text": {"text": "The pier was sold.\n\nNobody knows the price."},
        "html": {"html": story(1).decode(), "url": URL},
        "path": {"path": str(old), "url": URL},
    }
    jobs = [{"id": name, "old": side, "new": side} for name, side in sides.items()]
    jobs.append(
        {
            "id": "changed",
            "old": sides["text"],
            "new": {"text": "The pier was sold.\n\nIt cost 4 million."},
        }
    )
    jobs.append({"id": "broken", "old": sides["text"]})
    answers = {answer["id"]: answer for answer in pool.map_jobs("compare", jobs)}
    assert {answers[name]["verdict"] for name in sides} == {"unchanged"}
    assert answers["changed"]["verdict"] == "changed"
    assert answers["broken"]["error"] == 'The job has no "new" side.'


def test_a_closed_pool_says_so():
    closed = ParserPool(1)
    closed.close()
    with pytest.raises(Unreadable) as caught:
        closed.read(story(), URL)
    assert caught.value.detail == "closed"
