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
from store.text import weight

# What others said in a report is not said to the visitor.
_QUOTED = re.compile(
    r"“[^”]{12,}”|„[^“”]{12,}[“”]|«[^»]{12,}»|»[^«]{12,}«|「[^」]{12,}」|\"[^\"]{12,}\"|״[^״]{12,}״"
)
_TO_THE_VISITOR = re.compile(
    # The country is no "us", and a verb speaks to the visitor where it begins what is said.
    r"^\W*(?:click|try|choose|enter|join|read on)\b|\bor (?:click|try|enter|join)\b|"
    r"\b(?:you|your|you['’]re|yours|please|we|our|(?-i:us|Us)|i['’]?m not|"
    r"(?<=\S )(?-i:Sie|Ihr|Ihre[nrms]?|Ihnen)|^sie (?:haben|sind|können|müssen|werden)|bitte|"
    r"wir|uns|unsere?[nrms]?|du|dein\w*|klicken|"
    r"vous|votre|vos|nous|nos|notre|veuillez|cliquez|retournez|suivez|profitez|"
    r"usted|tu|tus|te|nuestr[oa]s?|nosotros|por favor|haz|prueba|suscríbete|marca|podido|"
    r"lo sentimos|"
    r"você|seu|sua|nosso|nossa|volte|assine|faça|estamos|procura|queira|"
    r"il tuo|la tua|noi|nostr[iao]|prego|usa|torna|accedi|stai|continua|abbonati|"
    r"(?-i:u(?![.-])|U(?= [a-zé]))|uw|je|jouw?|wij|onze|alsjeblieft|probeer|ga naar|"
    r"du|din[ae]?|dit|ditt|vi|vår[ea]?|vores|deg|dig|gå til|bli|få|prøv|beklager|logga|"
    r"ci|twój|twoim|twoją|nasz\w*|prosimy|szukasz|wróć|czytaj|zaloguj|masz|klikając|zgadzasz|"
    r"sinun|etsimääsi|siirry|tilaa|oletko|voit|valitettavasti|ole hyvä|"
    r"siz\w*|lütfen|üzgünüz|aradığınız|tıklayın|kullanıyoruz|"
    r"vaš[ie]\w*|kliknutím|můžete|omlouváme|ön|önnek|az ön|engedélyével|mi és|sajnáljuk|"
    r"ne pare rău|"
    r"maaf|bạn|vui lòng|chúng tôi|rất tiếc|oprostite|žao nam je|"
    r"\w+[иь]тесь|укажите|введите|поставьте|попробуйте|зайдите|\w+[ıiuü]n[ıiuü]z\w*|"
    r"пожалуйста|вы|вас|вам|ваш\w*|мы|нам|нас|к сожалению|извините|перейдите|введите|"
    r"подтвердите|войдите|"
    r"ви|вас|ваш\w*|ми|нас|наш\w*|вибачте|перепрошуємо|на жаль|введіть|завітайте|увійдіть|"
    r"λυπούμαστε|παρακαλούμε|εμείς|μας|σας|μπορείτε|εσείς|δώστε|δοκιμάστε|συνδεθείτε|"
    r"merci d[e’']|désolé|cochez|patientez|indiquez|abonnez|espera|vuelve|escribe|spunta|riprova|"
    r"inserisci|ritorna|introduza|marque|word|vul|kom|helaas|kryssa|kryss|tyvärr|"
    r"anna|merkitse|pahoittelemme|palaamme|podaj|zaznacz|přepáčte|vráťte|zadejte|vraťte|"
    r"prosím|vás|vám|nám|naš\w*|adja meg|kérjük|jelölje|jelentkezzen|fizessen|țara ta|tău|"
    r"te rugăm|noastre|introdu|bifează|revenim|anda|silakan|kami|mohon|của bạn|"
    # "Try again", in what no list above has.
    r"réessayez|inténtel[oa]|inténtal[oa]|tente novamente|försök igen|prøv igj?en|yritä uudelleen|"
    r"spróbuj|kliknij|odśwież|zkuste|skúste|próbálja|próbáld|încercați|încearcă|спробуйте|"
    r"thử lại|coba lagi)\b|"
    # Scripts without blanks between words, and those whose signs break them.
    r"ください|お探し|申し訳|いただけ|いただく|おります|当サイト|こちら|お待ち|抱歉|对不起|您|请|"
    r"죄송|주세요|요청하신|하시|바랍니다|십시오|ขออภัย|กรุณา|عذر|يرجى|يمكنك|التي تبحث|تجربتك|نستخدم|"
    r"お使い|お客様|ご自身|お試し|お持ち|我们|我們|马上|고객님|귀하|하세요|습니까|이신가요|"
    r"다시 시도|ลองใหม่|ลองอีกครั้ง|حاول مرة|حاولوا|לכם|אתכם|נסו|התחברו|הירשמו|היכנסו|לחצו|המתינו|"
    r"คุณ|ของเรา|أدخل|جهازك|بلدك|نعتذر|لديك|اشترك|סמנו|הזינו|אנחנו|שלך|הצטרפו|हमें|हमारे|अपना|अपनी|डालें|"
    r"מצטערים|אנא|שחיפשתם|שלכם|क्षमा|माफ|कृपया|अपने|करें|\bआप\b|متأسف",
    re.IGNORECASE,
)
# Words of this list that say something else in another language: "du" in French, "din" in Romanian.
_OTHERWISE = {
    language: re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for languages, words in (
        ("fr", "du|dit|je"),
        ("ro", "din|ci|je|u"),
        ("cs sk hr sr bs sl", "je|u|ci|te|din"),
        ("pl", "u|je|mi|te"),
        ("nl", "dit|vi|din|te|du"),
        ("de", "je|dit|vi|te|u"),
        ("en", "du|din|dit|te|u|ci|je|vi|mi"),
        ("es pt it", "u|je|du|din|dit"),
        ("tr", "ön|din|du|u|te"),
        ("vi id", "du|din|vi|u|te|ci"),
        ("hu fi", "te|je|u|vi|din"),
        ("sv no nb nn da", "je|u|te|ci"),
    )
    for language in languages.split()
}
# The page's words up to this length are heard; a longer page is no interstitial.
_HEARD = 12_000
# A page's sentences are heard several times on the way to a verdict.
_REMEMBERED = 1024


