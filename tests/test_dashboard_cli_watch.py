"""watch, unwatch and fetch: what people hand over, and passes where not all goes well."""

import pytest

from dashboard.addresses import What, settled
from origin import Answer
from shell import page, storylapse

OPML = """<?xml version="1.0"?><opml version="2.0"><body><outline text="News">
<outline type="rss" text="One" xmlUrl="https://one.example/rss"/>
<outline type="rss" text="Two" xmlUrl="https://two.example/atom.xml"/>
</outline></body></opml>"""

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour Post</title>
<item><title>Bridge</title><link>{}</link></item></channel></rss>"""


def watched(folder):
    rows = storylapse("list", "--json", cwd=folder).json_lines
    return {row["address"]: row.get("kind", row["watched"]) for row in rows}


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("https://x.example/2026/11/22/bridge-closed", "article"),
        ("https://x.example/feedback/letter", "article"),
        ("https://x.example/story.html", "article"),
        ("https://x.example/rss", "feed"),
        ("https://x.example/news/feed/", "feed"),
        ("https://x.example/index.xml", "feed"),
        ("https://x.example/feed.json", "feed"),
        ("https://x.example/sitemap.xml", "sitemap"),
        ("https://x.example/news-sitemap-2.xml.gz", "sitemap"),
        ("https://x.example/reading.opml", "list"),
        ("https://x.example", "page"),
    ],
)
def test_what_an_address_is_can_be_told_by_its_path(address, what):
    assert settled(address, What.AUTO)[1] == what
    assert settled(address, What.ARTICLE)[1] == "article"


def test_addresses_come_from_arguments_stdin_and_opml(tmp_path):
    (tmp_path / "reader.opml").write_text(OPML)
    said = storylapse(
        "watch", "reader.opml", "-", "https://x.example/story#top", "https://X.example:443/story",
        cwd=tmp_path,
        stdin="# mine\n\nhttps://y.example/a\n https://y.example/b?utm_source=mail \n",
    )  # fmt: skip
    assert said.code == 0
    assert watched(tmp_path) == {
        "https://one.example/rss": "feed",
        "https://two.example/atom.xml": "feed",
        "https://y.example/a": "article",
        "https://y.example/b": "article",
        "https://x.example/story": "article",
    }


def test_wrong_addresses_are_named_and_the_good_ones_watched(tmp_path):
    said = storylapse("watch", "https://x.example/a", "ftp://x.example/b", "c d", cwd=tmp_path)
    assert said.code == 3
    assert "ftp://x.example/b" in said.err
    assert "'c d'" in said.err
    assert list(watched(tmp_path)) == ["https://x.example/a"]


def test_nothing_is_made_where_no_address_is_good(tmp_path):
    assert storylapse("watch", "c d", cwd=tmp_path).code == 2
    assert not list(tmp_path.iterdir())


def test_what_the_crawler_will_refuse_is_said_at_once(tmp_path):
    said = storylapse("watch", "http://127.0.0.1:7001/a", cwd=tmp_path)
    assert said.code == 0
    assert "127.0.0.1:7001" in said.err
    assert "allow_hosts" in said.err


def test_hostile_opml_is_refused(tmp_path):
    entity = '<!DOCTYPE o [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    (tmp_path / "bad.opml").write_text(OPML.replace("<opml", entity + "<opml"))
    said = storylapse("watch", "bad.opml", cwd=tmp_path)
    assert said.code == 2
    assert "entities" in said.err


def test_unwatching_keeps_the_history_and_watching_again_takes_it_up(tmp_path):
    storylapse("watch", "https://x.example/a", "https://x.example/rss", cwd=tmp_path)
    assert storylapse("unwatch", "https://x.example/a", cwd=tmp_path).code == 0
    assert list(watched(tmp_path)) == ["https://x.example/rss"]
    assert storylapse("log", "https://x.example/a", cwd=tmp_path).code == 0
    storylapse("watch", "https://x.example/a", cwd=tmp_path)
    assert set(watched(tmp_path)) == {"https://x.example/a", "https://x.example/rss"}
    unknown = storylapse("unwatch", "https://x.example/never", cwd=tmp_path)
    assert unknown.code == 1
    assert "is not watched" in unknown.err


def test_a_source_rests_with_its_articles_until_it_is_resumed(tmp_path):
    storylapse("watch", "https://x.example/rss", cwd=tmp_path)
    assert storylapse("pause", "https://x.example/rss", cwd=tmp_path).code == 0
    assert storylapse("fetch", "--all", cwd=tmp_path).code == 4
    resumed = storylapse("resume", "https://x.example/rss", cwd=tmp_path)
    assert (resumed.code, resumed.out) == (0, "https://x.example/rss\n")
    assert list(watched(tmp_path)) == ["https://x.example/rss"]
    unknown = storylapse("pause", "https://x.example/never", cwd=tmp_path)
    assert unknown.code == 1
    assert "is no source here" in unknown.err


def test_with_nothing_watched_or_nothing_due_there_is_nothing_to_do(tmp_path):
    storylapse("watch", "https://x.example/a", cwd=tmp_path)
    storylapse("unwatch", "https://x.example/a", cwd=tmp_path)
    for words in (["--all"], ["https://x.example/a"]):
        said = storylapse("fetch", *words, cwd=tmp_path)
        assert (said.code, said.out) == (4, "")
        assert said.err.count("\n") == 1


def test_a_feed_brings_its_articles_in_and_a_pass_that_fails_in_part_says_so(tmp_path, origin):
    allow = ("--allow-host", origin.host)
    origin.pages = {
        "/rss": Answer(FEED.format(origin.address("/a.html")).encode()),
        "/a.html": page(),
        "/broken.html": Answer(b"out of order", 500),
    }
    storylapse("watch", origin.address("/rss"), *allow, cwd=tmp_path)
    whole = storylapse("fetch", "--all", "--json", *allow, cwd=tmp_path)
    assert whole.code == 0
    assert [(one["address"], one["outcome"]) for one in whole.json_lines] == [
        (origin.address("/a.html"), "read")
    ]
    storylapse("watch", origin.address("/broken.html"), *allow, cwd=tmp_path)
    part = storylapse("fetch", origin.address("/broken.html"), *allow, cwd=tmp_path)
    assert part.code == 3
    assert f"{origin.address('/broken.html')}: " in part.err
    doctor = storylapse("doctor", cwd=tmp_path)
    assert doctor.code == 0
    assert "warning  articles: 1 failed (http_500), for example" in doctor.out


def test_a_private_host_that_nobody_allowed_is_refused_and_never_asked(tmp_path, origin):
    origin.pages = {"/a.html": page()}
    storylapse("watch", origin.address("/a.html"), cwd=tmp_path)
    said = storylapse("fetch", "--all", "--json", cwd=tmp_path)
    assert said.code == 3
    assert said.json["outcome"] == "refused"
    assert origin.hits == []


def test_control_characters_of_a_page_never_reach_the_terminal(tmp_path, origin):
    allow = ("--allow-host", origin.host)
    origin.pages = {"/a.html": page(headline="Safe \x1b]0;owned\x07\u202e[bold]headline")}
    address = origin.address("/a.html")
    storylapse("watch", address, *allow, cwd=tmp_path)
    storylapse("fetch", "--all", *allow, cwd=tmp_path)
    for words in (["list"], ["log", address], ["show", address]):
        out = storylapse(*words, cwd=tmp_path).out
        assert "[bold]" in out
        assert not {"\x1b", "\x07", "\u202e"} & set(out)
