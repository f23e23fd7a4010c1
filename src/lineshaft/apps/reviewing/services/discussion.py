"""Discussing an application, and recording what the panel came to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from lineshaft.apps.competitions.models import Application, Criterion, Stage
from lineshaft.apps.competitions.services.record import faults_of_texts, plain
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Consensus, ConsensusScore, DiscussionRemark
from lineshaft.apps.reviewing.queries import (
    Place,
    consensuses_in,
    criteria_of,
    judging_of,
    outlines_of,
    place_in,
    remark_of,
    seats_that_submitted,
    speaks_in,
)
from lineshaft.apps.reviewing.services.record import audit_review, held_stage
from lineshaft.kernel.errors import FieldError, Invalid, NotPermitted, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import permit
from lineshaft.web.formats import local_name

_NO_SCORE: Final = gettext_noop("Score “%(criterion)s”.")


@dataclass(frozen=True, slots=True)
class ConsensusEntry:
    """What the panel came to: scores by number of criterion, why, and the ids of the seats of who
    agreed.
    """

    text: str
    scores: Mapping[int, int]
    agreed: Collection[int]


def post_remark(
    actor: Actor, stage: Stage, application: Application, text: str, *, now: datetime
) -> DiscussionRemark:
    """Say something of an application to its panel; it stands under the actor's name.

    Raises NotFound for whoever takes no part in its discussion, NotPermitted for whoever reads it
    alone, Refused where none is open.
    """
    permit(actor, rules.PERMISSIONS["post_remark"])
    said = plain(text)
    if faults := faults_of_texts({"text": said}, rules.POST_MAX, required=True):
        raise Invalid(faults)
    with transaction.atomic():
        place = _held_place(actor, stage, application, "post_remark")
        remark = DiscussionRemark.objects.create(
            stage=place.stage,
            application=place.application,
            seat=place.seat,
            author_user_id=actor.user_id,
            author=actor.label,
            text=said,
            posted_at=now,
        )
        changes = {"stage": place.stage.number, "remark": remark.pk}
        audit_review(actor, "post_remark", place.application, now=now, changes=changes)
    return remark


def withdraw_remark(actor: Actor, remark: DiscussionRemark, *, now: datetime) -> DiscussionRemark:
    """Take back what the actor said; that something was said stays on record."""
    permit(actor, rules.PERMISSIONS["withdraw_remark"])
    with transaction.atomic():
        place = _held_place(actor, remark.stage, remark.application, "withdraw_remark")
        row = remark_of(actor, place, remark.pk)
        refuse_if(rules.refuse_withdrawing_remark(is_withdrawn=row.withdrawn_at is not None))
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        changes = {"stage": place.stage.number, "remark": row.pk}
        audit_review(actor, "withdraw_remark", place.application, now=now, changes=changes)
    return row


def record_consensus(
    actor: Actor,
    stage: Stage,
    application: Application,
    entry: ConsensusEntry,
    *,
    seen: int | None = None,
    now: datetime,
) -> Consensus:
    """Record what the panel came to on an application; what was recorded before stays on record.

    `seen` is the number of the version that was read, 0 for none, None for no such care. Raises
    Stale where there is a later one, NotPermitted for everybody but the chair.
    """
    permit(actor, rules.PERMISSIONS["record_consensus"])
    said = plain(entry.text)
    with transaction.atomic():
        place = _held_place(actor, stage, application, "record_consensus")
        if not place.chairs:
            raise NotPermitted(rules.PERMISSIONS["record_consensus"].sentence)
        criteria = criteria_of(place.stage)
        if faults := _faults_of(said, entry.scores, criteria):
            raise Invalid(faults)
        seats = list(seats_that_submitted(place.stage, place.application))
        refuse_if(rules.refuse_agreed(entry.agreed, {one.pk for one in seats}))
        last = consensuses_in(place).last()
        if seen is not None and seen != (last.number if last else 0):
            raise Stale
        made = Consensus.objects.create(
            stage=place.stage,
            application=place.application,
            number=last.number + 1 if last else 1,
            text=said,
            recorded_at=now,
            recorded_by=actor.label,
        )
        made.agreed.set([one for one in seats if one.pk in set(entry.agreed)])
        ConsensusScore.objects.bulk_create(
            ConsensusScore(consensus=made, criterion=one, score=entry.scores[one.number])
            for one in criteria
        )
        changes = {"stage": place.stage.number, "version": made.number}
        audit_review(actor, "record_consensus", place.application, now=now, changes=changes)
    return made


# ---------------------------------------------------------------------------------------- leaves


def _held_place(actor: Actor, stage: Stage, application: Application, verb: str) -> Place:
    """What the actor is in a discussion that is open, its stage behind its lock; raises
    NotPermitted for whoever reads it alone.
    """
    held = held_stage(stage)
    place = place_in(actor, held.pk, application.pk)
    if not speaks_in(actor, place):
        raise NotPermitted(rules.PERMISSIONS[verb].sentence)
    refuse_if(rules.refuse_discussing(judging_of(held).phase, local_name(held)))
    refuse_if(rules.refuse_speaking(owes_review=place.owes_review))
    return place


def _faults_of(text: str, scores: Mapping[int, int], criteria: list[Criterion]) -> list[FieldError]:
    faults = faults_of_texts({"text": text}, rules.CONSENSUS_MAX, required=True)
    faults += rules.faults_of_scores(scores, outlines_of(criteria), "score")
    faults += [
        FieldError(
            rules.field_name("score", one.number),
            message=_NO_SCORE,
            params={"criterion": local_name(one)},
        )
        for one in criteria
        if one.number not in scores
    ]
    return faults
