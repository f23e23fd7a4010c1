from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from lineshaft.apps.awarding import queries, rules, services
from lineshaft.apps.awarding.models import PlanAnalysis
from lineshaft.apps.awarding.rules import Assumptions
from lineshaft.apps.awarding.tests.factories import (
    ANALYSIS_STAGE,
    DAY,
    MOMENT,
    hand_in,
    letter,
    make_officer,
    make_seated,
    make_somebody,
    make_visited,
    plan_parts,
    submit,
)
from lineshaft.apps.competitions import services as competing
from lineshaft.apps.competitions.models import Application, Competition, Stage, Submission
from lineshaft.apps.competitions.rules import Outcome
from lineshaft.apps.competitions.tests.applicants import make_applicant
from lineshaft.apps.competitions.tests.factories import MILLION_MINOR, SYSTEM, stage_of
from lineshaft.apps.reviewing import rules as reviewing
from lineshaft.apps.reviewing.tests.closed import close_to
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db

PARTS = plan_parts(
    letters=(letter("State", 5, 5, 5, 5, 5),), revenue={"dues": {2: 10, 3: 20, 4: 40, 5: 50}}
)
SURE = Assumptions(honoured_bp=10_000, spread_bp=0, cost_spread_bp=0)


@pytest.fixture
def shown() -> Competition:
    return make_visited(stage=ANALYSIS_STAGE)


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.refusal.code == code


def run(
    shown: Competition,
    application: Application,
    said: Assumptions | None = None,
    *,
    actor: Actor = SYSTEM,
    why: str = "As told",
) -> PlanAnalysis:
    stage = stage_of(shown, ANALYSIS_STAGE)
    assumptions = said or Assumptions()
    return services.run_plan_analysis(actor, stage, application, assumptions, why=why, now=MOMENT)


