"""Nothing inside is reached: not as written, not as resolved, not at the second answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.settings import Settings
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.task import Clock

from crawler.connect import GuardedResolver, assert_guarded
from crawler.guard import judge_address, judge_ip, judge_location
from crawler.settings import scrapy_settings
from store.config import CrawlConfig

INSIDE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "nonsense",
    "1.2.3",
    "1.2.3.4.5",
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "93.184.216.34",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
]
SPELLINGS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://app.localhost/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://10.1/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://0/",
    "http://[::]/",
    "http://192.168.257/",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fe80::1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "https://172.16.0.1/",
    "http://3232235777/",
    "http://0xa9fea9fe/",
]
MALFORMED = [
    "http://127.0.0.1\\@example.com/",
    "http://example.com@127.0.0.1/",
    "http://example.com/\r\nHost: 10.0.0.1",
    "http://exa\tmple.com/",
    "gopher://example.com/",
    "file:///etc/hostname",
    "s3://bucket/key",
    "https://example.com:22/",
    "https://example.com:8443/",
    "http://example.com:25/",
]


@pytest.mark.parametrize("ip", INSIDE)
def test_an_inside_address_is_refused_with_a_reason(ip: str) -> None:
    assert (judge_ip(ip) or "").endswith(".")


@pytest.mark.parametrize("ip", PUBLIC)
def test_a_public_address_is_let_through(ip: str) -> None:
    assert judge_ip(ip) is None


@pytest.mark.parametrize("address", SPELLINGS + MALFORMED)
def test_every_spelling_of_an_inside_address_is_refused(address: str) -> None:
    assert judge_address(address, ()) is not None
    assert judge_address(address, ("127.0.0.1:8899",)) is not None


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "file:/etc/passwd",
        "javascript:alert(1)",
        "mailto:a@example.com",
        "view-source:http://127.0.0.1/",
        "http://example.com\\@127.0.0.1/x",
        "http://127.0.0.1\\@example.com/x",
        "http://example.com#@127.0.0.1/",
        "http://example.com\t@127.0.0.1/",
        "\\\\127.0.0.1\\x",
        "//user:word@example.com/",
        "http://example.com:99999/",
        "http://[bad/x",
    ],
)
def test_a_location_that_two_parsers_read_differently_is_refused(location: str) -> None:
    assert (judge_location(location) or "").endswith(".")


@pytest.mark.parametrize(
    "location",
    ["", "/a b/c@d", "?q=a:b", "#top", "a/b:c", "//example.com/a@b", " https://example.com/é?a=@ "],
)
def test_a_location_that_leads_to_one_place_is_left_to_what_follows_it(location: str) -> None:
    assert judge_location(location) is None


@pytest.mark.parametrize("address", ["http://example.com/", "https://example.com:443/a?b=c"])
def test_a_plain_public_address_is_let_through(address: str) -> None:
    assert judge_address(address, ()) is None


def test_an_allowed_host_is_allowed_at_exactly_its_port_and_spelling() -> None:
    allowed = ("127.0.0.1:8899", "intra.example:8080", "[::1]:8899")
    assert judge_address("http://127.0.0.1:8899/a", allowed) is None
    assert judge_address("http://intra.example:8080/a", allowed) is None
    assert judge_address("http://INTRA.example:8080/a", allowed) is None
    assert judge_address("http://[::1]:8899/a", allowed) is None
    for other in (
        "http://127.0.0.1:8898/",
        "http://127.0.0.1/",
        "http://127.0.0.2:8899/",
        "http://localhost:8899/",
        "http://2130706433:8899/",
        "http://a.intra.example:8080/",
        "http://intra.example.evil.example:8080/",
        "http://[::2]:8899/",
        "http://user@127.0.0.1:8899/",
    ):
        assert judge_address(other, allowed) is not None, other


@settings(deadline=None)  # the machine may be busy
@given(st.ip_addresses())
def test_the_judge_is_never_more_lenient_than_the_standard_library(ip: Any) -> None:
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    if judge_ip(str(ip)) is None:
        assert mapped.is_global
        assert not mapped.is_multicast


class _Names:
    """A name server whose answers to successive questions are given."""

    def __init__(self, *answers: list[Any] | None) -> None:
        self.answers = list(answers)

    def resolveHostName(self, receiver: Any, *_: Any) -> None:  # noqa: N802
        answer = self.answers.pop(0)
        if answer is None:
            return  # never answers
        receiver.resolutionBegan(None)
        for address in answer:
            receiver.addressResolved(address)
        receiver.resolutionComplete()


class _Receiver:
    def __init__(self) -> None:
        self.got: list[str] = []
        self.completed = 0

    def resolutionBegan(self, _: Any) -> None:  # noqa: N802
        pass

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self.got.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self.completed += 1


def _reactor(*answers: list[Any] | None) -> Any:
    reactor: Any = Clock()
    reactor.nameResolver = _Names(*answers)
    return reactor


def _four(host: str) -> IPv4Address:
    return IPv4Address("TCP", host, 80)


def _ask(resolver: GuardedResolver, name: str = "news.example", port: int = 80) -> list[str]:
    receiver = _Receiver()
    resolver.resolveHostName(receiver, name, port)
    assert receiver.completed == 1
    return receiver.got


def test_a_name_that_turns_inside_at_the_second_question_is_refused_there() -> None:
    resolver = GuardedResolver(_reactor([_four("8.8.8.8")], [_four("127.0.0.1")]), ())
    assert _ask(resolver) == ["8.8.8.8"]
    assert _ask(resolver) == []
    assert "this machine" in (resolver.refusal("news.example", 80) or "")


def test_one_inside_record_refuses_the_whole_name() -> None:
    six = IPv6Address("TCP", "fd00::1", 80)
    resolver = GuardedResolver(_reactor([_four("8.8.8.8"), six, _four("1.1.1.1")]), ())
    assert _ask(resolver) == []


def test_an_allowed_name_may_lead_inside_at_its_port_only() -> None:
    inside = [_four("10.0.0.5")]
    resolver = GuardedResolver(_reactor(inside, inside, inside), ("intra.example:8080",))
    assert _ask(resolver, "intra.example", 8080) == ["10.0.0.5"]
    assert _ask(resolver, "Intra.Example", 8080) == ["10.0.0.5"]
    assert _ask(resolver, "intra.example", 80) == []


def test_a_name_server_that_never_answers_does_not_hold_a_request() -> None:
    reactor = _reactor(None)
    receiver = _Receiver()
    GuardedResolver(reactor, ()).resolveHostName(receiver, "slow.example", 80)
    assert receiver.completed == 0
    reactor.advance(60)
    assert (receiver.completed, receiver.got) == (1, [])


@pytest.mark.parametrize(
    "change",
    [
        {"DOWNLOAD_HANDLERS": {"ftp": "scrapy.core.downloader.handlers.ftp.FTPDownloadHandler"}},
        {
            "DOWNLOAD_HANDLERS": {
                "http": "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
            }
        },
        {"HTTPPROXY_ENABLED": True},
        {"TWISTED_REACTOR_ENABLED": False},
        {"TELNETCONSOLE_ENABLED": True},
        {"REMOTE_CONTROL_ENABLED": True},
        {"PLAYWRIGHT_LAUNCH_OPTIONS": {"args": []}},
        {"PLAYWRIGHT_LAUNCH_OPTIONS": {"proxy": {"server": "http://proxy.example:3128"}}},
        {"PLAYWRIGHT_CDP_URL": "http://127.0.0.1:9222"},
        {"DOWNLOAD_VERIFY_CERTIFICATES": False},
    ],
)
def test_settings_that_go_round_the_guard_are_refused(change: dict[str, Any]) -> None:
    reactor = _reactor()
    reactor.nameResolver = GuardedResolver(reactor, ())
    ours = scrapy_settings(CrawlConfig())
    assert_guarded(reactor, Settings(ours))
    handlers = {**ours["DOWNLOAD_HANDLERS"], **change.pop("DOWNLOAD_HANDLERS", {})}
    with pytest.raises(RuntimeError):
        assert_guarded(reactor, Settings({**ours, "DOWNLOAD_HANDLERS": handlers, **change}))


def test_the_browser_of_our_own_settings_has_no_way_out() -> None:
    reactor = _reactor()
    reactor.nameResolver = GuardedResolver(reactor, ())
    assert_guarded(reactor, Settings(scrapy_settings(CrawlConfig(), "/usr/bin/chromium")))


def test_another_resolver_is_refused() -> None:
    with pytest.raises(RuntimeError, match="resolver"):
        assert_guarded(_reactor(), Settings(scrapy_settings(CrawlConfig())))
