from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.rules import StageOutline
from lineshaft.kernel.competitions import CompetitionKind, StageKind
from lineshaft.kernel.profile import load_profile

SUBMISSION, REVIEW, REPLY = StageKind.SUBMISSION, StageKind.REVIEW, StageKind.REPLY
SELECTION = StageKind.SELECTION
WHOLE = (10_000,)


def stages(*kinds: StageKind, weights: tuple[int, ...] = WHOLE) -> list[StageOutline]:
    return [StageOutline(kind, kind, weights if kind is REVIEW else ()) for kind in kinds]


def test_lay_out_keeps_the_hour_of_the_clock_when_summer_time_ends() -> None:
    opens_at = datetime(2026, 10, 1, 13, tzinfo=UTC)
    laid = rules.lay_out(opens_at, "America/New_York", time(17), [10, 40])
    assert [(one.starts_at, one.ends_at) for one in laid] == [
        (opens_at, datetime(2026, 10, 11, 21, tzinfo=UTC)),
        (datetime(2026, 10, 11, 21, tzinfo=UTC), datetime(2026, 11, 20, 22, tzinfo=UTC)),
    ]


def test_lay_out_counts_days_of_the_zone() -> None:
    opens_at = datetime(2026, 6, 1, 20, tzinfo=UTC)  # 2 June in Shanghai
    (laid,) = rules.lay_out(opens_at, "Asia/Shanghai", time(17), [1])
    assert laid.ends_at == datetime(2026, 6, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        (stages(SUBMISSION, REVIEW, SELECTION), []),
        (stages(SUBMISSION, REVIEW, SUBMISSION, REVIEW, REPLY, SELECTION), []),
        ([], ["no_submission", "no_judging", "no_selection"]),
        (stages(REVIEW, SELECTION), ["no_submission"]),
        (stages(SUBMISSION, SELECTION), ["no_judging"]),
        (stages(SUBMISSION, SELECTION, REVIEW), ["no_selection"]),
        (stages(SUBMISSION, REPLY, REVIEW, SELECTION), ["reply_to_nothing"]),
        (stages(SUBMISSION, REVIEW, SELECTION, weights=()), ["no_criteria"]),
        (stages(SUBMISSION, REVIEW, SELECTION, weights=(6_000, 3_000)), ["weights"]),
    ],
    ids=str,
)
def test_faults_of_order(given: list[StageOutline], codes: list[str]) -> None:
    assert [fault.code for fault in rules.faults_of_order(given)] == codes


@pytest.mark.parametrize("key", ["us", "cn"])
def test_every_template_that_ships_can_open(key: str) -> None:
    for template in load_profile(key).competing.templates:
        outlines = [
            StageOutline(
                one.stage.name, one.stage.kind, tuple(weight for _key, weight in one.criteria)
            )
            for one in template.stages
        ]
        assert rules.faults_of_order(outlines) == (), template.key


@pytest.mark.parametrize(
    ("weight_bp", "text"), [(10_000, "100"), (1_250, "12.5"), (1_255, "12.55"), (5, "0.05")]
)
def test_percent_of(weight_bp: int, text: str) -> None:
    assert rules.percent_of(weight_bp) == text


def test_nothing_begins_behind_the_last_stage() -> None:
    last = StageOutline("Selection", SELECTION)
    refusal = rules.refuse_next_stage("begin_review", last, None, ends_at="")
    assert refusal is not None
    assert refusal.code == "no_next_stage"


@pytest.mark.parametrize(
    ("names", "weights", "count"),
    [
        ([], [], 0),
        (["A", " a "], [5_000, 5_000], 1),
        ([" "], [10_000], 1),
        (["A", "B"], [10_001, 1], 1),
        ([f"C{n}" for n in range(13)], [769] * 12 + [772], 1),
    ],
    ids=["none", "twice", "no name", "too heavy", "too many"],
)
def test_faults_of_criteria(names: list[str], weights: list[int], count: int) -> None:
    assert len(rules.faults_of_criteria(names, weights)) == count


@pytest.mark.parametrize(("score", "is_score"), [(0, False), (1, True), (5, True), (6, False)])
def test_fault_of_score(score: int, *, is_score: bool) -> None:
    assert (rules.fault_of_score(score) is None) == is_score


def test_checks_pass_over_what_is_not_stated() -> None:
    profile = load_profile("us")
    outline = rules.Outline(
        kind=CompetitionKind.INSTITUTE,
        title="T",
        summary="S",
        eligibility="E",
        opens_at=None,
        floor_minor=None,
        ceiling_minor=None,
        currency="USD",
        term_months_least=None,
        term_months_most=None,
        match_share_bp=5_000,
        sponsors=("DOE", "NIST"),
        stages=(),
    )
    checks = rules.checks_of(outline, profile, date(2026, 1, 1))
    assert [(check.rule, check.is_met) for check in checks] == [("L-040", True), ("N-01", True)]
    assert all(check.fault is None for check in checks)
    whole = replace(outline, term_months_least=60, term_months_most=60, ceiling_minor=100)
    found = {check.code: check for check in rules.checks_of(whole, profile, date(2026, 1, 1))}
    assert (found["term_outside"].is_binding, found["term_outside"].is_met) == (True, True)
    assert "and so do 60 to 60 months" in found["term_outside"].as_text(str)
    assert [fault.code for fault in rules.faults_of_notice(replace(whole, title=""))] == [
        "no_title"
    ]
    design = found["band_outside"]
    assert (design.is_binding, design.is_met) == (False, False)
    assert "lies outside" in design.as_text(str)
    call = replace(whole, kind=CompetitionKind.PROJECT_CALL)
    assert rules.checks_of(call, profile, date(2026, 1, 1)) == ()
    # before any rule, and in the years whose rule is of each year by itself
    assert rules.checks_of(whole, profile, date(2010, 1, 1)) == ()
    old = rules.checks_of(replace(outline, sponsors=("DOC",)), profile, date(2016, 1, 1))
    assert "L-042" not in {check.rule for check in old}
