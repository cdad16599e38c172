import html
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from dashboard.markup import Html, element, escape, foreign, join, link
from dashboard_stories import HOSTILE


class Seen(HTMLParser):
    """The elements and the words a browser would make of some HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.words.append(data)


def seen(text: str) -> Seen:
    parser = Seen()
    parser.feed(text)
    parser.close()
    return parser


@given(st.text())
def test_no_text_whatever_becomes_an_element(text):
    assert seen(element("p", text)).tags == ["p"]


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"])))
def test_visible_text_is_shown_as_it_stands(text):
    assert html.unescape(escape(text)) == text


def test_hostile_text_is_shown_as_text():
    found = seen(foreign("p", HOSTILE))
    assert found.tags == ["p"]
    assert "<script>alert(1)</script>" in "".join(found.words)


def test_invisible_direction_controls_are_written_out():
    assert escape("a\u202eb\u2066c") == "a⟨U+202E⟩b⟨U+2066⟩c"


def test_an_attribute_cannot_break_out_of_its_quotes():
    drawn = link('/a?b="><script>', "x")
    assert seen(drawn).tags == ["a"]


def test_html_of_ours_is_not_escaped_twice():
    inner = element("b", "&")
    assert element("p", inner) == "<p><b>&amp;</b></p>"


def test_text_around_html_is_escaped_when_joined():
    assert join(["<", Html("<i></i>"), ">"], " & ") == "&lt; &amp; <i></i> &amp; &gt;"


def test_an_attribute_of_none_is_left_out():
    assert element("p", "x", attributes={"lang": None, "dir": "auto"}) == '<p dir="auto">x</p>'
