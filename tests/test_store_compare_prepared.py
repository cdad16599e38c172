"""Prepared documents: what counts as a sentence, and when nothing differs."""

from store.compare import prepare
from store.model import Block, BlockKind, Document


def document(*texts, links=()):
    blocks = tuple(Block(BlockKind.PARAGRAPH, text, links) for text in texts)
    return Document("https://herald.example/story", "The bridge", blocks, language="en")


def test_a_sentence_of_invisible_signs_is_none():
    prepared = prepare(document("The bridge is closed.", "\u200b", "It opens in May."))
    assert [sentence.text for sentence in prepared.sentences] == [
        "The bridge is closed.",
        "It opens in May.",
    ]
    assert len(prepared.keys) == len(prepared.sentences)


def test_two_versions_are_the_same_only_with_the_same_words_and_links():
    page, other = "https://city.example/a", "https://city.example/b"
    one = prepare(document("The bridge is closed.", links=(page,)))
    assert one.is_same(prepare(document("The bridge is closed.", links=(page,))))
    assert not one.is_same(prepare(document("The bridge is closed.", links=(other,))))
    assert not one.is_same(prepare(document("The bridge is shut.", links=(page,))))
