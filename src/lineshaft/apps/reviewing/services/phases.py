"""The phases of a judged stage: opening the discussion, closing the reviewing."""

from datetime import datetime

from django.db import transaction

from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.competitions.services.record import faults_of_texts, plain
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import StagePhase
from lineshaft.apps.reviewing.queries import missing_of
from lineshaft.apps.reviewing.services.record import (
    audit_stage,
    held_stage,
    permit_to_judge,
    refuse_if_closed,
)
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.web.formats import local_name


def open_discussion(actor: Actor, stage: Stage, *, why: str = "", now: datetime) -> StagePhase:
    """Let whoever has submitted read what others submitted on the same application, and discuss it.

    Raises Refused while reviews are missing and no reason is given.
    """
    return _go_on(actor, stage, "open_discussion", why, now=now)


def close_reviewing(actor: Actor, stage: Stage, *, why: str = "", now: datetime) -> StagePhase:
    """End the writing of reviews; what was submitted stays as it is.

    Raises Refused while reviews are missing and no reason is given.
    """
    return _go_on(actor, stage, "close_reviewing", why, now=now)


def _go_on(actor: Actor, stage: Stage, verb: str, why: str, *, now: datetime) -> StagePhase:
    reason = plain(why)
    if faults := faults_of_texts({"why": reason}, rules.WHY_MAX):
        raise Invalid(faults)
    with transaction.atomic():
        row = held_stage(stage)
        permit_to_judge(actor, verb, row)
        refuse_if_closed(row)
        phase, _made = StagePhase.objects.get_or_create(stage=row)
        workflow = rules.TRANSITIONS["StagePhase"]
        refuse_if(workflow.check(phase.phase, verb))
        refuse_if(rules.refuse_going_on(missing_of(actor, row), local_name(row), why=reason))
        phase.phase = workflow.target(phase.phase, verb)
        if verb == "open_discussion":
            phase.discussed_at, phase.why_discussed = now, reason
        else:
            phase.closed_at, phase.why_closed = now, reason
        phase.save()
        audit_stage(actor, verb, row, now=now, why=reason)
    return phase
