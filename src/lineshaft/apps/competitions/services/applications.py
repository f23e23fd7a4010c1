"""Starting an application, its terms, handing it in, withdrawing it, taking it up again.

What is handed in is the whole application as it stands at that moment of the server's clock, with
its digest; it is never changed. Handing in again before the deadline puts a later one beside it.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import (
    Application,
    Competition,
    Stage,
    Submission,
    TeamMember,
)
from lineshaft.apps.competitions.queries import (
    applications_visible_to,
    competitions_visible_to,
    contents_of,
    earlier_call,
    gate_shut_to,
    plan_of,
    took_part_in,
    waiver_grounds_of,
    whole_application,
)
from lineshaft.apps.competitions.services.applying import (
    audit_application,
    changed,
    held_application,
    keep_version,
    open_call,
    refuse_stale,
)
from lineshaft.apps.competitions.services.conflicts import check_application
from lineshaft.apps.competitions.services.record import NO_COMPETITION, faults_of_texts, plain
from lineshaft.apps.network.models import Organisation, TechnologyArea
from lineshaft.apps.network.queries import group_q, profile_in_use
from lineshaft.kernel.errors import FieldError, Invalid, NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.mail.services import send_mail_later
from lineshaft.plumbing.permit import permit
from lineshaft.web.formats import local_name

_NO_AREA: Final = gettext_noop("There is no technology area “%(key)s”.")
_OUT_OF_RANGE: Final = gettext_noop("This lies between %(least)s and %(most)s.")
_REVERSED: Final = gettext_noop("This is below the level at the start.")
_NO_WORK: Final = gettext_noop("The kind of work is one of: %(known)s.")
_NO_GROUND: Final = gettext_noop("No rule on the match is waived on this ground here.")
_NO_WAIVER_REASON: Final = gettext_noop("Say why the rule should be waived.")


@dataclass(frozen=True, slots=True)
class ApplicationTerms:
    """What an application says of itself as a whole; `areas` are keys."""

    title: str
    title_zh: str = ""
    abstract: str = ""
    abstract_zh: str = ""
    areas: tuple[str, ...] = ()
    term_months: int | None = None
    trl_from: int | None = None
    trl_to: int | None = None
    mrl_from: int | None = None
    mrl_to: int | None = None
    work: str = rules.Work.RESEARCH
    waiver_ground: str = ""
    waiver_reason: str = ""


_TERMS: Final = tuple(name for name in ApplicationTerms.__slots__ if name != "areas")


def start_application(
    actor: Actor,
    competition: Competition,
    organisation: Organisation,
    *,
    title: str,
    now: datetime,
    is_demonstration: bool = False,
) -> Application:
    """Begin an application that the organisation leads; whoever begins it leads its team.

    Raises Refused where no call is open, for an organisation that is not the actor's, one whose
    kind may not lead here, and one that leads an application in this competition already.
    """
    permit(actor, rules.PERMISSIONS["start_application"])
    if faults := faults_of_texts({"title": title}, rules.TITLE_MAX, required=True):
        raise Invalid(faults)
    with transaction.atomic():
        held = _held_competition(actor, competition)
        lead = organisation.standing
        is_own = actor.is_system or bool({organisation.pk, lead.pk} & actor.organisation_ids)
        refuse_if(rules.refuse_stranger(lead.name, is_own=is_own))
        _refuse_second(actor, held, lead)
        last = held.applications.order_by("number").last()
        row = Application(
            competition=held,
            number=last.number + 1 if last else 1,
            title=title.strip(),
            lead=lead,
            begun_at=now,
            begun_by_id=actor.user_id,
            changed_at=now,
            is_demonstration=is_demonstration,
        )
        stage = open_call(row, now=now)
        before = earlier_call(held, stage)
        refuse_if(rules.refuse_newcomer(local_name(before) if before else "", took_part=False))
        row.save(force_insert=True)
        _refuse_lead(row, stage, now=now)
        if actor.user_id is not None:
            TeamMember.objects.create(
                application=row,
                user_id=actor.user_id,
                name=actor.label,
                organisation=lead,
                role=rules.TeamRole.LEAD,
                joined_at=now,
            )
        keep_version(actor, row, rules.TERMS, now=now)
        check_application(row, now=now)
        audit_application(actor, "start_application", row, now=now)
    return row


def edit_application(
    actor: Actor,
    application: Application,
    terms: ApplicationTerms,
    *,
    seen: int | None = None,
    now: datetime,
) -> Application:
    """Write what the application says as a whole.

    `seen` is the version of it that the actor read; raises Stale where there is a later one.
    """
    areas = list(TechnologyArea.objects.filter(key__in=terms.areas))
    if faults := _faults_of(terms, {area.key for area in areas}):
        raise Invalid(faults)
    with transaction.atomic():
        row = held_application(actor, application, "edit_application", rules.TERMS)
        open_call(row, now=now)
        refuse_stale(row, rules.TERMS, seen)
        last_year = row.budget.order_by("year").values_list("year", flat=True).last()
        refuse_if(rules.refuse_shorter_term(terms.term_months, last_year=last_year or 0))
        last_year = row.revenue.order_by("year").values_list("year", flat=True).last()
        refuse_if(rules.refuse_shorter_plan(terms.term_months, last_year=last_year or 0))
        for name, value in asdict(terms).items():
            if name != "areas":
                setattr(row, name, plain(value) if isinstance(value, str) else value)
        _refuse_ground(row, now=now)
        row.save(update_fields=list(_TERMS))
        row.technology_areas.set(areas)
        changed(actor, row, "edit_application", rules.TERMS, now=now)
    return row


def submit_application(actor: Actor, application: Application, *, now: datetime) -> Submission:
    """Hand in the application as it stands; the leaders of its team get a receipt by mail.

    Raises Refused after the deadline by the competition's policy, for a rule that is not met, for
    what is lacking, and where nothing has changed since it was last handed in.
    """
    permit(actor, rules.PERMISSIONS["submit_application"])
    with transaction.atomic():
        _lock_competition(application)
        row = whole_application(
            held_application(actor, application, "submit_application", rules.TERMS)
        )
        stage = open_call(row, now=now)
        refuse_if(rules.TRANSITIONS["Application"].check(row.state, "submit_application"))
        _refuse_unready(row, stage, now=now)
        for part in rules.PARTS:
            keep_version(actor, row, part, now=now)
        made = _hand_in(actor, row, stage, now=now)
        row.state = rules.TRANSITIONS["Application"].target(row.state, "submit_application")
        row.save(update_fields=["state"])
        check_application(row, now=now)
        said = {"stage": stage.number, "version": made.number, "sha256": made.digest}
        audit_application(actor, "submit_application", row, now=now, changes=said)
        _send_receipts(row, made, now=now)
    return made


def withdraw_from_competition(
    actor: Actor, application: Application, *, why: str, now: datetime
) -> Application:
    """Take the application back, with all that it handed in; it stays on record, unread."""
    reason = why.strip()
    if faults := faults_of_texts({"why": reason}, rules.REASON_MAX, required=True):
        raise Invalid(faults)
    with transaction.atomic():
        _lock_competition(application)
        row = held_application(actor, application, "withdraw_from_competition", rules.TERMS)
        refuse_if(rules.refuse_withdrawing(row.competition.state))
        verb = "withdraw_from_competition"
        refuse_if(rules.TRANSITIONS["Application"].check(row.state, verb))
        row.submissions.filter(withdrawn_at__isnull=True).update(withdrawn_at=now)
        row.state = rules.TRANSITIONS["Application"].target(row.state, verb)
        row.withdrawn_at, row.why_withdrawn = now, reason
        row.save(update_fields=["state", "withdrawn_at", "why_withdrawn"])
        audit_application(actor, verb, row, now=now)
    return row


def resume_application(actor: Actor, application: Application, *, now: datetime) -> Application:
    """Take a withdrawn application up again, before the deadline; it is handed in anew.

    What it had handed in at stages that were over when it was withdrawn counts again, so that it
    goes on to the later call.
    """
    with transaction.atomic():
        competition = _lock_competition(application)
        row = held_application(actor, application, "resume_application", rules.TERMS)
        refuse_if(rules.TRANSITIONS["Application"].check(row.state, "resume_application"))
        _refuse_second(actor, competition, row.lead)
        row.state = rules.TRANSITIONS["Application"].target(row.state, "resume_application")
        open_call(row, now=now)
        row.submissions.filter(
            withdrawn_at=row.withdrawn_at, stage__ended_at__lte=row.withdrawn_at
        ).update(withdrawn_at=None)
        row.withdrawn_at, row.why_withdrawn = None, ""
        row.save(update_fields=["state", "withdrawn_at", "why_withdrawn"])
        check_application(row, now=now)
        audit_application(actor, "resume_application", row, now=now)
    return row


# ---------------------------------------------------------------------------------------- leaves


def _held_competition(actor: Actor, competition: Competition) -> Competition:
    """The competition behind its lock: numbers are given one after the other."""
    rows = Competition.objects.select_for_update(of=("self",)).select_related("institute")
    held = rows.filter(pk=competition.pk).first()
    if held is None or not competitions_visible_to(actor).filter(pk=held.pk).exists():
        raise NotFound(NO_COMPETITION, code="no_competition")
    return held


def _lock_competition(application: Application) -> Competition:
    """Lock the competition before its application: its stage then ends before or after, not
    meanwhile.
    """
    rows = Competition.objects.select_for_update(of=("self",))
    return rows.get(pk=application.competition_id)


def _refuse_second(actor: Actor, competition: Competition, lead: Organisation) -> None:
    """Raise Refused where the organisation leads one already; its title is for its team alone."""
    others = Application.objects.filter(group_q(lead.pk, "lead"), competition=competition)
    second = others.exclude(state=rules.APPLICATION_WITHDRAWN).first()
    title = None
    if second is not None:
        is_seen = applications_visible_to(actor).filter(pk=second.pk).exists()
        title = second.title if is_seen else ""
    refuse_if(rules.refuse_second(lead.name, title))


def _refuse_lead(row: Application, stage: Stage, *, now: datetime) -> None:
    """Raise Refused where the organisation may not lead an application here at all."""
    plan = plan_of(row, stage, on=now.date())
    for check in rules.checks_of_plan(plan, profile_in_use(), now.date()):
        if check.part == rules.TERMS and check.keeps_back:
            refuse_if(check.fault)


def _refuse_unready(row: Application, stage: Stage, *, now: datetime) -> None:
    """Raise Refused for the first rule that keeps it back, then for the first thing lacking."""
    before = earlier_call(row.competition, stage)
    took_part = before is not None and took_part_in(row, before)
    refuse_if(rules.refuse_newcomer(local_name(before) if before else "", took_part=took_part))
    gate = gate_shut_to(row, stage)
    refuse_if(rules.refuse_uninvited(local_name(gate) if gate else ""))
    plan = plan_of(row, stage, on=now.date())
    for check in rules.checks_of_plan(plan, profile_in_use(), now.date()):
        if check.keeps_back:
            refuse_if(check.fault)
    for lacking in rules.missing_in(plan):
        refuse_if(lacking.refusal)


def _hand_in(actor: Actor, row: Application, stage: Stage, *, now: datetime) -> Submission:
    content = contents_of(row)
    digest = content_digest(content)
    last = row.submissions.filter(stage=stage).order_by("number").last()
    is_same = last is not None and last.withdrawn_at is None and last.digest == digest
    refuse_if(rules.refuse_unchanged(last.number if last and is_same else 0, local_name(stage)))
    return Submission.objects.create(
        application=row,
        stage=stage,
        number=last.number + 1 if last else 1,
        content=content,
        digest=digest,
        submitted_at=now,
        submitted_by=actor.label,
        is_late=stage.ends_at is not None and rules.is_late(stage.ends_at, now=now),
    )


def content_digest(content: dict[str, Any]) -> str:
    """The SHA-256 of what is handed in, the same for the same entries."""
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _send_receipts(row: Application, made: Submission, *, now: datetime) -> None:
    """A message to everybody who leads the team, each in their language."""
    leads = row.team.filter(role=rules.TeamRole.LEAD, user__isnull=False, joined_at__isnull=False)
    for member in leads.select_related("user"):
        user = member.user
        if user is None or not user.email or row.is_demonstration:
            continue
        with override(user.language or None):
            said = {
                "code": row.competition.code,
                "number": made.number,
                "stage": local_name(made.stage),
                "moment": f"{now:%Y-%m-%d %H:%M:%S} UTC",
                "digest": made.digest,
                "address": settings.ORIGIN + row.get_absolute_url(),
            }
            send_mail_later(
                user.email,
                _("Receipt: your application to %(code)s is handed in") % said,
                _(
                    "Your application was handed in at “%(stage)s” of %(code)s on %(moment)s as"
                    " version %(number)s.\n\nSHA-256 of what was handed in: %(digest)s\n\nUntil the"
                    " deadline you can change it and hand it in again: %(address)s"
                )
                % said,
                now=now,
                about=row,
                is_sealed=True,
            )


def _refuse_ground(row: Application, *, now: datetime) -> None:
    if not row.waiver_ground:
        return
    if row.waiver_ground not in waiver_grounds_of(row, on=now.date()):
        raise Invalid.in_field("waiver_ground", _NO_GROUND)


def _faults_of(terms: ApplicationTerms, known: set[str]) -> list[FieldError]:
    faults = faults_of_texts({"title": terms.title}, rules.TITLE_MAX, required=True)
    faults += faults_of_texts({"title_zh": terms.title_zh}, rules.TITLE_MAX)
    texts = {"abstract": terms.abstract, "abstract_zh": terms.abstract_zh}
    faults += faults_of_texts(texts, rules.ABSTRACT_MAX)
    faults += faults_of_texts({"waiver_reason": terms.waiver_reason}, rules.WAIVER_REASON_MAX)
    if terms.waiver_ground and not terms.waiver_reason.strip():
        faults.append(FieldError("waiver_reason", message=_NO_WAIVER_REASON))
    faults += [
        FieldError("areas", message=_NO_AREA, params={"key": key})
        for key in terms.areas
        if key not in known
    ]
    for name, most in (
        ("term_months", rules.TERM_MONTHS_MAX),
        ("trl_from", rules.TRL_MOST),
        ("trl_to", rules.TRL_MOST),
        ("mrl_from", rules.MRL_MOST),
        ("mrl_to", rules.MRL_MOST),
    ):
        value = getattr(terms, name)
        if value is not None and not 1 <= value <= most:
            params = {"least": rules.READINESS_LEAST, "most": most}
            faults.append(FieldError(name, message=_OUT_OF_RANGE, params=params))
    for scale in ("trl", "mrl"):
        start, end = getattr(terms, f"{scale}_from"), getattr(terms, f"{scale}_to")
        if start is not None and (end is None or end < start):
            faults.append(FieldError(f"{scale}_to", message=_REVERSED))
    if terms.work not in set(rules.Work):
        faults.append(FieldError("work", message=_NO_WORK, params={"known": ", ".join(rules.Work)}))
    return faults
