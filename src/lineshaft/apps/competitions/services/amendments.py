"""Amending a competition that runs: its terms, a stage that has not begun, a deadline.

Each amendment has a number, a sentence that says what changes and why, and what stood before; with
it the notice is printed anew. Terms on which somebody has applied already do not change behind
their back: a stage that has begun stays as it was, but for its deadline.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Amendment, Competition, Stage
from lineshaft.apps.competitions.queries import opened_on, outline_of
from lineshaft.apps.competitions.services.conflicts import check_people
from lineshaft.apps.competitions.services.indexing import index_competitions
from lineshaft.apps.competitions.services.notices import print_notice
from lineshaft.apps.competitions.services.record import (
    audit_competition,
    faults_of_texts,
    held_competition,
)
from lineshaft.apps.competitions.services.stages import (
    STAGE_COLUMNS,
    CriterionTerms,
    StageTerms,
    faults_of_stage,
    held_stage,
    write_criteria,
    write_stage,
)
from lineshaft.apps.competitions.services.terms import (
    FIXED_ONCE_OPEN,
    CompetitionTerms,
    apply_terms,
    changes_between,
    faults_of,
    terms_of,
    write_relations,
)
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import check_day
from lineshaft.plumbing.actor import Actor

FIXED_OF_STAGE: Final = ("kind", "days")
"""What no amendment changes of a stage: its dates are put off by `extend_deadline`."""


@dataclass(frozen=True, slots=True)
class AmendmentWords:
    """What changes and why, in one sentence each language."""

    summary: str
    summary_zh: str = ""


def amend_competition(
    actor: Actor,
    competition: Competition,
    terms: CompetitionTerms,
    words: AmendmentWords,
    *,
    now: datetime,
) -> Amendment:
    """Amend the terms; raises Refused where nothing changes, or where the terms would not have
    been allowed to open.

    Who pays, who it is shared with and when it opened stay as they are.
    """
    with transaction.atomic():
        row = held_competition(actor, competition, "amend_competition")
        refuse_if(rules.refuse_amending(row.state))
        before = terms_of(row)
        kept = {name: getattr(before, name) for name in FIXED_ONCE_OPEN}
        after = replace(terms, **kept)
        if faults := faults_of(after, is_call=row.institute_id is not None):
            raise Invalid(faults)
        changes = changes_between(before, after)
        columns = apply_terms(row, after)
        for fault in rules.faults_of_opening(
            outline_of(row), profile_in_use(), on=opened_on(row, now)
        ):
            refuse_if(fault)
        row.changed_at = now
        row.save(update_fields=[*columns, "changed_at"])
        write_relations(row, after)
        check_people(actor, row, now=now)
        return _amend(actor, "amend_competition", row, words, changes, now=now)


def amend_stage(
    actor: Actor,
    stage: Stage,
    terms: StageTerms,
    criteria: tuple[CriterionTerms, ...],
    words: AmendmentWords,
    *,
    now: datetime,
) -> Amendment:
    """Amend what a stage that has not begun asks for and by what it judges."""
    with transaction.atomic():
        row = held_competition(actor, stage.competition, "amend_stage")
        refuse_if(rules.refuse_amending(row.state))
        held = held_stage(row, stage)
        refuse_if(rules.refuse_changing_stage(held.name, has_begun=held.began_at is not None))
        kept = {name: getattr(held, name) for name in FIXED_OF_STAGE}
        after = replace(terms, **kept)
        if faults := faults_of_stage(after):
            raise Invalid(faults)
        before = _stage_values(held)
        write_stage(held, after)
        if held.stage_kind in rules.JUDGED:
            write_criteria(held, criteria)
        for fault in rules.faults_of_opening(
            outline_of(row), profile_in_use(), on=opened_on(row, now)
        ):
            refuse_if(fault)
        values = _stage_values(held)
        changes = [
            [name, before[name], value] for name, value in values.items() if before[name] != value
        ]
        row.changed_at = now
        row.save(update_fields=["changed_at"])
        return _amend(actor, "amend_stage", row, words, changes, now=now, stage=held)


def extend_deadline(
    actor: Actor, stage: Stage, until: datetime, words: AmendmentWords, *, now: datetime
) -> Amendment:
    """Put the deadline of a stage off; the stages behind it are put off by as many days, and end at
    the same hour there as before.

    A stage that is over keeps its deadline. Raises Invalid for a day that can only be mistyped,
    Refused for a deadline that lies earlier than it did, or in the past.
    """
    if fault := check_day(until.date(), name="until"):
        raise Invalid([fault])
    with transaction.atomic():
        row = held_competition(actor, stage.competition, "extend_deadline")
        refuse_if(rules.refuse_amending(row.state))
        held = held_stage(row, stage)
        refuse_if(rules.refuse_extending_over(held.name, is_over=held.ended_at is not None))
        assert held.ends_at is not None  # noqa: S101 -- laid out before it opened
        refuse_if(
            rules.refuse_extending(
                held.name, held.stage_kind, ends_at=held.ends_at, until=until, now=now
            )
        )
        before = held.ends_at
        held.ends_at = until
        held.save(update_fields=["ends_at"])
        _put_off_behind(row, held, before)
        row.changed_at = now
        row.save(update_fields=["changed_at"])
        changes = [["ends_at", before.isoformat(), until.isoformat()]]
        return _amend(actor, "extend_deadline", row, words, changes, now=now, stage=held)


def _put_off_behind(competition: Competition, stage: Stage, before: datetime) -> None:
    """Move the stages behind one that ended `before` by as many days as the zone's calendar says;
    each begins when the one before it ends.
    """
    place = ZoneInfo(competition.zone)
    assert stage.ends_at is not None  # noqa: S101 -- the new deadline
    days = (stage.ends_at.astimezone(place).date() - before.astimezone(place).date()).days
    starts_at = stage.ends_at
    behind = list(competition.stages.filter(number__gt=stage.number).order_by("number"))
    for one in behind:
        assert one.ends_at is not None  # noqa: S101 -- laid out before it opened
        # Arithmetic within a zone keeps the hour on its clocks over a change of summer time.
        ends_at = (one.ends_at.astimezone(place) + timedelta(days=days)).astimezone(UTC)
        one.starts_at, one.ends_at = starts_at, ends_at
        starts_at = ends_at
    Stage.objects.bulk_update(behind, ["starts_at", "ends_at"])


def _amend(
    actor: Actor,
    verb: str,
    competition: Competition,
    words: AmendmentWords,
    changes: list[list[Any]],
    *,
    now: datetime,
    stage: Stage | None = None,
) -> Amendment:
    """Write the amendment with the next number, and print the notice as it stands from now on."""
    summary, summary_zh = words.summary.strip(), words.summary_zh.strip()
    said = {"summary_of_change": summary, "summary_of_change_zh": summary_zh}
    if faults := faults_of_texts(said, rules.REASON_MAX):
        raise Invalid(faults)
    refuse_if(rules.refuse_amendment(summary, is_changed=bool(changes)))
    last = competition.amendments.order_by("number").last()
    amendment = Amendment.objects.create(
        competition=competition,
        number=last.number + 1 if last else 1,
        summary=summary,
        summary_zh=summary_zh,
        stage=stage.name if stage else "",
        stage_zh=stage.name_zh if stage else "",
        changes=changes,
        made_at=now,
        made_by=actor.label,
    )
    print_notice(actor, competition, amendment.number, now=now)
    audit_competition(
        actor,
        verb,
        competition,
        now=now,
        why=summary,
        changes={"amendment": amendment.number, "changed": [change[0] for change in changes]},
    )
    index_competitions([competition.pk])
    return amendment


def _stage_values(stage: Stage) -> dict[str, Any]:
    """The stage with its documents and criteria, as plain values to compare."""
    values: dict[str, Any] = {name: getattr(stage, name) for name in STAGE_COLUMNS}
    values["documents"] = list(stage.documents.values_list("kind", flat=True))
    criteria = stage.criteria.order_by("number")
    values["criteria"] = [f"{one.name}: {rules.percent_of(one.weight_bp)}" for one in criteria]
    values["criteria_text"] = [[one.name_zh, one.text, one.text_zh] for one in criteria]
    return values
