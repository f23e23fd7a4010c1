"""Choosing, and deciding on what was chosen.

A choice is a draft of whoever runs the competition; the decision takes all of them as they stand,
in one transaction with the decision on the competition, and keeps a record of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import SelectionChoice, SelectionRecord
from lineshaft.apps.awarding.queries import (
    Candidate,
    Selection,
    is_conflicted,
    selection_of,
)
from lineshaft.apps.awarding.services.record import (
    audit_award,
    held_competition,
)
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.queries import applications_in, permit_to_decide
from lineshaft.apps.competitions.rules import Outcome
from lineshaft.apps.competitions.services import (
    check_people,
    decide_competition,
    faults_of_texts,
    locked_competition,
    plain,
)
from lineshaft.kernel.errors import Invalid, Refused, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor

_PROGRAM: Final = Actor.system("selection")


@dataclass(frozen=True, slots=True)
class ChoiceTerms:
    """What is chosen for an application; `reason` is for the record, `explanation` its letter's."""

    outcome: Outcome
    amount_minor: int | None = None
    reason: str = ""
    explanation: str = ""
    explanation_zh: str = ""


def record_selection_choice(
    actor: Actor,
    competition: Competition,
    application: Application,
    terms: ChoiceTerms,
    *,
    seen: int | None = None,
    now: datetime,
) -> SelectionChoice:
    """Choose what becomes of an application, until the decision; raises Stale where somebody has
    chosen since revision `seen`.
    """
    texts = {
        name: plain(getattr(terms, name)) for name in ("reason", "explanation", "explanation_zh")
    }
    if faults := faults_of_texts(texts, rules.REASON_MAX):
        raise Invalid(faults)
    with transaction.atomic():
        row = held_competition(actor, competition, "record_selection_choice")
        refuse_if(rules.refuse_choosing(row.state))
        candidate = selection_of(actor, row).candidate(application.pk)
        refusal = rules.refuse_amount(
            terms.outcome,
            terms.amount_minor,
            asked_minor=candidate.asked_minor,
            ceiling_minor=row.ceiling_minor,
            currency=row.currency,
        )
        refuse_if(refusal)
        choice = candidate.choice or SelectionChoice(application=candidate.application)
        if seen is not None and seen != choice.revision:
            raise Stale
        choice.outcome, choice.amount_minor = terms.outcome, terms.amount_minor
        for name, text in texts.items():
            setattr(choice, name, text)
        choice.revision += 1
        choice.changed_at, choice.changed_by = now, actor.label
        choice.save()
        audit_award(actor, "record_selection_choice", candidate.application, now=now)
    return choice


def decide_selection(
    actor: Actor,
    competition: Competition,
    decision: str,
    *,
    decision_zh: str = "",
    seen: str | None = None,
    now: datetime,
) -> list[SelectionRecord]:
    """Decide on every application as it is chosen, and on the competition with that.

    The selecting official does, where one is named. Raises Refused for who has a conflict, for a
    choice that is lacking, a departure from the rank order without its reason, and more money or
    another number of awards than was announced; Stale where a choice changed since `seen`. What no
    longer was in at the last stage is not selected.
    """
    with transaction.atomic():
        row = locked_competition(actor, competition)
        permit_to_decide(actor, row)
        check_people(actor, row, now=now)
        is_named = row.selecting_official_id is not None
        refusal = rules.refuse_conflicted(
            is_conflicted=is_conflicted(actor, row), is_named=is_named
        )
        if refusal is None:
            selection = _selection_to_decide(row, seen=seen)
            records = _records(actor, selection, now=now)
            outcomes = {one.application_id: Outcome(one.outcome) for one in records}
            decide_competition(
                actor, row, decision, outcomes=outcomes, decision_zh=decision_zh, now=now
            )
            SelectionRecord.objects.bulk_create(records)
            audit_award(actor, "decide_selection", row, now=now)
            return records
    # behind the transaction, so that a conflict that was found stands
    raise Refused(refusal)


# ---------------------------------------------------------------------------------------- leaves


def _selection_to_decide(competition: Competition, *, seen: str | None) -> Selection:
    """The whole selection, if it can be decided as it is chosen; raises Refused and Stale."""
    refuse_if(rules.refuse_choosing(competition.state))
    selection = selection_of(_PROGRAM, competition)
    if seen is not None and seen != selection.digest:
        raise Stale
    refuse_if(
        rules.refuse_selection(
            selection.chosen,
            total_minor=competition.total_minor,
            awards_least=competition.awards_least,
            awards_most=competition.awards_most,
            currency=competition.currency,
        )
    )
    return selection


def _records(actor: Actor, selection: Selection, *, now: datetime) -> list[SelectionRecord]:
    """A record of each application that is still in, by number."""
    chosen = {one.application.pk: one for one in selection.candidates}
    rows: Sequence[Application] = list(applications_in(selection.competition))
    return [
        SelectionRecord(
            application=application,
            stage=selection.judged,
            decided_at=now,
            decided_by=actor.label,
            **_decided(chosen.get(application.pk), selection),
        )
        for application in rows
    ]


def _decided(one: Candidate | None, selection: Selection) -> dict[str, object]:
    """What was decided on a candidate; on what went out at an earlier stage, that it is not
    selected.
    """
    if one is None or one.choice is None:
        return {"outcome": Outcome.NOT_SELECTED}
    return {
        "outcome": one.choice.outcome,
        "amount_minor": one.choice.amount_minor,
        "rank": one.ranked.rank if one.ranked else None,
        "is_departure": one.application.pk in selection.departures,
        "reason": one.choice.reason,
        "explanation": one.choice.explanation,
        "explanation_zh": one.choice.explanation_zh,
    }
