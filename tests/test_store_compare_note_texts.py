"""Notes as outlets print them, in 25 languages, and passages that only look like notes.

The texts and pages stand in ``tests/notes``: adding one needs no code.
"""

import tomllib
from pathlib import Path

import pytest

from crawler.extract import read_page
from store.compare.cue_files import languages
from store.compare.notes import find_notes
from store.model import Block, BlockKind

FOLDER = Path(__file__).parent / "notes"
TEXTS = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in FOLDER.glob("??.toml")}
PAGES = tomllib.loads((FOLDER / "pages.toml").read_text("utf-8"))


def block(text):
    return Block(BlockKind.PARAGRAPH, text)


def test_every_language_with_cues_has_texts_of_its_own():
    assert sorted(TEXTS) == list(languages())


@pytest.mark.parametrize("known", [True, False], ids=["labelled", "guessed"])
@pytest.mark.parametrize("language", sorted(TEXTS))
def test_a_note_behind_the_article_is_found_whole_and_of_its_kind(language, known):
    data = TEXTS[language]
    body = block(data["body"])
    for kinds, text, *_ in data["notes"]:
        found = find_notes([body, body, block(text)], language if known else None)
        assert [note.text for note in found] == [text]
        assert found[0].kind.value in kinds.split("|"), text


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_the_time_a_note_states_is_told_as_worded(language):
    body = block(TEXTS[language]["body"])
    stated = {row[1]: row[2] for row in TEXTS[language]["notes"] if row[2:]}
    found = {text: find_notes([body, block(text)], language)[0].stated_time for text in stated}
    assert found == stated


@pytest.mark.parametrize("known", [True, False], ids=["labelled", "guessed"])
@pytest.mark.parametrize("language", sorted(TEXTS))
def test_a_look_alike_stays_silent_in_its_language(language, known):
    data = TEXTS[language]
    body = block(data["body"])
    for text in data["look_alikes"]:
        assert find_notes([body, block(text), body], language if known else None) == ()


def html(page):
    language = page.get("language", "en")
    story = PAGES["story"][language]
    head, top, middle, end, after = (
        page.get(place, "") for place in ("head", "top", "middle", "end", "after")
    )
    body = [f"<p>{text}</p>" for text in story["paragraphs"]]
    return (
        f'<!doctype html><html lang="{language}"><head>{head}'
        f"<title>{story['headline']} - Holm Herald</title></head><body>"
        '<header><nav><a href="/">Home</a> <a href="/news">News</a></nav></header>'
        f"<main><article><h1>{story['headline']}</h1>{top}"
        f'<div class="body">{"".join(body[:3])}{middle}{"".join(body[3:])}{end}</div>'
        f"</article>{after}</main>"
        '<footer class="site-footer"><p>© Holm Herald</p></footer></body></html>'
    )


@pytest.mark.parametrize("page", PAGES["page"], ids=lambda page: page["id"])
def test_the_notes_of_a_page_are_found_and_nothing_else(page):
    notes = read_page(html(page), "https://herald.example/story").notes
    assert [(" ".join(note.text.split()), note.place.value) for note in notes] == [
        (text, place) for _, text, place in page["notes"]
    ]
    for note, (kinds, *_) in zip(notes, page["notes"], strict=True):
        assert note.kind.value in kinds.split("|")
    if "stated" in page:
        assert notes[0].stated_time == page["stated"]
