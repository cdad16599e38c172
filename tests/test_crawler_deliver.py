"""Alerts on their way to people: a real mail server and a real HTTP receiver on loopback."""

import gzip
import json
import re
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, repeat

import pytest
import requests

from crawler import replies
from crawler.deliver import (
    Channel,
    deliver,
)
from crawler.sending import inert
from receivers import SECRET, Hostile, Matrix, Ntfy, mail_address
from store.model import Alert, Delivery, PendingDelivery

NOW = datetime(2026, 11, 22, 14, 19, tzinfo=UTC)


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


def filing(done: list[Delivery]):
    """A record of attempts that only lists them."""
    return lambda made, _refused, _begun: done.extend(made)


def sent(alerts, address, clock=lambda: NOW) -> list[Delivery]:
    done: list[Delivery] = []
    deliver(pending(*alerts), Channel(address), filing(done), clock)
    return done


def test_a_webhook_receives_title_body_and_a_key_that_names_the_alert(sink):
    (done,) = sent([alert()], sink.address)
    ((headers, content),) = sink.taken
    assert content["title"] == alert().title
    assert content["message"] == alert().body
    assert headers["Idempotency-Key"] == headers["webhook-id"] == alert().alert_id
    assert done == Delivery(alert().alert_id, "desk", 1, "sent", "The receiver took it.", NOW)


def test_ntfy_can_tell_that_it_had_a_message_already():
    with Ntfy() as ntfy:
        for one in (alert(1), alert(1), alert(2)):
            (done,) = sent([one], ntfy.address)
            assert done.outcome == "sent"
        assert (len(ntfy.taken), len(ntfy.shown())) == (3, 2)
        assert all(re.fullmatch(r"[-_A-Za-z0-9]{1,64}", name) for name in ntfy.shown())


def test_what_else_posts_in_this_process_is_not_bounded_or_marked(sink):
    sent([alert()], sink.address)
    requests.post(f"http://127.0.0.1:{sink.port}/x", json={}, timeout=5)
    assert "Idempotency-Key" not in sink.taken[-1][0]
    assert sink.taken[-1][0]["Accept-Encoding"] != "identity"


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
    assert inert("<https://x.test|news>") == "<\u200bhttps://x.test|news>"
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


CHATS = {
    "slack": "slack://AAAAAAAAA/BBBBBBBBB/cccccccccccccccccccccccc/#general",
    "discord": f"discord://123456789012345678/{'abcdefghijklmnop' * 4}",
    "telegram": "tgram://123456789:abcdefg_hijklmnop/12315544",
    "teams": "workflows://prod-1.westus.logic.azure.com/643e69f8/signature123",
    "mattermost": "mmost://127.0.0.1/token12345abc",
    "google chat": "gchat://ws/key/tok",
    "matrix": "matrixs://user:pw@matrix.test/!abc:matrix.test?mode=slack",
    "webex": f"webex://{'abcdefghijklmnopqrst' * 4}",
}
EVIL = (
    "@everyone <!channel> <@U123> <https://evil.test|news> [news](https://evil.test) "
    "![](https://evil.test/p.png) <script>1</script> <b>x</b> {{ title }}"
)


@pytest.mark.parametrize("service", CHATS)
def test_no_chat_service_is_given_anything_to_obey(service, monkeypatch):
    posted = []

    def answered(_adapter, request, **_):  # they are on the internet: what leaves us is looked at
        posted.append(request)
        answer = requests.Response()
        answer.status_code, answer._content, answer.request = 200, b"ok", request
        return answer

    monkeypatch.setattr(replies._BoundedAdapter, "send", answered)
    sent([replace(alert(title=EVIL), body=f"{EVIL}\n\nCompare: http://x.test")], CHATS[service])
    (request,) = posted
    text = json.dumps(json.loads(request.body), ensure_ascii=False).replace("&lt;", "<")
    assert "evil.test" in text.replace("\\", "")
    for obeyed in ("@everyone", "<!channel", "<@", "<https:", "](", "githubusercontent"):
        assert obeyed not in text
    if service == "telegram":  # the only one that reads HTML
        assert "<script" not in request.body


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


def test_nothing_secret_is_recorded_or_logged(sink, logged, capfd):
    sink.status = 500
    done = sent([alert()], sink.address)
    done += sent([alert()], f"json://user:{SECRET}@127.0.0.1:9/{SECRET}")
    done += sent([alert()], f"mailto://user:{SECRET}@127.0.0.1:9/?from=a@b.test&to=c@d.test")
    assert [one.outcome for one in done] == ["failed"] * 3
    out, err = capfd.readouterr()
    assert SECRET not in "".join([logged.getvalue(), out, err, *(one.reason for one in done)])


def test_successes_are_recorded_in_batches_and_at_the_end(sink):
    batches: list[tuple[int, int]] = []
    alerts = [alert(n) for n in range(60)]
    record = lambda made, _refused, begun: batches.append((len(made), len(begun)))  # noqa: E731
    assert deliver(pending(*alerts), Channel(sink.address), record, lambda: NOW) == 60
    assert batches == [(0, 50), (50, 10), (10, 0)]
    assert [json_["title"] for _, json_ in sink.taken] == [one.title for one in alerts]


def test_what_a_slow_receiver_took_is_recorded_within_a_second(sink):
    batches: list[int] = []
    times = (NOW + timedelta(seconds=0.3 * n) for n in count())
    alerts = pending(*(alert(n) for n in range(6)))
    record = lambda made, *_: batches.append(len(made))  # noqa: E731
    deliver(alerts, Channel(sink.address), record, lambda: next(times))
    assert sum(batches) == 6
    assert max(batches) <= 3


def test_a_refusal_is_recorded_with_what_the_receiver_answered(sink):
    done = []
    sink.status = 404
    deliver(pending(alert()), Channel(sink.address), filing(done), lambda: NOW)
    assert [one.reason for one in done] == ["The receiver answered with status 404."]


def test_a_matrix_server_shows_every_message_and_each_once():
    with Matrix() as matrix:
        sent([alert(1)], matrix.address)
        sent([alert(1), alert(2)], matrix.address)
        channel = Channel(matrix.address, card=True)
        deliver(pending(alert(3), alert(4)), channel, filing([]), lambda: NOW)
        assert list(matrix.shown()) == [alert(n).alert_id for n in range(1, 5)]
        assert all("[-12-]{+14+}" in said for said in matrix.shown().values())
