"""Deciding who goes on after a judged stage, and telling it.

Outcomes are drafts until they are told, all of a stage in one go, so that nobody hears before the
others. Mail of it stands in no outbox, as everything of applications.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import (
    STAGE_RESULT_LABELS,
    Application,
    Competition,
    Stage,
    StageOutcome,
    TeamMember,
)
from lineshaft.apps.competitions.queries import (
    NO_APPLICATION,
    applications_judged,
    count_at_gate,
    outcomes_visible_to,
)
from lineshaft.apps.competitions.services.conflicts import check_people
from lineshaft.apps.competitions.services.record import (
    audit_competition,
    faults_of_texts,
    held_competition,
    plain,
)
from lineshaft.kernel.competitions import StageGate
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.mail.services import send_mail_later
from lineshaft.web.formats import local_name, local_of

_NO_RESULT: Final = gettext_noop("After this stage the outcome is one of: %(known)s.")
_NOBODY: Final = gettext_noop("Tick at least one application.")


@dataclass(frozen=True, slots=True)
class OutcomeTerms:
    """What is decided of an application: the outcome, why, and what its applicants are advised."""

    outcome: str
    reason: str = ""
    advice: str = ""
    advice_zh: str = ""


_TERMS: Final = tuple(OutcomeTerms.__slots__)


def decide_stage_outcomes(
    actor: Actor,
    stage: Stage,
    applications: Sequence[int],
    terms: OutcomeTerms,
    *,
    seen: datetime | None = None,
    now: datetime,
) -> list[StageOutcome]:
    """Decide the same of each of these applications, given by id; a draft until it is told.

    `seen` is the moment at which the actor read them; raises Stale where one of these was decided
    since, NotFound for one that the stage does not judge or that is closed to the
    actor, and Refused for one whose applicants were told.
    """
    said = OutcomeTerms(terms.outcome, *(plain(getattr(terms, name)) for name in _TERMS[1:]))
    results = rules.results_of(stage.stage_kind, StageGate(stage.gate))
    with transaction.atomic():
        row = _held_at_gate(actor, stage, "decide_stage_outcomes")
        if faults := _faults_of(said, results, applications):
            raise Invalid(faults)
        judged = {
            one.application_id: one.application
            for one in applications_judged(actor, stage).filter(application__in=applications)
        }
        if set(applications) - set(judged):
            raise NotFound(NO_APPLICATION, code="no_application")
        rows = StageOutcome.objects.select_for_update(of=("self",)).filter(
            stage=stage, application__in=applications
        )
        held = {one.application_id: one for one in rows.order_by("pk")}
        _refuse_overwriting(stage, judged, held, seen)
        made = [
            _decide(actor, stage, judged[pk], held.get(pk), said, now=now)
            for pk in sorted(set(applications))
        ]
        changes = {"stage": stage.number}
        audit_competition(actor, "decide_stage_outcomes", row, now=now, changes=changes)
    return made


def tell_stage_outcomes(actor: Actor, stage: Stage, *, now: datetime) -> int:
    """Tell the applicants what came of the stage, by mail and in their workspace; how many were.

    Raises Refused while an application that is open to the actor has no outcome.
    """
    with transaction.atomic():
        row = _held_at_gate(actor, stage, "tell_stage_outcomes")
        check_people(actor, row, now=now)
        count = count_at_gate(actor, stage)
        name = local_name(stage)
        refuse_if(rules.refuse_undecided(name, count.undecided))
        refuse_if(rules.refuse_nothing_to_tell(name, count.untold))
        drafts = list(outcomes_visible_to(actor, stage).filter(told_at__isnull=True))
        ids = [one.pk for one in drafts]
        StageOutcome.objects.filter(pk__in=ids).update(told_at=now)
        changes = {"stage": stage.number}
        audit_competition(actor, "tell_stage_outcomes", row, now=now, changes=changes)
        _send_outcomes(row, stage, drafts, now=now)
    return len(drafts)


def refuse_open_gate(actor: Actor, stage: Stage) -> None:
    """Raise Refused where applicants of the stage are still to be told whether they go on."""
    if not rules.results_of(stage.stage_kind, StageGate(stage.gate)):
        return
    own, whole = count_at_gate(actor, stage), count_at_gate(None, stage)
    refuse_if(
        rules.refuse_going_on(
            local_name(stage),
            undecided=own.undecided,
            untold=own.untold,
            is_settled=whole.told == whole.judged,
        )
    )


# ---------------------------------------------------------------------------------------- leaves


def _held_at_gate(actor: Actor, stage: Stage, verb: str) -> Competition:
    """The competition behind its lock, where outcomes of the stage can be decided now."""
    row = held_competition(actor, stage.competition, verb)
    results = rules.results_of(stage.stage_kind, StageGate(stage.gate))
    refuse_if(
        rules.refuse_outcomes(
            local_name(stage),
            results,
            state=row.state,
            has_begun=row.stage_number >= stage.number,
        )
    )
    return row


def _faults_of(
    said: OutcomeTerms, results: Sequence[str], applications: Sequence[int]
) -> list[FieldError]:
    faults = faults_of_texts(
        {"reason": said.reason}, rules.ADVICE_MAX, required=said.outcome in rules.AGAINST
    )
    texts = {"advice": said.advice, "advice_zh": said.advice_zh}
    faults += faults_of_texts(texts, rules.ADVICE_MAX)
    if said.outcome not in results:
        known = ", ".join(results)
        faults.append(FieldError("outcome", message=_NO_RESULT, params={"known": known}))
    if not applications:
        faults.append(FieldError("applications", message=_NOBODY))
    return faults


def _refuse_overwriting(
    stage: Stage,
    judged: dict[int, Application],
    held: dict[int, StageOutcome],
    seen: datetime | None,
) -> None:
    """Raise Refused for an outcome that was told, Stale for one that was decided since `seen`."""
    for pk, one in held.items():
        refuse_if(
            rules.refuse_deciding_anew(
                local_name(stage), judged[pk].number, was_told=one.told_at is not None
            )
        )
    if seen is not None and any(one.decided_at > seen for one in held.values()):
        raise Stale


def _decide(
    actor: Actor,
    stage: Stage,
    application: Application,
    held: StageOutcome | None,
    said: OutcomeTerms,
    *,
    now: datetime,
) -> StageOutcome:
    """The outcome as it is decided now; one that says the same already is left as it was."""
    if held is not None and all(getattr(held, name) == getattr(said, name) for name in _TERMS):
        return held
    row = held or StageOutcome(application=application, stage=stage, revision=0)
    for name in _TERMS:
        setattr(row, name, getattr(said, name))
    row.decided_by, row.decided_at = actor.label, now
    row.revision += 1
    row.save()
    return row


def _send_outcomes(
    competition: Competition, stage: Stage, told: Sequence[StageOutcome], *, now: datetime
) -> None:
    """A message to everybody who leads a team, each in their language."""
    leads = TeamMember.objects.filter(
        application__in=[one.application_id for one in told],
        role=rules.TeamRole.LEAD,
        user__isnull=False,
        joined_at__isnull=False,
    )
    by_application: dict[int, list[TeamMember]] = {}
    for member in leads.select_related("user").order_by("pk"):
        by_application.setdefault(member.application_id, []).append(member)
    for one in told:
        for member in by_application.get(one.application_id, []):
            _send_outcome(competition, stage, one, member, now=now)


def _send_outcome(
    competition: Competition,
    stage: Stage,
    outcome: StageOutcome,
    member: TeamMember,
    *,
    now: datetime,
) -> None:
    user = member.user
    if user is None or not user.email or outcome.application.is_demonstration:
        return
    with override(user.language or None):
        said = {
            "code": competition.code,
            "stage": local_name(stage),
            "title": local_name(outcome.application),
            "outcome": str(STAGE_RESULT_LABELS[rules.StageResult(outcome.outcome)]),
            "advice": local_of(outcome, "advice") or _("No advice was written."),
            "address": settings.ORIGIN + outcome.application.get_absolute_url(),
        }
        send_mail_later(
            user.email,
            _("%(code)s: what came of “%(stage)s”") % said,
            _(
                "“%(stage)s” of %(code)s is over for “%(title)s”. Outcome: %(outcome)s.\n\n"
                "%(advice)s\n\nThe workspace shows it, too: %(address)s"
            )
            % said,
            now=now,
            about=outcome.application,
            is_sealed=True,
        )
