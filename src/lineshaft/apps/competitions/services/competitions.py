"""Drafting a competition from a template, editing it, announcing it and opening it.

What is announced and opened is checked whole: order of stages, weights, and the rules of the
profile in force on the day. At the opening the notice is printed in both languages and stored.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import (
    Competition,
    Criterion,
    CriterionAnchor,
    RequiredDocument,
    Stage,
)
from lineshaft.apps.competitions.queries import outline_of
from lineshaft.apps.competitions.services.conflicts import check_people
from lineshaft.apps.competitions.services.indexing import index_competitions
from lineshaft.apps.competitions.services.notices import print_notice
from lineshaft.apps.competitions.services.record import (
    audit_competition,
    held_competition,
    permit_to_run,
)
from lineshaft.apps.competitions.services.terms import (
    CompetitionTerms,
    apply_terms,
    changes_between,
    faults_of,
    terms_of,
    write_relations,
)
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.competitions import CompetitionKind, CompetitionTemplate, TemplateStage
from lineshaft.kernel.errors import FieldError, Invalid, Stale
from lineshaft.kernel.ids import slug
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import permit

RESERVED_KEYS: Final = frozenset({"draft", "mine", "searches", "topics"})
"""Words that stand in the place of a key in an address."""

_CODE: Final = gettext_noop(
    "A number has at most %(most)s letters, digits, hyphens and dots, and begins and ends with a"
    " letter or digit, such as 2026-NIST-01."
)
_CODE_TAKEN: Final = gettext_noop("There is a competition with the number “%(code)s” already.")
_NO_TEMPLATE: Final = gettext_noop("There is no template “%(key)s” for competitions of this kind.")
_NO_KIND: Final = gettext_noop("A competition is one of: %(known)s.")
_WANTS_INSTITUTE: Final = gettext_noop("A project call belongs to an institute. Choose it.")
_HAS_NO_INSTITUTE: Final = gettext_noop(
    "Only a project call belongs to an institute. Leave it empty."
)


@dataclass(frozen=True, slots=True)
class CompetitionProposal:
    """A competition as it is first drafted; `template` is a key of the profile."""

    code: str
    kind: str
    template: str
    terms: CompetitionTerms
    institute: Institute | None = None
    is_demonstration: bool = False


def draft_competition(actor: Actor, proposal: CompetitionProposal, *, now: datetime) -> Competition:
    """Draft a competition with the stages of a template; its key comes from its number."""
    permit(
        actor,
        rules.PERMISSIONS["draft_competition"],
        institute=proposal.institute.key if proposal.institute else None,
        agencies=_with_departments(proposal.terms.agencies),
    )
    if faults := _faults_of_proposal(proposal):
        raise Invalid(faults)
    template = profile_in_use().competing.template(proposal.template)
    competition = Competition(
        key=slug(proposal.code),
        code=proposal.code,
        kind=proposal.kind,
        template=template.key,
        institute=proposal.institute,
        currency=profile_in_use().currency,
        drafted_at=now,
        drafted_by=actor.label,
        changed_at=now,
        is_demonstration=proposal.is_demonstration,
    )
    apply_terms(competition, proposal.terms)
    try:
        with transaction.atomic():
            competition.save(force_insert=True)
            write_relations(competition, proposal.terms)
            copy_template(competition, template)
            lay_out_stages(competition)
            check_people(actor, competition, now=now)
            audit_competition(
                actor,
                "draft_competition",
                competition,
                now=now,
                changes={"code": proposal.code, "kind": proposal.kind, "template": template.key},
            )
    except IntegrityError as error:
        raise Stale from error
    return competition


def edit_competition(
    actor: Actor, competition: Competition, terms: CompetitionTerms, *, now: datetime
) -> Competition:
    """Write the terms anew while the competition is still being written; dates are laid out again.

    Raises NotPermitted for an agency that would leave its own competition without it.
    """
    with transaction.atomic():
        row = held_competition(actor, competition, "edit_competition")
        refuse_if(rules.refuse_changing(row.state))
        if faults := faults_of(terms, is_call=row.institute_id is not None):
            raise Invalid(faults)
        changed = [name for name, _old, _new in changes_between(terms_of(row), terms)]
        if not changed:
            return row
        columns = apply_terms(row, terms)
        row.changed_at = now
        row.save(update_fields=[*columns, "changed_at"])
        write_relations(row, terms)
        permit_to_run(actor, "edit_competition", row)
        lay_out_stages(row)
        check_people(actor, row, now=now)
        audit_competition(actor, "edit_competition", row, now=now, changes={"changed": changed})
        index_competitions([row.pk])
    return row


def announce_competition(actor: Actor, competition: Competition, *, now: datetime) -> Competition:
    """Publish the notice of intent: the competition is shown as one to come."""
    with transaction.atomic():
        row = held_competition(actor, competition, "announce_competition")
        refuse_if(rules.TRANSITIONS["Competition"].check(row.state, "announce_competition"))
        for fault in rules.faults_of_notice(outline_of(row)):
            refuse_if(fault)
        row.announced_at = now
        move(row, "announce_competition", now, "announced_at")
        audit_competition(actor, "announce_competition", row, now=now)
        index_competitions([row.pk])
    return row


def open_competition(actor: Actor, competition: Competition, *, now: datetime) -> Competition:
    """Open the first stage, and print the notice. Raises Refused, with the rule's citation, for
    the first thing that keeps it from opening.
    """
    with transaction.atomic():
        row = held_competition(actor, competition, "open_competition")
        refuse_if(rules.TRANSITIONS["Competition"].check(row.state, "open_competition"))
        for fault in rules.faults_of_opening(outline_of(row), profile_in_use(), on=now.date()):
            refuse_if(fault)
        refuse_if(rules.refuse_opening_late(_first_deadline(row), now=now))
        row.opened_at, row.stage_number = now, 1
        row.stages.filter(number=1).update(began_at=now)
        move(row, "open_competition", now, "opened_at", "stage_number")
        check_people(actor, row, now=now)
        notice = print_notice(actor, row, 0, now=now)
        audit_competition(
            actor,
            "open_competition",
            row,
            now=now,
            changes={"sha256": [notice.file_en.sha256, notice.file_zh.sha256]},
        )
        index_competitions([row.pk])
    return row


def copy_template(competition: Competition, template: CompetitionTemplate) -> None:
    """Give a new competition the stages of the template, with criteria, anchors and documents."""
    for number, entry in enumerate(template.stages, start=1):
        stage = Stage.objects.create(
            competition=competition,
            number=number,
            kind=entry.stage.kind,
            profile_key=entry.stage.key,
            name=entry.stage.name,
            name_zh=entry.stage.name_zh,
            days=entry.days,
            page_limit=entry.page_limit,
            gate=entry.gate,
            blindness=entry.blindness,
            reviewers_least=entry.reviewers_least,
        )
        _copy_asked_for(stage, entry)


def lay_out_stages(competition: Competition) -> None:
    """Store when each stage is to begin and to end, from the opening on; nothing without one."""
    stages = list(Stage.objects.filter(competition=competition).order_by("number"))
    if competition.opens_at is None:
        Stage.objects.filter(competition=competition).update(starts_at=None, ends_at=None)
        return
    laid = rules.lay_out(
        competition.opens_at,
        competition.zone,
        competition.closing_time,
        [stage.days for stage in stages],
    )
    for stage, planned in zip(stages, laid, strict=True):
        stage.starts_at, stage.ends_at = planned.starts_at, planned.ends_at
    Stage.objects.bulk_update(stages, ["starts_at", "ends_at"])


def move(competition: Competition, verb: str, now: datetime, *columns: str) -> None:
    """Take the step of the state machine, and save it with these columns."""
    competition.state = rules.TRANSITIONS["Competition"].target(competition.state, verb)
    competition.changed_at = now
    competition.save(update_fields=["state", "changed_at", *columns])


def _copy_asked_for(stage: Stage, entry: TemplateStage) -> None:
    competing = profile_in_use().competing
    RequiredDocument.objects.bulk_create(
        RequiredDocument(stage=stage, kind=kind) for kind in entry.documents
    )
    for number, (key, weight_bp) in enumerate(entry.criteria, start=1):
        known = competing.criterion(key)
        criterion = Criterion.objects.create(
            stage=stage,
            number=number,
            profile_key=key,
            name=known.name,
            name_zh=known.name_zh,
            text=known.text,
            text_zh=known.text_zh,
            weight_bp=weight_bp,
        )
        CriterionAnchor.objects.bulk_create(
            CriterionAnchor(
                criterion=criterion, score=one.score, text=one.text, text_zh=one.text_zh
            )
            for one in known.anchors
        )


def _first_deadline(competition: Competition) -> datetime | None:
    first = competition.stages.filter(number=1).first()
    return first.ends_at if first else None


def _with_departments(agencies: tuple[str, ...]) -> set[str]:
    profile = profile_in_use()
    return {above for key in agencies for above in profile.lineage(key)}


def _faults_of_proposal(proposal: CompetitionProposal) -> list[FieldError]:
    faults = []
    code = proposal.code
    if len(code) > rules.CODE_MAX or not rules.CODE.fullmatch(code):
        faults.append(FieldError("code", message=_CODE, params={"most": rules.CODE_MAX}))
    elif slug(code) in RESERVED_KEYS or Competition.objects.filter(key=slug(code)).exists():
        faults.append(FieldError("code", message=_CODE_TAKEN, params={"code": code}))
    is_call = proposal.kind == CompetitionKind.PROJECT_CALL
    if proposal.kind not in set(CompetitionKind):
        params = {"known": ", ".join(CompetitionKind)}
        faults.append(FieldError("kind", message=_NO_KIND, params=params))
    else:
        templates = profile_in_use().competing.templates_for(CompetitionKind(proposal.kind))
        if proposal.template not in {one.key for one in templates}:
            params = {"key": proposal.template}
            faults.append(FieldError("template", message=_NO_TEMPLATE, params=params))
        if is_call and proposal.institute is None:
            faults.append(FieldError("institute", message=_WANTS_INSTITUTE))
        if not is_call and proposal.institute is not None:
            faults.append(FieldError("institute", message=_HAS_NO_INSTITUTE))
    return [*faults, *faults_of(proposal.terms, is_call=is_call)]
