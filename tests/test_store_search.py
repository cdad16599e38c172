"""Searching all versions: what is found, since when it was said, and until when."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from histories import ADDRESS, START, TEXT, archive_of, corrected, document, snapshot
from store import filters
from store import search as searching
from store.address import article_id
from store.findable import filter_of, holds, may_hold, query
from store.model import Outcome
from store.search import Wanted
from store.selection import Selection
from store.telling import Telling

HOUR = timedelta(hours=1)
OTHER = "https://valley.example/story"


def quiet(done, known):
    assert known is None or done <= known


def found(archive, *phrases, **within):
    return list(archive.search(Wanted(query(phrases), Selection(**within)), quiet))


def parts_of(*texts):
    return dict(enumerate(filter_of(texts)))


# --------------------------------------------------------------------------
# What holds what


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("The Café opened.", "cafe"),
        ("The cafe opened.", "CAFÉ"),
        ("Straße gesperrt", "STRASSE"),
        ("Ёлка стоит", "елка"),
        ("ＦＵＬＬ width", "full"),
        ("東京都知事が辞任した。", "知事"),
        ("東京都知事が辞任した。", "都"),
        ("서울에서 열렸다", "서울"),
        ("นายกรัฐมนตรีลาออก", "รัฐมนตรี"),
        ("كَتَبَ الوزير", "كتب"),
        ("हिन्दी में समाचार", "हिन्दी"),
        ("He said: “Stop, now!”", "stop now"),
        ("An e-mail from B2B-firms", "e mail"),
        ("Το σπίτι", "ΣΠΊΤΙ"),
    ],
)
def test_a_phrase_is_found_whatever_case_accents_and_script(text, phrase):
    asked = query([phrase])
    assert holds(text, asked)
    assert may_hold(parts_of(text, "Something else."), asked)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("The mayoral race", "mayor"),
        ("now stop", "stop now"),
        ("東京都", "京東"),
        ("Sixteen", "six"),
    ],
)
def test_what_is_no_whole_word_or_in_another_order_is_not_found(text, phrase):
    assert not holds(text, query([phrase]))


def test_a_query_without_any_letter_or_digit_is_refused():
    with pytest.raises(ValueError, match="no letter or digit"):
        query(["?!"])


words = st.text(st.sampled_from("abAé東京都はกา 한글.-1"), min_size=1, max_size=6)
texts = st.lists(words, min_size=1, max_size=4).map(" ".join)


@given(st.lists(texts, max_size=30), st.lists(words, min_size=1, max_size=2))
def test_a_filter_never_hides_what_holds(many, phrases):
    try:
        asked = query(phrases)
    except ValueError:
        assert any(not re.search(r"\w", phrase) for phrase in phrases)
        return
    if any(holds(text, asked) for text in many):
        assert may_hold(parts_of(*many), asked)


def test_a_filter_tells_most_texts_apart():
    parts = parts_of(*(f"word{n} said word{n + 1}" for n in range(4000)))
    wrong = sum(may_hold(parts, query([f"other{n}"])) for n in range(2000))
    assert wrong < 20


# --------------------------------------------------------------------------
# In an archive


def test_a_sentence_is_told_with_the_versions_that_brought_and_removed_it(tmp_path):
    archive = corrected(tmp_path)
    (hit,) = found(archive, "found 14 of them")
    assert (hit.place, hit.first.version, hit.removed.version) == ("text", 2, 3)
    assert (hit.first.before_at, hit.first.seen_at) == (START, START + HOUR)
    assert (hit.removed.before_at, hit.removed.seen_at) == (START + 2 * HOUR, START + 3 * HOUR)
    (kept,) = found(archive, "oldest", "ship")
    assert (kept.first.version, kept.first.before_at, kept.removed) == (1, None, None)
    assert found(archive, "nowhere") == []


def test_headlines_are_found_once_for_each_article(tmp_path):
    archive = corrected(tmp_path)
    (hit,) = found(archive, "counts its ferries")
    assert (hit.place, hit.text, hit.first.version) == ("headline", "Port counts its ferries", 1)


def test_what_several_articles_say_is_found_in_all_of_them(tmp_path):
    archive = corrected(tmp_path)
    archive.watch_article(OTHER, acted_at=START)
    copy = document(TEXT[1], "The lamp was lit.", address=OTHER, outlet="The Valley Post")
    archive.record([snapshot(START + 9 * HOUR, copy, OTHER)], Telling())
    assert {hit.article_id for hit in found(archive, "next year")} == {
        article_id(ADDRESS),
        article_id(OTHER),
    }
    (hit,) = found(archive, "next year", outlets=("The Valley Post",))
    assert hit.address == OTHER
    assert found(archive, "lamp", articles=(article_id(ADDRESS),)) == []
    (hit,) = found(archive, "next year", since=START + 8 * HOUR)
    assert hit.address == OTHER
    (hit,) = found(archive, "next year", until=START + 8 * HOUR)
    assert hit.address == ADDRESS


def test_what_comes_back_is_not_removed(tmp_path):
    silent = (TEXT[0].replace("12", "14"), *TEXT[1:])
    seen = [document(*TEXT), document(*silent), document(*TEXT), document(*TEXT), document(*TEXT)]
    (hit,) = found(archive_of(tmp_path, *seen), "found 12")
    assert hit.removed is None


def written(chunk: int, monkeypatch, tmp_path):
    """An archive of many versions, searched with chunks of a few texts, and all it ever said."""
    for name in ("SENTENCES", "HEADLINES"):
        small = replace(getattr(filters, name), chunk=chunk)
        for module in (filters, searching):
            monkeypatch.setattr(module, name, small)
    animals = ("ant", "bee", "cat", "dog", "eel", "fox")
    seen = [
        document(
            *(
                f"Animal {animals[(n + k) % 6]} met {animals[(n * k) % 6]} on day {n}."
                for k in range(3)
            ),
            TEXT[n % 3],
            headline=f"Day {n // 2} of the {animals[n % 6]}",
        )
        for n in range(18)
    ]
    return archive_of(tmp_path, *seen, Outcome.FAILED), animals


@pytest.mark.parametrize("chunk", [4, 7, 1000])
def test_filters_change_nothing_but_the_time_it_takes(chunk, monkeypatch, tmp_path):
    archive, animals = written(chunk, monkeypatch, tmp_path)
    sentences = archive.query("SELECT text FROM sentences")
    for one in animals[:2]:
        for other in (*animals[2:4], "day 1"):
            asked = query([one, other])
            texts = {hit.text for hit in found(archive, one, other) if hit.place == "text"}
            assert texts == {row["text"] for row in sentences if holds(row["text"], asked)}
    made = archive.query("SELECT count(*) AS n FROM search_filters")[0]["n"]
    assert (made > 0) == (chunk < 1000)
    found(archive, "ant")
    assert archive.query("SELECT count(*) AS n FROM search_filters") == [{"n": made}]


@pytest.mark.parametrize("chunk", [4, 1000])
@pytest.mark.parametrize("most", [1, 32])
def test_what_is_asked_of_some_articles_is_what_all_said_there(chunk, most, monkeypatch, tmp_path):
    monkeypatch.setattr(searching, "MOST_CHUNKS", most)  # few: their texts are looked at alone
    monkeypatch.setattr(searching, "NUMBERS_AT_ONCE", 3)
    monkeypatch.setattr(searching, "MOST_NAMED", most)
    archive, _ = written(chunk, monkeypatch, tmp_path)
    archive.watch_article(OTHER, acted_at=START)
    for hours in range(30, 36):
        said = (TEXT[1], f"Animal ant met bee on day {hours // 2}.")
        copy = document(*said, address=OTHER, outlet="The Valley Post")
        archive.record([snapshot(START + hours * HOUR, copy, OTHER)], Telling())
    for phrases in (["ant"], ["next year"], ["day 5"]):
        everywhere = set(found(archive, *phrases))
        there = {hit for hit in everywhere if hit.article_id == article_id(OTHER)}
        assert set(found(archive, *phrases, articles=(article_id(OTHER),))) == there
        assert set(found(archive, *phrases, outlets=("The Valley Post",))) == there
        assert there or phrases == ["day 5"]
        for moment in (START + 5 * HOUR, START + 30 * HOUR):
            late = {hit for hit in everywhere if hit.first.seen_at >= moment}
            assert set(found(archive, *phrases, since=moment)) == late
            assert set(found(archive, *phrases, until=moment)) == everywhere - late
    assert (
        found(archive, "ant", articles=(article_id(ADDRESS),), outlets=("The Valley Post",)) == []
    )


@given(st.lists(st.integers(), max_size=40), st.integers(1, 9), st.integers(1, 9))
def test_portions_are_all_there_is_in_order_and_none_is_empty(items, first, most):
    portions = list(searching._growing(items, first, most))
    assert [one for portion in portions for one in portion] == items
    assert all(0 < len(portion) <= max(first, most) for portion in portions)


@given(st.floats(0, 1))
def test_a_first_portion_is_at_least_one_chunk_and_at_most_a_session_s(density):
    assert 1 <= searching._enough(density) <= searching.MOST_CHUNKS


def test_the_newest_come_first(monkeypatch, tmp_path):
    archive, _ = written(4, monkeypatch, tmp_path)
    times = [hit.first.seen_at for hit in found(archive, "animal") if hit.place == "text"]
    assert times == sorted(times, reverse=True)


def test_filters_go_with_what_is_forgotten_and_are_made_again(monkeypatch, tmp_path):
    archive, _ = written(4, monkeypatch, tmp_path)
    archive.watch_article(OTHER, acted_at=START)
    archive.record(
        [snapshot(START, document("The lamp was lit.", address=OTHER), OTHER)], Telling()
    )
    assert found(archive, "ant")
    archive.forget(article_id(ADDRESS), acted_at=START)
    assert archive.query("SELECT count(*) AS n FROM search_filters") == [{"n": 0}]
    assert found(archive, "ant") == []
    assert len(found(archive, "lamp")) == 1
