"""Alerts on their way to people: a real mail server and a real HTTP receiver on loopback."""

import email
import email.policy
import gzip
import io
import json
import logging
import os
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, repeat
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller

from crawler.deliver import (
    Channel,
    Postman,
    channel_addresses,
    deliver,
    inert,
)
from histories import (
    ADDRESS,
    CORRECTION,
    LINK_BASE,
    START,
    TEXT,
    archive_of,
    corrected,
    document,
    snapshot,
)
from store.alerts import DEFAULT_RULES
from store.config import AlertsConfig, ChannelConfig
from store.errors import ConfigError, NoArchive
from store.model import Alert, Delivery, Outcome, PendingDelivery, Rule
from store.pacing import Pace
from store.telling import Telling

NOW = datetime(2026, 11, 22, 14, 19, tzinfo=UTC)
SECRET = "s3cret-token"


def alert(
    number: int = 1, title: str = "[correction] The Gazette: Port counts its ferries"
) -> Alert:
    return Alert(
        alert_id=f"{number:064x}",
        rule="corrections and removals",
        article_id=0xBEEF,
        kind="correction",
        title=title,
        reason="The rule fired.",
        body="The port has [-12-]{+14+} ferries.\n\nhttp://127.0.0.1/article?article=beef&old=3&new=4",
        link="http://127.0.0.1/article?article=beef&old=3&new=4",
        raised_at=NOW,
    )


def pending(*alerts: Alert) -> list[tuple[PendingDelivery, ...]]:
    return [(PendingDelivery(one, "desk", 1),) for one in alerts]


class Sink:
    """A receiver over HTTP that keeps what it is sent and answers as it is told."""

    def __init__(self):
        self.taken: list[tuple[dict, dict]] = []
        self.status = 200
        self.waiting = 0
        self.hold = threading.Event()
        self.hold.set()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.waiting += 1
                sink.hold.wait(30)
                sink.taken.append((dict(self.headers), json.loads(body)))
                self.send_response(sink.status)
                if sink.status == 307:
                    self.send_header("Location", f"http://127.0.0.1:{sink.server.server_port}/x")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server.server_port}/{SECRET}/"


@pytest.fixture
def sink():
    made = Sink()
    yield made
    made.hold.set()
    made.server.shutdown()
    made.server.server_close()


