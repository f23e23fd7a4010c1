"""Adding, editing and removing stages while a competition is being written; setting criteria.

The criteria of a stage are set together, so that their weights sum to a whole at every moment.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import (
    Competition,
    Criterion,
    CriterionAnchor,
    RequiredDocument,
    Stage,
)
from lineshaft.apps.competitions.services.competitions import lay_out_stages
from lineshaft.apps.competitions.services.record import (
    audit_competition,
    faults_of_texts,
    held_competition,
    plain,
)
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.competitions import Blindness, StageGate, StageKind
from lineshaft.kernel.errors import FieldError, Invalid, NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

_OFFSET: Final = 1_000
"""Numbers are moved beyond all that are given, then back: no two are alike at any moment."""

_NO_STAGE: Final = gettext_noop("The competition has no such stage.")
_NO_CRITERION: Final = gettext_noop("The stage has no such criterion.")
_RANGE: Final = gettext_noop("Write a number from %(least)s to %(most)s.")
_NO_GATE: Final = gettext_noop(
    "Nothing is judged in such a stage, so everybody goes on after it. Choose that."
)
_ONE_OF: Final = gettext_noop("Choose one of: %(known)s.")
_NO_DOCUMENT: Final = gettext_noop("“%(key)s” is no kind of document that the profile knows.")
_MANY_STAGES: Final = gettext_noop("A competition has at most %(most)s stages.")


@dataclass(frozen=True, slots=True)
class StageTerms:
    """A stage as somebody enters it; `documents` are keys of the profile's kinds."""

    kind: str
    name: str
    days: int
    name_zh: str = ""
    page_limit: int | None = None
    gate: str = StageGate.OPEN
    blindness: str = Blindness.SINGLE
    reviewers_least: int = 0
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionTerms:
    """A criterion as somebody enters it; `number` is that of one that stands, None for a new one.

    One that stands keeps its anchors.
    """

    name: str
    weight_bp: int
    name_zh: str = ""
    text: str = ""
    text_zh: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class AnchorTerms:
    """What a score means."""

    score: int
    text: str
    text_zh: str = ""


STAGE_COLUMNS: Final = (
    "kind",
    "name",
    "name_zh",
    "days",
    "page_limit",
    "gate",
    "blindness",
    "reviewers_least",
)


def add_stage(
    actor: Actor, competition: Competition, terms: StageTerms, *, after: int, now: datetime
) -> Stage:
    """Put a stage behind that of the number `after`, 0 for the first; those behind it move on."""
    with transaction.atomic():
        row = held_competition(actor, competition, "add_stage")
        refuse_if(rules.refuse_changing(row.state))
        count = row.stages.count()
        faults = faults_of_stage(terms)
        if count >= rules.STAGES_MAX:
            params = {"most": rules.STAGES_MAX}
            faults.append(FieldError("", message=_MANY_STAGES, params=params))
        if not 0 <= after <= count:
            params = {"least": 0, "most": count}
            faults.append(FieldError("after", message=_RANGE, params=params))
        if faults:
            raise Invalid(faults)
        _move_numbers(row, after, 1)
        stage = Stage(competition=row, number=after + 1)
        write_stage(stage, terms)
        lay_out_stages(row)
        _touch(row, now)
        audit_competition(
            actor, "add_stage", row, now=now, changes={"stage": stage.number, "name": stage.name}
        )
    return stage


def edit_stage(actor: Actor, stage: Stage, terms: StageTerms, *, now: datetime) -> Stage:
    """Write a stage anew; one that judges nothing any more loses its criteria."""
    with transaction.atomic():
        row = held_competition(actor, stage.competition, "edit_stage")
        refuse_if(rules.refuse_changing(row.state))
        held = held_stage(row, stage)
        if faults := faults_of_stage(terms):
            raise Invalid(faults)
        write_stage(held, terms)
        if held.stage_kind not in rules.JUDGED:
            _drop_criteria(held)
        lay_out_stages(row)
        _touch(row, now)
        audit_competition(
            actor, "edit_stage", row, now=now, changes={"stage": held.number, "name": held.name}
        )
    return held


def remove_stage(actor: Actor, stage: Stage, *, now: datetime) -> Competition:
    """Take a stage out of a competition that is being written; those behind it move up."""
    with transaction.atomic():
        row = held_competition(actor, stage.competition, "remove_stage")
        refuse_if(rules.refuse_changing(row.state))
        held = held_stage(row, stage)
        _drop_criteria(held)
        held.documents.all().delete()
        number, name = held.number, held.name
        held.delete()
        _move_numbers(row, number, -1)
        lay_out_stages(row)
        _touch(row, now)
        audit_competition(
            actor, "remove_stage", row, now=now, changes={"stage": number, "name": name}
        )
    return row


def set_criteria(
    actor: Actor, stage: Stage, criteria: tuple[CriterionTerms, ...], *, now: datetime
) -> Stage:
    """Set by what a stage judges, whole: what is not named any more goes, with its anchors."""
    with transaction.atomic():
        row = held_competition(actor, stage.competition, "set_criteria")
        refuse_if(rules.refuse_changing(row.state))
        held = held_stage(row, stage)
        refuse_if(rules.refuse_criteria(held.name, held.stage_kind))
        write_criteria(held, criteria)
        _touch(row, now)
        audit_competition(
            actor,
            "set_criteria",
            row,
            now=now,
            changes={
                "stage": held.number,
                "weights_bp": {one.name.strip(): one.weight_bp for one in criteria},
            },
        )
    return held


