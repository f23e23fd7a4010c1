import sys
from collections.abc import Iterable
from dataclasses import replace

import pytest

from lineshaft.engines.match.resolution import Pair, Record, Resolution, engine_named, resolve
from lineshaft.engines.match.resolution.tests.records import RECORDS, expected
from lineshaft.kernel.errors import Invalid, Unavailable

type Links = list[tuple[str, str]]


def resolved(
    records: Iterable[Record], must_link: Links | None = None, cannot_link: Links | None = None
) -> Resolution:
    return resolve(
        records,
        engine=engine_named("duckdb"),
        must_link=must_link or [],
        cannot_link=cannot_link or [],
    )


@pytest.fixture(scope="module")
def found() -> Resolution:
    return resolved(RECORDS)


def test_resolve_invented_records_finds_their_organisations(found: Resolution) -> None:
    assert found.clusters == expected()
    assert (found.organisations, found.of_several, found.largest) == (13, 6, 3)


def test_resolve_an_empty_file_finds_nothing() -> None:
    assert resolved([]).clusters == {}
    assert resolved([]).largest == 0


def test_resolve_in_another_order_changes_nothing(found: Resolution) -> None:
    again = resolved(reversed(RECORDS))

    assert again.clusters == found.clusters
    assert list(again.pairs(0.01)) == list(found.pairs(0.01))


def test_resolve_in_capital_letters_changes_nothing(found: Resolution) -> None:
    shouted = [
        replace(one, name=one.name.upper(), address=one.address.upper(), city=one.city.upper())
        for one in RECORDS
    ]

    assert resolved(shouted).clusters == found.clusters


def test_resolve_with_unrelated_rows_changes_nothing_of_the_others(found: Resolution) -> None:
    more = [Record(f"z{number}", f"Unrelated{number * 7919} Foundry") for number in range(40)]
    again = resolved([*more, *RECORDS])

    assert {one: again.clusters[one] for one in found.clusters} == found.clusters
    assert list(again.pairs(0.01)) == list(found.pairs(0.01))


def test_pairs_add_up_their_evidence_and_say_why(found: Resolution) -> None:
    by_ids = {(pair.one, pair.other): pair for pair in found.pairs()}
    site: Pair = by_ids["c1", "c2"]

    assert [(one.comparison, one.level) for one in site.evidence] == [
        ("name", "within_rare"),
        ("address", "same"),
        ("phone", "same"),
        ("placed", "more"),
    ]
    assert site.probability > 0.99
    prior = site.weight - sum(one.weight for one in site.evidence)
    college = by_ids["b1", "b2"]
    assert college.weight - sum(one.weight for one in college.evidence) == pytest.approx(prior)
    assert college.evidence[0].level == "initials"
    assert [pair.weight for pair in found.pairs()] == sorted(
        (pair.weight for pair in found.pairs()), reverse=True
    )
    assert found.links == len(list(found.pairs()))


def test_resolve_keeps_what_a_person_has_said() -> None:
    twins = [Record("x1", "Orrery Works"), Record("x2", "Orrery Works"), *RECORDS]
    found = resolved(
        twins, must_link=[("b3", "b1"), ("c3", "d1")], cannot_link=[("x1", "x2"), ("a1", "a2")]
    )

    assert found.clusters["x1"] != found.clusters["x2"]
    assert found.clusters["a1"] != found.clusters["a2"]
    assert found.clusters["b3"] == found.clusters["b2"] == "b1"
    assert found.clusters["d1"] == "c3"


def test_resolve_a_link_to_a_stranger_counts_for_what_it_says_of_the_others() -> None:
    twins = [Record("x1", "Orrery Works"), Record("x2", "Orrery Works"), *RECORDS]
    found = resolved(
        twins,
        must_link=[("b3", "gone"), ("gone", "b1"), ("x1", "lost")],
        cannot_link=[("lost", "x2"), ("lost", "nobody")],
    )

    assert found.clusters["b3"] == found.clusters["b2"] == "b1"
    assert found.clusters["x1"] != found.clusters["x2"]


@pytest.mark.parametrize(
    ("records", "links", "sentence"),
    [
        pytest.param(
            [Record("1", "A"), Record("1", "B")],
            {},
            "The id 1 stands twice. Give every record its own.",
            id="one id twice",
        ),
        pytest.param(
            [Record("1", "A"), Record("2", "B"), Record("3", "C")],
            {"must_link": [("1", "2"), ("2", "3")], "cannot_link": [("3", "1")]},
            "3 and 1 are said to be two, but are said to be one by 2 = 3, 1 = 2. Take one of these "
            "back.",
            id="links that contradict each other",
        ),
    ],
)
def test_resolve_refuses_in_one_sentence(
    records: list[Record], links: dict[str, Links], sentence: str
) -> None:
    with pytest.raises(Invalid) as caught:
        resolved(records, **links)

    assert str(caught.value) == sentence


def test_resolve_names_that_tell_nothing_are_not_one_for_a_town_in_common() -> None:
    towns = [Record("1", "Inc.", city="Troy", state="MI"), Record("2", "LLC", city="Troy")]
    houses = [Record("3", "Inc.", "17 Marrow St", zip="60612"), Record("4", "", "17 Marrow St")]
    found = resolved([*towns, *houses])

    assert found.clusters == {"1": "1", "2": "2", "3": "3", "4": "3"}


def test_resolve_a_word_of_everybody_costs_no_more_than_its_rows() -> None:
    many = [Record(f"{number:04}", f"University of Arv{number:04}") for number in range(400)]
    many += [Record(f"i{number:04}", "Inc.", phone="312 555 0142") for number in range(200)]
    found = resolved(many)

    assert found.organisations == 600


def test_spark_that_is_not_installed_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(Unavailable, match=r"\(pyspark is not installed\).*the engine duckdb"):
        engine_named("spark")
