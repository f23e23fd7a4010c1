"""Matching a need to institutes."""

import pytest

from lineshaft.apps.desk import rules
from lineshaft.apps.desk.rules import Candidate, Spot

PRINTING = Candidate(
    "america-makes",
    frozenset({"additive_manufacturing", "processes"}),
    "Additive manufacturing 增材制造",
    Spot(41.1, -80.65),
)
METALS = Candidate(
    "lift",
    frozenset({"lightweight_metals", "materials"}),
    "Lightweight metals",
    Spot(42.33, -83.07),
)
FLEXIBLE = Candidate(
    "nextflex",
    frozenset({"flexible_hybrid_electronics", "electronics"}),
    "Flexible hybrid electronics",
    Spot(37.4, -121.9),
)
ALL = (PRINTING, METALS, FLEXIBLE)


@pytest.mark.parametrize(
    ("need", "expected"),
    [
        pytest.param(
            "print a 300 mm bracket from Inconel", ["america-makes", "nextflex"], id="print"
        ),
        pytest.param("weld thin aluminium sheet", ["lift"], id="shop words"),
        pytest.param("welded", ["lift"], id="stem"),
        pytest.param("hybrid", ["nextflex"], id="own words"),
        pytest.param("焊接铝板", ["lift"], id="Chinese"),
        pytest.param("金属粉末", ["america-makes", "lift"], id="Chinese, two fields"),
        pytest.param("we need help with it", [], id="nothing telling"),
        pytest.param("42", [], id="a number alone"),
        pytest.param("", [], id="empty"),
    ],
)
def test_need_finds_the_institutes_that_share_its_words(need: str, expected: list[str]) -> None:
    assert [match.key for match in rules.match_need(need, ALL)] == expected


def test_match_says_which_words_decided() -> None:
    first, second = rules.match_need("print a bracket from Inconel", ALL)
    assert first.words == ("print", "bracket", "inconel")
    assert second.words == ("print",)
    assert first.score > second.score


def test_nearer_institute_comes_first_at_a_tie() -> None:
    west = Candidate("a-west", PRINTING.area_keys, PRINTING.text, Spot(34, -118))
    unknown = Candidate("a-nowhere", PRINTING.area_keys, PRINTING.text)
    found = rules.match_need("sinter", (west, unknown, PRINTING), near=Spot(40, -82))
    assert [(one.key, one.distance_km) for one in found] == [
        ("america-makes", 167),
        ("a-west", 3243),
        ("a-nowhere", None),
    ]


def test_nearest_ignores_what_has_no_place() -> None:
    nowhere = Candidate("nowhere", frozenset(), "")
    found = rules.nearest((*ALL, nowhere), Spot(42, -83))
    assert [one.key for one in found] == ["lift", "america-makes", "nextflex"]


def test_distance_is_that_of_the_globe() -> None:
    assert rules.distance_km(Spot(0, 0), Spot(0, 180)) == 20015
    assert rules.distance_km(Spot(10, 10), Spot(10, 10)) == 0
