"""Running the analysis of a business plan on what was handed in, and judging it.

A run is deterministic: the same plan, assumptions and seed give the same result. Of 300 letters of
commitment, as many as an application holds, each with a share of its own, it takes about a second
of one core, so it runs where it is asked for, before the transaction that stores it.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import PlanAnalysis
from lineshaft.apps.awarding.queries import (
    matching_rules_of,
    may_analyse,
    plan_judged,
    plans_judged,
)
from lineshaft.apps.competitions.models import Application, Competition, Stage, Submission
from lineshaft.apps.competitions.rules import CANCELLED, DECIDED, JUDGED, PUBLISHED
from lineshaft.apps.competitions.services import faults_of_texts, locked_competition, plain
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.engines.economics.plan import Commitment, Plan, PlanYear, Revenue, analyse, simulate
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.errors import FieldError, Invalid, NotPermitted, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

FIRST_YEAR: Final = 1
_NO_RATING: Final = gettext_noop("There is no rating “%(key)s”.")


def run_plan_analysis(
    actor: Actor,
    stage: Stage,
    application: Application,
    assumptions: rules.Assumptions,
    *,
    why: str = "",
    now: datetime,
) -> PlanAnalysis:
    """Analyse the plan that the stage judges of the application, by these assumptions.

    `why` says why they differ from those of the run before, or from the usual ones. Raises Stale
    where something else was handed in meanwhile.
    """
    submission = _readable(actor, stage, application.pk, "run_plan_analysis")
    _refuse_over(stage, stage.competition)
    counted = counted_plan(submission, years_after=_within(assumptions.years_after))
    refuse_if(rules.refuse_no_plan(counted))
    said = plain(why)
    before = assumptions_before(stage, submission)
    faults = rules.faults_of_assumptions(assumptions, before, counted, reason=said)
    faults += faults_of_texts({"reason": said}, rules.ANALYSIS_REASON_MAX)
    if faults:
        raise Invalid(faults)
    result = result_of(submission, counted, assumptions, on=submission.submitted_at.date())
    with transaction.atomic():
        _refuse_over(stage, locked_competition(actor, stage.competition))
        Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        judged = plans_judged(actor, stage).filter(application_id=application.pk).first()
        if judged is None or judged.pk != submission.pk:
            raise Stale
        rows = PlanAnalysis.objects.filter(stage=stage, application_id=application.pk)
        last = rows.order_by("-number").values_list("number", flat=True).first()
        made = PlanAnalysis.objects.create(
            application_id=application.pk,
            stage=stage,
            submission=submission,
            number=(last or 0) + 1,
            assumptions=assumptions.as_content(),
            why=said,
            plan=plan_content(counted),
            result=result,
            chance_bp=result["chance_bp"],
            break_even=result["break_even"],
            lowest_minor=result["lowest"]["cash"],
            lowest_year=result["lowest"]["year"],
            run_at=now,
            run_by=actor.label,
        )
        changes = {"run": made.number, "submission": submission.pk, "seed": assumptions.seed}
        record_event(actor, "run_plan_analysis", made, now=now, changes=changes)
    return made


def judge_plan(
    actor: Actor,
    analysis: PlanAnalysis,
    rating: str,
    judgement: str,
    *,
    seen: datetime | None = None,
    now: datetime,
) -> PlanAnalysis:
    """Say beside the last run what one makes of the plan; `seen` is when it was last judged.

    Raises Stale where a later run stands, or somebody has judged it since.
    """
    stage = analysis.stage
    _readable(actor, stage, analysis.application_id, "judge_plan")
    said = plain(judgement)
    faults = faults_of_texts({"judgement": said}, rules.JUDGEMENT_MAX, required=True)
    if rating not in set(rules.PlanRating):
        faults.append(FieldError("rating", message=_NO_RATING, params={"key": rating}))
    if faults:
        raise Invalid(faults)
    with transaction.atomic():
        _refuse_over(stage, locked_competition(actor, stage.competition))
        rows = PlanAnalysis.objects.select_for_update(of=("self",))
        row = rows.get(pk=analysis.pk)
        later = PlanAnalysis.objects.filter(
            stage_id=row.stage_id, application_id=row.application_id, number__gt=row.number
        )
        if later.exists() or row.judged_at != seen:
            raise Stale
        before = row.rating
        row.rating, row.judgement = rating, said
        row.judged_at, row.judged_by = now, actor.label
        row.save(update_fields=["rating", "judgement", "judged_at", "judged_by"])
        changes = {"run": row.number, "rating": [before, rating]}
        record_event(actor, "judge_plan", row, now=now, changes=changes)
    return row


def assumptions_before(stage: Stage, submission: Submission) -> rules.Assumptions:
    """The assumptions of the last run, the usual ones where there is none.

    Letters are told apart by their place, so that what was assumed of single ones is left out where
    something else was handed in since.
    """
    rows = PlanAnalysis.objects.filter(stage=stage, application_id=submission.application_id)
    last = rows.order_by("-number").first()
    if last is None:
        return rules.Assumptions()
    before = rules.assumptions_of(last.assumptions)
    return before if last.submission_id == submission.pk else replace(before, honoured={})


def counted_plan(submission: Submission, *, years_after: int = 0) -> rules.PlanInput:
    """The plan as it was handed in."""
    kinds = {one.key for one in profile_in_use().cost_share_kinds if one.is_cash}
    return rules.plan_input(submission.content, cash_kinds=kinds, years_after=years_after)


def plan_content(counted: rules.PlanInput) -> dict[str, Any]:
    """The plan as plain values to store."""
    names = ("years", "term_years", "cost", "federal", "asked", "matched", "in_kind", "beyond")
    return {
        **{name: getattr(counted, name) for name in names},
        "promises": [[one.key, one.giver, one.amounts] for one in counted.promises],
        "revenue": [[key, amounts] for key, amounts in counted.revenue],
    }


def result_of(
    submission: Submission, counted: rules.PlanInput, assumptions: rules.Assumptions, *, on: date
) -> dict[str, Any]:
    """What comes out, as plain values: shares in basis points, money in minor units, years from 1.

    `rules` says how the plan stands under each rule of match in force on the day.
    """
    plan = _engine_plan(counted, assumptions)
    stated = analyse(plan)
    outlook = simulate(plan, seed=assumptions.seed, draws=rules.ANALYSIS_DRAWS)
    return {
        "years": [_year(one, counted) for one in stated.years],
        "match_bp": rules.share_bp(sum(counted.matched), sum(counted.asked)),
        "rules": [
            {
                "rule": one.rule,
                "citation": one.citation.text,
                "url": one.citation.url or "",
                "wanted_bp": one.wanted_bp,
                "is_met": one.is_met,
                "by_year": one.by_year,
                "short": list(one.short),
            }
            for one in rules.match_findings(counted, matching_rules_of(submission, on=on))
        ],
        "glides": stated.glides,
        "mix": [list(one) for one in stated.mix],
        "break_even": stated.break_even,
        "lowest": {"year": stated.lowest.year, "cash": stated.lowest.cash},
        "draws": outlook.draws,
        "chance_bp": _bp(outlook.chance),
        "error_bp": _bp(outlook.chance_error),
        "fan": [[one.year, one.low, one.middle, one.high] for one in outlook.fan],
        "depends_on": [
            [one.key, _bp(one.chance_at_worst), _bp(one.chance_at_best)]
            for one in outlook.depends_on
        ],
    }


# ----------------------------------------------------------------------------------------- leaves


def _readable(actor: Actor, stage: Stage, application_id: int, verb: str) -> Submission:
    """What the stage judges of the application, if the actor may do that to it.

    Raises NotFound for who reads no plan of the stage, NotPermitted for who only reads.
    """
    found = plan_judged(actor, stage, application_id)
    permission = rules.PERMISSIONS[verb]
    permit(actor, permission)
    if not may_analyse(actor, stage):
        raise NotPermitted(permission.sentence, code="not_permitted", params={"verb": verb})
    return found


def _refuse_over(stage: Stage, competition: Competition) -> None:
    """Raise Refused where the stage judges no plans, or its competition is decided."""
    is_over = competition.state in {DECIDED, PUBLISHED, CANCELLED}
    refuse_if(
        rules.refuse_analysis(stage.name, is_judged=stage.stage_kind in JUDGED, is_over=is_over)
    )


def _within(years_after: int) -> int:
    """The years to look further, as far as a plan can be counted; the rule refuses the rest."""
    return min(max(years_after, 0), rules.YEARS_BEYOND_MOST)


def _engine_plan(counted: rules.PlanInput, assumptions: rules.Assumptions) -> Plan:
    return Plan(
        first_year=FIRST_YEAR,
        cost=counted.cost,
        federal=counted.federal,
        commitments=tuple(
            Commitment(one.key, one.amounts, assumptions.honoured_of(one.key) / BASIS_POINTS)
            for one in counted.promises
        ),
        revenue=tuple(
            Revenue(key, amounts, assumptions.spread_of(key) / BASIS_POINTS)
            for key, amounts in counted.revenue
        ),
        in_kind=counted.in_kind,
        reserve=assumptions.reserve_minor,
        cost_spread=assumptions.cost_spread_bp / BASIS_POINTS,
    )


def _year(one: PlanYear, counted: rules.PlanInput) -> dict[str, Any]:
    place = one.year - FIRST_YEAR
    asked, matched = counted.asked[place], counted.matched[place]
    return {
        "year": one.year,
        "cost": one.cost,
        "federal": one.federal,
        "promised": one.promised,
        "revenue": one.revenue,
        "in_kind": one.in_kind,
        "cash": one.cash,
        "asked": asked,
        "matched": matched,
        "match_bp": rules.share_bp(matched, asked),
        "federal_bp": one.federal_bp,
    }


def _bp(share: float) -> int:
    return round(share * BASIS_POINTS)
