"""What the verbs of a visit share: locking, asking permission, who is told, the trail.

The trail names who did what to which visit, and no content of it; it is filed under no institute,
as that of applications.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import SiteVisit
from lineshaft.apps.awarding.queries import (
    NO_VISIT,
    goes_on,
    is_withdrawn,
    leads_visit,
    runs_visits,
    visits_visible_to,
)
from lineshaft.apps.competitions.queries import runner_keys_of
from lineshaft.apps.competitions.rules import TeamRole
from lineshaft.apps.network.models import Person
from lineshaft.kernel.errors import NotFound, NotPermitted
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.mail.services import send_mail_later
from lineshaft.plumbing.permit import permit


def held_visit(actor: Actor, visit: SiteVisit, verb: str) -> SiteVisit:
    """The visit behind its lock, if the actor may do that to it.

    Raises NotFound for whoever may not know of it, NotPermitted, and Refused where it is closed or
    its application was withdrawn; only its cancellation is possible then.
    """
    rows = SiteVisit.objects.select_for_update(of=("self",)).filter(pk=visit.pk)
    row = rows.select_related("stage__competition__institute", "application__lead").first()
    if row is None:
        raise NotFound(NO_VISIT, code="no_visit")
    competition = row.stage.competition
    if not visits_visible_to(actor, competition).filter(pk=row.pk).exists():
        raise NotFound(NO_VISIT, code="no_visit")
    institute, agencies = runner_keys_of(competition)
    permission = rules.PERMISSIONS[verb]
    permit(actor, permission, institute=institute, agencies=agencies)
    if permission.is_for_signed_in and not _is_theirs(actor, row, verb):
        raise NotPermitted(permission.sentence, code="not_permitted", params={"verb": verb})
    refuse_if(rules.refuse_visit_closed(row.state))
    if verb != "cancel_visit":
        refuse_if(rules.refuse_withdrawn(is_withdrawn=is_withdrawn(row)))
    return row


def next_state(row: SiteVisit, verb: str) -> str:
    """The state to which the verb leads; raises Refused where it leads nowhere."""
    workflow = rules.TRANSITIONS["SiteVisit"]
    refuse_if(workflow.check(row.state, verb))
    return workflow.target(row.state, verb)


def touch_visit(row: SiteVisit, *fields: str, now: datetime) -> None:
    """Store these fields, and that the visit has changed."""
    row.revision += 1
    row.changed_at = now
    row.save(update_fields=[*fields, "revision", "changed_at"])


def audit_visit(
    actor: Actor,
    verb: str,
    row: SiteVisit,
    *,
    now: datetime,
    why: str = "",
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Write the event of a verb on a visit, in the caller's transaction."""
    record_event(actor, verb, row, now=now, why=why, changes=changes)


def tell_leads(row: SiteVisit, *, now: datetime) -> None:
    """A message to whoever leads the team of the application, in their language: where to read what
    is planned and asked, and nothing of it. It stands in no outbox.
    """
    team = row.application.team.filter(role=TeamRole.LEAD, joined_at__isnull=False)
    for member in team.select_related("user").order_by("pk"):
        user = member.user
        if user is None or not user.email:
            continue
        with override(user.language or None):
            page = reverse("awarding:show_own_visit", args=[row.application_id])
            said = {"code": row.stage.competition.code, "address": settings.ORIGIN + page}
            send_mail_later(
                user.email,
                _("The site visit of your application to %(code)s") % said,
                _(
                    "When and where the visit is, its agenda and what it asks you stands at"
                    " %(address)s. Something of it is new."
                )
                % said,
                now=now,
                about=row,
                is_sealed=True,
            )


def tell_member(row: SiteVisit, person: Person, *, now: datetime) -> None:
    """A message to who goes on the visit, in their language: where to read it."""
    user = person.user
    if user is None or not user.email:
        return
    with override(user.language or None):
        said = {
            "code": row.stage.competition.code,
            "address": settings.ORIGIN + row.get_absolute_url(),
        }
        send_mail_later(
            user.email,
            _("You go on a site visit for %(code)s") % said,
            _(
                "When and where it is, with a calendar file, the agenda and the checklist stands at"
                " %(address)s."
            )
            % said,
            now=now,
            about=row,
            is_sealed=True,
        )


def _is_theirs(actor: Actor, row: SiteVisit, verb: str) -> bool:
    """Whether the actor does that on the visit: its team, its lead, or who runs the competition."""
    if actor.is_system or runs_visits(actor, row.stage.competition):
        return True
    return leads_visit(actor, row) if verb == "report_visit" else goes_on(actor, row)
