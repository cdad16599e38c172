"""The report: one file that needs nothing else, and says no more than was asked for."""

import re

import lxml.html
import pytest

from dashboard import html_report
from histories import ADDRESS, CORRECTION, TEXT, archive_of, corrected, document
from store.address import article_id
from store.selection import Selection

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \u202e[l](javascript:alert(3))"


def report(archive, **chosen) -> str:
    return b"".join(html_report.write(archive, Selection(**chosen))).decode()


def test_it_tells_each_change_with_its_interval_its_reason_and_its_evidence(tmp_path):
    told = lxml.html.fromstring(report(corrected(tmp_path))).text_content()
    assert "Between the checks of 2026-11-22 11:00 UTC and 2026-11-22 12:00 UTC" in told
    assert CORRECTION in told
    assert "Version 2 → 3: Correction" in told
    assert "test-1" in told  # the extractor
    assert "Removed" in told
    assert "6 checks: 3 versions" in told


def test_it_needs_no_script_no_network_and_no_other_file(tmp_path):
    page = lxml.html.fromstring(report(corrected(tmp_path), full_text=True))
    assert not page.xpath("//script | //link | //iframe | //object | //form")
    sources = [*page.xpath("//@src"), *page.xpath("//@href")]
    assert sources
    assert all(one.startswith(("data:image/svg+xml;", "#")) for one in sources)
    (policy,) = page.xpath("//meta[@http-equiv]/@content")
    assert policy.startswith("default-src 'none'")


def test_every_link_inside_it_leads_somewhere(tmp_path):
    page = lxml.html.fromstring(report(corrected(tmp_path)))
    inside = {one.removeprefix("#") for one in page.xpath("//a/@href")}
    drawn = set(page.xpath("//@id"))
    first = f"article-{article_id(ADDRESS):x}"
    assert {f"{first}-2", f"{first}-3"} <= drawn
    assert inside <= drawn


def test_whole_texts_leave_only_when_asked_for(tmp_path):
    archive = corrected(tmp_path)
    assert TEXT[1] not in report(archive)
    assert TEXT[1] in report(archive, full_text=True)


def test_hostile_text_stays_text(tmp_path):
    before = document(HOSTILE + TEXT[0], *TEXT[1:], headline=HOSTILE, outlet=HOSTILE)
    after = document(HOSTILE + TEXT[0].replace("12", "15"), *TEXT[1:], headline=HOSTILE + "!")
    for full in (False, True):
        written = report(archive_of(tmp_path / str(full), before, after), full_text=full)
        page = lxml.html.fromstring(written)
        assert not page.xpath("//script | //img[@onerror] | //a[starts-with(@href, 'javascript')]")
        assert "\u202e" not in written
        assert "&lt;script&gt;" in written


def test_it_holds_what_was_chosen_and_nothing_else(tmp_path):
    archive = corrected(tmp_path)
    assert "Version 1 → 2" not in report(archive, kinds=("correction",))
    nothing = report(archive, kinds=("retraction",))
    assert "0 articles" in nothing
    assert re.search(r"Chosen: kind retraction", nothing)


@pytest.fixture(autouse=True)
def _folders(tmp_path):
    for name in ("False", "True"):
        (tmp_path / name).mkdir()
