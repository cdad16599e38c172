"""The picture of a change: drawn where its letters can be, and told to who does not see it."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from crawler.card import WIDTH, alt, card
from crawler.deliver import Channel, deliver
from receivers import Mailbox, Sink
from test_crawler_deliver import NOW, alert, filing, pending


def drawn(body: str) -> bytes | None:
    return card(replace(alert(), body=body))


def test_a_card_is_a_picture_with_the_colours_of_removed_and_added():
    picture = card(alert())
    assert picture is not None
    image = Image.open(io.BytesIO(picture))
    assert (image.format, image.width) == ("PNG", WIDTH)
    colours = {colour for _, colour in image.convert("RGB").getcolors(2**16) or ()}
    assert {(0xFB, 0xE3, 0xD0), (0xD8, 0xEC, 0xFA)} <= colours
    assert card(alert()) == picture


@pytest.mark.parametrize(
    ("body", "is_drawn"),
    [
        ("Порт [-12-]{+14+}", True),
        ("The article is no longer there.", False),
        ("قال الميناء [-12-]{+14+} في Harbour.", True),
        ("הנמל [-12-]{+14+}", True),
        ("\U000f0000 [-12-]{+14+}", False),  # a letter that no font has
        ("Harbour\U000f0000 [-12-]{+14+}", False),
    ],
)
def test_what_cannot_be_drawn_rightly_is_left_out(body, is_drawn):
    assert (drawn(body) is not None) is is_drawn


def inked(body: str) -> tuple[int, int]:
    """How far from the left and from the right edge the words of a redline stand."""
    picture = drawn(body)
    assert picture is not None
    lines = Image.open(io.BytesIO(picture)).convert("L").crop((0, 110, WIDTH, 170))
    left, _, right, _ = lines.point(lambda value: 255 * (value < 128)).getbbox() or (0, 0, 0, 0)
    return left, WIDTH - right


def test_a_line_from_right_to_left_begins_at_the_right():
    left, right = inked("The port has [-12-]{+14+} ferries.")
    assert left < 100 < right
    left, right = inked("בנמל [-12-]{+14+} מעבורות.")
    assert right < 100 < left


def test_a_very_long_redline_and_a_word_without_end_stay_in_the_picture():
    for body in ("[-" + "word " * 5000 + "-]{+14+}", "[-" + "w" * 5000 + "-]{+14+}"):
        picture = drawn(body)
        assert picture is not None
        assert Image.open(io.BytesIO(picture)).height < WIDTH


def test_its_other_text_says_what_it_shows_in_one_line():
    said = alt(replace(alert(), body="a\nThe port has [-12-]{+14+}\r\n"))
    assert said == f"{alert().title}. The port has [-12-]{{+14+}}"


def test_mail_holds_the_picture_with_its_words_and_is_the_same_at_every_try():
    with Mailbox() as mail:
        for _ in range(2):
            deliver(pending(alert()), Channel(mail.address, card=True), filing([]), lambda: NOW)
        first, second = mail.messages
    assert first.as_bytes() == second.as_bytes()
    (image,) = [part for part in first.walk() if part.get_content_type() == "image/png"]
    assert image.get_content() == card(alert())
    page = first.get_body(("html",)).get_content()
    assert 'alt="[correction] The Gazette' in page
    assert image["Content-ID"].strip("<>") in page


def test_a_picture_goes_only_where_it_is_asked_for_and_taken():
    with Sink() as sink:
        done = []
        deliver(pending(alert()), Channel(sink.address), filing(done), lambda: NOW)
        deliver(pending(alert()), Channel(sink.address, card=True), filing(done), lambda: NOW)
        rocket = f"rocket://wh/ook@127.0.0.1:{sink.port}/#x"
        deliver(pending(alert()), Channel(rocket, card=True), filing(done), lambda: NOW)
    assert [one.outcome for one in done] == ["sent"] * 3
    without, with_card, chat = (content for _, content in sink.taken)
    assert without["attachments"] == []
    assert with_card["attachments"][0]["mimetype"] == "image/png"
    assert "attachments" not in chat or not chat["attachments"]
