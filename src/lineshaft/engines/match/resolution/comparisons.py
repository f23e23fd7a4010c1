"""What of two rows is compared, how alike they may be in it, and what each degree weighs.

A level is a condition in SQL on the columns of prepare.SCHEMA with `_l` and `_r` behind them, and
on five numbers of a pair that are worked out once (PAIR_NUMBERS). Levels speak of whole numbers and
equal texts only, and weights are whole hundredths of a bit, so that every engine comes to the same
answer to the last digit. The first level that holds counts; the last one always does.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

_WEIGHTS_FILE: Final = Path(__file__).with_name("weights.toml")
_HUNDREDTHS: Final = 100
OTHERWISE: Final = "true"

SHARED: Final = "{shared}"
"""Bits of the words that both names hold."""

VARIANT: Final = "{variant}"
"""Bits of the most telling name that both texts hold, 0 for none."""

INITIALS: Final = "{initials}"
"""Letters of the initials of the one that are a name of the other, 0 for none."""

LEAD: Final = "{lead}"
"""Letters of the first word of the one that are the initials of the other's first words, or 0."""

LETTERS: Final = "{letters}"
"""Letters to change to make the one name the other; LETTERS_MAX for that many, for names that
neither begin nor end alike, and where more than one letter in three differs of what the two do not
share (`Hoyt Manufacturing`, `Joy Manufacturing`).
"""

LETTERS_MAX: Final = 4
PAIR_NUMBERS: Final = ("shared", "variant", "initials", "lead", "letters")


@dataclass(frozen=True, slots=True)
class Level:
    """One degree of likeness: its key in weights.toml, what a person reads, and the condition."""

    key: str
    label: str
    condition: str = OTHERWISE


@dataclass(frozen=True, slots=True)
class Comparison:
    """One respect in which rows are compared; where `unknown` holds, nothing is said about it.

    A pair's number for it is -1 for unknown, else how many levels stand below the one that holds.
    """

    key: str
    label: str
    unknown: str
    levels: tuple[Level, ...]

    def level(self, number: int) -> Level | None:
        """The level that a pair's number stands for; None for unknown."""
        return None if number < 0 else self.levels[len(self.levels) - 1 - number]


@dataclass(frozen=True, slots=True)
class Weights:
    """What each level weighs, and what a pair weighs of which nothing is known, in hundredths of
    a bit.
    """

    prior: int
    levels: Mapping[str, Mapping[str, int]]

    def of(self, numbers: Sequence[int]) -> int:
        """The weight of a pair with these numbers, one for each of COMPARISONS."""
        return self.prior + sum(
            self.levels[one.key][level.key]
            for one, number in zip(COMPARISONS, numbers, strict=True)
            if (level := one.level(number)) is not None
        )


def probability(weight: float) -> float:
    """The probability that two records with a weight in bits are one organisation."""
    return 1 / (1 + math.exp2(-weight))


@cache
def shipped_weights() -> Weights:
    """The weights that ship; how they were learned stands in the file."""
    data: dict[str, Any] = tomllib.loads(_WEIGHTS_FILE.read_text(encoding="utf-8"))
    return Weights(
        prior=round(data["prior"] * _HUNDREDTHS),
        levels={
            one.key: {
                level.key: round(data[one.key][level.key] * _HUNDREDTHS) for level in one.levels
            }
            for one in COMPARISONS
        },
    )


_UNION: Final = f"(bits_l + bits_r - {SHARED})"
_LESS: Final = "least(bits_l, bits_r)"
_LENGTH: Final = "least(length(spelling_l), length(spelling_r))"
_ODD: Final = f"numbers_l = numbers_r AND greatest(bits_l, bits_r) - {SHARED} >= 12"