class Mailbox:
    """What the mail server took, as parsed messages."""

    def __init__(self):
        self.messages = []
        self.refuse = False

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.refuse:
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  (aiosmtpd's name)
        self.messages.append(
            email.message_from_bytes(envelope.content, policy=email.policy.default)
        )
        return "250 OK"


@pytest.fixture
def mail():
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


def mail_address(port: int) -> str:
    return f"mailto://127.0.0.1:{port}/?from=storylapse@example.test&to=desk@example.test"


def sent(alerts, address, clock=lambda: NOW) -> list[Delivery]:
    done: list[Delivery] = []
    deliver(pending(*alerts), address, done.extend, clock)
    return done


def test_a_webhook_receives_title_body_and_a_key_that_names_the_alert(sink):
    (done,) = sent([alert()], sink.address)
    ((headers, content),) = sink.taken
    assert content["title"] == alert().title
    assert content["message"] == alert().body
    assert headers["Idempotency-Key"] == headers["webhook-id"] == alert().alert_id
    assert done == Delivery(alert().alert_id, "desk", 1, "sent", "The receiver took it.", NOW)


def test_mail_arrives_with_a_plain_part_and_a_redline_in_html(mail):
    (done,) = sent([alert()], mail_address(mail.port))
    assert done.outcome == "sent"
    (message,) = mail.messages
    assert message["Subject"] == alert().title
    assert message["To"] == "desk@example.test"
    plain = message.get_body(("plain",)).get_content()
    assert plain.splitlines() == alert().body.splitlines()
    assert "<del" in message.get_body(("html",)).get_content()
    assert message["Message-ID"] == f"<{alert().alert_id[:32]}@storylapse.invalid>"


def test_the_same_alert_sent_twice_is_recognisable_and_the_same_to_the_byte(sink, mail):
    for _ in range(2):
        sent([alert()], sink.address)
        sent([alert()], mail_address(mail.port))
    first, second = sink.taken
    assert first == second
    one, two = mail.messages
    assert one["Message-ID"] == two["Message-ID"]
    assert one.as_bytes() == two.as_bytes()
    assert len(one.get_all("Message-ID")) == 1


def test_two_alerts_have_two_message_ids(mail):
    sent([alert(1), replace(alert(2), alert_id="b" * 64)], mail_address(mail.port))
    one, two = mail.messages
    assert one["Message-ID"] != two["Message-ID"]


def test_a_title_with_line_breaks_makes_no_mail_header(mail):
    # Titles are one line when they are made; this is the second fence.
    sent([alert(title="Ferry\r\nBcc: everyone@example.test")], mail_address(mail.port))
    (message,) = mail.messages
    assert message["Bcc"] is None
    assert message["Subject"] == "Ferry Bcc: everyone@example.test"


def test_template_marks_and_markup_arrive_as_they_are(sink):
    text = "{{ title }} <b>x</b> *y* \\n @everyone {+new+}"
    sent([alert(title=text)], sink.address)
    assert sink.taken[0][1]["title"] == text


def test_what_chat_services_would_obey_is_broken_and_nothing_else():
    assert inert("@everyone") == "@\u200beveryone"
    assert inert("<!channel>") == "<\u200b!channel>"
    assert inert("[news](http://x.test)") == "[news]\u200b(http://x.test)"
    plain = "a < b, 5 @ 3, [-12-]{+14+} (so) http://x.test/?a=1&b=2"
    assert inert(plain) == plain


@pytest.mark.parametrize("service", ["ntfy", "mmost", "gotify", "rocket"])
def test_a_chat_service_takes_it_as_text(sink, service):
    port = sink.server.server_port
    path = {"rocket": "wh/ook@127.0.0.1:{}/#x"}.get(service, "127.0.0.1:{}/token12345abc")
    title = "[correction] ![x](http://evil.test/x.png) @everyone {{ title }}"
    (done,) = sent([alert(title=title)], f"{service}://{path.format(port)}")
    assert done.outcome == "sent"
    ((_, content),) = sink.taken
    text = json.dumps(content, ensure_ascii=False)
    assert "](" not in text
    assert "@everyone" not in text
    assert "title" in text
    assert "githubusercontent" not in text
    assert "github.com" not in text


def test_a_body_too_long_for_the_service_is_cut_and_keeps_its_link(sink):
    long = replace(alert(), body="word " * 4000 + "\n\nCompare: http://127.0.0.1/x")
    sent([long], f"ntfy://127.0.0.1:{sink.server.server_port}/topic")
    ((_, content),) = sink.taken
    assert len(content["message"]) < 7800
    assert content["message"].endswith("…\n\nCompare: http://127.0.0.1/x")


@pytest.mark.parametrize("status", [410, 429, 500])
def test_a_refusal_is_recorded_with_its_status_and_ends_the_round(sink, status):
    sink.status = status
    (done,) = sent([alert(1), alert(2)], sink.address)
    assert (done.alert_id, done.outcome) == (alert(1).alert_id, "failed")
    assert done.reason == f"The receiver answered with status {status}."
    assert len(sink.taken) == 1


def test_a_redirect_is_not_followed(sink):
    sink.status = 307
    (done,) = sent([alert()], sink.address)
    assert done.outcome == "failed"
    assert len(sink.taken) == 1


class Hostile:
    """A receiver that takes a message and then answers ``pieces``, however many there are."""

    def __init__(self, head: bytes, pieces: Callable[[], Iterable[bytes]]):
        self.asked = 0
        self._head, self._pieces = head, pieces
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        return self._listening.getsockname()[1]

    def _serve(self):
        with suppress(OSError):
            while True:
                connection = self._listening.accept()[0]
                self.asked += 1
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with suppress(OSError), connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 " + self._head + b"\r\n\r\n")
            for piece in self._pieces():
                connection.sendall(piece)

    def close(self):
        self._listening.close()


@pytest.fixture
def hostile():
    made = []

    def make(*args) -> Hostile:
        made.append(Hostile(*args))
        return made[-1]

    yield make
    for one in made:
        one.close()


ENDLESS = repeat(b"x" * 65536)
BOMB = gzip.compress(b"\0" * (200 << 20), 1)


@pytest.mark.parametrize(
    ("head", "pieces"),
    [
        (b"200 OK", lambda: ENDLESS),
        (b"302 Found\r\nLocation: /elsewhere", lambda: ENDLESS),
        (b"500 Oh", lambda: ENDLESS),
        (b"200 OK\r\nContent-Encoding: gzip", lambda: [BOMB]),
        (b"200 OK\r\nTransfer-Encoding: chunked", lambda: repeat(b"1\r\nx\r\n" * 9000)),
    ],
)
def test_of_a_reply_without_end_only_the_beginning_is_read(hostile, head, pieces):
    sent([alert()], f"json://127.0.0.1:{hostile(b'200 OK', list).port}")  # loads what it needs
    tracemalloc.start()
    (delivery,) = sent([alert()], f"json://127.0.0.1:{hostile(head, pieces).port}")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (delivery.outcome == "sent") == head.startswith(b"200")
    assert most < 8 * 2**20


def test_no_proxy_of_the_environment_is_told_of_an_alert(hostile, sink, monkeypatch):
    proxy = hostile(b"200 OK", list)
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    assert sent([alert()], sink.address)[0].outcome == "sent"
    assert (len(sink.taken), proxy.asked) == (1, 0)


def test_a_mail_server_that_refuses_a_recipient_is_a_failed_try(mail):
    mail.refuse = True
    (done,) = sent([alert()], mail_address(mail.port))
    assert (done.outcome, mail.messages) == ("failed", [])
    assert done.reason == "The mail server refused the message or a recipient."


def test_mail_goes_to_every_recipient_on_its_own(mail):
    sent([alert()], f"{mail_address(mail.port)}&to=two@example.test,three@example.test")
    assert sorted(message["To"] for message in mail.messages) == [
        "three@example.test",
        "two@example.test",
    ]
    assert {message["Message-ID"] for message in mail.messages} == {
        f"<{alert().alert_id[:32]}@storylapse.invalid>"
    }


@pytest.fixture
def logged():
    """Everything that reaches the root logger, as a log file would hold it."""
    stream = io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def test_nothing_secret_is_recorded_or_logged(sink, logged, capfd):
    sink.status = 500
    done = sent([alert()], sink.address)
    done += sent([alert()], f"json://user:{SECRET}@127.0.0.1:9/{SECRET}")
    done += sent([alert()], f"mailto://user:{SECRET}@127.0.0.1:9/?from=a@b.test&to=c@d.test")
    assert [one.outcome for one in done] == ["failed"] * 3
    out, err = capfd.readouterr()
    assert SECRET not in "".join([logged.getvalue(), out, err, *(one.reason for one in done)])


def test_successes_are_recorded_in_batches_and_at_the_end(sink):
    batches: list[int] = []
    alerts = [alert(n) for n in range(60)]
    n = deliver(pending(*alerts), sink.address, lambda done: batches.append(len(done)), lambda: NOW)
    assert n == 60
    assert batches == [50, 10]
    assert [json_["title"] for _, json_ in sink.taken] == [one.title for one in alerts]


def test_what_a_slow_receiver_took_is_recorded_within_a_second(sink):
    batches: list[int] = []
    times = (NOW + timedelta(seconds=0.3 * n) for n in count())
    alerts = pending(*(alert(n) for n in range(6)))
    deliver(alerts, sink.address, lambda done: batches.append(len(done)), lambda: next(times))
    assert sum(batches) == 6
    assert max(batches) <= 3


def test_a_refusal_is_recorded_with_what_the_receiver_answered(sink):
    done = []
    sink.status = 404
    deliver(pending(alert()), sink.address, done.extend, lambda: NOW)
    assert [one.reason for one in done] == ["The receiver answered with status 404."]


# -- channels --------------------------------------------------------------------------------


def addresses(environ=None, **channel) -> dict[str, str]:
    config = AlertsConfig(channels=(ChannelConfig(name="desk", **channel),))
    found = channel_addresses(config, environ or {})
    return {name: one.address for name, one in found.items()}


def test_an_address_comes_from_the_file_the_environment_or_a_file_of_its_own(tmp_path):
    assert addresses(url="json://a.test/x") == {"desk": "json://a.test/x"}
    assert addresses({"DESK": "json://b.test "}, url_env="DESK") == {"desk": "json://b.test"}
    file = tmp_path / "desk.url"
    file.write_text("json://c.test\n")
    file.chmod(0o600)
    assert addresses(url_file=file) == {"desk": "json://c.test"}


def test_a_secret_file_that_others_can_read_is_refused_with_the_remedy(tmp_path):
    file = tmp_path / "desk.url"
    file.write_text(f"json://{SECRET}.test")
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600") as caught:
        addresses(url_file=file)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ({}, "exactly one of url, url_env and url_file"),
        ({"url": "json://a", "url_env": "B"}, "exactly one of"),
        ({"url_env": "UNSET"}, "UNSET, which is not set"),
        ({"url_file": "/nowhere/desk.url"}, "cannot be read"),
        ({"url": f"nonsense://{SECRET}"}, "none that Apprise knows"),
    ],
)
def test_a_channel_that_cannot_be_used_is_refused_without_repeating_its_address(channel, said):
    with pytest.raises(ConfigError, match=said) as caught:
        addresses(**channel)
    assert SECRET not in str(caught.value)
    assert "desk" in str(caught.value)


