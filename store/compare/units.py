"""Units, currencies and words of number that do not belong to one language's lexicon."""

from __future__ import annotations

from store.compare.lexicon import word_set

MAGNITUDES = {
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "k": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "tn": 1e12,
}
# Signs of measure written right behind the digits; a capital makes another thing of most.
MEASURES = word_set(
    "km kg cm mm m g mg l ml ft in lb lbs oz mi yd mph kph kmh km² m² m³ ha kW MW GW kWh MWh GWh "
    "MB GB TB kB Hz kHz MHz GHz mAh s ms min mins hr hrs hp cc px C F"
)
PENCE = word_set("p ct")
ABBREVIATED = word_set("mio mrd mill mia mln mlrd млн млрд тыс")
SHARES = frozenset({"%", "‰", "pc"})
SIGNS = frozenset("€£$₽₺₹")
SQUARE = word_set("square cubic nautical")
SUFFIXES = MEASURES | PENCE | word_set("st nd rd th er ère ème e pc x")
# What a plural of magnitude can stand for: "dozens" may turn out to be 34.
ROUND_PLURALS = {
    "dozens": (20, 250),
    "scores": (35, 250),
    "hundreds": (100, 10_000),
    "thousands": (1_000, 1_000_000),
    "millions": (1_500_000, 1_000_000_000),
}
# Units and currencies that a fact may name in several ways.
UNITS = {
    written: name
    for name, listed in {
        "km": "km kilometre kilometres kilometer kilometers",
        "mi": "mi mile miles",
        "m": "m metre metres meter meters",
        "cm": "cm centimetre centimetres centimeter centimeters",
        "ft": "ft foot feet",
        "kg": "kg kilo kilos kilogram kilograms",
        "t": "t ton tons tonne tonnes",
        "l": "l litre litres liter liters",
        "min": "min mins minute minutes",
        "h": "h hr hrs hour hours",
        "day": "day days",
        "week": "week weeks",
        "month": "month months",
        "year": "year years",
        "mph": "mph",
        "kmh": "kmh kph",
        "ha": "ha hectare hectares",
        "acre": "acre acres",
        "USD": "$ us$ usd dollar dollars",
        "EUR": "€ eur euro euros",
        "GBP": "£ gbp pound pounds",
        "JPY": "yen ¥",
    }.items()
    for written in listed.split()
}
ORDINALS = word_set(
    "first second third fourth fifth sixth seventh eighth ninth tenth st nd rd th er ère ème"
)
DOZENS = word_set("dozen dutzend douzaine docena dúzia dozzina dozijn")
# Number words that "a" belongs to.
AFTER_ARTICLE = word_set("dozen hundred thousand million billion trillion")
VAGUE = word_set(
    "first second third half twice dozens hundreds thousands millions miles cientos en et "
    "un une uno una ein eine een um uma"
)
