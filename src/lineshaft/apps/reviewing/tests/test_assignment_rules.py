from dataclasses import replace

import pytest

from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.rules import AssignmentTerms, GroupRule, Judged, Panelist
from lineshaft.kernel.competitions import StageKind
from lineshaft.kernel.decisions import Refusal

TERMS = AssignmentTerms(demand=3)
PANEL = (
    Panelist(1, 11, 4, rules.Sector.INDUSTRY, 100),
    Panelist(2, 12, 2, rules.Sector.GOVERNMENT, 100),
    Panelist(3, 13, 9, rules.Sector.ACADEMIA, None),
    Panelist(4, 14, 9, rules.Sector.LABORATORY, 200),
)
JUDGED = (
    Judged(7, frozenset({rules.Sector.INDUSTRY})),
    Judged(8, frozenset({rules.Sector.GOVERNMENT, rules.Sector.LABORATORY})),
    Judged(9),
)


@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        pytest.param(TERMS, [], id="as they are"),
        pytest.param(replace(TERMS, demand=0), ["demand"], id="nobody"),
        pytest.param(replace(TERMS, demand=51), ["demand"], id="too many"),
        pytest.param(replace(TERMS, load_most=0), ["load_most"], id="takes nothing"),
        pytest.param(replace(TERMS, load_most=2, load_least=2), [], id="exactly two"),
        pytest.param(replace(TERMS, load_most=2, load_least=3), ["load_least"], id="least above"),
        pytest.param(replace(TERMS, sector_least=1), [], id="one of each half"),
        pytest.param(replace(TERMS, sector_least=2), ["sector_least"], id="four of three"),
        pytest.param(replace(TERMS, lead_sector_least=4), ["lead_sector_least"], id="more leads"),
        pytest.param(replace(TERMS, employer_most=0), ["employer_most"], id="no employer"),
        pytest.param(replace(TERMS, time_limit_s=601), ["time_limit_s"], id="too long"),
        pytest.param(
            replace(TERMS, forced=((7, 1),), forbidden=((7, 1), (8, 1))), ["forced"], id="both"
        ),
    ],
)
def test_faults_of_terms(terms: AssignmentTerms, fields: list[str]) -> None:
    assert [fault.field for fault in rules.faults_of_terms(terms)] == fields


@pytest.mark.parametrize(
    ("least", "demand", "sector_least", "employer_most"),
    [(0, 3, 1, 1), (1, 1, 0, None), (2, 2, 1, 1), (5, 5, 1, 1)],
)
def test_terms_that_are_offered_can_be(
    least: int, demand: int, sector_least: int, employer_most: int | None
) -> None:
    found = rules.default_terms(least)
    assert (found.demand, found.sector_least, found.employer_most) == (
        demand,
        sector_least,
        employer_most,
    )
    assert rules.faults_of_terms(found) == []


def test_loads_are_those_that_were_said_within_the_terms() -> None:
    bounded = replace(TERMS, load_most=3, load_least=3)
    assert [rules.most_of(TERMS, one) for one in PANEL] == [4, 2, 9, 9]
    assert [rules.most_of(bounded, one) for one in PANEL] == [3, 2, 3, 3]
    assert [rules.least_of(bounded, one) for one in PANEL] == [3, 2, 3, 3]


def test_no_rule_is_made_where_none_is_asked_for() -> None:
    assert rules.group_rules(TERMS, PANEL, JUDGED) == ()


def test_halves_employers_and_leads_become_rules() -> None:
    terms = replace(TERMS, sector_least=1, employer_most=1, lead_sector_least=1)
    assert rules.group_rules(terms, PANEL, JUDGED) == (
        GroupRule("private", frozenset({1, 3}), least=1),
        GroupRule("public", frozenset({2, 4}), least=1),
        GroupRule("employer:100", frozenset({1, 2}), most=1),
        GroupRule(
            "lead:government+laboratory", frozenset({2, 4}), least=1, applications=frozenset({8})
        ),
        GroupRule("lead:industry", frozenset({1}), least=1, applications=frozenset({7})),
    )


def code_of(refusal: Refusal | None) -> str:
    return refusal.code if refusal else ""


@pytest.mark.parametrize(
    ("kind", "said", "code"),
    [
        (StageKind.REVIEW, {}, ""),
        (StageKind.VISIT, {}, ""),
        (StageKind.SUBMISSION, {}, "not_judged"),
        (StageKind.REVIEW, {"is_over": True}, "stage_over"),
        (StageKind.REVIEW, {"is_running": False}, "not_running"),
    ],
)
def test_nobody_is_assigned_in_such_a_stage(
    kind: StageKind, said: dict[str, bool], code: str
) -> None:
    assert code_of(rules.refuse_assigning("Review", kind, **said)) == code  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("applications", "seats", "code"),
    [(2, 3, ""), (0, 3, "nothing_to_judge"), (2, 0, "no_panel"), (0, 0, "nothing_to_judge")],
)
def test_proposing_needs_applications_and_a_panel(applications: int, seats: int, code: str) -> None:
    found = rules.refuse_proposing("Review", applications=applications, seats=seats)
    assert code_of(found) == code


@pytest.mark.parametrize(
    ("closed_by", "is_assigned", "code"),
    [((), False, ""), (("Employer", "Other"), False, "closed_pair"), ((), True, "assigned")],
)
def test_pair_is_refused(closed_by: tuple[str, ...], is_assigned: bool, code: str) -> None:
    found = rules.refuse_pair("Rita", closed_by=closed_by, is_assigned=is_assigned)
    assert code_of(found) == code
    if found and closed_by:
        assert found.citation == rules.CONFLICTS_DISCLOSED
        assert "(Employer, Other)" in found.as_text()


@pytest.mark.parametrize(
    ("closed", "found_since", "begun_since", "faults", "code"),
    [
        (False, 0, 0, 0, ""),
        (True, 2, 1, 1, "closed_to_you"),
        (False, 2, 1, 1, "found_since"),
        (False, 0, 1, 1, "begun_since"),
        (False, 0, 0, 1, "does_not_hold"),
    ],
)
def test_adopting_is_refused(
    closed: bool,
    found_since: int,
    begun_since: int,
    faults: int,
    code: str,
) -> None:
    found = rules.refuse_adopting(
        closed_to_actor=closed, found_since=found_since, begun_since=begun_since, faults=faults
    )
    assert code_of(found) == code


def test_what_the_law_says_of_a_panel_binds_and_the_rest_is_shown() -> None:
    lacking = Refusal("capacity", "Few.")
    forbidden = Refusal("appointee", "One.", rules.BOTH_SECTORS)
    assert rules.binding_fault(()) is None
    assert rules.binding_fault((lacking,)) is None
    assert rules.binding_fault((lacking, forbidden)) == forbidden


def test_same_value_has_the_same_digest() -> None:
    assert rules.digest_of([1, "ü"]) == rules.digest_of((1, "ü"))
    assert rules.digest_of([1]) != rules.digest_of(["1"])
