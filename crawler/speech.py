"""What a page says to its visitor, told from what an article says of the world. Pure.

Interstitials of every kind, in every language, have one thing in common: they speak to
whoever has come ("please confirm", "you can change"), about the visit. Phrases differ from
outlet to outlet and are never all known; so this looks for the *topics* such pages put
together (a cookie and a consent, a page and that it is missing), sentence by sentence, and
only where the page speaks to its visitor (speech.toml).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from store.sentences import sentences

# What others said in a report is not said to the visitor.
_QUOTED = re.compile(
    r"“[^”]{12,}”|„[^“”]{12,}[“”]|«[^»]{12,}»|»[^«]{12,}«|「[^」]{12,}」|\"[^\"]{12,}\"|״[^״]{12,}״"
)
_TO_THE_VISITOR = re.compile(
    r"\b(?:you|your|you['’]re|yours|please|we|our|us|i['’]?m not|click|try|choose|enter|join|"
    r"read on|"
    r"sie|ihr|ihre[nrms]?|ihnen|bitte|wir|uns|unsere?[nrms]?|du|dein\w*|klicken|"
    r"vous|votre|vos|nous|nos|notre|veuillez|cliquez|retournez|suivez|profitez|"
    r"usted|tu|tus|te|nuestr[oa]s?|nosotros|por favor|haz|prueba|suscríbete|marca|podido|"
    r"lo sentimos|"
    r"você|seu|sua|nosso|nossa|volte|assine|faça|estamos|procura|queira|"
    r"il tuo|la tua|noi|nostr[iao]|prego|usa|torna|accedi|stai|continua|abbonati|"
    r"u|uw|je|jouw?|wij|onze|alsjeblieft|probeer|ga naar|"
    r"du|din[ae]?|dit|ditt|vi|vår[ea]?|vores|deg|dig|gå til|bli|få|prøv|beklager|logga|"
    r"ci|twój|twoim|twoją|nasz\w*|prosimy|szukasz|wróć|czytaj|zaloguj|masz|klikając|zgadzasz|"
    r"sinun|etsimääsi|siirry|tilaa|oletko|voit|valitettavasti|ole hyvä|"
    r"siz\w*|lütfen|üzgünüz|aradığınız|tıklayın|kullanıyoruz|"
    r"vaš[ie]\w*|kliknutím|můžete|omlouváme|ön|önnek|az ön|engedélyével|mi és|sajnáljuk|"
    r"ne pare rău|"
    r"maaf|bạn|vui lòng|chúng tôi|rất tiếc|oprostite|žao nam je|"
    r"пожалуйста|вы|вас|вам|ваш\w*|мы|нам|нас|к сожалению|извините|перейдите|введите|"
    r"подтвердите|войдите|"
    r"ви|вибачте|на жаль|λυπούμαστε|παρακαλούμε|εμείς|μας|σας|μπορείτε)\b|"
    # Scripts without blanks between words, and those whose signs break them.
    r"ください|お探し|申し訳|いただけ|いただく|おります|当サイト|こちら|お待ち|抱歉|对不起|您|请|"
    r"죄송|주세요|요청하신|하시|바랍니다|십시오|ขออภัย|กรุณา|عذر|يرجى|يمكنك|التي تبحث|تجربتك|نستخدم|"
    r"מצטערים|אנא|שחיפשתם|שלכם|क्षमा|माफ|कृपया|अपने|करें|\bआप\b|متأسف",
    re.IGNORECASE,
)
# The page's words up to this length are heard; a longer page is no interstitial.
_HEARD = 12_000


_NEAR = 5  # sentences within which the topics of a kind stand together


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it was heard: its letters, whether it speaks to the visitor, its topics."""

    letters: int
    speaks: bool
    topics: frozenset[str]


@dataclass(frozen=True, slots=True)
class Speech:
    """What of a text is said to the visitor, sentence by sentence."""

    sentences: tuple[Sentence, ...]

    @property
    def letters(self) -> int:
        """All letters heard."""
        return sum(one.letters for one in self.sentences)

    @property
    def spoken_share(self) -> float:
        """Share of the letters that are said to the visitor."""
        return self._share(one.letters for one in self.sentences if one.speaks)

    def about_share(self, kind: str) -> float:
        """Share of the letters that are said to the visitor or about the topics of a kind."""
        about = _topics_of_kind()[kind]
        return self._share(
            one.letters for one in self.sentences if one.speaks or one.topics & about
        )

    def topical_share(self, kind: str) -> float:
        """Share of the letters in sentences about the topics of a kind."""
        about = _topics_of_kind()[kind]
        return self._share(one.letters for one in self.sentences if one.topics & about)

    @property
    def kind(self) -> str | None:
        """The interstitial whose topics stand close together, the one most spoken of, or None."""
        near = [
            frozenset[str]().union(*(one.topics for one in self.sentences[at : at + _NEAR]))
            for at in range(len(self.sentences))
        ]
        met = [
            kind for kind, sets in _kinds() if any(one <= topics for topics in near for one in sets)
        ]
        return max(met, key=self.topical_share, default=None)

    def _share(self, letters: Iterable[int]) -> float:
        return sum(letters) / max(1, self.letters)


def speech_of(texts: Iterable[str], language: str | None) -> Speech:
    """What of some passages is said to the visitor; quotations count as the world's."""
    found: list[Sentence] = []
    heard = 0
    for sentence in (one for text in texts for one in sentences(text, language)):
        heard += len(sentence)
        if heard > _HEARD:
            break
        found.append(Sentence(len(sentence), addresses_visitor(sentence), _topics_of(sentence)))
    return Speech(tuple(found))


def addresses_visitor(text: str) -> bool:
    """Whether a text speaks to whoever reads it, outside what it quotes."""
    return _TO_THE_VISITOR.search(_QUOTED.sub(" ", text)) is not None


def visiting_tail(texts: Sequence[str], language: str | None, most: int) -> Sequence[str]:
    """The last passages, ``most`` at most, all of them about the visit."""
    start = len(texts)
    while start and len(texts) - start < most and _is_about_visit(texts[start - 1], language):
        start -= 1
    return texts[start:]


def _is_about_visit(text: str, language: str | None) -> bool:
    heard = speech_of([text], language)
    return any(one.speaks or one.topics for one in heard.sentences)


def _topics_of(sentence: str) -> frozenset[str]:
    return frozenset(name for name, stems in _topics() if stems.search(sentence))


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    text = resources.files("crawler").joinpath("speech.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@lru_cache(maxsize=1)
def _topics() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each topic with its stems, which begin a word where the script parts words."""
    return tuple(
        (name, re.compile(rf"(?:(?<![^\W\d_])|(?<=[^\x00-\u0fff]))(?:{stems})", re.IGNORECASE))
        for name, stems in _table()["topic"].items()
    )


@lru_cache(maxsize=1)
def _kinds() -> tuple[tuple[str, tuple[frozenset[str], ...]], ...]:
    return tuple(
        (row["detail"], tuple(frozenset(one) for one in row["sets"])) for row in _table()["kind"]
    )


@lru_cache(maxsize=1)
def _topics_of_kind() -> dict[str, frozenset[str]]:
    return {kind: frozenset[str]().union(*sets) for kind, sets in _kinds()}
