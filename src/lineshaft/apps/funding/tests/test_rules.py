"""Decisions of funding, each as a table; no database."""

from datetime import date
from decimal import Decimal

import pytest

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.rules import (
    CODES,
    LiftedPart,
    LiftedRule,
    MatchStanding,
    TransferCode,
    TransferKind,
)
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.jurisdiction import JurisdictionProfile, MatchingRule
from lineshaft.kernel.money import Money
from lineshaft.kernel.spans import Span

MILLION = 100_000_000


def code_of(refusal: Refusal | None) -> str:
    return refusal.code if refusal else ""


def half(profile: JurisdictionProfile) -> MatchingRule:
    return next(rule for rule in profile.matching_rules if rule.id == "L-040")


def standing_of(
    profile: JurisdictionProfile, federal_minor: int, nonfederal_minor: int
) -> MatchStanding:
    whole = LiftedPart(federal_minor, LiftedRule(half(profile).share_bp))
    return rules.match_standing(federal_minor, nonfederal_minor, rules.nonfederal_needed([whole]))


@pytest.mark.parametrize(
    ("federal", "nonfederal", "ratio", "share_bp", "standing"),
    [
        pytest.param(50, 39, "0.78", 4382, MatchStanding.BELOW, id="America Makes 50 to 39"),
        pytest.param(70, 70, "1.00", 5000, MatchStanding.PASSES, id="at the edge 70 to 70"),
        pytest.param(70, 41, "0.59", 3694, MatchStanding.BELOW, id="CyManII 70 to 41"),
        pytest.param(87.5, 187, "2.14", 6812, MatchStanding.PASSES, id="87.5 to 187"),
        pytest.param(127, 354, "2.79", 7360, MatchStanding.PASSES, id="FY2021 127 to 354"),
    ],
)
def test_match_of_published_amounts_gives_the_laws_vectors(  # noqa: PLR0917 -- one vector
    profile: JurisdictionProfile,
    federal: float,
    nonfederal: float,
    ratio: str,
    share_bp: int,
    standing: MatchStanding,
) -> None:
    federal_minor, nonfederal_minor = int(federal * MILLION), int(nonfederal * MILLION)
    assert rules.match_ratio(federal_minor, nonfederal_minor) == Decimal(ratio)
    assert rules.nonfederal_share_bp(federal_minor, nonfederal_minor) == share_bp
    assert standing_of(profile, federal_minor, nonfederal_minor) == standing


def test_match_one_cent_short_is_below_though_it_rounds_to_half(
    profile: JurisdictionProfile,
) -> None:
    assert rules.nonfederal_share_bp(MILLION, MILLION - 1) == 5000
    assert standing_of(profile, MILLION, MILLION - 1) == MatchStanding.BELOW


def test_match_without_money_or_rule_says_so(profile: JurisdictionProfile) -> None:
    assert rules.match_ratio(0, 5) is None
    assert rules.nonfederal_share_bp(0, 0) is None
    assert standing_of(profile, 0, 0) == MatchStanding.NO_MONEY
    assert rules.match_standing(5, 0, None) == MatchStanding.NOT_BOUND


def test_strictest_rule_is_a_statute_before_a_design(profile: JurisdictionProfile) -> None:
    energy = profile.matching_rules_in_force(date(2022, 1, 1), "DOE")
    defense = profile.matching_rules_in_force(date(2022, 1, 1), "DOD")
    found = [rules.strictest(binding) for binding in (energy, defense, ())]
    assert [rule.id if rule else None for rule in found] == ["L-040", "N-01", None]


@pytest.mark.parametrize(
    ("evidence", "is_federal", "other", "expected"),
    [
        pytest.param(1, False, "", "", id="counts"),
        pytest.param(0, False, "", "evidence_missing", id="no evidence"),
        pytest.param(1, True, "", "federal_origin", id="federal"),
        pytest.param(1, False, "FA8650", "other_award", id="counted elsewhere"),
    ],
)
def test_contribution_counts_only_as_the_guidance_says(
    *, evidence: int, is_federal: bool, other: str, expected: str
) -> None:
    refusal = rules.is_counted(
        evidence_count=evidence, is_federal_origin=is_federal, other_award=other
    )
    assert code_of(refusal) == expected
    if refusal:
        assert refusal.citation == rules.UNIFORM_GUIDANCE


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(date(2021, 9, 30), "outside_agreement", id="day before"),
        pytest.param(date(2021, 10, 1), "", id="first day"),
        pytest.param(date(2022, 9, 30), "", id="last day"),
        pytest.param(date(2022, 10, 1), "outside_agreement", id="end"),
    ],
)
def test_contribution_is_dated_within_the_term(day: date, expected: str) -> None:
    assert code_of(rules.date_in_span(day, date(2021, 10, 1), date(2022, 10, 1))) == expected


