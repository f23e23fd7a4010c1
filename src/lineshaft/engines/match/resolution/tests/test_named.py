"""Organisations with several names: one pair for two, whichever of their names found it."""

import pytest

from lineshaft.engines.match.resolution import NamedResolution, Record, engine_named, resolve_named
from lineshaft.kernel.errors import Invalid

type Links = list[tuple[str, str]]

REGISTER = [
    Record("1", "Acmeon Widget Manufacturing, Inc.", city="Troy", state="MI", zip="48083"),
    Record("1", "Tordeval Fasteners", city="Troy", state="MI", zip="48083"),
    Record("1", "Acmeon Holding", city="Troy", state="MI", zip="48083"),
    Record("1", "The Widget People", city="Troy", state="MI", zip="48083"),
    Record("2", "Tordevall Fasteners LLC", city="Troy", state="MI", zip="48083"),
    Record("3", "ACMEON WIDGET MFG LLC", city="Troy", state="MI", zip="48083"),
    Record("4", "Quillon Optik GmbH", city="Jena"),
    Record("5", "Inc."),
]


def resolved(
    records: list[Record], must_link: Links | None = None, cannot_link: Links | None = None
) -> NamedResolution:
    return resolve_named(
        records,
        engine=engine_named("duckdb"),
        must_link=must_link or [],
        cannot_link=cannot_link or [],
    )


@pytest.fixture(scope="module")
def found() -> NamedResolution:
    return resolved(REGISTER)


def test_resolve_named_joins_organisations_by_any_of_their_names(found: NamedResolution) -> None:
    assert found.clusters == {"1": "1", "2": "1", "3": "1", "4": "4", "5": "5"}


def test_resolve_named_gives_one_pair_by_the_names_that_weigh_most(found: NamedResolution) -> None:
    likely = {
        (one.pair.one, one.pair.other): (one.name, one.other_name)
        for one in found.pairs()
        if one.pair.probability > 0.5
    }

    assert likely == {
        ("1", "2"): ("Tordeval Fasteners", "Tordevall Fasteners LLC"),
        ("1", "3"): ("Acmeon Widget Manufacturing, Inc.", "ACMEON WIDGET MFG LLC"),
    }
    weights = [one.pair.weight for one in found.pairs()]
    assert weights == sorted(weights, reverse=True)


def test_resolve_named_compares_records_that_nothing_tells_apart() -> None:
    twins = [Record("7", "Orrery Works", city="Troy"), Record("8", "Orrery Works", city="Troy")]

    (pair,) = resolved(twins).pairs()

    assert (pair.pair.one, pair.pair.other) == ("7", "8")
    assert pair.pair.evidence[0].level == "same_rare"


def test_resolve_named_in_another_order_and_with_a_stranger_changes_nothing(
    found: NamedResolution,
) -> None:
    again = resolved([Record("0", "Unrelated Foundry"), *reversed(REGISTER)])

    assert {one: again.clusters[one] for one in found.clusters} == found.clusters
    assert [one.pair for one in again.pairs()] == [one.pair for one in found.pairs()]


def test_resolve_named_obeys_what_people_have_said() -> None:
    again = resolved(REGISTER, must_link=[("4", "5"), ("4", "gone")], cannot_link=[("1", "2")])

    assert again.clusters == {"1": "1", "2": "2", "3": "1", "4": "4", "5": "4"}
    with pytest.raises(
        Invalid, match="1 and 2 are said to be two, but are said to be one by 2 = 1"
    ):
        resolved(REGISTER, must_link=[("2", "1")], cannot_link=[("1", "2")])
    assert resolved([]).clusters == {}
