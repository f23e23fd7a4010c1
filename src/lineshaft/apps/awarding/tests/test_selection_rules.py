from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.rules import Candidate, Chosen, Factor, FactorKind, Group
from lineshaft.apps.competitions.rules import DECIDED, PUBLISHED, SELECTING, Outcome, Source
from lineshaft.kernel.decisions import Refusal

SELECTED, WAITING, OUT = Outcome.SELECTED, Outcome.WAITLISTED, Outcome.NOT_SELECTED


def code(refusal: Refusal | None) -> str | None:
    return refusal.code if refusal else None


def chosen(pk: int, rank: int | None, outcome: Outcome | None, minor: int = 0) -> Chosen:
    return Chosen(pk, pk, rank, outcome, minor, "")


CANDIDATES = (
    Candidate(1, 11, "OH", frozenset({"robotics"}), "non_profit", frozenset({"rural"})),
    Candidate(2, 12, "OH", frozenset({"robotics", "lasers"}), "university", frozenset()),
    Candidate(3, 13, "", frozenset(), "non_profit", frozenset({"low_income"})),
)


@pytest.mark.parametrize(
    ("factor", "groups"),
    [
        pytest.param(
            Factor(FactorKind.STATE_MOST),
            (Group("OH", frozenset({1, 2}), most=1),),
            id="a state with more than so many, an unknown one counts for none",
        ),
        pytest.param(Factor(FactorKind.STATE_MOST, 2), (), id="a bound that nothing can break"),
        pytest.param(
            Factor(FactorKind.AREA_MOST),
            (Group("robotics", frozenset({1, 2}), most=1),),
            id="an area",
        ),
        pytest.param(
            Factor(FactorKind.STATE_LEAST, 1, "OH"),
            (Group("OH", frozenset({1, 2}), least=1),),
            id="at least so many of a state",
        ),
        pytest.param(
            Factor(FactorKind.LEAD_KIND_LEAST, 2, "non_profit"),
            (Group("non_profit", frozenset({1, 3}), least=2),),
            id="at least so many led by a kind",
        ),
        pytest.param(
            Factor(FactorKind.RURAL_LEAST),
            (Group("", frozenset({1}), least=1),),
            id="at least so many that are marked",
        ),
        pytest.param(
            Factor(FactorKind.DISADVANTAGED_LEAST),
            (Group("", frozenset(), least=1),),
            id="a mark that nothing has",
        ),
        pytest.param(
            Factor(FactorKind.OVERLAP_ONCE),
            (Group("11, 13", frozenset({1, 3}), most=1),),
            id="pairs of which both are there",
        ),
    ],
)
def test_factor_bounds_these_groups(factor: Factor, groups: tuple[Group, ...]) -> None:
    pairs = [(1, 3), (1, 9), (9, 1)]
    assert rules.groups_of(factor, CANDIDATES, pairs) == groups


@pytest.mark.parametrize(
    ("factors", "refused"),
    [
        ((), None),
        ((Factor(FactorKind.STATE_MOST), Factor(FactorKind.AREA_MOST)), None),
        ((Factor(FactorKind.STATE_LEAST, 1, "OH"), Factor(FactorKind.STATE_LEAST, 1, "NY")), None),
        ((Factor(FactorKind.STATE_MOST, 0),), "no_number"),
        ((Factor(FactorKind.STATE_MOST, 501),), "no_number"),
        ((Factor(FactorKind.STATE_LEAST),), "no_group"),
        ((Factor(FactorKind.STATE_MOST), Factor(FactorKind.STATE_MOST, 2)), "factor_twice"),
    ],
)
def test_factors_of_a_scenario(factors: tuple[Factor, ...], refused: str | None) -> None:
    assert code(rules.refuse_factors(factors)) == refused


