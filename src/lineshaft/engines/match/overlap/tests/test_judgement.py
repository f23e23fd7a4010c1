"""Facts, score and kind, case by case."""

import datetime as dt
from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import pytest

from lineshaft.engines.match.overlap.awards import Award, Kind
from lineshaft.engines.match.overlap.evidence import Evidence
from lineshaft.engines.match.overlap.judgement import (
    facts_of,
    keys_of,
    kind,
    kind_by_text,
    profile_of,
    score,
)
from lineshaft.engines.match.overlap.parties import organisation_key, person_key, title_words
from lineshaft.engines.match.overlap.tests.awards import award

OWN = Evidence(0.9, 0.9, is_mostly_common=False)
COMMON = Evidence(0.9, 0.9, is_mostly_common=True)
TITLE = "Laser welding of thin steel"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Montserrat Fuentes", "montserrat fuentes"),
        ("DR. ANDREW J. FREEDMAN", "andrew freedman"),
        ("GERALD ENTINE, PH.D.", "gerald entine"),
        ("Fuentes, Montserrat", "montserrat fuentes"),
        ("Prof. Müller", "muller"),
        ("Dr.", ""),
        ("", ""),
    ],
)
def test_key_of_a_person(name: str, key: str) -> None:
    assert person_key(name) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Aerodyne Research, Inc.", "aerodyne research"),
        ("THE AERODYNE RESEARCH CO", "aerodyne research"),
        ("L.L.C.", "llc"),
        ("", ""),
    ],
)
def test_key_of_an_organisation(name: str, key: str) -> None:
    assert organisation_key(name) == key


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Mathematical Sciences: RUI: Knots", "knots"),
        ("Collaborative Research:", "collaborative research"),
        ("Knots: a survey", "knots a survey"),
        ("Phase II: Knots", "knots"),
    ],
)
def test_words_of_a_title(title: str, words: str) -> None:
    assert " ".join(title_words(title)) == words


def professor(title: str = TITLE, **fields: Any) -> Award:
    known: dict[str, Any] = {
        "lead": "Ada Byron",
        "organisation": "Elm University",
        "starts_on": dt.date(2001, 6, 1),
    }
    return award("", title=title, **(known | fields))


def firm(title: str = TITLE, **fields: Any) -> Award:
    known: dict[str, Any] = {
        "organisation": "Elm Inc",
        "is_firm": True,
        "phase": 1,
        "agency": "DOD",
    }
    return award("", title=title, **(known | fields))


CASES = [
    (
        "renewal",
        professor(),
        professor(starts_on=dt.date(2004, 6, 1)),
        "same_title",
        Kind.CONTINUATION,
    ),
    ("moved", professor(), professor(organisation="Oak College"), "reissued", Kind.CONTINUATION),
    (
        "renamed",
        professor(),
        professor("Laser welding of thin steel sheets"),
        "alike_title",
        Kind.SAME_WORK,
    ),
    ("other title", professor(), professor("Knots and braids"), "same_party", Kind.SAME_WORK),
    ("no title", professor(""), professor(""), "same_party", Kind.SAME_WORK),
    ("unknown start", professor(), professor(starts_on=None), "same_title", Kind.SAME_WORK),
    (
        "co-investigator leads the next",
        professor(),
        professor("Knots", lead="Bo Li", others=("Ada Byron",), starts_on=dt.date(2005, 1, 1)),
        "same_party",
        Kind.CONTINUATION,
    ),
    (
        "parts",
        professor(),
        professor(lead="Bo Li", organisation="Oak"),
        "common_title",
        Kind.COLLABORATION,
    ),
    ("parts, renamed", professor(), professor("Knots", lead="Bo Li"), "", Kind.COLLABORATION),
    (
        "parts, of unknown start",
        professor(),
        professor("Knots", lead="Bo Li", starts_on=None),
        "",
        Kind.SAME_WORK,
    ),
    (
        "parts, of two agencies",
        professor(agency="NSF"),
        professor("Knots", lead="Bo Li", agency="DOE"),
        "",
        Kind.SAME_WORK,
    ),
    (
        "parts, one investigator in both",
        professor(),
        professor(lead="Bo Li", others=("Ada Byron",)),
        "same_title",
        Kind.COLLABORATION,
    ),
    (
        "another's text, later",
        professor(),
        professor("Knots", lead="Bo Li", starts_on=dt.date(2005, 1, 1)),
        "",
        Kind.SAME_WORK,
    ),
    ("next phase", firm(), firm(phase=2), "next_phase", Kind.CONTINUATION),
    ("same phase", firm(), firm(), "same_title", Kind.SAME_WORK),
    ("other agency", firm(), firm(agency="DOE"), "other_agency", Kind.SAME_WORK),
    ("other agency and phase", firm(), firm(agency="DOE", phase=2), "next_phase", Kind.SAME_WORK),
    ("other firm", firm(), firm(organisation="Oak Inc"), "", Kind.SAME_WORK),
    (
        "firms share a person",
        firm(lead="Bo Li"),
        firm(lead="B Li", others=("Bo Li",), organisation="Oak"),
        "",
        Kind.SAME_WORK,
    ),
    ("firm and professor", firm(lead="Bo Li"), professor(), "", Kind.SAME_WORK),
    (
        "firm of a professor who takes part",
        firm(lead="Bo Li", phase=0),
        professor(others=("Bo Li",)),
        "same_title",
        Kind.SAME_WORK,
    ),
    (
        "phase of one, later",
        firm(starts_on=dt.date(2001, 1, 1)),
        firm(phase=0, starts_on=dt.date(2003, 1, 1)),
        "same_title",
        Kind.CONTINUATION,
    ),
    ("nameless firms", firm(organisation=""), firm(organisation=""), "", Kind.SAME_WORK),
]


