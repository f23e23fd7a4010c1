"""Who belongs to an organisation here: invitations, domains of e-mail, and who is taken off.

Invariants: an address counts once it is verified, and only its owner accepts an invitation to it; a
domain lets people in once somebody has proved to read mail at it, and never where anybody can have
an address.
"""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import gettext_noop

INVITATION_DAYS: Final = 14
"""Days for which an invitation can be accepted."""

CODE_DIGITS: Final = 6
CODE_HOURS: Final = 24
"""Hours for which the code of a domain can be entered."""

CODE_ATTEMPTS_MAX: Final = 5
"""Wrong entries after which a code is void: a million codes are not tried through."""

ADDRESS_MAX: Final = 254
DOMAIN_MAX: Final = 190

_DOMAIN: Final = re.compile(
    r"(?=.{4,190}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
)


class Way(StrEnum):
    """How somebody came to an organisation."""

    CONTACT = "contact"
    INVITATION = "invitation"
    DOMAIN = "domain"


_PUBLIC: Final = gettext_noop(
    "“%(domain)s” is a public mail service, where anybody can have an address. Use the "
    "organisation's own domain, or invite people one by one."
)
_NO_DOMAIN: Final = gettext_noop("“%(address)s” is no e-mail address at a domain.")
_TAKEN: Final = gettext_noop(
    "“%(domain)s” is verified for another organisation. Ask the programme office which is right."
)
_OVER: Final = gettext_noop("This invitation is over. Ask for another one.")
_USED: Final = gettext_noop("This invitation has been accepted.")
_OTHER_ADDRESS: Final = gettext_noop(
    "This invitation is for another address than yours. Sign in with the account of that address, "
    "or ask for an invitation to yours."
)
_IS_ONE: Final = gettext_noop("Somebody with this address belongs to the organisation already.")
_CODE_OVER: Final = gettext_noop(
    "The code is over or was entered wrongly too often. Ask for a new one."
)
_CODE_WRONG: Final = gettext_noop("This is not the code that was sent. Enter its six digits.")
_NOT_AT_DOMAIN: Final = gettext_noop(
    "None of your verified addresses is at a domain of this organisation. Ask one of its people "
    "to invite you."
)
_REGISTERED: Final = gettext_noop(
    "The programme office has entered this person for the organisation. Ask it to take the person "
    "off."
)
_ONESELF: Final = gettext_noop("Another of the organisation's people takes you off.")


def domain_of(address: str) -> str:
    """The domain of an e-mail address in small letters; empty where it has none."""
    name, _at, domain = address.strip().lower().rpartition("@")
    return domain if name and _DOMAIN.fullmatch(domain) else ""


def is_public_domain(domain: str, public: Collection[str]) -> bool:
    """Whether the domain, or one above it, is of a service where anybody has an address."""
    parts = domain.split(".")
    return any(".".join(parts[place:]) in public for place in range(len(parts) - 1))


def refuse_domain(address: str, public: Collection[str], *, is_taken: bool) -> Refusal | None:
    """Why an organisation can't have the domain of that address verified, or None."""
    domain = domain_of(address)
    if not domain:
        return Refusal("no_domain", _NO_DOMAIN, params={"address": address[:ADDRESS_MAX]})
    if is_public_domain(domain, public):
        return Refusal("public_domain", _PUBLIC, params={"domain": domain})
    if is_taken:
        return Refusal("domain_taken", _TAKEN, params={"domain": domain})
    return None


def refuse_invitation(
    *, email: str, addresses: Collection[str], expires_at: datetime, is_used: bool, now: datetime
) -> Refusal | None:
    """Why whoever has these verified addresses can't accept the invitation, or None."""
    if email.lower() not in {address.lower() for address in addresses}:
        return Refusal("other_address", _OTHER_ADDRESS)
    if is_used:
        return Refusal("invitation_used", _USED)
    return Refusal("invitation_over", _OVER) if now >= expires_at else None


def refuse_member_invited(*, is_one: bool) -> Refusal | None:
    """Refuse to invite somebody who belongs to the organisation already."""
    return Refusal("is_one", _IS_ONE) if is_one else None


def refuse_code(
    *, is_right: bool, attempts: int, asked_at: datetime, now: datetime
) -> Refusal | None:
    """Why the code of a domain can't be taken, or None."""
    if attempts >= CODE_ATTEMPTS_MAX or now >= asked_at + timedelta(hours=CODE_HOURS):
        return Refusal("code_over", _CODE_OVER)
    return None if is_right else Refusal("code_wrong", _CODE_WRONG)


def refuse_joiner(*, is_at_domain: bool) -> Refusal | None:
    """Refuse whoever has no verified address at a verified domain of the organisation."""
    return None if is_at_domain else Refusal("not_at_domain", _NOT_AT_DOMAIN)


def refuse_removal(*, is_oneself: bool, is_registered: bool) -> Refusal | None:
    """Why somebody can't be taken off an organisation by its own people, or None."""
    if is_oneself:
        return Refusal("oneself", _ONESELF)
    return Refusal("registered", _REGISTERED) if is_registered else None