def test_two_channels_of_one_name_are_refused():
    channels = tuple(ChannelConfig(name="desk", url="json://a.test") for _ in range(2))
    with pytest.raises(ConfigError, match="rename one"):
        channel_addresses(AlertsConfig(channels=channels), os.environ)


# -- out of the archive ----------------------------------------------------------------------


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = START + timedelta(days=1)

    def __call__(self):
        return self.now


def rule(*channels: str) -> tuple[Rule, ...]:
    return (replace(DEFAULT_RULES[0], channels=channels),)


OTHER = "https://harbour.example/trains"


def two_articles(folder, *channels: str):
    """An archive in which one article was corrected, then another."""
    for address in (ADDRESS, OTHER):
        seen = [document(*TEXT, address=address, note=note) for note in (None, CORRECTION)]
        archive = archive_of(folder, *seen, address=address, rules=rule(*channels))
    return archive


def fate(archive) -> dict[str, tuple[list[str], int]]:
    """Who took the alerts on each article, and after how many tries of any."""
    rows = archive.query(
        """SELECT x.address, a.sent, a.attempts FROM alert_list a
           JOIN article_list x USING (article)"""
    )
    return {row["address"]: (sorted(row["sent"]), row["attempts"]) for row in rows}


def round_of(postman: Postman) -> int:
    postman.tick()
    return postman.finish()