# A stem begins a word; it stands anywhere in scripts that write words or articles together.
_WORD_START = r"(?<![^\W\d_])|(?<=[\u0590-\u06ff\u0e00-\u0eff\u1000-\U0010ffff])"
# Who speaks of this page, of the visitor's country or of their being human speaks to the visitor.
_SPEAKING = frozenset({"here", "your_place", "person"})
# What is called and what is shared around a wall: "Sorry", "Share", "More on this".
_FEW_WORDS, _ENDED = 40, re.compile(r"[.!?…。！？।؟]\W*$")
_NEAR = 5  # sentences within which the topics of a kind stand together


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it was heard: its weight, whether it speaks to the visitor, its topics."""

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
        found.append(_heard(sentence, language))
    return Speech(tuple(found))


@lru_cache(_REMEMBERED)
def _heard(sentence: str, language: str | None) -> Sentence:
    topics = _topics_of(sentence)
    speaks = bool(topics & _SPEAKING) or addresses_visitor(sentence, language)
    return Sentence(weight(sentence), speaks, topics)


def addressing_share(texts: Sequence[str], language: str | None) -> float:
    """Share of the passages' letters, in those passages that speak to whoever reads them."""
    spoken = sum(len(text) for text in texts if addresses_visitor(text, language))
    return spoken / max(1, sum(map(len, texts)))


def addresses_visitor(text: str, language: str | None) -> bool:
    """Whether a text speaks to whoever reads it, outside what it quotes."""
    text = _QUOTED.sub(" ", text)
    otherwise = _OTHERWISE.get((language or "")[:2].lower())
    if otherwise is not None:
        text = otherwise.sub(" ", text)
    return _TO_THE_VISITOR.search(text) is not None


def visiting_tail(texts: Sequence[str], language: str | None, most: int) -> Sequence[str]:
    """The last passages, ``most`` at most, all of them about the visit or of a few words."""
    start = len(texts)
    while start and len(texts) - start < most and _may_be_visit(texts[start - 1], language):
        start -= 1
    return texts[start:]


def _may_be_visit(text: str, language: str | None) -> bool:
    if weight(text) <= _FEW_WORDS and not _ENDED.search(text):
        return True
    heard = speech_of([text], language)
    return any(one.speaks or one.topics for one in heard.sentences)


def _topics_of(sentence: str) -> frozenset[str]:
    said = sentence.lower()
    return frozenset(name for name, stems in _topics() if stems.search(said))


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    text = resources.files("crawler").joinpath("speech.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@lru_cache(maxsize=1)
def _topics() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each topic with its stems, all in small letters: a search that minds case is much faster."""
    return tuple(
        (name, re.compile(rf"(?:{_WORD_START})(?:{stems})"))
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
