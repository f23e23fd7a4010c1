"""Delegating a verb to somebody nearer to the work, and revoking that.

What is in force reaches every `permit` in the actor (`queries.delegations`); nothing else has to
happen for a delegation to work, or to stop working. It keeps the grant by which it was given: it
reaches no further than that grant does, and ends with it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import Body, Delegation
from lineshaft.apps.governance.services.record import checked_text
from lineshaft.apps.network.models import Institute, Person
from lineshaft.apps.network.queries import profile_in_use, sponsor_keys_of
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import check_span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import (
    Permission,
    declared_permissions,
    grant_to_delegate,
    permit,
)

AMOUNT_MAX: Final = 10**15

_NO_VERB: Final = gettext_noop("There is nothing called “%(verb)s” that can be done.")
_AMOUNT_LARGE: Final = gettext_noop("The amount is too large.")


@dataclass(frozen=True, slots=True)
class DelegationTerms:
    """What is delegated, to whom, over what, up to which amount and when."""

    verb: str
    starts_on: date
    reason: str
    ends_on: date | None = None
    person: Person | None = None
    role: str = ""
    institute: Institute | None = None
    body: Body | None = None
    up_to_minor: int | None = None


def delegate(actor: Actor, terms: DelegationTerms, *, now: datetime) -> Delegation:
    """Let somebody do what the actor may do by their own role, over the same things or fewer.

    The body's own institute is meant where a body is named alone.
    """
    permission = declared_permissions().get(terms.verb)
    if permission is None:
        raise NotFound(_NO_VERB, code="no_verb", params={"verb": terms.verb})
    institute = terms.institute or (terms.body.institute if terms.body else None)
    _permit_any(actor, institute)
    sponsors = sponsor_keys_of(institute) if institute else ()
    grant = _grant(actor, permission, institute, sponsors)
    reason = checked_text("reason", terms.reason, rules.REFERENCE_MAX)
    if fault := check_span(terms.starts_on, terms.ends_on):
        raise Invalid((fault,))
    if terms.up_to_minor is not None and terms.up_to_minor > AMOUNT_MAX:
        raise Invalid.in_field("up_to_minor", _AMOUNT_LARGE)
    is_idle = terms.person is not None and terms.person.user_id is None
    refuse_if(
        rules.refuse_delegation(
            is_delegable=permission.is_delegable,
            may_by_role=actor.is_system or grant is not None,
            has_person=terms.person is not None,
            role=terms.role,
            has_institute=institute is not None,
            is_body_there=terms.body is None or terms.body.institute == institute,
            person_without_user=terms.person.name if terms.person and is_idle else "",
            up_to_minor=terms.up_to_minor,
        )
    )
    with transaction.atomic():
        made = Delegation.objects.create(
            verb=terms.verb,
            person=terms.person,
            role=terms.role,
            institute=institute,
            body=terms.body,
            up_to_minor=terms.up_to_minor,
            currency="" if terms.up_to_minor is None else profile_in_use().currency,
            starts_on=terms.starts_on,
            ends_on=terms.ends_on,
            reason=reason,
            giver_id=actor.user_id if grant else None,
            giver_role=grant.role if grant else "",
            giver_scope_kind=grant.scope_kind if grant else "",
            giver_scope_id=grant.scope_id if grant else "",
            delegated_by=actor.label,
            delegated_at=now,
        )
        record_event(
            actor,
            "delegate",
            made,
            now=now,
            why=reason,
            institute=institute.key if institute else "",
            changes=_said(terms),
        )
    return made


def _said(terms: DelegationTerms) -> dict[str, object]:
    """What the trail keeps of a delegation; it names the person by id alone."""
    return {
        "verb": terms.verb,
        "person": terms.person.pk if terms.person else None,
        "role": terms.role,
        "body": terms.body.key if terms.body else "",
        "up_to_minor": terms.up_to_minor,
        "starts_on": terms.starts_on,
        "ends_on": terms.ends_on,
    }


def revoke_delegation(
    actor: Actor, delegation: Delegation, *, why: str, now: datetime
) -> Delegation:
    """End a delegation at once, as whoever may delegate the same."""
    with transaction.atomic():
        rows = Delegation.objects.select_for_update(of=("self",)).select_related("institute")
        row = rows.get(pk=delegation.pk)
        institute = row.institute
        _permit_any(actor, institute)
        if row.verb not in may_delegate(actor, institute):
            permit(actor, Permission("revoke_delegation", _sentence("revoke_delegation")))
        is_over = row.revoked_at is not None or (
            row.ends_on is not None and row.ends_on <= now.date()
        )
        refuse_if(rules.refuse_revocation(is_over=is_over, why=why))
        row.revoked_at = now
        row.why_revoked = checked_text("why", why, rules.REFERENCE_MAX)
        row.save(update_fields=["revoked_at", "why_revoked"])
        record_event(
            actor,
            "revoke_delegation",
            row,
            now=now,
            why=row.why_revoked,
            institute=institute.key if institute else "",
            changes={"verb": row.verb},
        )
    return row


def may_delegate(actor: Actor, institute: Institute | None) -> tuple[str, ...]:
    """The verbs that the actor may delegate over an institute, or over the network, by name."""
    sponsors = sponsor_keys_of(institute) if institute else ()
    return tuple(
        sorted(
            verb
            for verb, permission in declared_permissions().items()
            if permission.is_delegable
            and (actor.is_system or _grant(actor, permission, institute, sponsors))
        )
    )


def has_power_to_delegate(actor: Actor) -> bool:
    """Whether the actor holds a role of some delegable verb, over anything; no query."""
    if actor.is_anonymous or actor.is_system:
        return actor.is_system
    held = {grant.role for grant in actor.grants}
    return any(one.is_delegable and held & one.roles for one in declared_permissions().values())


def _grant(
    actor: Actor, permission: Permission, institute: Institute | None, sponsors: tuple[str, ...]
) -> RoleGrant | None:
    key = institute.key if institute else None
    return grant_to_delegate(actor, permission, institute=key, agencies=sponsors)


def _permit_any(actor: Actor, institute: Institute | None) -> None:
    permit(
        actor,
        rules.PERMISSIONS["delegate"],
        institute=institute.key if institute else None,
        agencies=sponsor_keys_of(institute) if institute else (),
    )


def _sentence(verb: str) -> str:
    return rules.PERMISSIONS[verb].sentence
