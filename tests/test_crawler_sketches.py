"""When a page need not be read again: never to confirm something, and not for ever."""

from __future__ import annotations

from dataclasses import replace

from crawler.sketches import UNKNOWN, Known, Sketches
from store.model import Due, Why

DUE = Due(1, "https://n.example/a", Why.DUE, body_digest="ab")


def kept() -> Sketches:
    sketches = Sketches()
    sketches.keep(1, Known(b"sketch"))
    return sketches


def test_a_page_that_was_read_is_recognised_and_no_other() -> None:
    assert kept().of(DUE) == Known(b"sketch")
    assert kept().of(replace(DUE, article_id=2)) == UNKNOWN


def test_a_look_that_confirms_something_reads_the_page() -> None:
    assert kept().of(replace(DUE, why=Why.CONFIRM)) == UNKNOWN
    assert kept().of(replace(DUE, body_digest=None)) == UNKNOWN, "the last page was an odd one"


def test_every_tenth_look_reads_the_page_however_sure_we_are() -> None:
    sketches = kept()
    answered = 0
    while sketches.of(DUE) is not UNKNOWN:
        sketches.recognised(1)
        answered += 1
    assert answered == 9
    sketches.keep(1, Known(b"again"))
    assert sketches.of(DUE) == Known(b"again")
