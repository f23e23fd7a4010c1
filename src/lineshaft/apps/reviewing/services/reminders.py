"""Reminding reviewers of what they have still to submit: when somebody asks for it, and some days
before the deadline by themselves; nobody more than once a day.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.competitions.queries import conflicted_pairs
from lineshaft.apps.competitions.services import moment_in
from lineshaft.apps.reviewing.models import Assignment, PanelSeat, ReviewReminder
from lineshaft.apps.reviewing.queries import assignments_missing, day_in
from lineshaft.apps.reviewing.services.record import (
    audit_stage,
    held_stage,
    permit_to_judge,
    refuse_if_closed,
)
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.mail.services import send_mail_later
from lineshaft.web.formats import local_name


def remind_reviewers(actor: Actor, stage: Stage, *, now: datetime) -> int:
    """Write to everybody on the panel who has a review to submit, unless they were written to
    today; returns how many were.

    Whoever is closed to an application by a conflict is not told of it, and one of an invented
    record is written to by nobody.
    """
    with transaction.atomic():
        row = held_stage(stage)
        permit_to_judge(actor, "remind_reviewers", row)
        refuse_if_closed(row)
        today = day_in(row, now)
        waiting = _waiting(actor, row)
        reminded = ReviewReminder.objects.filter(seat__in=waiting, day=today)
        done = set(reminded.values_list("seat_id", flat=True))
        asked = [seat for seat in waiting if seat.pk not in done]
        ReviewReminder.objects.bulk_create(
            ReviewReminder(seat=seat, day=today, sent_at=now) for seat in asked
        )
        for seat in asked:
            _write(row, seat, waiting[seat], now=now)
        audit_stage(actor, "remind_reviewers", row, now=now)
    return len(asked)


# ---------------------------------------------------------------------------------------- leaves


def _waiting(actor: Actor, stage: Stage) -> dict[PanelSeat, int]:
    """Who has how many reviews to submit, less those that a conflict closes to them."""
    rows = list(assignments_missing(actor, stage))
    closed = conflicted_pairs(stage.competition, _people(rows))
    found: dict[PanelSeat, int] = {}
    for row in rows:
        seat = row.seat
        if (row.application_id, seat.reviewer.person_id) not in closed and _address(seat):
            found[seat] = found.get(seat, 0) + 1
    return found


def _people(rows: Iterable[Assignment]) -> list[int]:
    return sorted({row.seat.reviewer.person_id for row in rows})


def _address(seat: PanelSeat) -> str:
    person = seat.reviewer.person
    if seat.reviewer.is_demonstration:
        return ""
    return person.user.email if person.user is not None else ""


def _write(stage: Stage, seat: PanelSeat, missing: int, *, now: datetime) -> None:
    """A message in the reviewer's language; it names no application."""
    user = seat.reviewer.person.user
    with override((user.language if user else "") or None):
        said = {
            "count": missing,
            "code": stage.competition.code,
            "stage": local_name(stage),
            "moment": moment_in(stage.competition.zone, stage.ends_at),
            "address": settings.ORIGIN + reverse("reviewing:list_own_reviews"),
        }
        subject = ngettext(
            "%(code)s: %(count)s review is still to be submitted",
            "%(code)s: %(count)s reviews are still to be submitted",
            missing,
        )
        send_mail_later(
            _address(seat),
            subject % said,
            _("“%(stage)s” of %(code)s is reviewed until %(moment)s. Your reviews: %(address)s")
            % said,
            now=now,
            about=stage.competition,
            is_sealed=True,
        )
