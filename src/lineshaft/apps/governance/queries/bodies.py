"""Reads of governance: the bodies, who sits in them, and whether they are made up as asked."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import (
    Count,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    prefetch_related_objects,
)

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import Appointment, Body, Seat
from lineshaft.apps.governance.rules import Check, Holder
from lineshaft.apps.network.models import Person
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.jurisdiction import (
    BodyKind,
    BodyMeasure,
    BodyRule,
    JurisdictionProfile,
    OrganisationGroup,
)
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.sharing import visible_q

ENDING_WITHIN: Final = timedelta(days=90)
"""A term that ends so soon wants a successor."""

_NO_BODY: Final = gettext_noop("There is no such body, or none that you may see.")
_NO_SEAT: Final = gettext_noop("There is no such seat, or none that you may see.")
_NO_APPOINTMENT: Final = gettext_noop("There is no such appointment, or none that you may see.")


@dataclass(frozen=True, slots=True)
class SeatStanding:
    """A seat on a day: who holds it then, or None, and who comes after."""

    seat: Seat
    holder: Appointment | None
    next_holder: Appointment | None

    @property
    def is_vacant(self) -> bool:
        """True where nobody holds it on the day."""
        return self.holder is None

    def is_ending(self, by: date) -> bool:
        """Whether its holder's term ends by that day and nobody comes after."""
        return (
            self.holder is not None
            and self.next_holder is None
            and self.holder.ends_on is not None
            and self.holder.ends_on <= by
        )


@dataclass(frozen=True, slots=True)
class BodyStanding:
    """A body on a day: its open seats, and how it stands under the rules on its composition."""

    body: Body
    seats: tuple[SeatStanding, ...]
    checks: tuple[Check, ...]
    on: date

    @property
    def vacant(self) -> int:
        """How many open seats nobody holds."""
        return sum(one.is_vacant for one in self.seats)

    @property
    def ending(self) -> int:
        """How many terms end within ninety days without a successor."""
        return sum(one.is_ending(self.on + ENDING_WITHIN) for one in self.seats)

    @property
    def unmet(self) -> tuple[Check, ...]:
        """The rules that the body does not meet."""
        return tuple(check for check in self.checks if not check.is_met)


def held_q(on: date) -> Q:
    """That an appointment is held on that day, as a condition on its rows: it has begun, has not
    ended and was not annulled.
    """
    return Q(starts_on__lte=on) & _lasting_q(on)


def bodies_visible_to(actor: Actor) -> QuerySet[Body]:
    """The bodies that the actor may read, with their institute."""
    return Body.objects.filter(visible_q(actor)).select_related("institute")


def seat_by_number(actor: Actor, key: str, number: int) -> Seat:
    """That seat of that body; raises NotFound, also where the body may not be seen."""
    seats = Seat.objects.filter(body__in=bodies_visible_to(actor), body__key=key, number=number)
    found = seats.select_related("body__institute").first()
    if found is None:
        raise NotFound(_NO_SEAT, code="no_seat")
    return found


def body_by_key(actor: Actor, key: str) -> Body:
    """The body of that key; raises NotFound, also where it may not be seen."""
    found = bodies_visible_to(actor).filter(key=key).first()
    if found is None:
        raise NotFound(_NO_BODY, code="no_body")
    return found


def appointment_by_id(actor: Actor, pk: int) -> Appointment:
    """The appointment of that id; raises NotFound, also where its body may not be seen."""
    rows = Appointment.objects.filter(seat__body__in=bodies_visible_to(actor), pk=pk)
    found = rows.select_related("person", "seat__body__institute").first()
    if found is None:
        raise NotFound(_NO_APPOINTMENT, code="no_appointment")
    return found


def may_read_holders(actor: Actor) -> bool:
    """Whether the actor reads who holds a seat; the public reads that it is held."""
    return actor.is_in_network


def bodies_filtered(
    actor: Actor, *, kind: str = "", institute: str = "", key: str = ""
) -> QuerySet[Body]:
    """The bodies that the actor may read, of a kind, of an institute or of a key (each a key)."""
    rows = bodies_visible_to(actor)
    for field, value in (("kind", kind), ("institute__key", institute), ("key", key)):
        if value:
            rows = rows.filter(**{field: value})
    return rows.annotate(is_of_institute=Q(institute__isnull=False)).order_by(
        "is_of_institute", "institute__name", "name", "pk"
    )


