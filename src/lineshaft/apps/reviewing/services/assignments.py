"""Assigning and taking back by hand: what a change breaks and costs, and the change itself.

What a change breaks is shown before it is confirmed and keeps nobody from it, save a conflict of
interest. It is weighed among the applications that are open to whoever makes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Assignment
from lineshaft.apps.reviewing.queries import (
    NO_ASSIGNMENT,
    Ground,
    affinities_of,
    application_covered,
    assignments_shown,
    closing_kinds,
    ground_of,
    seat_loaded,
    terms_in_force,
)
from lineshaft.apps.reviewing.services.assigning import (
    audit_assigning,
    held_stage,
    tell_reviewers,
)
from lineshaft.apps.reviewing.services.solving import (
    Asked,
    decimal_of,
    kept_affinities,
    problem_of,
)
from lineshaft.engines.optimise.assignment import (
    Assignment as Solved,
)
from lineshaft.engines.optimise.assignment import (
    Fault,
    Found,
    Objective,
    Pairs,
    Status,
    changed,
    check,
)
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

_NO_REASON = gettext_noop("Say why, in a sentence.")
_LONG_REASON = gettext_noop("This is longer than %(most)s characters. Shorten it.")


@dataclass(frozen=True, slots=True)
class FaultShown:
    """One fault by its kind, with what was found and wanted; ids of the application, the seat and
    the rule that it is of, None and empty where it is of none.
    """

    kind: str
    found: int
    wanted: int
    application_id: int | None = None
    seat_id: int | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a change does: faults that it brings or makes worse, and those that it mends; total and
    worst application before and after.

    `seen` names the standing assignment that it was weighed against.
    """

    brings: tuple[FaultShown, ...]
    mends: tuple[FaultShown, ...]
    total_before: Decimal
    total_after: Decimal
    worst_before: Decimal
    worst_after: Decimal
    seen: str


def faults_standing(actor: Actor, stage: Stage) -> tuple[FaultShown, ...]:
    """What is wrong with the assignment that stands, among what is open to the actor."""
    ground = ground_of(actor, stage)
    asked = _asked(stage, ground)
    standing = asked.scored(ground.standing)
    return tuple(_shown(asked, one) for one in _faults(asked, standing))


def weigh_change(
    actor: Actor,
    stage: Stage,
    *,
    added: Iterable[rules.Pair] = (),
    removed: Iterable[rules.Pair] = (),
) -> Weighed:
    """What a change does to the assignment that stands, under the terms in force.

    Raises Stale for a pair to add that stands already, or to remove that does not.
    """
    ground = ground_of(actor, stage)
    asked = _asked(stage, ground)
    into, out = set(added), set(removed)
    if into & ground.standing or out - ground.standing:
        raise Stale
    standing = asked.scored(ground.standing)
    before = _solved(asked, standing)
    after = changed(asked.problem, before, added=asked.numbered(into), removed=asked.numbered(out))
    had = {_place(one): one for one in (_shown(asked, each) for each in _faults(asked, standing))}
    has = {_place(one): one for one in (_shown(asked, each) for each in after.faults)}
    return Weighed(
        brings=tuple(
            one
            for place, one in sorted(has.items())
            if place not in had or _off(one) > _off(had[place])
        ),
        mends=tuple(one for place, one in sorted(had.items()) if place not in has),
        total_before=decimal_of(before.total),
        total_after=decimal_of(after.total),
        worst_before=decimal_of(before.worst),
        worst_after=decimal_of(after.worst),
        seen=seen_of(ground),
    )