@pytest.mark.parametrize(
    ("accepted", "is_recorder", "is_second_line", "expected"),
    [
        pytest.param(100, True, False, "", id="at the threshold alone"),
        pytest.param(101, True, False, "second_person_wanted", id="above alone"),
        pytest.param(101, False, False, "second_person_wanted", id="above by other finance"),
        pytest.param(101, True, True, "second_person_wanted", id="above by a manager's own"),
        pytest.param(101, False, True, "", id="above by the second person"),
    ],
)
def test_large_amount_wants_two_people(
    *, accepted: int, is_recorder: bool, is_second_line: bool, expected: str
) -> None:
    refusal = rules.second_person(
        accepted=Money(accepted, "USD"),
        threshold=Money(100, "USD"),
        is_recorder=is_recorder,
        is_second_line=is_second_line,
    )
    assert code_of(refusal) == expected


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [(0, "accepted_amount"), (1, ""), (100, ""), (101, "accepted_amount")],
)
def test_accepted_amount_lies_within_the_claim(accepted: int, expected: str) -> None:
    refusal = rules.accepted_amount(Money(accepted, "USD"), Money(100, "USD"))
    assert code_of(refusal) == expected


def test_closed_account_lets_nothing_new_out_but_a_correction() -> None:
    assert code_of(rules.account_open("award", TransferCode.OBLIGATE, is_closed=False)) == ""
    assert code_of(rules.account_open("award", TransferCode.CORRECT, is_closed=True)) == ""
    refusal = rules.account_open("award", TransferCode.OBLIGATE, is_closed=True)
    assert code_of(refusal) == "account_closed"


def test_every_code_has_a_verb_with_a_permission_and_settles_by_its_kind() -> None:
    assert set(CODES) == set(TransferCode)
    for rule in CODES.values():
        assert rule.verb in rules.PERMISSIONS
        assert bool(rule.settled_codes) == rule.settles
        assert rule.settles == (rule.kind in {TransferKind.POST, TransferKind.VOID})
        assert rule.wants_reason or rule.kind is not TransferKind.VOID


def test_workflows_take_only_verbs_with_a_permission() -> None:
    verbs = {verb for workflow in rules.TRANSITIONS.values() for verb in workflow.verbs}
    assert verbs <= set(rules.PERMISSIONS)


@pytest.mark.parametrize(
    ("required_minor", "code"), [(None, ""), (0, ""), (5, ""), (-1, "cost_share_negative")]
)
def test_cost_share_required_is_never_below_zero(required_minor: int | None, code: str) -> None:
    assert code_of(rules.cost_share_possible(required_minor)) == code


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (None, ""),
        ("0.0001", ""),
        ("9999999999.9999", ""),
        ("1.50000000", ""),
        ("1E+3", ""),
        ("0.00001", "units_not_kept"),
        ("10000000000", "units_not_kept"),
        ("Infinity", "units_not_kept"),
    ],
)
def test_units_are_kept_as_stated_or_refused(units: str | None, expected: str) -> None:
    assert code_of(rules.units_kept(Decimal(units) if units else None)) == expected


@pytest.mark.parametrize(
    ("code", "occurred_on", "refused"),
    [
        pytest.param(TransferCode.OBLIGATE, date(2021, 9, 1), None, id="the day it was signed"),
        pytest.param(TransferCode.OBLIGATE, date(2021, 8, 31), "before_agreement", id="before"),
        pytest.param(TransferCode.OBLIGATE, date(2022, 6, 2), None, id="tomorrow, elsewhere"),
        pytest.param(TransferCode.OBLIGATE, date(2022, 6, 3), "in_the_future", id="to come"),
        pytest.param(TransferCode.DRAW, date(9999, 12, 31), "in_the_future", id="mistyped"),
        pytest.param(TransferCode.OBLIGATE, date(2022, 5, 1), "after_agreement", id="after it"),
        pytest.param(TransferCode.AUTHORISE, date(2022, 5, 1), "after_agreement", id="too late"),
        pytest.param(TransferCode.DRAW, date(2022, 5, 1), None, id="settled after the term"),
        pytest.param(TransferCode.RETURN, date(2022, 5, 1), None, id="returned after the term"),
    ],
)
def test_day_possible(code: TransferCode, occurred_on: date, refused: str | None) -> None:
    ends_on = date(2022, 5, 1) if occurred_on == date(2022, 5, 1) else date(2030, 1, 1)
    found = rules.day_possible(
        code,
        occurred_on,
        signed_on=date(2021, 9, 1),
        span=Span(date(2021, 10, 1), ends_on),
        today=date(2022, 6, 1),
    )
    assert (found.code if found else None) == refused


@pytest.mark.parametrize(
    ("percentages_bp", "expected"),
    [
        pytest.param((None, 0, 1_000_000), "", id="the most"),
        pytest.param((None, 1_000_001, 5), "percentage_too_large", id="beyond it"),
    ],
)
def test_percentages_are_no_slip(percentages_bp: tuple[int | None, ...], expected: str) -> None:
    assert code_of(rules.percentages_kept(*percentages_bp)) == expected
