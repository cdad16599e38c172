"""Text: cleaning, normalising, sentences, documents from plain text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.model import BlockKind, NoteKind
from store.text import clean, document_from_text, normalise, sentences

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


def test_a_sentence_without_end_is_still_cut_to_a_bearable_length():
    assert max(map(len, sentences("word " * 20_000))) < 5_000


def test_normal_form_ignores_typography_only():
    fancy = "“It’s\u00a0late”\u200b – she\u00ad said…"
    assert normalise(fancy) == normalise('"It\'s late" - she said...')
    assert normalise("12 dead") != normalise("13 dead")
    assert normalise("Dead") != normalise("dead")


@given(st.text())
def test_normalising_twice_changes_nothing_more(text):
    assert normalise(normalise(text)) == normalise(text)


def test_hostile_signs_are_cleaned_away():
    assert clean("a\x00b\ud800c\u202ed\x9be\r\nf") == "abcde\nf"


@given(st.text())
def test_clean_text_can_be_stored(text):
    clean(text).encode("utf-8")


def test_paragraphs_become_blocks_and_notes_are_found():
    text = (
        "The ferry is full.\nIt left.\n\n \nUpdate: The harbour office said it came back at noon."
    )
    document = document_from_text(text, "https://a.example/1")
    assert [block.text for block in document.blocks] == [
        "The ferry is full. It left.",
        "Update: The harbour office said it came back at noon.",
    ]
    assert document.blocks[1].kind is BlockKind.NOTE
    assert document.notes[0].kind is NoteKind.UPDATE
    assert document.address == "https://a.example/1"
