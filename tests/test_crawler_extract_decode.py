"""Bytes to text: the same text whatever the labels say."""

import pytest

from crawler.extract import decode, read_page
from crawler.extract.decode import mended, without_false_references

WORDS = "Café, “naïve” – Ærøskøbing"


@pytest.mark.parametrize(
    "label", [None, "text/html", "text/html; charset=iso-8859-1", "text/html; charset=utf-16", "x"]
)
def test_valid_utf8_wins_over_every_label(label):
    page = f'<meta charset="windows-1251">{WORDS}'
    assert decode(page.encode(), label) == page


@pytest.mark.parametrize("label", [None, "text/html; charset=utf-8", "text/html; charset=koi8-r"])
def test_the_page_itself_is_asked_before_the_header(label):
    page = '<meta charset="windows-1251">Привет, мир'
    assert decode(page.encode("cp1251"), label) == page


def test_the_header_is_believed_where_the_page_says_nothing():
    assert decode("Привет".encode("koi8-r"), "text/html; charset=koi8-r") == "Привет"


def test_windows_1252_is_the_last_resort():
    assert decode("Café – “so”".encode("cp1252")) == "Café – “so”"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-16-le", "utf-16-be"])
def test_marks_and_wide_text_are_recognised(encoding):
    assert decode(f"<html><body>{WORDS}</body></html>".encode(encoding)).count("Café") == 1


def test_a_stray_byte_does_not_spoil_a_page_of_utf8():
    body = ("é" * 200).encode() + b"\x93quoted\x94"
    assert decode(body) == "é" * 200 + "“quoted”"


@pytest.mark.parametrize("half", [(0xD800,), (0xDFFF,), (0xD83D,), (0xDC00, 0xD800)])
@pytest.mark.parametrize("label", [None, "text/html", "text/html; charset=utf-8"])
def test_a_stray_half_of_a_pair_is_nothing_and_changes_nothing_else(half, label):
    half = "".join(map(chr, half))
    page = "Café: the pi{}er – “so”, 10 €"
    assert decode(page.format(half).encode("utf-8", "surrogatepass"), label) == page.format("")
    assert decode(f"pi{half}er".encode("utf-8", "surrogatepass"), label) == "pier"


def test_a_pair_written_as_two_characters_is_the_one_it_stands_for():
    assert decode("née \ud83d\ude00".encode("utf-8", "surrogatepass")) == "née 😀"


@pytest.mark.parametrize("unseen", [b"<!-- %s -->", b"<script>%s</script>", b"<style>%s</style>"])
def test_broken_bytes_that_no_reader_sees_say_nothing_of_a_short_page(unseen):
    body = b'<meta charset="utf-8">' + "Maçon".encode() + unseen % b"\xff\xfe\xc3\xe9"
    assert "Maçon" in decode(body, "text/html; charset=utf-8")


@pytest.mark.parametrize("stray", [b"\xe9\xe8\xe0", b"\xc3", b"\xff\xfe\xfd\xfc", b"\xf0\x9f"])
def test_broken_bytes_do_not_change_how_the_rest_of_declared_utf8_is_read(stray):
    said = "<meta charset=utf-8>Déjà vu à Ærøskøbing: “naïve”, année, €5, "
    for label in (None, "text/html; charset=utf-8"):
        assert decode(said.encode() + stray + b".", label).startswith(said)


@pytest.mark.parametrize("label", ["hex", "idna", "punycode", "zlib", "rot13", "undefined"])
def test_what_only_python_calls_an_encoding_is_none(label):
    body = f"<meta charset={label}><p>Caf".encode() + b"\xe9</p>"
    assert decode(body, f"text/html; charset={label}").endswith("<p>Café</p>")


def test_a_page_that_claims_to_be_python_source_text_makes_no_markup_of_it():
    body = rb"<meta charset=unicode_escape><p>\u003cb>" + b"Caf\xe9"
    assert decode(body).endswith("<p>\\u003cb>Café")


def test_utf7_is_never_spoken():
    assert decode(b"+ADw-script+AD4- \xe9", "text/html; charset=utf-7") == "+ADw-script+AD4- é"


def test_nothing_raises():
    for body in (b"", b"\xff", b"\xff\xfe", bytes(range(256)), b"\x00" * 9, b"\xef\xbb\xbf"):
        assert isinstance(decode(body, "text/html; charset=nonsense"), str)


def test_text_encoded_twice_is_put_right():
    page = "Español, “roaming” – año, niño, Ærø"
    assert mended(page.encode().decode("cp1252", "replace")).count("�") <= 4
    assert mended(page.encode().decode("latin-1")) == page


def test_honest_accents_are_left_alone():
    page = "São Paulo, Ângela, Île-de-France, Â£5 is a slip, El Niño"
    assert mended(page) == page


@pytest.mark.parametrize(
    "reference",
    ["&#27;", "&#x1B", "&#0;", "&#xD800;", "&#xFFFE;", "&#x110000;", f"&#{'9' * 5000};"],
)
def test_a_reference_to_no_character_costs_no_text(reference):
    text = "The ferry pier in Saltmarsh will close for at least nine weeks, the board said. " * 9
    page = f"<html><body><article><h1>Pier</h1><p>{{}}{text}</p></article></body></html>"
    read = read_page(page.format(reference), "https://example.org/a")
    assert read.text == read_page(page.format(""), "https://example.org/a").text
    assert read.text.startswith("The ferry pier")


def test_other_references_are_kept():
    page = "&#8217;&#x2019;&#9;&#10;&#150;&#x1F600;&amp;&#;"
    assert without_false_references(page) == page