def test_factor_is_kept_as_it_was_said() -> None:
    factor = Factor(FactorKind.STATE_LEAST, 2, "OH")
    assert rules.factor_from(rules.as_said(factor)) == factor


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([chosen(1, 1, SELECTED), chosen(2, 2, OUT)], set(), id="down the list"),
        pytest.param([chosen(1, 1, OUT), chosen(2, 2, SELECTED)], {2}, id="below one passed over"),
        pytest.param([chosen(1, 1, WAITING), chosen(2, 2, SELECTED)], {2}, id="below one in wait"),
        pytest.param([chosen(1, 1, None), chosen(2, 2, SELECTED)], {2}, id="below an open choice"),
        pytest.param([chosen(1, 1, OUT), chosen(2, 1, SELECTED)], set(), id="an equal place"),
        pytest.param([chosen(1, 1, OUT), chosen(2, None, SELECTED)], {2}, id="without a place"),
        pytest.param([chosen(1, None, OUT), chosen(2, 1, SELECTED)], set(), id="above all others"),
        pytest.param([chosen(1, None, OUT), chosen(2, None, SELECTED)], set(), id="no places"),
        pytest.param(
            [chosen(1, 1, OUT), chosen(2, 2, SELECTED), chosen(3, 3, OUT), chosen(4, 4, SELECTED)],
            {2, 4},
            id="each of several",
        ),
    ],
)
def test_departure_is_a_selection_below_one_passed_over(
    rows: list[Chosen], found: set[int]
) -> None:
    assert rules.departures(rows) == found


@given(st.lists(st.sampled_from([SELECTED, WAITING, OUT]), max_size=8))
def test_taking_from_the_top_departs_from_nothing(outcomes: list[Outcome]) -> None:
    count = outcomes.count(SELECTED)
    rows = [
        chosen(place, place, SELECTED if place <= count else OUT)
        for place in range(1, len(outcomes) + 1)
    ]
    assert rules.departures(rows) == frozenset()


def decide(rows: list[Chosen], **changes: int | None) -> str | None:
    said = {"total_minor": 100, "awards_least": 0, "awards_most": 2, **changes}
    return code(rules.refuse_selection(rows, currency="USD", **said))  # type: ignore[arg-type] # None


def test_selection_is_refused_for_the_first_thing_to_mend() -> None:
    first, second = chosen(1, 1, SELECTED, 60), chosen(2, 2, OUT)
    assert decide([first, second]) is None
    assert decide([first, replace(second, outcome=None)]) == "open_choices"
    turned = [replace(first, outcome=OUT), replace(second, outcome=SELECTED, amount_minor=60)]
    assert decide(turned) == "unexplained"
    assert decide([turned[0], replace(turned[1], reason="The only one of its state.")]) is None
    assert decide([first, second], awards_least=2) == "too_few"
    assert decide([first, second], awards_most=0) == "too_many_awards"
    both = [first, replace(second, outcome=SELECTED, amount_minor=41)]
    assert decide(both) == "above_total"
    assert decide(both, total_minor=101) is None
    assert decide(both, total_minor=None) is None
    waiting = [first, replace(second, outcome=WAITING, amount_minor=90)]
    assert decide(waiting) is None  # what waits is not yet money


def test_refused_selection_names_the_applications() -> None:
    rows = [chosen(7, 1, None), chosen(3, 2, None)]
    refusal = rules.refuse_selection(
        rows, total_minor=None, awards_least=0, awards_most=1, currency="USD"
    )
    assert refusal is not None
    assert "application 3, 7" in refusal.as_text()


@pytest.mark.parametrize(
    ("outcome", "minor", "refused"),
    [
        (SELECTED, 50, None),
        (WAITING, 50, None),
        (OUT, None, None),
        (OUT, 1, "needless_amount"),
        (SELECTED, None, "no_amount"),
        (SELECTED, 0, "no_amount"),
        (SELECTED, 61, "above_asked"),
        (SELECTED, 56, "above_ceiling"),
    ],
)
def test_amount_of_a_choice(outcome: Outcome, minor: int | None, refused: str | None) -> None:
    found = rules.refuse_amount(outcome, minor, asked_minor=60, ceiling_minor=55, currency="USD")
    assert code(found) == refused


def test_without_a_ceiling_what_is_asked_for_is_the_most() -> None:
    free = rules.refuse_amount(SELECTED, 60, asked_minor=60, ceiling_minor=None, currency="USD")
    assert free is None


def test_small_refusals_of_a_selection() -> None:
    assert rules.refuse_choosing(SELECTING) is None
    assert code(rules.refuse_choosing(DECIDED)) == "not_selecting"
    assert rules.refuse_pair(is_same=False, stands=False) is None
    assert code(rules.refuse_pair(is_same=True, stands=False)) == "same_application"
    assert code(rules.refuse_pair(is_same=False, stands=True)) == "pair_stands"
    assert rules.refuse_scenario(candidates=1, scenarios=0) is None
    assert code(rules.refuse_scenario(candidates=0, scenarios=0)) == "nothing_to_choose"
    assert code(rules.refuse_scenario(candidates=1, scenarios=100)) == "too_many_scenarios"
    assert rules.refuse_conflicted(is_conflicted=False, is_named=True) is None
    named = rules.refuse_conflicted(is_conflicted=True, is_named=True)
    other = rules.refuse_conflicted(is_conflicted=True, is_named=False)
    assert named is not None
    assert other is not None
    assert "names another selecting official" in named.as_text()
    assert "Another of those who run the competition decides" in other.as_text()


