"""What an answer means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import answers
from store.model import Outcome

NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)
HTML = b"<!doctype html><html><body><p>x</p></body></html>"


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, 999))
def test_every_status_but_200_has_an_outcome_and_one_sentence(status: int) -> None:
    ending = answers.of_status(status)
    assert (ending is None) == (status == 200)
    if ending is not None:
        assert ending.outcome is not Outcome.READ
        assert ending.reason.endswith(".")
        assert str(status) in ending.reason


@pytest.mark.parametrize(
    ("label", "body", "detail"),
    [
        ("text/html; charset=utf-8", HTML, None),
        ("application/xhtml+xml", HTML, None),
        ("", HTML, None),
        ("text/plain", HTML, None),
        ("application/xml", b"<?xml version='1.0'?>\n<html><body/></html>", None),
        ("text/plain", b"just words", "not_html"),
        ("application/pdf", HTML, "not_html"),
        ("application/json", b"{}", "not_html"),
        ("text/xml", b"<?xml version='1.0'?><rss></rss>", "not_html"),
        ("text/html", b"<?xml version='1.0'?><rss version='2.0'></rss>", "not_html"),
        ("text/html", b" \n ", "empty"),
        ("text/html", b"", "empty"),
    ],
)
def test_only_a_web_page_is_read(label: str, body: bytes, detail: str | None) -> None:
    ending = answers.of_body(label, body, ends_by_close=False)
    assert (ending.detail if ending else None) == detail


def test_a_page_that_ends_by_the_connection_closing_must_have_its_end() -> None:
    assert answers.of_body("text/html", HTML, ends_by_close=True) is None
    ending = answers.of_body("text/html", HTML[:-9], ends_by_close=True)
    assert ending is not None
    assert ending.detail == "cut_short"
    assert answers.of_body("text/html", HTML[:-9], ends_by_close=False) is None


def test_only_an_article_that_leads_to_the_front_page_is_gone() -> None:
    front = "https://n.example/"
    assert answers.of_redirect("https://n.example/2026/story", front) is not None
    assert answers.of_redirect(front, front) is None
    assert answers.of_redirect("https://n.example/a", "https://n.example/b") is None
    assert answers.of_redirect("https://n.example/a", "https://n.example/?p=7") is None


def test_the_same_article_in_another_dress_has_not_moved() -> None:
    asked = "https://n.example/a"
    assert answers.moved_to(asked, "https://N.example:443/a?utm_source=x#top") is None
    assert answers.moved_to(asked, "https://n.example/b?utm_source=x") == "https://n.example/b"


@pytest.mark.parametrize(
    ("status", "header", "pause"),
    [
        (429, "120", timedelta(minutes=2)),
        (429, "0", timedelta(minutes=1)),
        (429, "-5", timedelta(minutes=5)),
        (429, "99999999999999999999", timedelta(hours=24)),
        (429, None, timedelta(minutes=5)),
        (429, "soon", timedelta(minutes=5)),
        (429, "Thu, 14 May 2026 12:30:00 GMT", timedelta(minutes=30)),
        (429, "Thu, 14 May 1026 12:30:00 GMT", timedelta(minutes=1)),
        (503, "3600", timedelta(hours=1)),
        (503, None, None),
        (200, "3600", None),
        (500, "3600", None),
    ],
)
def test_a_wish_for_a_pause_is_met_within_bounds(
    status: int, header: str | None, pause: timedelta | None
) -> None:
    assert answers.pause_of(status, header, NOW) == pause


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=40))
def test_no_header_makes_a_pause_longer_than_a_day(header: str) -> None:
    pause = answers.pause_of(429, header, NOW)
    assert pause is not None
    assert timedelta(minutes=1) <= pause <= timedelta(hours=24)


def test_a_304_that_nobody_asked_for_is_a_failure() -> None:
    known = answers.of_status(304)
    assert known is not None
    assert known.outcome is Outcome.UNCHANGED
    unasked = answers.of_status(304, asked_if_changed=False)
    assert unasked is not None
    assert unasked.outcome is Outcome.FAILED


@pytest.mark.parametrize("body", [b'{"error": "busy"}', b' [{"a": 1}]', b"%PDF-1.7 <html>"])
def test_data_under_the_label_of_a_page_is_no_page(body: bytes) -> None:
    ending = answers.of_body("text/html", body, ends_by_close=False)
    assert ending is not None
    assert ending.detail == "not_html"


def test_the_telling_exception_decides_and_an_unknown_one_is_named() -> None:
    lost = answers.of_trouble(("ResponseDataLossError", "ResponseFailed", "ConnectionDone"))
    assert lost.detail == "cut_short"
    unknown = answers.of_trouble(("DownloadFailedError", "OddError"))
    assert (unknown.outcome, unknown.detail) == (Outcome.FAILED, "failed")
    assert "OddError" in unknown.reason
