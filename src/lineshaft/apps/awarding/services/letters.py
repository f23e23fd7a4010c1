"""Letters of a selection: printed in each language by a job, looked at, and then sent.

A letter is stored under its hash and never made again. It is sealed: its own page opens it, to
whoever runs the competition and has no conflict, and once it is sent to the team that it is for.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import LetterSending, SelectionLetter, SelectionRecord
from lineshaft.apps.awarding.queries import (
    Addressed,
    addressed_in,
    addressed_of,
    last_submissions,
)
from lineshaft.apps.awarding.services.letter_document import render_letter
from lineshaft.apps.awarding.services.record import audit_award, held_competition
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.rules import TeamRole
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.services import store_file
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.services import enqueue
from lineshaft.plumbing.mail.services import send_mail_later
from lineshaft.plumbing.sharing import SharingLevel

PRINT_JOB: Final = "print_selection_letters"
LANGUAGES: Final = tuple(key for key, _name in settings.LANGUAGES)


def print_letters(actor: Actor, competition: Competition, *, now: datetime) -> Job:
    """Have every letter printed that is missing, by a job that acts as the actor.

    Whoever asks again gets the job that waits, and nobody another's: a job is shown to who asked
    for it, and prints what is open to them.
    """
    with transaction.atomic():
        row = held_competition(actor, competition, "print_letters")
        refuse_if(rules.refuse_printing(row.state))
        payload = {"competition": row.pk, "user": actor.user_id}
        job = enqueue(actor, PRINT_JOB, payload, now=now, unique=True)
        audit_award(actor, "print_letters", row, now=now)
    return job


def print_missing_letters(
    actor: Actor,
    competition: Competition,
    *,
    now: datetime,
    check_stop: Callable[[], None] = lambda: None,
) -> int:
    """Print what is missing, application by application, each in its own transaction; returns how
    many letters were made. Run twice it makes none anew.
    """
    made = 0
    for one in addressed_of(actor, competition):
        check_stop()
        made += len(make_selection_letters(actor, competition, one.record, now=now))
    return made


def make_selection_letters(
    actor: Actor, competition: Competition, record: SelectionRecord, *, now: datetime
) -> list[SelectionLetter]:
    """Print and store the letters of an application that are missing; raises NotFound where it is
    closed to the actor.
    """
    with transaction.atomic():
        row = held_competition(actor, competition, "make_selection_letters")
        refuse_if(rules.refuse_printing(row.state))
        one = addressed_in(actor, row, record.application_id)
        submission = last_submissions([one.application.pk])[one.application.pk]
        one.application.competition = row
        made = []
        for kind in rules.LetterKind:
            for language in LANGUAGES:
                if (kind, language) in one.letters:
                    continue
                with override(language):
                    content = render_letter(one.record, submission, kind, printed_at=now)
                stored = store_file(
                    actor,
                    content,
                    name=f"{row.key}-{one.application.number}-{kind}-{language}.pdf",
                    now=now,
                    level=SharingLevel.RESTRICTED,
                    purpose="selection_letter",
                    is_sealed=True,
                )
                made.append(
                    SelectionLetter.objects.create(
                        application=one.application,
                        kind=kind,
                        language=language,
                        file=stored,
                        sha256=stored.sha256,
                        printed_at=now,
                    )
                )
        if made:
            audit_award(actor, "make_selection_letters", one.application, now=now, count=len(made))
    return made


def send_letters(
    actor: Actor, competition: Competition, kind: rules.LetterKind, *, now: datetime
) -> int:
    """Send the letters of that kind that have not left: a message to everybody who leads a team,
    and the page of its workspace. Returns to how many applications.

    Raises Refused before the decision, a debrief before the results are published, and while one is
    not printed. What a conflict closes to the actor is left to somebody without one.
    """
    with transaction.atomic():
        row = held_competition(actor, competition, "send_letters")
        addressed = addressed_of(actor, row)
        missing = sum(not one.is_printed(kind, LANGUAGES) for one in addressed)
        unsent = [one for one in addressed if kind not in one.sent]
        refusal = rules.refuse_sending(kind, row.state, missing=missing, unsent=len(unsent))
        refuse_if(refusal)
        for one in unsent:
            LetterSending.objects.create(
                application=one.application, kind=kind, sent_at=now, sent_by=actor.label
            )
            _tell(one, row, kind, now=now)
        audit_award(actor, "send_letters", row, now=now)
    return len(unsent)


# ---------------------------------------------------------------------------------------- leaves


def _tell(
    one: Addressed, competition: Competition, kind: rules.LetterKind, *, now: datetime
) -> None:
    """A message to everybody who leads the team, each in their language, without the outcome."""
    team = one.application.team.filter(
        role=TeamRole.LEAD, user__isnull=False, joined_at__isnull=False
    )
    for member in team.select_related("user"):
        user = member.user
        if user is None or not user.email or one.application.is_demonstration:
            continue
        with override(user.language or None):
            address = reverse("awarding:show_decision", args=[one.application.pk])
            said = {"code": competition.code, "address": settings.ORIGIN + address}
            if kind is rules.LetterKind.DECISION:
                subject = _("The decision on your application to %(code)s") % said
                body = _("The letter of decision on your application stands here: %(address)s")
            else:
                subject = _("How your application to %(code)s was judged") % said
                body = _("What reviewers said of your application stands here: %(address)s")
            send_mail_later(
                user.email, subject, body % said, now=now, about=one.application, is_sealed=True
            )
