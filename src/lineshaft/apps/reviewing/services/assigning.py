"""What the verbs of assignments share: the lock on the stage, the trail, what reviewers are told.

Every verb that changes who reviews what locks the stage first, so that two of them come one after
the other. Nothing that the trail or a message holds tells of which application it is.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.competitions.services import moment_in
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Assignment, PanelSeat
from lineshaft.apps.reviewing.queries import assignments_standing
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.mail.services import send_mail_later
from lineshaft.plumbing.permit import permit
from lineshaft.web import formats

NO_STAGE: Final = gettext_noop("There is no such stage, or none that you may see.")


def held_stage(actor: Actor, stage: Stage, verb: str) -> Stage:
    """The stage behind its lock, if the actor may do that and somebody can be assigned in it.

    Raises NotFound where the actor may not know of it, NotPermitted, and Refused.
    """
    rows = Stage.objects.select_for_update(of=("self",)).select_related("competition__institute")
    row = rows.filter(pk=stage.pk).first()
    if row is None:
        raise NotFound(NO_STAGE, code="no_stage")
    permit_on_stage(actor, row, verb)
    competition = row.competition
    refuse_if(
        rules.refuse_assigning(
            row.name,
            row.stage_kind,
            code=competition.code,
            is_over=row.ended_at is not None,
            is_running=competition.state in competition_rules.RUNNING,
        )
    )
    return row


def permit_on_stage(actor: Actor, stage: Stage, verb: str) -> None:
    """Return if the actor may do that in the stage; raises NotFound and NotPermitted."""
    competition = stage.competition
    visible = competitions.competitions_visible_to(actor).filter(pk=competition.pk)
    if not visible.exists():
        raise NotFound(NO_STAGE, code="no_stage")
    institute, agencies = competitions.runner_keys_of(competition)
    permit(actor, rules.PERMISSIONS[verb], institute=institute, agencies=agencies)


def audit_assigning(
    actor: Actor, verb: str, stage: Stage, subject: models.Model, *, now: datetime, why: str = ""
) -> None:
    """Write the event of a verb, in the caller's transaction, without a word of an application.

    One on a single assignment is filed under no institute, whose staff could count them.
    """
    institute = None if isinstance(subject, Assignment) else stage.competition.institute
    record_event(
        actor,
        verb,
        subject,
        now=now,
        why=why,
        institute=institute.key if institute else "",
        changes={"stage": stage.number},
    )


def tell_reviewers(
    stage: Stage, seat_ids: Iterable[int], *, now: datetime, taken_back: Collection[int] = ()
) -> None:
    """Write to each of these reviewers how many applications are theirs now; to those of
    `taken_back` that one was taken back because of a conflict of interest.
    """
    wanted = sorted(set(seat_ids))
    loads = {
        row["seat"]: row["found"]
        for row in assignments_standing(stage)
        .order_by()
        .filter(seat__in=wanted)
        .values("seat")
        .annotate(found=models.Count("pk"))
    }
    seats = PanelSeat.objects.filter(pk__in=wanted).select_related("reviewer__person__user")
    for seat in seats.order_by("pk"):
        person = seat.reviewer.person
        address = person.user.email if person.user else person.email
        if not address:
            continue
        with override((person.user.language if person.user else "") or None):
            subject, body = _message(stage, loads.get(seat.pk, 0), is_taken=seat.pk in taken_back)
        send_mail_later(address, subject, body, now=now, about=seat, is_sealed=True)


def _message(stage: Stage, load: int, *, is_taken: bool) -> tuple[str, str]:
    competition = stage.competition
    said = {
        "count": formats.number(load),
        "code": competition.code,
        "stage": formats.local_name(stage),
        "until": moment_in(competition.zone, stage.ends_at),
        "address": settings.ORIGIN + reverse("reviewing:list_own_reviews"),
    }
    subject = ngettext(
        "%(code)s: %(count)s application is yours to review",
        "%(code)s: %(count)s applications are yours to review",
        load,
    )
    lines = []
    if is_taken:
        lines.append(
            _(
                "An application was taken back from you, since a conflict of interest was found"
                " that closes it to you. Please do not use what you have read of it."
            )
        )
    lines.append(_("“%(stage)s” of %(code)s lasts until %(until)s.") % said)
    lines.append(_("What is yours to review, and what to do next: %(address)s") % said)
    return subject % said, "\n\n".join(lines)
