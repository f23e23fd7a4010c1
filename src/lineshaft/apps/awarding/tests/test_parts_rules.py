import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.apps.awarding import rules

LARGE = 10**12


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Parts of agencies and plans of years that sum to the same, the small ones as often as not."""
    amounts = st.one_of(st.integers(0, 5), st.integers(0, LARGE))
    years = draw(st.lists(amounts, min_size=1, max_size=8))
    marks = sorted(draw(st.lists(st.integers(0, sum(years)), max_size=4)))
    bounds = zip([0, *marks], [*marks, sum(years)], strict=True)
    return [above - below for below, above in bounds], years


@given(tables())
def test_parts_and_years_are_both_kept_to_the_unit(table: tuple[list[int], list[int]]) -> None:
    parts, years = table
    rows = rules.given_by_year(parts, years)
    assert [sum(row) for row in rows] == parts
    assert [sum(column) for column in zip(*rows, strict=True)] == years


@given(tables())
def test_amount_of_a_year_is_its_proportion_rounded_up_or_down(
    table: tuple[list[int], list[int]],
) -> None:
    parts, years = table
    total = sum(parts)
    for part, row in zip(parts, rules.given_by_year(parts, years), strict=True):
        for year, minor in zip(years, row, strict=True):
            assert minor >= 0
            assert minor * total == part * year or abs(minor * total - part * year) < total


@given(st.lists(st.integers(0, LARGE), min_size=1, max_size=8))
def test_agency_alone_gives_what_the_years_plan(years: list[int]) -> None:
    assert rules.given_by_year([sum(years)], years) == [years]


@pytest.mark.parametrize(
    ("parts", "years", "rows"),
    [
        pytest.param([60, 40], [50, 50], [[30, 30], [20, 20]], id="even"),
        pytest.param([3, 3, 3], [1] * 9, None, id="one unit a year"),
        pytest.param([1, 1, 1], [1, 1, 1], None, id="all would go to the first"),
        pytest.param([2, 4, 6], [2, 3, 2, 3, 2], None, id="by way of a third"),
        pytest.param([5, 0], [2, 3], [[2, 3], [0, 0]], id="nothing"),
        pytest.param([0, 0], [0], [[0], [0]], id="of nothing"),
    ],
)
def test_units_change_hands_until_the_parts_are_kept(
    parts: list[int], years: list[int], rows: list[list[int]] | None
) -> None:
    found = rules.given_by_year(parts, years)
    assert ([sum(row) for row in found], [sum(one) for one in zip(*found, strict=True)]) == (
        parts,
        years,
    )
    assert rows is None or found == rows


def test_years_of_another_sum_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="do not sum"):
        rules.given_by_year([1, 2], [4])


# ---------------------------------------------------------------------------------- who gives one


def said(parts: dict[str, int], *, is_shared: bool = True) -> list[tuple[str, str]]:
    """The field of each fault, and what it says."""
    found = rules.faults_of_parts(parts, lead="DOC", beside={"DOD", "DOE"}, is_shared=is_shared)
    return [(one.field, one.as_text()) for one in found]


def test_parts_of_co_sponsors_are_in_order() -> None:
    assert said({}) == []
    assert said({"DOD": 5}) == []
    assert said({"DOE": 0, "DOD": 5}) == []


def test_part_of_the_leading_agency_is_the_rest() -> None:
    assert said({"DOC": 5}) == [
        (
            "co_sponsors-DOC",
            "DOC leads the competition and gives what the others do not. Leave its part out.",
        )
    ]


def test_part_of_an_agency_that_sponsors_nothing_is_a_fault() -> None:
    ((field, text),) = said({"NSF": 0, "DOE": 1})
    assert field == "co_sponsors-NSF"
    assert text == (
        "NSF does not sponsor the competition beside the agency that leads it. Leave its part out."
    )


def test_negative_part_is_a_fault() -> None:
    ((field, text),) = said({"DOE": -1})
    assert field == "co_sponsors-DOE"
    assert text == (
        "The part of DOE is less than nothing. Write an amount, or nothing where it gives none."
    )


def test_award_without_an_agreement_of_its_own_is_not_shared() -> None:
    assert said({"DOE": 0}, is_shared=False) == []
    ((field, text),) = said({"DOE": 1}, is_shared=False)
    assert field == "co_sponsors-DOE"
    assert text == (
        "Only the agreement of an institute has parts of several agencies. Leave out the part of"
        " DOE."
    )


@given(st.dictionaries(st.sampled_from(["DOC", "DOD", "DOE", "NSF"]), st.integers(-9, 9)))
def test_each_part_has_one_fault_at_most_and_names_its_field(parts: dict[str, int]) -> None:
    fields = [field for field, _text in said(parts)]
    assert fields == [
        rules.part_field(key)
        for key, minor in parts.items()
        if key not in {"DOD", "DOE"} or minor < 0
    ]