def test_what_was_recorded_is_sent_once_to_each_channel_of_its_rule(tmp_path, sink, mail):
    archive = two_articles(tmp_path, "desk", "mail")
    channels = {
        "desk": Channel(sink.address),
        "mail": Channel(mail_address(mail.port)),
        "other": Channel(sink.address),
    }
    with Postman(archive, channels, Clock()) as postman:
        assert [round_of(postman) for _ in range(3)] == [4, 0, 0]
    titles = ["[correction] The Harbour Gazette: Port counts its ferries"] * 2
    assert [content["title"] for _, content in sink.taken] == titles
    assert [message["Subject"] for message in mail.messages] == titles
    assert len({headers["Idempotency-Key"] for headers, _ in sink.taken}) == 2
    assert fate(archive) == {ADDRESS: (["desk", "mail"], 2), OTHER: (["desk", "mail"], 2)}


def test_what_waits_about_one_article_is_one_message(tmp_path, sink):
    archive = corrected(tmp_path, rules=rule("desk"))
    with Postman(archive, {"desk": Channel(sink.address)}, Clock()) as postman:
        assert round_of(postman) == 2
    ((_, content),) = sink.taken
    assert CORRECTION in content["message"]
    assert "404" in content["message"]
    assert [row["sent"] for row in archive.query("SELECT sent FROM alert_list")] == [["desk"]] * 2


