"""Registering people and appointing them to roles at institutes and organisations."""

from datetime import date, datetime
from typing import Final

from django.db import transaction

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import Institute, Organisation, Person, PersonRole
from lineshaft.apps.network.services.organisations import permit_anywhere
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.spans import check_span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

_NO_NAME: Final = gettext_noop("Write the person's name.")
_ADDRESS_TAKEN: Final = gettext_noop("Somebody with this e-mail address is registered already.")
_USER_TAKEN: Final = gettext_noop("This user belongs to a registered person already.")


def register_person(
    actor: Actor,
    name: str,
    *,
    now: datetime,
    name_zh: str = "",
    email: str = "",
    organisation: Organisation | None = None,
    user: User | None = None,
    is_demonstration: bool = False,
    why: str = "",
) -> Person:
    """Register somebody, who may have a user and an organisation; raises Invalid for a second one.

    The trail names the person by id alone.
    """
    permit_anywhere(actor, rules.PERMISSIONS["register_person"])
    if not name.strip():
        raise Invalid.in_field("name", _NO_NAME)
    with transaction.atomic():
        if email and Person.objects.filter(email__iexact=email).exists():
            raise Invalid.in_field("email", _ADDRESS_TAKEN)
        if user is not None and Person.objects.filter(user=user).exists():
            raise Invalid.in_field("user", _USER_TAKEN)
        person = Person.objects.create(
            name=name.strip(),
            name_zh=name_zh.strip(),
            email=email.strip(),
            organisation=organisation,
            user=user,
            is_demonstration=is_demonstration,
        )
        record_event(
            actor,
            "register_person",
            person,
            now=now,
            why=why,
            changes={"organisation": organisation.pk if organisation else None},
        )
    return person


def appoint_person(
    actor: Actor,
    person: Person,
    *,
    kind: rules.PersonRoleKind,
    institute: Institute,
    starts_on: date,
    now: datetime,
    ends_on: date | None = None,
    why: str = "",
) -> PersonRole:
    """Give the person a role at an institute over a half-open span of days."""
    permit(actor, rules.PERMISSIONS["appoint_person"], institute=institute.key)
    fault = check_span(starts_on, ends_on)
    if fault is not None:
        raise Invalid([fault])
    with transaction.atomic():
        role = PersonRole.objects.create(
            person=person, kind=kind, institute=institute, starts_on=starts_on, ends_on=ends_on
        )
        record_event(
            actor,
            "appoint_person",
            person,
            now=now,
            why=why,
            institute=institute.key,
            changes={"kind": kind, "starts_on": starts_on, "ends_on": ends_on},
        )
    return role