def assign_reviewer(
    actor: Actor,
    stage: Stage,
    *,
    application_id: int,
    seat_id: int,
    now: datetime,
    seen: str = "",
) -> Assignment:
    """Assign somebody on the panel to an application by hand.

    Raises NotFound for what the actor does not see, Refused for a pair that a conflict closes or
    that stands, Stale where the assignment changed since it was `seen` (empty: not looked at).
    """
    with transaction.atomic():
        held = held_stage(actor, stage, "assign_reviewer")
        submission = application_covered(actor, held, application_id)
        seat = seat_loaded(actor, held, seat_id)
        _refuse_stale(actor, held, seen)
        standing = assignments_shown(actor, held).filter(application=application_id, seat=seat)
        refuse_if(
            rules.refuse_pair(
                str(seat.reviewer.person),
                closed_by=closing_kinds(application_id, seat),
                is_assigned=standing.exists(),
            )
        )
        units = affinities_of(held, application_id).get(seat.pk)
        row = Assignment.objects.create(
            seat=seat,
            application_id=submission.application_id,
            origin=rules.Origin.HAND,
            affinity=None if units is None else decimal_of(units / rules.AFFINITY_UNITS),
            made_at=now,
            made_by=actor.label,
        )
        audit_assigning(actor, "assign_reviewer", held, row, now=now)
        tell_reviewers(held, [seat.pk], now=now)
    return row


def unassign_reviewer(
    actor: Actor, assignment: Assignment, *, why: str, now: datetime, seen: str = ""
) -> Assignment:
    """Take an assignment back for a reason; a review that was begun stays on record, unread.

    Raises NotFound, also for one that was taken back already, Invalid, and Stale.
    """
    reason = why.strip()
    if not reason:
        raise Invalid([FieldError("why", message=_NO_REASON)])
    if len(reason) > rules.REASON_MAX:
        raise Invalid.in_field("why", _LONG_REASON, most=rules.REASON_MAX)
    with transaction.atomic():
        held = held_stage(actor, assignment.seat.stage, "unassign_reviewer")
        row = assignments_shown(actor, held).filter(pk=assignment.pk).first()
        if row is None:
            raise NotFound(NO_ASSIGNMENT, code="no_assignment")
        _refuse_stale(actor, held, seen)
        row.removed_at, row.why_removed = now, reason
        row.save(update_fields=["removed_at", "why_removed"])
        audit_assigning(actor, "unassign_reviewer", held, row, now=now)
        tell_reviewers(held, [row.seat_id], now=now)
    return row


def seen_of(ground: Ground) -> str:
    """The name of the assignment that stands, as far as the ground reaches."""
    return rules.digest_of(sorted(ground.standing))


def _refuse_stale(actor: Actor, stage: Stage, seen: str) -> None:
    if seen and seen_of(ground_of(actor, stage)) != seen:
        raise Stale


def _asked(stage: Stage, ground: Ground) -> Asked:
    applications = [one.application_id for one in ground.judged]
    return problem_of(ground, terms_in_force(stage), kept_affinities(stage, applications))


def _solved(asked: Asked, pairs: Pairs) -> Solved:
    total, problem = float(pairs.score.sum()), asked.problem
    sums = [0.0] * len(problem.demand)
    for application, score in zip(pairs.application.tolist(), pairs.score.tolist(), strict=True):
        sums[application] += score
    worst = min(sums, default=0.0)
    return Solved(pairs, Objective.SUM, Status.FEASIBLE, total, worst, total, worst)


def _faults(asked: Asked, pairs: Pairs) -> list[Found]:
    """What is wrong, but for the score of a pair that may not be, which is a fault itself."""
    found = check(asked.problem, _solved(asked, pairs))
    return [one for one in found if one.fault not in {Fault.SCORE, Fault.FIGURE}]


def _shown(asked: Asked, one: Found) -> FaultShown:
    return FaultShown(
        kind=one.fault.value,
        found=round(one.found),
        wanted=round(one.wanted),
        application_id=None if one.application is None else asked.applications[one.application],
        seat_id=None if one.reviewer is None else asked.seats[one.reviewer],
        rule=one.rule,
    )


def _place(one: FaultShown) -> tuple[str, int, int, str]:
    """What a fault is of, however far it goes."""
    return one.kind, one.application_id or 0, one.seat_id or 0, one.rule


def _off(one: FaultShown) -> int:
    """How far a fault goes."""
    return abs(one.found - one.wanted)
