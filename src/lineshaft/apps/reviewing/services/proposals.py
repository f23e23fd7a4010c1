"""Proposing who reviews what, and adopting or discarding what was proposed.

A proposal is computed by a job over everything that the stage judges, and adopted whole. It is
adopted only while applications, panel and the standing assignment are what it was computed from,
and after it was counted over without the solver.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import transaction

from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.competitions.queries import applications_judged
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Assignment, AssignmentRun, PanelSeat, ProposedPair
from lineshaft.apps.reviewing.queries import (
    NO_RUN,
    Ground,
    conflicted_standing,
    ground_of,
    is_some_closed,
    panel_faults,
    runs_shown,
    seats_accepted,
    terms_in_force,
)
from lineshaft.apps.reviewing.services.assigning import (
    audit_assigning,
    held_stage,
    permit_on_stage,
    tell_reviewers,
)
from lineshaft.apps.reviewing.services.solving import kept_affinities, problem_of
from lineshaft.engines.optimise.assignment import Assignment as Solved
from lineshaft.engines.optimise.assignment import Objective, Status, check
from lineshaft.kernel.errors import Invalid, NotFound, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs.services import enqueue

PROPOSE_JOB: Final = "propose_assignment"
REPLACED: Final = gettext_noop("Another assignment was adopted.")
CHANGED_SINCE: Final = gettext_noop(
    "Applications, their texts, the panel or who reviews what changed since this was computed."
    " Propose again."
)
_NOT_SEATED: Final = gettext_noop(
    "%(reviewer)s does not sit on the panel any more, so nothing is said of a pair with application"
    " %(number)s. Leave it out."
)
CONFLICT_FOUND: Final = gettext_noop("A conflict of interest was found that closes it.")


def propose_assignment(
    actor: Actor, stage: Stage, terms: rules.AssignmentTerms, *, now: datetime
) -> AssignmentRun:
    """Ask for a proposal under these terms; a job computes it.

    Raises Invalid for terms that cannot be and for a pair of somebody who left the panel, NotFound
    for a pair that the actor does not see, and Refused where there is nothing to judge or nobody to
    judge it.
    """
    return _proposed(actor, stage, terms, "propose_assignment", now=now)


def settle_change(
    actor: Actor,
    stage: Stage,
    *,
    added: Iterable[rules.Pair] = (),
    removed: Iterable[rules.Pair] = (),
    now: datetime,
) -> AssignmentRun:
    """Ask for a proposal that has the pairs added and not those removed, the rest arranged anew
    around them under the terms in force.
    """
    terms = replace(terms_in_force(stage), forced=tuple(added), forbidden=tuple(removed))
    return _proposed(actor, stage, terms, "settle_change", now=now)


def stop_proposal(actor: Actor, run: AssignmentRun, *, now: datetime) -> AssignmentRun:
    """Stop a proposal that is being computed; its job leaves off at the next safe point."""
    return _ended(actor, run, "stop_proposal", now=now)


def discard_proposal(actor: Actor, run: AssignmentRun, *, now: datetime) -> AssignmentRun:
    """Lay a proposal aside; what stands is not touched."""
    return _ended(actor, run, "discard_proposal", now=now)


def adopt_assignment(actor: Actor, run: AssignmentRun, *, now: datetime) -> AssignmentRun:
    """Let the proposal stand in place of what stood, and tell the reviewers whom it changes.

    What both have stays as it is. Raises Stale where it was adopted already, or anything that it
    was computed from has changed since; Refused where it does not hold, where the law forbids the
    panel, where a conflict found since closes a pair, where it lacks a review that was begun since,
    and to whom an application is closed.
    """
    with transaction.atomic():
        stage = held_stage(actor, run.stage, "adopt_assignment")
        row = _held_run(actor, stage, run)
        if row.state == rules.ADOPTED:
            raise Stale
        refuse_if(rules.TRANSITIONS["AssignmentRun"].check(row.state, "adopt_assignment"))
        ground = ground_of(None, stage)  # as the proposal's own was read: before anything goes back
        pairs = {
            (one.application_id, one.seat_id): one for one in ProposedPair.objects.filter(run=row)
        }
        refuse_if(
            rules.refuse_adopting(
                closed_to_actor=is_some_closed(actor, stage),
                found_since=len(pairs.keys() & ground.closed),
            )
        )
        if ground.digest != row.digest:
            raise Stale(CHANGED_SINCE)
        refuse_if(rules.binding_fault(panel_faults(stage)))
        kept = ground.begun - ground.closed - set(row.terms.forbidden)
        faults = _faults_of(stage, row, ground, frozenset(pairs))
        refuse_if(rules.refuse_adopting(begun_since=len(kept - pairs.keys()), faults=faults))
        _take_back(stage, now=now)
        changed = _replaced(actor, stage, ground, pairs, now=now)
        _end(row, actor, "adopt_assignment", now=now)
        audit_assigning(actor, "adopt_assignment", stage, row, now=now)
        tell_reviewers(stage, changed, now=now)
    return row


def take_back_conflicted(actor: Actor, stage: Stage, *, now: datetime) -> int:
    """Take back what stands and a conflict of interest has closed since; how many that were.

    Done before every adoption and daily; run twice it takes nothing more.
    """
    with transaction.atomic():
        held = held_stage(actor, stage, "take_back_conflicted")
        taken = _take_back(held, now=now)
        if taken:
            audit_assigning(actor, "take_back_conflicted", held, held, now=now)
    return taken


def _proposed(
    actor: Actor, stage: Stage, terms: rules.AssignmentTerms, verb: str, *, now: datetime
) -> AssignmentRun:
    if faults := rules.faults_of_terms(terms):
        raise Invalid(faults)
    with transaction.atomic():
        held = held_stage(actor, stage, verb)
        numbers = applications_judged(actor, held).values_list("application", "application__number")
        applications = dict(numbers)
        seats = set(seats_accepted(held).values_list("pk", flat=True))
        refuse_if(
            rules.refuse_proposing(held.name, applications=len(applications), seats=len(seats))
        )
        for field, pairs in (("forced", terms.forced), ("forbidden", terms.forbidden)):
            _refuse_pairs(held, field, pairs, applications, seats)
        run = AssignmentRun.objects.create(
            stage=held,
            objective=terms.objective,
            demand=terms.demand,
            load_least=terms.load_least,
            load_most=terms.load_most,
            sector_least=terms.sector_least,
            lead_sector_least=terms.lead_sector_least,
            employer_most=terms.employer_most,
            time_limit_s=terms.time_limit_s,
            forced=sorted(terms.forced),
            forbidden=sorted(terms.forbidden),
            made_at=now,
            made_by=actor.label,
        )
        run.job = enqueue(actor, PROPOSE_JOB, {"run": run.pk}, now=now)
        run.save(update_fields=["job"])
        audit_assigning(actor, verb, held, run, now=now)
    return run


def _refuse_pairs(
    stage: Stage,
    field: str,
    pairs: Iterable[rules.Pair],
    applications: Mapping[int, int],
    seats: Collection[int],
) -> None:
    """Raise where one of these pairs cannot be asked for: NotFound for one that the actor does not
    see, Invalid for one of somebody who does not sit on the panel any more. `applications` are the
    numbers of those that the actor sees, by id.
    """
    for application, pk in pairs:
        if application in applications and pk in seats:
            continue
        rows = PanelSeat.objects.filter(stage=stage, pk=pk).select_related("reviewer__person")
        seat = rows.first()
        if seat is None or application not in applications:
            raise NotFound(code="no_pair")
        said = {"reviewer": str(seat.reviewer.person), "number": applications[application]}
        raise Invalid.in_field(field, _NOT_SEATED, **said)


def _ended(actor: Actor, run: AssignmentRun, verb: str, *, now: datetime) -> AssignmentRun:
    with transaction.atomic():
        stage = Stage.objects.select_related("competition__institute").get(pk=run.stage_id)
        permit_on_stage(actor, stage, verb)
        row = _held_run(actor, stage, run)
        refuse_if(rules.TRANSITIONS["AssignmentRun"].check(row.state, verb))
        _end(row, actor, verb, now=now)
        audit_assigning(actor, verb, stage, row, now=now)
    return row


def _held_run(actor: Actor, stage: Stage, run: AssignmentRun) -> AssignmentRun:
    rows = runs_shown(actor, stage).select_related(None).select_for_update(of=("self",))
    row = rows.filter(pk=run.pk).first()
    if row is None:
        raise NotFound(NO_RUN, code="no_run")
    return row


def _end(row: AssignmentRun, actor: Actor, verb: str, *, now: datetime) -> None:
    row.state = rules.TRANSITIONS["AssignmentRun"].target(row.state, verb)
    row.ended_at, row.ended_by = now, actor.label
    row.save(update_fields=["state", "ended_at", "ended_by"])


def _faults_of(
    stage: Stage, row: AssignmentRun, ground: Ground, pairs: frozenset[rules.Pair]
) -> int:
    """How much is wrong with the proposal now, counted over without the solver."""
    applications = [one.application_id for one in ground.judged]
    asked = problem_of(ground, row.terms, kept_affinities(stage, applications))
    chosen = asked.scored(pairs)
    total = float(chosen.score.sum())
    solved = Solved(
        pairs=chosen,
        objective=Objective(row.objective),
        status=Status.FEASIBLE,
        total=total,
        worst=float(row.worst or 0),
        total_bound=total,
        worst_bound=total,
    )
    return len(check(asked.problem, solved))


def _replaced(
    actor: Actor,
    stage: Stage,
    ground: Ground,
    pairs: dict[rules.Pair, ProposedPair],
    *,
    now: datetime,
) -> set[int]:
    """Take back what is not proposed, assign what is and does not stand; the seats that changed."""
    standing = Assignment.objects.filter(seat__stage=stage, removed_at__isnull=True)
    gone = [
        one
        for one in standing.select_for_update(of=("self",))
        if (one.application_id, one.seat_id) not in pairs
    ]
    Assignment.objects.filter(pk__in=[one.pk for one in gone]).update(
        removed_at=now, why_removed=REPLACED
    )
    new = [one for pair, one in pairs.items() if pair not in ground.standing]
    Assignment.objects.bulk_create(
        Assignment(
            seat_id=one.seat_id,
            application_id=one.application_id,
            origin=rules.Origin.SOLVER,
            affinity=one.affinity,
            made_at=now,
            made_by=actor.label,
        )
        for one in new
    )
    return {one.seat_id for one in gone} | {one.seat_id for one in new}


def _take_back(stage: Stage, *, now: datetime) -> int:
    taken = conflicted_standing(stage)
    Assignment.objects.filter(pk__in=[one.pk for one in taken]).update(
        removed_at=now, why_removed=CONFLICT_FOUND
    )
    seats = {one.seat_id for one in taken}
    tell_reviewers(stage, seats, now=now, taken_back=seats)
    return len(taken)