@pytest.mark.parametrize(
    ("a", "b", "fact", "what"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_strongest_fact_and_kind(a: Award, b: Award, fact: str, what: Kind) -> None:
    first, second = profile_of(a), profile_of(b)
    facts = facts_of(first, second)
    assert (facts[:1], facts) == ((fact,) if fact else (), facts_of(second, first))
    assert kind(first, second, OWN, facts) is kind(second, first, OWN, facts) is what
    assert kind(first, second, COMMON, facts) is Kind.BOILERPLATE


def test_judgement_is_the_same_whichever_of_two_awards_stands_first() -> None:
    choices: Iterator[tuple[Any, ...]] = product(
        (False, True),
        ("Ada Byron", "Bo Li"),
        ((), ("Ada Byron",)),
        (0, 1, 2),
        (TITLE, "Knots and braids"),
        (dt.date(2001, 6, 1), dt.date(2004, 6, 1)),
    )
    profiles = [
        profile_of(
            award(
                "",
                is_firm=is_firm,
                lead=lead,
                others=others,
                phase=phase,
                title=title,
                starts_on=day,
            )
        )
        for is_firm, lead, others, phase, title, day in choices
    ]
    for first, second in combinations(profiles, 2):
        facts = facts_of(first, second)
        assert facts == facts_of(second, first)
        assert kind(first, second, OWN, facts) is kind(second, first, OWN, facts)


@pytest.mark.parametrize(
    ("share", "facts", "expected"),
    [
        (0.0, ("reissued", "same_title"), 0.6),
        (0.5, ("same_party",), 0.575),
        (1.0, ("same_title",), 1.0),
        (0.5, (), 0.4),
    ],
)
def test_score_closes_a_part_of_the_gap(
    share: float, facts: tuple[str, ...], expected: float
) -> None:
    assert score(share, facts) == pytest.approx(expected)


def test_keys_join_party_and_title() -> None:
    ours = keys_of(profile_of(firm(lead="Ada Byron")))
    theirs = keys_of(profile_of(firm("LASER welding of thin steel.", organisation="ELM", phase=2)))
    assert (len(ours), len(set(ours) & set(theirs))) == (2, 1)


def test_no_key_without_a_title_that_names_a_work() -> None:
    assert keys_of(profile_of(professor("Topology"))) == ()
    assert keys_of(profile_of(firm("N/A"))) == keys_of(profile_of(firm("Not available"))) == ()
    assert keys_of(profile_of(firm(organisation=""))) == ()


@pytest.mark.parametrize(
    ("a", "b", "what"),
    [
        ("In Phase II we weld.", "We weld.", Kind.CONTINUATION),
        ("We weld.", "This renewal of the award", Kind.CONTINUATION),
        ("A COLLABORATIVE project", "Carried out jointly with Elm", Kind.COLLABORATION),
        ("A collaborative project", "We weld.", Kind.SAME_WORK),
    ],
)
def test_kind_by_text_alone(a: str, b: str, what: Kind) -> None:
    assert kind_by_text(award(a), award(b), OWN) is what
    assert kind_by_text(award(a), award(b), COMMON) is Kind.BOILERPLATE