def test_plan_comes_out_as_computed_by_hand(shown: Competition) -> None:
    made = run(shown, hand_in(shown, parts=PARTS), SURE)
    years = made.result["years"]
    assert [one["match_bp"] for one in years] == [2_000, 4_000, 6_000, 8_000, 10_000]
    assert [one["federal_bp"] for one in years] == [8_000, 6_000, 4_000, 2_000, 0]
    assert [one["cash"] // MILLION_MINOR for one in years] == [-5, -10, -15, -10, -5]
    assert made.result["match_bp"] == 6_000
    assert (made.break_even, made.lowest_year, made.lowest_minor) == (5, 3, -15 * MILLION_MINOR)
    assert made.result["mix"] == [["dues", 8_276], ["letter-1", 1_724]]
    assert made.result["glides"] is True
    assert made.chance_bp == 0
    assert [one[1] // MILLION_MINOR for one in made.result["fan"]] == [-5, -10, -15, -10, -5]
    found = [(one["rule"], one["is_met"]) for one in made.result["rules"]]
    assert found == [("L-040", True), ("N-01", True)]
    assert made.result["rules"][0]["citation"].startswith("15 U.S.C. 278s(e)(7)")


@pytest.mark.parametrize(("reserve", "chance"), [(15, 10_000), (14, 0)])
def test_reserve_carries_the_plan_over_its_lowest_point(
    shown: Competition, reserve: int, chance: int
) -> None:
    said = replace(SURE, reserve_minor=reserve * MILLION_MINOR)
    assert run(shown, hand_in(shown, parts=PARTS), said).chance_bp == chance


def test_same_seed_gives_the_same_result(shown: Competition) -> None:
    parts = plan_parts(
        letters=(letter("State", *(20,) * 5),), revenue={"dues": dict.fromkeys(range(1, 6), 35)}
    )
    application = hand_in(shown, parts=parts)
    first, again, other = (
        run(shown, application, replace(Assumptions(), seed=seed)) for seed in (7, 7, 8)
    )
    assert [first.number, again.number, other.number] == [1, 2, 3]
    assert first.result == again.result
    assert first.result != other.result
    assert 0 < first.chance_bp < 10_000
    assert first.result["depends_on"][0][0] in {"market", "dues", "cost"}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param(plan_parts(), (0, None, -150), id="no income of its own"),
        pytest.param(plan_parts(federal=(10,), cash=()), (10_000, 2, 0), id="federal money alone"),
        pytest.param(
            plan_parts(federal=(), cash=(5, 5), letters=(letter("State", 9, 1),)),
            (10_000, 3, 0),
            id="own money alone",
        ),
    ],
)
def test_plans_at_the_edge(
    shown: Competition, parts: dict[str, Any], expected: tuple[int, int | None, int]
) -> None:
    made = run(shown, hand_in(shown, parts=parts), SURE)
    found = (made.chance_bp, made.break_even, made.lowest_minor // MILLION_MINOR)
    assert found == expected


def test_plan_of_one_year_and_of_huge_amounts(shown: Competition) -> None:
    huge = 900_000
    parts = plan_parts(
        federal=(huge,) * 5,
        cash=(huge,) * 5,
        letters=(letter("State", *(huge,) * 5),),
        revenue={"dues": dict.fromkeys(range(1, 8), huge)},
    )
    made = run(shown, hand_in(shown, parts=parts), replace(SURE, years_after=2))
    assert made.result["years"][-1]["cash"] == 5 * huge * MILLION_MINOR - 2 * huge * MILLION_MINOR
    terms = hand_in(shown).submissions.get().content["terms"] | {"term_months": 12}
    short = run(shown, hand_in(shown, parts={**PARTS, "terms": terms}), SURE)
    assert [one["year"] for one in short.result["years"]] == [1]


def test_application_without_a_budget_has_no_plan(shown: Competition) -> None:
    with refused("no_budget"):
        run(shown, hand_in(shown))


def test_assumptions_that_change_need_a_reason(shown: Competition) -> None:
    application = hand_in(shown, parts=PARTS)
    run(shown, application, why="")
    with pytest.raises(Invalid) as caught:
        run(shown, application, SURE, why=" ")
    assert [one.field for one in caught.value.errors] == ["reason"]
    run(shown, application, SURE)
    last = run(shown, application, SURE, why="")
    assert (last.number, last.why) == (3, "")
    with pytest.raises(Invalid) as caught:
        run(shown, application, replace(SURE, years_after=9), why="x" * 2_000)
    assert [one.field for one in caught.value.errors] == ["years_after", "reason"]


def test_run_is_kept_and_audited_without_the_institute(shown: Competition) -> None:
    made = run(shown, hand_in(shown, parts=PARTS))
    event = AuditEvent.objects.get(verb="run_plan_analysis")
    assert (event.institute, event.changes["seed"]) == ("", rules.ANALYSIS_SEED)
    assert made.plan["promises"][0][:2] == ["letter-1", "State"]


def test_what_is_handed_in_anew_makes_a_run_out_of_date(shown: Competition) -> None:
    application = hand_in(shown, parts=PARTS)
    made = run(shown, application)
    found = queries.analysis_of([application.pk])
    assert found[application.pk].pk == made.pk
    assert found[application.pk].is_out_of_date is False  # type: ignore[attr-defined]
    submit(application, stage_of(shown, 1), parts=PARTS, number=2, at=MOMENT - 90 * DAY)
    again = queries.analysis_of([application.pk])[application.pk]
    assert again.is_out_of_date is True  # type: ignore[attr-defined]
    submission = queries.plan_judged(SYSTEM, made.stage, application.pk)
    assert submission.number == 2
    assert run(shown, application).submission == submission


def test_what_was_assumed_of_a_letter_stays_with_what_was_handed_in(shown: Competition) -> None:
    application = hand_in(shown, parts=PARTS)
    said = replace(SURE, honoured={"letter-1": 2_500}, spreads={"dues": 1_000})
    made = run(shown, application, said)
    stage = stage_of(shown, ANALYSIS_STAGE)
    assert services.assumptions_before(stage, made.submission) == said
    parts = {**PARTS, **plan_parts(letters=(letter("County", 1), letter("State", 1)))}
    later = submit(application, stage_of(shown, 1), parts=parts, number=2, at=MOMENT - 90 * DAY)
    kept = replace(said, honoured={})
    assert services.assumptions_before(stage, later) == kept
    with pytest.raises(Invalid):  # it is said of another giver now
        run(shown, application, replace(said, spreads={}), why="")


def test_run_on_what_was_replaced_meanwhile_is_stale(
    shown: Competition, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = hand_in(shown, parts=PARTS)
    counted = services.analyses.result_of

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        submit(application, stage_of(shown, 1), parts=PARTS, number=2)
        return counted(*args, **kwargs)

    monkeypatch.setattr(services.analyses, "result_of", meanwhile)
    with pytest.raises(Stale):
        run(shown, application)
    assert not PlanAnalysis.objects.exists()


def test_analyst_judges_the_last_run(shown: Competition) -> None:
    application = hand_in(shown, parts=PARTS)
    first = run(shown, application)
    with pytest.raises(Invalid) as caught:
        services.judge_plan(SYSTEM, first, "great", " ", now=MOMENT)
    assert [one.field for one in caught.value.errors] == ["judgement", "rating"]
    done = services.judge_plan(SYSTEM, first, "doubtful", "Dues are bold.", now=MOMENT)
    assert (done.rating, done.judged_at) == ("doubtful", MOMENT)
    with pytest.raises(Stale):
        services.judge_plan(SYSTEM, first, "sound", "x", seen=None, now=MOMENT)
    services.judge_plan(SYSTEM, first, "sound", "Better.", seen=MOMENT, now=MOMENT)
    run(shown, application)
    with pytest.raises(Stale):
        services.judge_plan(SYSTEM, first, "sound", "x", seen=MOMENT, now=MOMENT)


def test_panel_of_the_analysis_analyses_its_plans(shown: Competition) -> None:
    application, stage = hand_in(shown, parts=PARTS), stage_of(shown, ANALYSIS_STAGE)
    panel = make_seated(stage)
    made = services.run_plan_analysis(panel.actor, stage, application, Assumptions(), now=MOMENT)
    services.judge_plan(panel.actor, made, "sound", "Fine.", now=MOMENT)
    with pytest.raises(NotFound):
        services.run_plan_analysis(
            panel.actor, stage_of(shown, 2), application, Assumptions(), now=MOMENT
        )


@pytest.mark.parametrize("changes", [{"began_at": None}, {"blindness": "double"}])
def test_panel_reads_no_plan_before_its_stage_nor_blind(
    shown: Competition, changes: dict[str, Any]
) -> None:
    hand_in(shown, parts=PARTS)
    stage = stage_of(shown, ANALYSIS_STAGE)
    panel = make_seated(stage)
    Stage.objects.filter(pk=stage.pk).update(**changes)
    assert not queries.plans_judged(panel.actor, stage_of(shown, ANALYSIS_STAGE)).exists()


@pytest.mark.parametrize("number", [2, 3])
def test_panel_of_another_stage_reads_no_plan(shown: Competition, number: int) -> None:
    application, stage = hand_in(shown, parts=PARTS), stage_of(shown, number)
    panel = make_seated(stage)
    with pytest.raises(NotFound):
        services.run_plan_analysis(panel.actor, stage, application, Assumptions(), now=MOMENT)


def test_who_reads_no_plan_learns_of_none(shown: Competition) -> None:
    ada = make_applicant()
    application = hand_in(shown, parts=PARTS, applicant=ada)
    made, stage = run(shown, application), stage_of(shown, ANALYSIS_STAGE)
    officer, panel = make_officer(), make_seated(stage)
    declined = make_seated(stage, state=reviewing.DECLINED)
    closed = (ada.actor, declined.actor, make_somebody().actor, Actor.public())
    for actor in closed:
        assert not queries.plans_judged(actor, stage).exists()
        with pytest.raises(NotFound):
            run(shown, application, actor=actor)
        with pytest.raises(NotFound):
            services.judge_plan(actor, made, "sound", "x", now=MOMENT)
        with pytest.raises(NotFound):
            queries.analysis_stages(actor, shown)
    auditor = make_somebody(role=Role.AUDITOR)
    assert queries.plans_judged(auditor.actor, stage).exists()
    with pytest.raises(NotPermitted):
        run(shown, application, actor=auditor.actor)
    for who in (officer, panel):
        assert queries.plans_judged(who.actor, stage).exists()
        close_to(who.actor, application)
        assert not queries.plans_listed(who.actor, stage).exists()
        with pytest.raises(NotFound):
            run(shown, application, actor=who.actor)


def test_nothing_is_analysed_where_nothing_is_judged_or_all_is_over(shown: Competition) -> None:
    application = hand_in(shown, parts=PARTS)
    with pytest.raises(NotFound):
        services.run_plan_analysis(
            SYSTEM, stage_of(shown, 1), application, Assumptions(), now=MOMENT
        )
    selection = stage_of(shown, 5)
    with refused("stage_not_judged"):
        services.run_plan_analysis(SYSTEM, selection, application, Assumptions(), now=MOMENT)
    analysed = run(Competition.objects.get(pk=shown.pk), application)
    competing.begin_selection(SYSTEM, shown, now=MOMENT)
    outcomes = {application.pk: Outcome.NOT_SELECTED}
    competing.decide_competition(SYSTEM, shown, "Nobody", outcomes=outcomes, now=MOMENT)
    with refused("competition_over"):
        run(Competition.objects.get(pk=shown.pk), application)
    with refused("competition_over"):
        services.judge_plan(SYSTEM, analysed, "sound", "It holds.", now=MOMENT)


def test_plans_of_withdrawn_applications_are_read_no_more(shown: Competition) -> None:
    ada = make_applicant()
    application = hand_in(shown, parts=PARTS, applicant=ada)
    run(shown, application)
    competing.withdraw_from_competition(ada.actor, application, why="No money", now=MOMENT)
    stage = stage_of(shown, ANALYSIS_STAGE)
    assert not queries.plans_listed(SYSTEM, stage).exists()
    assert Submission.objects.get().withdrawn_at == MOMENT
