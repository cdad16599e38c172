"""Commands that read pages read them as the crawler does: by a person's own layouts too."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.extract import read_page
from crawler.layout import load
from dashboard.bundles import bundle
from histories import START, snapshot
from shell import STORY, storylapse
from store.address import article_id
from store.archive import open_archive
from store.telling import Telling

LAYOUT = """outlet = "The Weir"
hosts = ["weir.example"]
[[layout]]
since = 2026-01-01
body = ["div.story"]
headline = ["p.title"]
drop = ["p.box"]
"""
CONFIGURATION = '[crawl]\nlayouts = "own"\n'
ADDRESS = "https://weir.example/bridge"
PAGE = (
    "<html lang='en'><body><h1>The Weir</h1><p class='title'>The bridge has moved</p>"
    "<div class='story'>"
    + "".join(f"<p>{one}</p>" for one in STORY.split("\n\n"))
    + "<p class='box'>The council meets in the town hall again next week to hear all of it.</p>"
    "</div><p>Another story of today, with enough words to be taken for text by anybody.</p>"
    "</body></html>"
)


@pytest.fixture
def folder(tmp_path):
    """A page, and a configuration with a folder of layouts."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "weir.toml").write_text(LAYOUT)
    (tmp_path / "storylapse.toml").write_text(CONFIGURATION)
    (tmp_path / "page.html").write_text(PAGE)
    return tmp_path


def test_extract_reads_by_ones_own_layouts(folder):
    told = storylapse("extract", "page.html", "--url", ADDRESS, "--json", cwd=folder)
    assert told.json["headline"] == "The bridge has moved"


def test_batches_read_by_ones_own_layouts(folder):
    job = {"id": 1, "html": PAGE, "url": ADDRESS}
    told = storylapse("extract", "--batch", "-", cwd=folder, stdin=json.dumps(job))
    assert told.json["headline"] == "The bridge has moved"


def test_a_folder_of_layouts_that_is_not_there_is_named(folder):
    (folder / "storylapse.toml").write_text(CONFIGURATION.replace("own", "gone"))
    told = storylapse("extract", "page.html", cwd=folder)
    assert told.code == 1
    assert "There is no folder gone for layouts." in told.err


def test_a_bundle_is_checked_by_ones_own_layouts(folder):
    layouts = load(folder / "own")
    archive = open_archive(folder / "storylapse.duckdb", create=True)
    archive.watch_article(ADDRESS, acted_at=START)
    for hours, page in enumerate((PAGE, PAGE.replace("12 people", "11 people"))):
        body = page.encode()
        read = read_page(body, ADDRESS, "text/html", layouts)
        seen = snapshot(START + timedelta(hours=hours), read, ADDRESS)
        digest = hashlib.sha256(body).hexdigest()
        headers = (("Content-Type", "text/html"),)
        fetch = replace(seen.fetch, body_digest=digest, headers=headers)
        archive.record([replace(seen, fetch=fetch, body=body)], Telling())
    (folder / "it.zip").write_bytes(bundle(archive, article_id(ADDRESS), 2, START))
    told = storylapse("verify", "it.zip", "--json", cwd=folder)
    assert (told.code, {one["answer"] for one in told.json_lines}) == (0, {"holds"})