def set_anchors(
    actor: Actor, criterion: Criterion, anchors: tuple[AnchorTerms, ...], *, now: datetime
) -> Criterion:
    """Say what the scores of a criterion mean; a score without words has none."""
    with transaction.atomic():
        row = held_competition(actor, criterion.stage.competition, "set_anchors")
        refuse_if(rules.refuse_changing(row.state))
        held = Criterion.objects.filter(pk=criterion.pk, stage__competition=row).first()
        if held is None:
            raise NotFound(_NO_CRITERION, code="no_criterion")
        faults = [fault for one in anchors if (fault := rules.fault_of_score(one.score))]
        for one in anchors:
            texts = {f"text_{one.score}": one.text, f"text_zh_{one.score}": one.text_zh}
            faults += faults_of_texts(texts, rules.CRITERION_TEXT_MAX)
        if faults:
            raise Invalid(faults)
        held.anchors.all().delete()
        CriterionAnchor.objects.bulk_create(
            CriterionAnchor(
                criterion=held,
                score=one.score,
                text=plain(one.text),
                text_zh=plain(one.text_zh),
            )
            for one in anchors
            if one.text.strip()
        )
        _touch(row, now)
        audit_competition(actor, "set_anchors", row, now=now, changes={"criterion": held.name})
    return held


def held_stage(competition: Competition, stage: Stage) -> Stage:
    """The stage as it stands now, behind the lock of its competition."""
    held = competition.stages.filter(pk=stage.pk).first()
    if held is None:
        raise NotFound(_NO_STAGE, code="no_stage")
    return held


def write_stage(stage: Stage, terms: StageTerms) -> None:
    """Store the stage and the documents that it asks for."""
    for name in STAGE_COLUMNS:
        value = getattr(terms, name)
        setattr(stage, name, value.strip() if isinstance(value, str) else value)
    stage.save()
    asked = list(dict.fromkeys(terms.documents))
    stage.documents.exclude(kind__in=asked).delete()
    standing = set(stage.documents.values_list("kind", flat=True))
    RequiredDocument.objects.bulk_create(
        RequiredDocument(stage=stage, kind=kind) for kind in asked if kind not in standing
    )


def write_criteria(stage: Stage, criteria: tuple[CriterionTerms, ...]) -> None:
    """Store the criteria of a stage in this order; raises Invalid for weights that are no whole."""
    faults = rules.faults_of_criteria(
        [one.name for one in criteria], [one.weight_bp for one in criteria]
    )
    for one in criteria:
        names = {"criteria": one.name, "criteria_zh": one.name_zh}
        faults += faults_of_texts(names, rules.NAME_MAX)
        texts = {"text": one.text, "text_zh": one.text_zh}
        faults += faults_of_texts(texts, rules.CRITERION_TEXT_MAX)
    standing = {criterion.number: criterion for criterion in stage.criteria.all()}
    kept = {one.number for one in criteria if one.number is not None}
    if kept - standing.keys():
        raise NotFound(_NO_CRITERION, code="no_criterion")
    if faults:
        raise Invalid(faults)
    gone = [row.pk for number, row in standing.items() if number not in kept]
    CriterionAnchor.objects.filter(criterion_id__in=gone).delete()
    Criterion.objects.filter(pk__in=gone).delete()
    stage.criteria.update(number=F("number") + _OFFSET)
    for number, one in enumerate(criteria, start=1):
        row = standing[one.number] if one.number is not None else Criterion(stage=stage)
        row.number, row.weight_bp = number, one.weight_bp
        row.name, row.name_zh = one.name.strip(), one.name_zh.strip()
        row.text, row.text_zh = plain(one.text), plain(one.text_zh)
        row.save()


def faults_of_stage(terms: StageTerms) -> list[FieldError]:
    """Every fault in a stage as it was entered."""
    faults = faults_of_texts({"name": terms.name}, rules.NAME_MAX, required=True)
    faults += faults_of_texts({"name_zh": terms.name_zh}, rules.NAME_MAX)
    for name, values in (("kind", StageKind), ("gate", StageGate), ("blindness", Blindness)):
        if getattr(terms, name) not in set(values):
            faults.append(FieldError(name, message=_ONE_OF, params={"known": ", ".join(values)}))
    if not faults and rules.is_gate_without_judging(StageKind(terms.kind), StageGate(terms.gate)):
        faults.append(FieldError("gate", message=_NO_GATE))
    ranges = (
        ("days", terms.days, 1, rules.DAYS_MAX),
        ("page_limit", terms.page_limit, 1, rules.PAGES_MAX),
        ("reviewers_least", terms.reviewers_least, 0, rules.REVIEWERS_MAX),
    )
    faults += [
        FieldError(name, message=_RANGE, params={"least": least, "most": most})
        for name, value, least, most in ranges
        if value is not None and not least <= value <= most
    ]
    known = {one.key for one in profile_in_use().competing.documents}
    faults += [
        FieldError("documents", message=_NO_DOCUMENT, params={"key": key})
        for key in terms.documents
        if key not in known
    ]
    return faults


def _drop_criteria(stage: Stage) -> None:
    CriterionAnchor.objects.filter(criterion__stage=stage).delete()
    stage.criteria.all().delete()


def _move_numbers(competition: Competition, behind: int, by: int) -> None:
    stages = competition.stages.filter(number__gt=behind)
    stages.update(number=F("number") + _OFFSET)
    competition.stages.filter(number__gt=_OFFSET).update(number=F("number") - _OFFSET + by)


def _touch(competition: Competition, now: datetime) -> None:
    competition.changed_at = now
    competition.save(update_fields=["changed_at"])