def test_a_second_message_on_an_article_follows_after_five_minutes(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    clock = Clock()
    with Postman(archive, {"desk": Channel(sink.address)}, clock) as postman:
        assert round_of(postman) == 2
        gone = [snapshot(clock.now + timedelta(seconds=n), Outcome.GONE) for n in (1, 2)]
        archive.record(gone, Telling(rule("desk"), LINK_BASE))
        clock.now += timedelta(minutes=4)
        assert round_of(postman) == 0
        clock.now += timedelta(minutes=2)
        assert round_of(postman) == 1
    assert sink.taken[-1][1]["title"].startswith("[removed]")


def test_a_channel_with_a_limit_gets_the_rest_in_its_last_message(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    channel = Channel(sink.address, Pace(most_per_hour=1))
    with Postman(archive, {"desk": channel}, Clock()) as postman:
        assert round_of(postman) == 2
    ((headers, content),) = sink.taken
    assert content["title"].startswith("2 alerts: ")
    keys = {row["alert_id"] for row in archive.query("SELECT alert_id FROM alert_list")}
    assert headers["Idempotency-Key"] not in keys


def test_a_receiver_that_hangs_holds_up_no_other_channel(tmp_path, sink):
    archive = two_articles(tmp_path, "stuck", "desk")
    stuck = Sink()
    stuck.hold.clear()
    channels = {"stuck": Channel(stuck.address), "desk": Channel(sink.address)}
    with Postman(archive, channels, Clock()) as postman:
        postman.tick()
        until(lambda: len(sink.taken) == 2)
        assert stuck.taken == []
        postman.tick()  # the stuck channel is still in its round, and gets no second one
        stuck.hold.set()
        postman.finish()
    assert fate(archive) == {ADDRESS: (["desk", "stuck"], 2), OTHER: (["desk", "stuck"], 2)}
    stuck.server.shutdown()
    stuck.server.server_close()


def test_closing_ends_a_long_round_after_the_send_under_way(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    sink.hold.clear()
    with Postman(archive, {"desk": Channel(sink.address)}, Clock()) as postman:
        postman.tick()
        until(lambda: sink.waiting)
        closing = threading.Thread(target=postman.close)
        closing.start()
        until(postman._closing.is_set)
        sink.hold.set()
        closing.join()
    assert len(sink.taken) == 1
    assert sorted(fate(archive).values()) == [([], 0), (["desk"], 1)]


def test_a_refused_alert_waits_and_is_tried_again_with_the_same_key(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    clock = Clock()
    sink.status = 503
    with Postman(archive, {"desk": Channel(sink.address)}, clock) as postman:
        assert round_of(postman) == 0
        sink.status = 200
        clock.now += timedelta(seconds=59)
        assert round_of(postman) == 1  # the one that was not tried yet; the refused one waits
        clock.now += timedelta(seconds=20)
        assert round_of(postman) == 1
    keys = [headers["Idempotency-Key"] for headers, _ in sink.taken]
    assert keys[0] == keys[2] != keys[1]
    assert sorted(fate(archive).values()) == [(["desk"], 1), (["desk"], 2)]


def test_an_alert_that_no_try_brings_home_is_parked_after_eight(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    clock = Clock()
    sink.status = 500
    with Postman(archive, {"desk": Channel(sink.address)}, clock) as postman:
        for _ in range(40):
            round_of(postman)
            clock.now += timedelta(hours=16)
    assert fate(archive) == {ADDRESS: ([], 8), OTHER: ([], 8)}
    assert len(sink.taken) == 16


def test_a_crash_between_sending_and_recording_repeats_the_same_message(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    waiting = [(one,) for one in archive.pending_alerts(["desk"], Clock()())]

    def crash(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver(waiting, sink.address, crash, Clock())
    with Postman(archive, {"desk": Channel(sink.address)}, Clock()) as postman:
        round_of(postman)
    assert sink.taken[:2] == sink.taken[2:]
    assert fate(archive) == {ADDRESS: (["desk"], 1), OTHER: (["desk"], 1)}


def test_without_a_channel_alerts_stay_in_the_table(tmp_path):
    archive = two_articles(tmp_path)
    with Postman(archive, {}, Clock()) as postman:
        assert round_of(postman) == 0
    assert fate(archive) == {ADDRESS: ([], 0), OTHER: ([], 0)}


def test_an_archive_that_cannot_be_read_is_said_and_tried_again(tmp_path, sink, logged):
    archive = two_articles(tmp_path, "desk")
    away = archive.path.rename(tmp_path / "away")
    with Postman(archive, {"desk": Channel(sink.address)}, Clock()) as postman:
        with pytest.raises(NoArchive):
            round_of(postman)
        away.rename(archive.path)
        assert round_of(postman) == 2
    assert "Alerts for channel desk wait: There is no archive" in logged.getvalue()


def test_the_pace_of_a_channel_comes_from_the_configuration():
    channel = ChannelConfig(
        name="desk",
        url="json://a.test",
        digest_minutes=15,
        quiet="22:00-07:00",
        time_zone="Europe/Berlin",
        most_per_hour=4,
    )
    (found,) = channel_addresses(AlertsConfig(channels=(channel,)), {}).values()
    night = (clock_time(22), clock_time(7))
    assert found.pace == Pace(timedelta(minutes=15), night, ZoneInfo("Europe/Berlin"), 4)
    assert "a.test" not in repr(found)


def until(done) -> None:
    for _ in range(1000):
        if done():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen within twenty seconds")
