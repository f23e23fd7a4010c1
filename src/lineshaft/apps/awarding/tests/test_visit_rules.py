from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lineshaft.apps.awarding import rules
from lineshaft.kernel.competitions import StageKind
from lineshaft.kernel.decisions import Refusal

NOW = datetime(2026, 8, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def code(refusal: Refusal | None) -> str:
    return refusal.code if refusal else ""


@pytest.mark.parametrize(
    ("kind", "is_over", "has_visit", "expected"),
    [
        pytest.param(StageKind.VISIT, False, False, "", id="may be planned"),
        pytest.param(StageKind.VISIT, False, True, "visit_planned", id="one stands"),
        pytest.param(StageKind.VISIT, True, False, "stage_over", id="stage over"),
        pytest.param(StageKind.REVIEW, False, False, "stage_no_visit", id="no visit stage"),
    ],
)
def test_visit_is_planned_in_a_stage_of_its_kind(
    kind: StageKind, expected: str, *, is_over: bool, has_visit: bool
) -> None:
    found = rules.refuse_visit(kind, "Visits", is_over=is_over, has_visit=has_visit)
    assert code(found) == expected


@pytest.mark.parametrize(
    ("state", "closed", "noting"),
    [
        (rules.VISIT_PLANNED, "", "visit_not_held"),
        (rules.VISIT_HELD, "", ""),
        (rules.VISIT_REPORTED, "visit_closed", "visit_closed"),
        (rules.VISIT_CANCELLED, "visit_closed", "visit_closed"),
    ],
)
def test_visit_is_noted_on_while_it_is_held(state: str, closed: str, noting: str) -> None:
    assert code(rules.refuse_visit_closed(state)) == closed
    assert code(rules.refuse_noting(state)) == noting


@pytest.mark.parametrize(
    ("now", "team", "expected"),
    [
        pytest.param(NOW - HOUR, 1, "visit_not_begun", id="too early"),
        pytest.param(NOW, 0, "visit_without_team", id="nobody goes"),
        pytest.param(NOW, 1, "", id="in its first moment"),
    ],
)
def test_visit_is_held_from_its_first_moment_by_somebody(
    now: datetime, team: int, expected: str
) -> None:
    assert code(rules.refuse_holding(NOW, "noon", team=team, now=now)) == expected


@pytest.mark.parametrize(
    ("unanswered", "findings", "has_lead", "expected"),
    [
        pytest.param([], 1, True, "", id="whole"),
        pytest.param(["Need"], 1, True, "checklist_unanswered", id="unanswered"),
        pytest.param([], 0, True, "nothing_found", id="nothing found"),
        pytest.param([], 1, False, "visit_without_lead", id="nobody leads"),
    ],
)
def test_visit_is_reported_when_it_is_whole(
    unanswered: list[str], findings: int, expected: str, *, has_lead: bool
) -> None:
    found = rules.refuse_visit_report(unanswered, findings=findings, has_lead=has_lead)
    assert code(found) == expected
    if expected == "checklist_unanswered":
        assert found is not None
        assert found.as_text() == (
            "The checklist has no answer to: Need. Answer it before the report."
        )


@pytest.mark.parametrize(
    ("is_on_team", "is_conflicted", "may_go", "expected"),
    [
        (False, False, True, ""),
        (True, False, True, "on_team"),
        (False, True, True, "conflict_of_interest"),
        (False, False, False, "no_seat"),
    ],
)
def test_who_goes_on_a_visit(
    expected: str, *, is_on_team: bool, is_conflicted: bool, may_go: bool
) -> None:
    found = rules.refuse_visit_member(
        "Ada", is_on_team=is_on_team, is_conflicted=is_conflicted, may_go=may_go
    )
    assert code(found) == expected


def test_small_rules_of_visits() -> None:
    assert code(rules.refuse_withdrawn(is_withdrawn=True)) == "application_withdrawn"
    assert rules.refuse_withdrawn(is_withdrawn=False) is None
    assert code(rules.refuse_removing_lead("Ada", is_lead=True, team=2)) == "leads_visit"
    assert rules.refuse_removing_lead("Ada", is_lead=True, team=1) is None
    assert rules.refuse_removing_lead("Ada", is_lead=False, team=2) is None
    assert code(rules.refuse_second_answer(is_answered=True)) == "answered"
    assert rules.refuse_second_answer(is_answered=False) is None
    assert code(rules.refuse_more_noted(3, 3)) == "too_many"
    assert rules.refuse_more_noted(2, 3) is None


@pytest.mark.parametrize(
    ("length", "fields"),
    [
        (HOUR, []),
        (timedelta(days=rules.VISIT_DAYS_MOST), []),
        (timedelta(days=rules.VISIT_DAYS_MOST) + HOUR, ["ends_at"]),
        (timedelta(0), ["ends_at"]),
    ],
)
def test_visit_has_a_span(length: timedelta, fields: list[str]) -> None:
    assert [one.field for one in rules.faults_of_span(NOW, NOW + length)] == fields


def test_agenda_lies_within_the_visit() -> None:
    row = rules.AgendaRow(NOW, "Walk the line")
    rows = [row, replace(row, starts_at=NOW + HOUR), replace(row, starts_at=NOW - HOUR)]
    assert rules.faults_of_agenda(rows[:1], NOW, NOW + HOUR) == []
    assert len(rules.faults_of_agenda(rows, NOW, NOW + HOUR)) == 2
