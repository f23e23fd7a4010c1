"""The one place at which limits on participation are enforced: every door calls `pass_gate`.

What somebody may not see is left out by `sharing.visible_q`; what they see and may not take, join,
book or export is refused here, with the decision that says so. Whoever acts under a decision is
logged in the audit trail, passes and refusals alike; nobody else is, so that a read stays a read.
A door asks before its transaction begins: what is rolled back leaves no log.
"""

from datetime import datetime
from typing import Final

from django.db import transaction

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import Refused
from lineshaft.kernel.text import Day, Term, gettext_noop
from lineshaft.kernel.workflow import term_of
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.limits import Gate, Limits
from lineshaft.plumbing.sharing import SharingLevel

LEVEL_TERMS: Final = {
    SharingLevel.PUBLIC: Term(gettext_noop("Public")),
    SharingLevel.NETWORK: Term(gettext_noop("Network")),
    SharingLevel.INSTITUTE: Term(gettext_noop("Members of the institute")),
    SharingLevel.PARTICIPANTS: Term(gettext_noop("Participants")),
    SharingLevel.RESTRICTED: Term(gettext_noop("Restricted")),
}
_ORDER: Final = tuple(SharingLevel)
_READING: Final = frozenset({Gate.FILE_DOWNLOAD, Gate.SEARCH, Gate.EXPORT})

_SHUT: Final = gettext_noop(
    "Your organisation does not take part at %(institute)s today (%(reference)s: %(standing)s)."
    " What is public stays open; its sponsor decides on more."
)
_FILE: Final = gettext_noop(
    "%(reference)s lets your organisation open files up to the level “%(most)s”. This one is shared"
    " as “%(level)s”. Ask the institute for what you need from it."
)
_EXPORT: Final = gettext_noop(
    "%(reference)s lets your organisation read, and not export. What is public can be exported by"
    " anybody who has not signed in."
)
_BOOKING: Final = gettext_noop(
    "%(reference)s keeps equipment of the kind “%(kind)s” from your organisation. Other equipment"
    " can be booked."
)
_PROJECT: Final = gettext_noop(
    "%(reference)s names the projects in which your organisation takes part, and this is none of"
    " them. Ask the sponsor to decide on it."
)
_INSTITUTE: Final = gettext_noop(
    "%(reference)s names the institutes at which your organisation takes part, and %(institute)s is"
    " none of them. Ask the sponsor to decide on it."
)


def pass_gate(
    actor: Actor,
    gate: Gate,
    *,
    now: datetime,
    institute: str = "",
    level: str = "",
    kind: str = "",
    name: str = "",
) -> None:
    """Return if no limit keeps the actor from passing; raises Refused with the decision.

    `institute` is the key of that whose thing it is, empty for what is of several; `level` the
    sharing level of a file, `kind` of a piece of equipment, `name` what is opened, for a project
    its key. Writes an audit event for whoever is under limits there, in a transaction of its own
    unless the caller has one.
    """
    asked = [one for one in limits_at(actor, institute) if not _leaves_public(one, gate)]
    if not asked:
        return
    refusals = [
        (one, refuse_gate(one, gate, institute=institute, level=level, kind=kind, name=name))
        for one in asked
    ]
    refused = [(one, refusal) for one, refusal in refusals if refusal is not None]
    said = {"gate": gate, "of": institute, "level": level, "kind": kind, "name": name}
    with transaction.atomic():
        for one, refusal in refused[:1] or refusals:
            record_event(
                actor,
                "refuse_gate" if refusal else "pass_gate",
                one.subject,
                now=now,
                institute=one.institute,
                changes={key: text for key, text in said.items() if text}
                | ({"code": refusal.code} if refusal else {}),
            )
    for _one, refusal in refused:
        raise Refused(refusal)


def limits_at(actor: Actor, institute: str) -> tuple[Limits, ...]:
    """The limits under which the actor passes there; the narrower of two bind both.

    At an institute those decided for it. What is of no one institute, and an institute to which
    the actor comes by limited participation elsewhere alone, is under every limit.
    """
    if not actor.limits or actor.is_network_staff or institute in actor.staff_institute_keys:
        return ()
    own = tuple(one for one in actor.limits if one.institute == institute)
    if own or institute in actor.institute_keys:
        return own
    if institute and actor.is_unlimited_somewhere:
        return ()
    return actor.limits


def _leaves_public(limits: Limits, gate: Gate) -> bool:
    """Whether behind that door stands only what anybody may take: the rows decide, not the door."""
    return limits.is_shut and gate in _READING


def refuse_gate(
    limits: Limits, gate: Gate, *, institute: str, level: str = "", kind: str = "", name: str = ""
) -> Refusal | None:
    """Why these limits keep somebody from passing the gate, or None."""
    if limits.is_shut:
        return _refusal(
            limits,
            "participation_shut",
            _SHUT,
            institute=limits.institute,
            standing=term_of(limits.standing),
        )
    named = limits.institutes
    is_named = not institute or named is None or institute in named | {limits.institute}
    if not is_named and gate not in _READING:  # of what is read there the rows decide
        return _refusal(limits, "institute_not_named", _INSTITUTE, institute=institute)
    match gate:
        case Gate.FILE_DOWNLOAD if limits.files_up_to is not None and level:
            most = SharingLevel(limits.files_up_to)
            if _ORDER.index(SharingLevel(level)) <= _ORDER.index(most):
                return None
            terms = {"most": LEVEL_TERMS[most], "level": LEVEL_TERMS[SharingLevel(level)]}
            return _refusal(limits, "file_above_level", _FILE, **terms)
        case Gate.EXPORT if not limits.may_export:
            return _refusal(limits, "no_export", _EXPORT)
        case Gate.BOOKING if kind in limits.barred_bookings:
            return _refusal(limits, "booking_barred", _BOOKING, kind=kind)
        case Gate.PROJECT if limits.projects is not None and name not in limits.projects:
            return _refusal(limits, "project_not_named", _PROJECT)
        case _:
            return None


def _refusal(limits: Limits, code: str, message: str, **params: str) -> Refusal:
    until = {"until": Day(limits.until)} if limits.until else {}
    return Refusal(
        code, message, limits.citation, {"reference": limits.reference, **params, **until}
    )