@pytest.mark.parametrize(
    ("score", "value"),
    [(None, 0.0), (Decimal("-0.5"), 0.0), (Decimal("3.1234567"), 3.123457), (Decimal(0), 0.0)],
)
def test_value_has_a_floor(score: Decimal | None, value: float) -> None:
    assert rules.value_of(score) == value


def test_letters_leave_after_the_decision_and_debriefs_after_publication() -> None:
    kinds = rules.LetterKind
    assert code(rules.refuse_printing(SELECTING)) == "not_decided"
    assert rules.refuse_printing(PUBLISHED) is None

    def send(kind: rules.LetterKind, state: str, missing: int = 0, unsent: int = 1) -> str | None:
        return code(rules.refuse_sending(kind, state, missing=missing, unsent=unsent))

    assert send(kinds.DECISION, SELECTING) == "not_decided"
    assert send(kinds.DECISION, DECIDED) is None
    assert send(kinds.DEBRIEF, DECIDED) == "not_published"
    assert send(kinds.DEBRIEF, PUBLISHED) is None
    assert send(kinds.DECISION, DECIDED, missing=2) == "not_printed"
    assert send(kinds.DECISION, DECIDED, unsent=0) == "all_sent"


def test_award_waits_for_publication_and_needs_a_term_an_agency_and_a_budget() -> None:
    assert rules.refuse_award(PUBLISHED) is None
    assert code(rules.refuse_award(DECIDED)) == "not_published"

    def draft(months: int | None = 60, *, agency: bool = True, federal: int = 1) -> str | None:
        return code(
            rules.refuse_agreement(term_months=months, has_agency=agency, federal_minor=federal)
        )

    assert draft() is None
    assert draft(None) == "no_term"
    assert draft(agency=False) == "no_agency"
    assert draft(federal=0) == "no_federal_budget"
    assert rules.refuse_obligating("active") is None
    assert code(rules.refuse_obligating("draft")) == "not_active"


LINES = (
    (Source.FEDERAL, "equipment", 1, 100),
    (Source.FEDERAL, "other", 1, 50),
    (Source.FEDERAL, "other", 2, 30),
    (Source.CASH, "other", 1, 60),
    (Source.IN_KIND, "other", 1, 20),
    (Source.CASH, "travel", 3, 10),
)


def test_years_of_an_award_are_the_budget_handed_in() -> None:
    plans = rules.years_planned(LINES, amount_minor=180, starts_on=date(2026, 7, 1), term_months=18)
    assert [(one.year, one.starts_on, one.ends_on) for one in plans] == [
        (1, date(2026, 7, 1), date(2027, 7, 1)),
        (2, date(2027, 7, 1), date(2028, 1, 1)),
    ]
    assert plans[0].lines == (("equipment", 100, 0), ("other", 50, 80))
    assert plans[1].lines == (("other", 30, 0), ("travel", 0, 10))  # the third year is the last
    assert [one.federal_minor for one in plans] == [150, 30]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Source)),
            st.sampled_from(["other", "travel"]),
            st.integers(1, 5),
            st.integers(1, 10**12),
        ),
        max_size=12,
    ),
    st.integers(1, 10**12),
    st.integers(1, 60),
)
def test_years_of_an_award_sum_to_the_amount(
    lines: list[tuple[str, str, int, int]], asked: int, months: int
) -> None:
    lines = [*lines, (Source.FEDERAL, "equipment", 1, asked)]
    federal = sum(minor for source, _key, _year, minor in lines if source == Source.FEDERAL)
    others = sum(minor for source, _key, _year, minor in lines if source != Source.FEDERAL)
    amount = max(1, federal * 2 // 3)
    plans = rules.years_planned(
        lines, amount_minor=amount, starts_on=date(2026, 1, 31), term_months=months
    )
    assert sum(one.federal_minor for one in plans) == amount
    match = rules.match_of(amount, asked_minor=federal, others_minor=others)
    assert sum(other for one in plans for _key, _federal, other in one.lines) == match
    assert match * federal >= others * amount  # the share of others is kept at least
    for before, after in pairwise(plans):
        assert before.ends_on == after.starts_on