def body_standings(bodies: Iterable[Body], *, on: date) -> tuple[BodyStanding, ...]:
    """These bodies as they stand on that day; two queries beside theirs, and one more where a rule
    bounds in how many bodies of a kind somebody sits.
    """
    some = list(bodies)
    appointments = (
        Appointment.objects.filter(_lasting_q(on))
        .select_related("person__organisation")
        .order_by("starts_on")
    )
    prefetch_related_objects(
        some,
        Prefetch("seats", queryset=Seat.objects.filter(_open_q(on)).order_by("number")),
        Prefetch("seats__appointments", queryset=appointments),
    )
    profile = profile_in_use()
    bounded = {
        body.kind
        for body in some
        for rule in _binding(profile, body, on)
        if rule.measure is BodyMeasure.BODIES_MOST
    }
    sitting = _bodies_by_person(bounded, on) if bounded else {}
    return tuple(_standing(body, profile, sitting, on) for body in some)


def seats_counted(bodies: QuerySet[Body], *, on: date) -> tuple[int, int]:
    """How many seats of these bodies are open on that day, and how many of them nobody holds."""
    seats = Seat.objects.filter(_open_q(on), body__in=bodies.order_by())
    held = Appointment.objects.filter(held_q(on), seat=OuterRef("pk"))
    return seats.count(), seats.filter(~Exists(held)).count()


def body_standing(actor: Actor, key: str, *, on: date) -> BodyStanding:
    """One body as it stands on that day; raises NotFound, also where it may not be seen."""
    (found,) = body_standings([body_by_key(actor, key)], on=on)
    return found


def past_appointments(body: Body, *, on: date) -> QuerySet[Appointment]:
    """The appointments of a body that were over on that day or annulled, newest first."""
    over = Q(ends_on__lte=on) | Q(annulled_at__isnull=False)
    return (
        Appointment.objects.filter(over, seat__body=body)
        .select_related("person", "seat")
        .order_by(F("ends_on").desc(nulls_first=True), "seat__number", "pk")
    )


def bodies_to_fill(actor: Actor, *, on: date) -> tuple[BodyStanding, ...]:
    """The bodies that the actor keeps and in which a seat is vacant or a term ends soon.

    The programme office is asked for the network's bodies, an institute's manager for its own. No
    query for who keeps none.
    """
    permission = rules.PERMISSIONS["fill_seats"]
    keeps_network = may(actor, permission)
    own = {key for key in actor.own_institute_keys if may(actor, permission, institute=key)}
    if not (keeps_network or own):
        return ()
    kept = Q(institute__key__in=sorted(own))
    if keeps_network:
        kept |= Q(institute__isnull=True)
    standings = body_standings(bodies_filtered(actor).filter(kept), on=on)
    return tuple(one for one in standings if one.vacant or one.ending)


def _lasting_q(on: date) -> Q:
    """That an appointment counts and is not over on that day."""
    return Q(annulled_at__isnull=True) & (Q(ends_on__isnull=True) | Q(ends_on__gt=on))


def _open_q(on: date) -> Q:
    return Q(opened_on__lte=on) & (Q(closed_on__isnull=True) | Q(closed_on__gt=on))


def _binding(profile: JurisdictionProfile, body: Body, on: date) -> tuple[BodyRule, ...]:
    return profile.body_rules_in_force(Span(on, on + timedelta(days=1)), BodyKind(body.kind))


def _bodies_by_person(kinds: Collection[str], on: date) -> dict[tuple[str, int], int]:
    """In how many bodies of these kinds each person sits who sits in two or more; one query."""
    rows = (
        Appointment.objects.filter(held_q(on), seat__body__kind__in=sorted(kinds))
        .order_by()
        .values_list("seat__body__kind", "person_id")
        .annotate(bodies=Count("seat__body", distinct=True))
        .filter(bodies__gt=1)
    )
    return {(kind, person): bodies for kind, person, bodies in rows}


def _standing(
    body: Body, profile: JurisdictionProfile, sitting: dict[tuple[str, int], int], on: date
) -> BodyStanding:
    seats = tuple(_seat_standing(seat, on) for seat in body.seats.all())
    groups = {kind.key: kind.group for kind in profile.organisation_kinds}
    holders = [
        _holder(
            one.seat, one.holder.person, groups, sitting.get((body.kind, one.holder.person_id), 1)
        )
        for one in seats
        if one.holder is not None
    ]
    return BodyStanding(body, seats, rules.composition(_binding(profile, body, on), holders), on)


def _holder(
    seat: Seat, person: Person, groups: dict[str, OrganisationGroup], bodies: int
) -> Holder:
    kind = person.organisation.kind if person.organisation else ""
    return Holder(seat.kind, kind, groups.get(kind), bodies)


def _seat_standing(seat: Seat, on: date) -> SeatStanding:
    held = list(seat.appointments.all())
    holder = next((one for one in held if one.starts_on <= on), None)
    later = next((one for one in held if one.starts_on > on), None)
    return SeatStanding(seat, holder, later)
