"""Posting a need or an offer, answering it, closing it.

An answer is for the two sides alone, so that the trail says that there is one and never what it
says.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import Need, NeedAnswer
from lineshaft.apps.memberships.queries import is_member_on, needs_visible_to
from lineshaft.apps.memberships.services.directory import address_faults, level_faults
from lineshaft.apps.network.models import Organisation, TechnologyArea
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.mail.services import send_mail_later
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.sharing import SharingLevel

_EMPTY: Final = gettext_noop("Write this.")
_TOO_LONG: Final = gettext_noop("This is longer than %(most)s characters. Shorten it.")
_NO_KIND: Final = gettext_noop("“%(value)s” is neither wanted nor offered.")
_NO_AREA: Final = gettext_noop("There is no technology area “%(key)s”.")
_NO_NEED: Final = gettext_noop("There is no such need or offer, or none that you may see.")
_NO_REASON: Final = gettext_noop("Say why it is closed.")


@dataclass(frozen=True, slots=True)
class NeedRow:
    """A need or an offer as somebody enters it; `area` is a key, `expires_on` the first day on
    which it does not stand any more.
    """

    kind: str
    title: str
    text: str
    expires_on: date
    area: str = ""
    level: str = SharingLevel.NETWORK
    is_demonstration: bool = False


def post_need(actor: Actor, organisation: Organisation, row: NeedRow, *, now: datetime) -> Need:
    """Post what a member looks for or offers; raises Refused for one that is no member today."""
    permit(actor, rules.PERMISSIONS["post_need"], organisation=str(organisation.pk))
    faults = _faults(row)
    area = TechnologyArea.objects.filter(key=row.area).first() if row.area else None
    if row.area and area is None:
        faults.append(FieldError("area", message=_NO_AREA, params={"key": row.area}))
    if refusal := rules.refuse_last_day(row.expires_on, now.date()):
        faults.append(FieldError("expires_on", message=refusal.message, params=refusal.params))
    if faults:
        raise Invalid(faults)
    is_member = is_member_on(organisation.pk, on=now.date())
    refuse_if(rules.refuse_non_member(organisation.name, is_member=is_member))
    with transaction.atomic():
        need = Need.objects.create(
            kind=row.kind,
            organisation=organisation,
            title=row.title.strip(),
            text=row.text.strip(),
            technology_area=area,
            level=row.level,
            posted_at=now,
            posted_by_id=actor.user_id,
            expires_on=row.expires_on,
            is_demonstration=row.is_demonstration,
        )
        record_event(
            actor,
            "post_need",
            need,
            now=now,
            changes={
                "organisation": organisation.pk,
                "kind": row.kind,
                "level": row.level,
                "expires_on": row.expires_on,
            },
        )
    return need


def answer_need(
    actor: Actor,
    need: Need,
    organisation: Organisation,
    *,
    text: str,
    contact_email: str,
    now: datetime,
) -> NeedAnswer:
    """Answer for the organisation, and tell whoever posted it by mail that there is an answer.

    Raises Refused for a need that has expired, for one's own, and for a second answer.
    """
    permit(actor, rules.PERMISSIONS["answer_need"], organisation=str(organisation.pk))
    values = {"text": text.strip(), "contact_email": contact_email.strip()}
    faults = _text_faults("text", values["text"], rules.NEED_TEXT_MAX)
    if not values["contact_email"]:
        faults.append(FieldError("contact_email", message=_EMPTY))
    faults += address_faults("contact_email", values["contact_email"])
    if faults:
        raise Invalid(faults)
    try:
        with transaction.atomic():
            row = _locked(actor, need.pk)
            refuse_if(rules.NEED_WORKFLOW.check(row.state, "answer_need"))
            refuse_if(
                rules.refuse_answer(
                    row.expires_on,
                    now.date(),
                    is_own=row.organisation_id == organisation.pk,
                    has_answered=row.answers.filter(organisation=organisation).exists(),
                    name=organisation.name,
                )
            )
            answer = NeedAnswer.objects.create(
                need=row, organisation=organisation, answered_at=now, **values
            )
            record_event(
                actor, "answer_need", row, now=now, changes={"organisation": organisation.pk}
            )
            _tell(row, organisation, now=now)
    except IntegrityError as error:
        raise Stale from error
    return answer


def close_need(actor: Actor, need: Need, *, reason: rules.CloseReason, now: datetime) -> Need:
    """Close it, and say whether a partner was found; it can't be opened again."""
    if reason is rules.CloseReason.NOT_CLOSED:
        raise Invalid.in_field("reason", _NO_REASON)
    with transaction.atomic():
        row = _locked(actor, need.pk)
        permit(actor, rules.PERMISSIONS["close_need"], organisation=str(row.organisation_id))
        refuse_if(rules.NEED_WORKFLOW.check(row.state, "close_need"))
        row.state = rules.NEED_WORKFLOW.target(row.state, "close_need")
        row.closed_at, row.close_reason = now, reason
        row.save(update_fields=["state", "closed_at", "close_reason"])
        record_event(actor, "close_need", row, now=now, changes={"reason": reason})
    return row


# --------------------------------------------------------------------------------------- leaves


def _locked(actor: Actor, pk: int) -> Need:
    row = Need.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None or not needs_visible_to(actor).filter(pk=pk).exists():
        raise NotFound(_NO_NEED, code="no_need")
    return row


def _faults(row: NeedRow) -> list[FieldError]:
    faults = _text_faults("title", row.title.strip(), rules.TITLE_MAX)
    faults += _text_faults("text", row.text.strip(), rules.NEED_TEXT_MAX)
    faults += level_faults(row.level)
    if row.kind not in set(rules.NeedKind):
        faults.append(FieldError("kind", message=_NO_KIND, params={"value": row.kind}))
    return faults


def _text_faults(name: str, value: str, most: int) -> list[FieldError]:
    if not value:
        return [FieldError(name, message=_EMPTY)]
    if len(value) > most:
        return [FieldError(name, message=_TOO_LONG, params={"most": most})]
    return []


def _tell(need: Need, organisation: Organisation, *, now: datetime) -> None:
    """A message to whoever posted it, in their language; it says who answered and not what."""
    user = need.posted_by
    if user is None or not user.email:
        return
    with override(user.language or None):
        names = {"title": need.title, "name": organisation.name}
        send_mail_later(
            user.email,
            _("An answer to “%(title)s”") % names,
            _("%(name)s has answered “%(title)s”. Sign in to read the answer.") % names,
            now=now,
            about=need,
        )
