"""Which language a text is in, guessed from its script and its most frequent words."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from store.compare.cue_files import cue_file, languages

_WORD = re.compile(r"[^\W\d_]+")
# Enough text for a guess; more only costs time.
_SAMPLE = 3000
# Scripts of one language here, by the code points of their letters.
_SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
}
# Languages so close that a short text may be taken for its neighbour: read with all of them.
_KIN = (("no", "da", "sv"), ("es", "pt"), ("ru", "uk"), ("de", "nl"))
# Words that only one of the languages here writes so, by its letters or endings: they tell the
# language of a text too short for its frequent words. From general knowledge of the alphabets.
_OWN_WORDS = {
    "cs": re.compile(r"\w*[ěůřťď]\w*"),
    "es": re.compile(r"\w*ñ\w*|[¿¡]\w+"),
    "fi": re.compile(r"\w{2,}(?:stä|ltä|llä|ssä|ttä|ään|öön|iin|ssaan)\b"),
    "pl": re.compile(r"\w*[łąęśżźń]\w*"),
    "pt": re.compile(r"\w*[ãõ]\w*"),
    "tr": re.compile(r"\w*[ığş]\w*"),
    "uk": re.compile(r"\w*[іїєґ]\w*"),
    "vi": re.compile(r"\w*[ăơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]\w*"),
}
# Share of a sample's characters that a script must hold.
_SCRIPT_SHARE = 0.1
# Share of the words that must be frequent words of the language guessed.
_WORD_SHARE = 0.12


@lru_cache(maxsize=1)
def _frequent() -> dict[str, list[str]]:
    """The languages, for each word that is frequent in some."""
    found: dict[str, list[str]] = {}
    for code in languages():
        for word in {*cue_file(code)["stopwords"].split()}:
            found.setdefault(word, []).append(code)
    return found


def guess_language(text: str) -> str | None:
    """The ISO 639-1 code of a text's language, or None where the signs are too few."""
    sample = text[:_SAMPLE]
    if not sample.isascii():
        for code, letters in _SCRIPTS.items():
            if len(letters.findall(sample)) > _SCRIPT_SHARE * len(sample):
                return code
    lower = sample.lower()
    counts = Counter(_WORD.findall(lower))
    scores, frequent = dict.fromkeys(languages(), 0), _frequent()
    for word, times in counts.items():
        for code in frequent.get(word, ()):
            scores[code] += times
    least = max(2, _WORD_SHARE * counts.total())
    if max(scores.values()) < least:
        for code, own in _OWN_WORDS.items():
            scores[code] += len(own.findall(lower))
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] >= least else None


@lru_cache(maxsize=256)
def reading_languages(language: str | None) -> tuple[str, ...]:
    """The cue languages to read a text with: its own and English, or all when it is unknown."""
    code = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}.get(
        code := (language or "")[:2].lower(), code
    )
    if code not in languages():
        return languages()
    kin = next((group for group in _KIN if code in group), ())
    return tuple(dict.fromkeys([code, *kin, "en"]))