NUMBERS: Final = Comparison(
    "numbers",
    "numbers in the name",
    "numbers_l IS NULL OR numbers_r IS NULL OR (numbers_l = '' AND numbers_r = '')",
    (
        Level("same", "the same numbers in the name", "numbers_l = numbers_r"),
        Level("one_has", "a number in one name only", "numbers_l = '' OR numbers_r = ''"),
        Level("differ", "other numbers in the name"),
    ),
)
ADDRESS: Final = Comparison(
    "address",
    "address",
    "street_l IS NULL OR street_r IS NULL OR house_l IS NULL OR house_r IS NULL",
    (
        Level(
            "same",
            "the same house",
            "house_l = house_r AND street_l = street_r"
            " AND coalesce(direction_l = direction_r, true)",
        ),
        Level(
            "same_but_direction",
            "the same house, another direction",
            "house_l = house_r AND street_l = street_r",
        ),
        Level(
            "house", "the same number, another street", "house_l = house_r AND length(house_l) >= 3"
        ),
        Level("street", "the same street, another number", "street_l = street_r"),
        Level("differ", "another address"),
    ),
)
PHONE: Final = Comparison(
    "phone",
    "telephone",
    "phone_l IS NULL OR phone_r IS NULL",
    (
        Level("same", "the same telephone", "phone_l = phone_r"),
        Level("differ", "another telephone"),
    ),
)
POSTCODE: Final = Comparison(
    "postcode",
    "postal code",
    "postcode_l IS NULL OR postcode_r IS NULL",
    (
        Level(
            "same_exact",
            "the same long postal code",
            "postcode_l = postcode_r AND length(postcode_l) >= 9",
        ),
        Level("same", "the same postal code", "town_l = town_r"),
        Level("near", "a postal code near by", "substr(town_l, 1, 3) = substr(town_r, 1, 3)"),
        Level("differ", "another postal code"),
    ),
)
_ONE_NAME: Final = "coalesce(same_words_l = same_words_r, false)"
CITY: Final = Comparison(
    "city",
    "town, state, country",
    "(city_l IS NULL OR city_r IS NULL) AND (state_l IS NULL OR state_r IS NULL)"
    " AND (country_l IS NULL OR country_r IS NULL)",
    (
        Level(
            "one_name_other_country",
            "the same words, another country",
            f"{_ONE_NAME} AND coalesce(country_l <> country_r, false)",
        ),
        Level("other_country", "another country", "coalesce(country_l <> country_r, false)"),
        Level(
            "same",
            "the same town",
            "coalesce(city_l = city_r, false) AND coalesce(state_l = state_r, true)",
        ),
        Level(
            "one_name_other_state",
            "the same words, another state",
            f"{_ONE_NAME} AND coalesce(state_l <> state_r, false)",
        ),
        Level("other_state", "another state", "coalesce(state_l <> state_r, false)"),
        Level(
            "one_name_other_city",
            "the same words, another town",
            f"{_ONE_NAME} AND coalesce(city_l <> city_r, false)",
        ),
        Level("other_city", "another town", "coalesce(city_l <> city_r, false)"),
        Level("unknown_city", "the same state or country"),
    ),
)
DISTANCE: Final = Comparison(
    "distance",
    "distance",
    "north_m_l IS NULL OR north_m_r IS NULL",
    (
        Level(
            "same",
            "within 100 metres",
            "abs(north_m_l - north_m_r) <= 100 AND abs(east_m_l - east_m_r) <= 100",
        ),
        Level(
            "near",
            "within a kilometre",
            "abs(north_m_l - north_m_r) <= 1000 AND abs(east_m_l - east_m_r) <= 1000",
        ),
        Level(
            "town",
            "within 20 kilometres",
            "abs(north_m_l - north_m_r) <= 20000 AND abs(east_m_l - east_m_r) <= 20000",
        ),
        Level("far", "farther away"),
    ),
)
_UNPLACED: Final = " AND ".join(
    f"({one.unknown})" for one in (ADDRESS, PHONE, POSTCODE, CITY, DISTANCE)
)
NAME: Final = Comparison(
    "name",
    "name",
    "words_l IS NULL OR words_r IS NULL",
    (
        Level(
            "same_rare",
            "the same words, telling ones",
            "same_words_l = same_words_r AND bits_l >= 24",
        ),
        Level("same", "the same words", "same_words_l = same_words_r AND bits_l >= 12"),
        Level("same_common", "the same words, common ones", "same_words_l = same_words_r"),
        Level("run_together", "the same letters", "squashed_l = squashed_r"),
        Level("variant_rare", "one name of both is the same, and telling", f"{VARIANT} >= 24"),
        Level("variant", "one name of both is the same", f"{VARIANT} >= 12"),
        Level(
            "misspelt",
            "a letter differs",
            f"{_ODD} AND ({_LENGTH} >= 8 AND {LETTERS} <= 1 OR {_LENGTH} >= 14 AND {LETTERS} <= 2)",
        ),
        Level(
            "nearly_all", "nearly all words", f"{SHARED} * 100 >= {_UNION} * 80 AND {SHARED} >= 12"
        ),
        Level(
            "misspelt_more",
            "a few letters differ",
            f"{_ODD} AND {_LENGTH} >= 6 AND {LETTERS} <= 3 AND {LETTERS} * 6 <= {_LENGTH}",
        ),
        Level(
            "initials_alone",
            "initials of the other, but no place is known",
            f"{INITIALS} >= 2 AND {INITIALS} <= 3 AND {_UNPLACED}",
        ),
        Level("initials", "initials of the other, four or more", f"{INITIALS} >= 4"),
        Level("initials_3", "initials of the other, three", f"{INITIALS} = 3"),
        Level("initials_2", "initials of the other, two", f"{INITIALS} = 2 AND {SHARED} = 0"),
        Level("most", "most words", f"{SHARED} * 100 >= {_UNION} * 65 AND {SHARED} >= 12"),
        Level(
            "lead_initials",
            "initials of the other's first words, and a word",
            f"{LEAD} > 0 AND {SHARED} >= 10",
        ),
        Level(
            "within_rare",
            "all words of the shorter, telling ones",
            f"{SHARED} = {_LESS} AND {SHARED} >= 24",
        ),
        Level("within", "all words of the shorter", f"{SHARED} = {_LESS} AND {SHARED} >= 12"),
        Level("half", "half of the words", f"{SHARED} * 100 >= {_UNION} * 45 AND {SHARED} >= 12"),
        Level("some_rare", "some telling words", f"{SHARED} >= 20"),
        Level("some", "some words", f"{SHARED} >= 10"),
        Level("within_common", "all words of the shorter, common ones", f"{SHARED} = {_LESS}"),
        Level("few", "a common word", f"{SHARED} > 0"),
        Level("none", "no word"),
    ),
)
PLACED: Final = Comparison(
    "placed",
    "what is known",
    "words_l IS NULL OR words_r IS NULL",
    (
        Level("names_only", "nothing but their names", _UNPLACED),
        Level("more", "more than their names"),
    ),
)
COMPARISONS: Final = (NAME, NUMBERS, ADDRESS, PHONE, POSTCODE, CITY, DISTANCE, PLACED)
