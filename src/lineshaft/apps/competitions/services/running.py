"""Moving a competition on: to a review, to the next call, to the selection, to its end.

One stage runs at a time. It ends when the next one begins, and what was handed in for it is opened
at that moment and not before.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Competition, Stage, Topic
from lineshaft.apps.competitions.queries import outline_of_stage, permit_to_decide
from lineshaft.apps.competitions.services.competitions import move
from lineshaft.apps.competitions.services.conflicts import check_people
from lineshaft.apps.competitions.services.deciding import set_outcomes
from lineshaft.apps.competitions.services.indexing import index_competitions
from lineshaft.apps.competitions.services.outcomes import refuse_open_gate
from lineshaft.apps.competitions.services.record import (
    NO_COMPETITION,
    audit_competition,
    faults_of_texts,
    held_competition,
    plain,
)
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor

_DECIDING: Final = ("decision", "decision_zh", "decided_by", "decided_at")


def begin_review(actor: Actor, competition: Competition, *, now: datetime) -> Competition:
    """Begin the next stage that judges, or in which applicants reply.

    Raises Refused before the deadline of a stage in which something is handed in, and while
    applicants are still to be told whether they go on.
    """
    return _enter_next(actor, competition, "begin_review", now=now)


def call_applications(actor: Actor, competition: Competition, *, now: datetime) -> Competition:
    """Open the next stage in which applications are handed in, such as full proposals."""
    return _enter_next(actor, competition, "call_applications", now=now)


def begin_selection(actor: Actor, competition: Competition, *, now: datetime) -> Competition:
    """Begin the selection, which is the last stage."""
    return _enter_next(actor, competition, "begin_selection", now=now)


def decide_competition(
    actor: Actor,
    competition: Competition,
    decision: str,
    *,
    outcomes: Mapping[int, rules.Outcome] | None = None,
    decision_zh: str = "",
    now: datetime,
) -> Competition:
    """Enter what was decided; the selecting official does, where one is named, and nobody else.

    `outcomes` are by id of application, one for each that is still in; Refused without.
    """
    said, said_zh = plain(decision), plain(decision_zh)
    texts = {"decision": said, "decision_zh": said_zh}
    if faults := faults_of_texts(texts, rules.TEXT_MAX):
        raise Invalid(faults)
    with transaction.atomic():
        row = _held_for_decision(actor, competition)
        refuse_if(rules.TRANSITIONS["Competition"].check(row.state, "decide_competition"))
        refuse_if(rules.refuse_deciding(said))
        set_outcomes(row, outcomes or {})
        row.decision, row.decision_zh = said, said_zh
        row.decided_by, row.decided_at = actor.label, now
        row.stages.filter(number=row.stage_number).update(ended_at=now)
        move(row, "decide_competition", now, *_DECIDING)
        # Without the words: the institute's own staff read its trail before anything is published.
        audit_competition(actor, "decide_competition", row, now=now)
    return row


def publish_results(actor: Actor, competition: Competition, *, now: datetime) -> Competition:
    """Show what was decided to whom the competition is shared with."""
    with transaction.atomic():
        row = held_competition(actor, competition, "publish_results")
        refuse_if(rules.TRANSITIONS["Competition"].check(row.state, "publish_results"))
        row.published_at = now
        move(row, "publish_results", now, "published_at")
        audit_competition(actor, "publish_results", row, now=now)
        index_competitions([row.pk])
    return row


def cancel_competition(
    actor: Actor, competition: Competition, *, why: str, now: datetime
) -> Competition:
    """Cancel a competition for a reason that everybody reads who could read it."""
    reason = why.strip()
    if faults := faults_of_texts({"reason": reason}, rules.REASON_MAX):
        raise Invalid(faults)
    with transaction.atomic():
        row = held_competition(actor, competition, "cancel_competition")
        refuse_if(rules.TRANSITIONS["Competition"].check(row.state, "cancel_competition"))
        refuse_if(rules.refuse_cancelling(reason))
        row.why_cancelled, row.cancelled_at = reason, now
        row.stages.filter(began_at__isnull=False, ended_at__isnull=True).update(ended_at=now)
        _give_topics_back(row)
        move(row, "cancel_competition", now, "why_cancelled", "cancelled_at")
        audit_competition(actor, "cancel_competition", row, now=now, why=reason)
        index_competitions([row.pk])
    return row


def _give_topics_back(competition: Competition) -> None:
    """Let the topics that it took up stand open again; that it took them up stays on record."""
    state = rules.TRANSITIONS["Topic"].target(rules.TAKEN_UP, "cancel_competition")
    used = Topic.objects.filter(uses__competition=competition, state=rules.TAKEN_UP)
    Topic.objects.filter(pk__in=used.values("pk")).update(state=state)


def _enter_next(actor: Actor, competition: Competition, verb: str, *, now: datetime) -> Competition:
    """End the stage that runs, and begin the next one if the verb is the one for it."""
    with transaction.atomic():
        row = held_competition(actor, competition, verb)
        refuse_if(rules.TRANSITIONS["Competition"].check(row.state, verb))
        stages = {one.number: one for one in row.stages.prefetch_related("criteria")}
        current, following = stages[row.stage_number], stages.get(row.stage_number + 1)
        refuse_if(
            rules.refuse_next_stage(
                verb,
                outline_of_stage(current),
                outline_of_stage(following) if following else None,
                ends_at=_open_until(row, current, now),
            )
        )
        refuse_open_gate(actor, current)
        assert following is not None  # noqa: S101 -- the rule has refused that
        current.ended_at, following.began_at = now, now
        current.save(update_fields=["ended_at"])
        following.save(update_fields=["began_at"])
        row.stage_number = following.number
        move(row, verb, now, "stage_number")
        check_people(actor, row, now=now)
        audit_competition(
            actor, verb, row, now=now, changes={"stage": following.number, "name": following.name}
        )
        index_competitions([row.pk])
    return row


def _open_until(competition: Competition, stage: Stage, now: datetime) -> str:
    """Until when the stage still takes something in, as text; empty where it does not."""
    if not stage.is_handed_in or stage.ends_at is None:
        return ""
    policy = rules.LatePolicy(competition.late_policy)
    until = rules.taken_until(stage.ends_at, policy, competition.grace_minutes)
    return "" if until <= now else f"{until:%Y-%m-%d %H:%M} UTC"


def _held_for_decision(actor: Actor, competition: Competition) -> Competition:
    rows = Competition.objects.select_for_update(of=("self",)).select_related(
        "institute", "selecting_official"
    )
    row = rows.filter(pk=competition.pk).first()
    if row is None:
        raise NotFound(NO_COMPETITION, code="no_competition")
    permit_to_decide(actor, row)
    return row
