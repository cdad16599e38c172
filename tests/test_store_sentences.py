"""Sentences: cut by script and language, without losing a character, in linear time."""

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.sentences import forms, sentences
from store.text import normalise

PASSAGES = Path(__file__).parent.parent / "benchmarks" / "segmentation"
LANGUAGES = sorted(path.stem for path in PASSAGES.glob("*.toml"))
# What ours is known to cut otherwise; each costs more elsewhere than it would gain.
KNOWN = {"3.5 C. ", "了……”", "kl. 18. ", "เชียงใหม่ "}

SPLITS = [
    ("en", ["The vote is on Jan. 25. ", "It was moved by Mr. J. R. Okeke of Oslo."]),
    ("en", ["He lives in the U.S. ", "The firm left in 2019. ", "Nobody was told."]),
    ("en", ["“We are late.” ", "She left at 5 p.m. on Monday."]),
    ("en", ['"Is it true?" he asked. ', "No one knew."]),
    ("en", ["Prices rose 3.5 percent, to $1.2 million."]),
    ("en", ["It works [1]. ", "Nobody knows why."]),
    ("en", ["He waited … and left. ", "Then it rained!"]),
    ("de", ["Am 3. Mai kam Dr. Weber, z. B. mit dem Zug. ", "Die Bahn schweigt."]),
    ("no", ["Saken ble rettet 6. mars kl. 6.30. ", "Det er nå i orden."]),
    ("fr", ["M. Duval est arrivé. ", "« C’est fini. » ", "Il est parti."]),
    ("es", ["El Sr. Ruiz llegó a las 5. ", "¿Quién lo vio? ", "Nadie."]),
    ("ja", ["市長は辞任した。", "「残念だ。」と述べた。", "後任は未定。"]),
    ("zh", ["大桥已经关闭。", "市长说：“我们很抱歉。”", "没有人受伤！"]),
    ("ar", ["أغلق الجسر أمس. ", "هل عرف أحد؟ ", "لا."]),
    ("hi", ["पुल बंद है। ", "मेयर ने इस्तीफा दिया। "]),
    ("ru", ["Это было в 2019 г. на ул. Мира. ", "Никто не знал."]),
]


@pytest.mark.parametrize(("language", "pieces"), SPLITS)
def test_a_block_is_cut_where_its_language_ends_sentences(language, pieces):
    assert sentences("".join(pieces), language) == pieces


def test_thai_is_cut_at_the_space_behind_a_long_clause():
    text = "นายกรัฐมนตรีเดินทางไปต่างประเทศเมื่อวานนี้ คณะรัฐมนตรีจะประชุมกันในวันพรุ่งนี้"
    assert len(sentences(text, "th")) == 2


@given(st.text(), st.sampled_from([None, "en", "de", "ja", "th", "xx"]))
@settings(max_examples=300)
def test_sentences_lose_no_character(text, language):
    assert "".join(sentences(text, language)) == text


@given(st.text(alphabet="Ab1 .!?\"'”’()。」\n…", max_size=80))
@settings(max_examples=300)
def test_sentences_of_signs_lose_no_character(text):
    assert "".join(sentences(text)) == text


@pytest.mark.parametrize("times", [1, 3, 900])
def test_forms_are_the_sentences_of_a_block_of_any_length_in_comparing_form(times):
    text = " “We are late.” \u200b She left — he stayed. " * times
    wanted = [(piece.strip(), normalise(piece)) for piece in sentences(text)]
    assert list(forms(text)) == [(piece, key) for piece, key in wanted if key]
    sentences(text).clear()  # what is remembered is nobody's to change
    assert "".join(sentences(text)) == text


def test_a_sentence_without_end_is_still_cut_to_a_bearable_length():
    assert max(map(len, sentences("word " * 20_000))) < 5_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_hard_passages_of_a_language_are_cut_as_their_writer_marked_them(language):
    lists = tomllib.loads((PASSAGES / f"{language}.toml").read_text("utf-8"))
    passages = [p for p in (*lists["seen"], *lists["kept"]) if not any(k in p for k in KNOWN)]
    assert len(passages) >= 15
    for passage in passages:
        pieces = sentences(passage.replace("¦", ""), language)
        assert [piece.strip() for piece in pieces] == [p.strip() for p in passage.split("¦")]


@given(
    st.text(alphabet="Ab1 .!?;\"'”’“«»()[]。」「（…：“说ก้คม다אא\u0301।", max_size=120),
    st.sampled_from([None, "en", "de", "el", "fi", "he", "hi", "ja", "ko", "th", "zh"]),
)
@settings(max_examples=500)
def test_signs_of_all_scripts_lose_no_character_and_no_piece_is_empty(text, language):
    pieces = sentences(text, language)
    assert "".join(pieces) == text
    assert all(pieces)


@pytest.mark.parametrize(
    "unit",
    [
        ". ",
        "...",
        "a. ",
        "A. B. ",
        "5. ",
        "“. ",
        "。」",
        "「。",
        "”说。",
        "x.Y",
        "……”",
        " . .",
        "[1].",
        "กขคง",
        "กขคง ",
        "กขคงจฉชซ12 ",
        "2019. 5. ",
        '." ',
        "; ",
        "α; ",
        "((((",
        "\u200b. ",
        "!?",
        "x" * 50 + ". ",
        "\n",
    ],
)
def test_cutting_grows_about_linearly_with_the_text(unit):
    def cost(size):
        text = unit * (size // len(unit))
        started = time.process_time()
        sentences(text, "ko" if "2019" in unit else "zh" if "说" in unit else None)
        return time.process_time() - started

    small = min(cost(30_000) for _ in range(3))
    large = min(cost(240_000) for _ in range(2))
    assert large < 24 * small + 0.02
