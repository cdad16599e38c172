"""One article, one canonical address, one number."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.address import AddressError, article_id, canonical, host_of

SAME = [
    ("HTTPS://News.Example.COM/A", "https://news.example.com/A"),
    ("https://news.example:443/a", "https://news.example/a"),
    ("http://news.example:80/a", "http://news.example/a"),
    ("http://news.example:8080/a", "http://news.example:8080/a"),
    ("https://news.example", "https://news.example/"),
    ("https://news.example./a", "https://news.example/a"),
    ("  https://news.example/a\n", "https://news.example/a"),
    ("https://news.example/a#comments", "https://news.example/a"),
    ("https://news.example/a?utm_source=x&id=7&fbclid=y", "https://news.example/a?id=7"),
    ("https://news.example/a?at_medium=x&b=2&a=1", "https://news.example/a?b=2&a=1"),
    ("https://news.example/a?", "https://news.example/a"),
    ("https://news.example/a?UTM_Campaign=x", "https://news.example/a"),
    ("https://news.example/story/amp/", "https://news.example/story"),
    ("https://news.example/story/amp", "https://news.example/story"),
    ("https://news.example/story.amp", "https://news.example/story"),
    ("https://news.example/story.amp.html", "https://news.example/story.html"),
    ("https://news.example/a?outputType=amp", "https://news.example/a"),
    ("https://news.example/a?amp=1", "https://news.example/a"),
    ("https://zürich.example/straße", "https://xn--zrich-kva.example/stra%C3%9Fe"),
    ("https://news.example/%7ejane/a%c3%a4?q=%61", "https://news.example/~jane/a%C3%A4?q=a"),
    ("https://news.example/a%2fb%20c", "https://news.example/a%2Fb%20c"),
    ("http://127.0.0.1:8899/x", "http://127.0.0.1:8899/x"),
    ("http://[2001:DB8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
    ("http://１２７.0.0.1/", "http://127.0.0.1/"),
]
KEPT_APART = [
    ("https://news.example/amp", "https://news.example/"),
    ("https://news.example/champ", "https://news.example/ch"),
    ("https://news.example/vamp", "https://news.example/v"),
    ("https://news.example/a", "https://news.example/a/"),
    ("https://news.example/a?id=1", "https://news.example/a?id=2"),
    ("https://news.example/a", "http://news.example/a"),
    ("https://news.example/a?page=2", "https://news.example/a"),
    ("https://news.example/a?ref=2", "https://news.example/a"),
]
REFUSED = [
    "",
    "news.example/a",
    "ftp://news.example/a",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://",
    "https:///a",
    "https://user:pw@news.example/",
    "https://news.example\\@10.0.0.1/",
    "https://news.example/a b",
    "https://news.example/\ud800",
    "https://news.example/\ta",
    "https://news.example/\r\nHost: x",
    "https://news.example:0/",
    "https://news.example:99999/",
    "https://news.example:x/",
    "https://[::1/",
    "https://-/",
    "https://a..b/",
    "https://news.example/" + "a" * 2100,
]


@pytest.mark.parametrize(("written", "known_as"), SAME)
def test_ways_to_write_an_address_come_to_one(written: str, known_as: str) -> None:
    assert canonical(written) == known_as
    assert article_id(written) == article_id(known_as)


@pytest.mark.parametrize(("one", "other"), KEPT_APART)
def test_addresses_that_may_be_two_articles_stay_two(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)
    assert article_id(one) != article_id(other)


@pytest.mark.parametrize("written", REFUSED)
def test_what_is_no_plain_web_address_is_refused_with_a_next_step(written: str) -> None:
    with pytest.raises(AddressError) as refused:
        canonical(written)
    assert str(refused.value).endswith((".", "it."))
    assert "; " in str(refused.value)


def test_a_password_is_not_repeated() -> None:
    with pytest.raises(AddressError) as refused:
        canonical("https://user:hunter2@news.example/")
    assert "hunter2" not in str(refused.value)


def test_the_number_is_sixty_three_bits_of_sha_256() -> None:
    digest = hashlib.sha256(b"https://news.example/a").digest()
    assert article_id("https://news.example/a") == int.from_bytes(digest[:8], "big") % 2**63


def test_a_host_carries_its_port_where_it_is_not_the_default() -> None:
    assert host_of("https://News.example:443/a") == "news.example"
    assert host_of("http://127.0.0.1:8899/a") == "127.0.0.1:8899"
    assert host_of("http://[::1]:8899/a") == "[::1]:8899"


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=60) | st.text(max_size=60).map(lambda text: f"https://a.example/{text}"))
def test_any_text_is_either_refused_or_comes_to_a_stable_ascii_form(text: str) -> None:
    try:
        once = canonical(text)
    except AddressError:
        return
    assert canonical(once) == once
    assert once.isascii()
