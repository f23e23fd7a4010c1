"""Registering people and appointing them to roles at institutes and organisations."""

from datetime import date, datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import Institute, Organisation, Person, PersonRole
from lineshaft.apps.network.services.checking import faults_of_length
from lineshaft.apps.network.services.organisations import permit_anywhere
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import Span, check_span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit, used_delegation

_WRONG_ADDRESS: Final = gettext_noop("“%(value)s” is no e-mail address, such as ada@example.org.")
_NO_PERSON: Final = gettext_noop("There is no such person, or none that you may see.")
_NO_NAME: Final = gettext_noop("Write the person's name.")
_ADDRESS_TAKEN: Final = gettext_noop("Somebody with this e-mail address is registered already.")
_USER_TAKEN: Final = gettext_noop("This user belongs to a registered person already.")
_HAS_USER: Final = gettext_noop("%(name)s signs in as a user already.")


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

    With a user comes what the organisation sees, so that only the office may name one. The trail
    names the person by id alone.
    """
    permission = rules.PERMISSIONS["register_person"]
    permit_anywhere(actor, permission)
    if user is not None:
        permit(actor, permission)
    texts = {
        "name": " ".join(name.split()),
        "name_zh": name_zh.strip(),
        "email": email.strip(),
    }
    if faults := _faults_of_texts(texts):
        raise Invalid(faults)
    try:
        with transaction.atomic():
            if texts["email"] and Person.objects.filter(email__iexact=texts["email"]).exists():
                raise Invalid.in_field("email", _ADDRESS_TAKEN)
            if user is not None and Person.objects.filter(user=user).exists():
                raise Invalid.in_field("user", _USER_TAKEN)
            person = Person.objects.create(
                **texts, organisation=organisation, user=user, is_demonstration=is_demonstration
            )
            record_event(
                actor,
                "register_person",
                person,
                now=now,
                why=why,
                changes={"organisation": organisation.pk if organisation else None},
            )
    except IntegrityError as error:
        raise Stale from error
    return person


def give_person_user(
    actor: Actor, person: Person, user: User, *, now: datetime, why: str = ""
) -> Person:
    """Let a registered person sign in as a user; the office alone, since with a user comes what
    the organisation sees. Raises Invalid for a user or a person who has another.
    """
    permit(actor, rules.PERMISSIONS["give_person_user"])
    try:
        with transaction.atomic():
            rows = Person.objects.select_for_update(of=("self",), no_key=True)
            row = rows.filter(pk=person.pk).first()
            if row is None:
                raise NotFound(_NO_PERSON, code="no_person")
            if row.user_id is not None:
                params = {"name": row.name}
                raise Invalid([FieldError("person", message=_HAS_USER, params=params)])
            if Person.objects.filter(user=user).exists():
                raise Invalid.in_field("user", _USER_TAKEN)
            row.user = user
            row.save(update_fields=["user"])
            record_event(
                actor, "give_person_user", row, now=now, why=why, changes={"user": user.pk}
            )
    except IntegrityError as error:
        raise Stale from error
    return row


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
    """Give the person a role at an institute over a half-open span of days.

    Raises Refused where the person holds that role there on one of those days already.
    """
    power = permit(actor, rules.PERMISSIONS["appoint_person"], institute=institute.key)
    fault = check_span(starts_on, ends_on)
    if fault is not None:
        raise Invalid([fault])
    with transaction.atomic():
        locked = Person.objects.select_for_update(of=("self",), no_key=True).filter(pk=person.pk)
        if not locked:
            raise NotFound(_NO_PERSON, code="no_person")
        held = PersonRole.objects.filter(person=person, kind=kind, institute=institute)
        spans = [Span(role.starts_on, role.ends_on) for role in held.order_by("starts_on")]
        refuse_if(rules.refuse_appointment(Span(starts_on, ends_on), spans, name=person.name))
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
            changes={"kind": kind, "starts_on": starts_on, "ends_on": ends_on}
            | used_delegation(power),
        )
    return role


def _faults_of_texts(texts: dict[str, str]) -> list[FieldError]:
    faults = faults_of_length(Person, texts)
    if not texts["name"]:
        faults.append(FieldError("name", message=_NO_NAME))
    if texts["email"]:
        try:
            validate_email(texts["email"])
        except ValidationError:
            params = {"value": texts["email"]}
            faults.append(FieldError("email", message=_WRONG_ADDRESS, params=params))
    return faults
