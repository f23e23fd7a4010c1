"""Reads of memberships: who belongs to which institute on a day or in a period.

An agreement is seen where its level and its organisation's level allow; an institute's staff see
all of its own, an organisation all of its own. Tier and dues are for those two and network staff.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db.models import Count, Q, QuerySet

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import MemberAgreement
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.queries import group_q, standing_id
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.sharing import visible_q


@dataclass(frozen=True, slots=True)
class Counted[Rows]:
    """The records behind a figure: those the actor may read, and how many more it counts."""

    rows: Rows
    total: int
    withheld: int


def members_visible_to(actor: Actor) -> QuerySet[MemberAgreement]:
    """The member agreements that the actor may read, with organisation and institute."""
    return MemberAgreement.objects.filter(
        visible_q(actor, institute="institute__key", organisation="organisation_id")
        & visible_q(
            actor,
            level="organisation__level",
            institute="institute__key",
            organisation="organisation_id",
        )
    ).select_related("organisation__merged_into", "institute")


def member_agreement_by_id(actor: Actor, pk: int) -> MemberAgreement:
    """The agreement of that id; raises NotFound, also where it may not be seen."""
    found = members_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(
            gettext_noop("There is no such membership agreement, or none that you may see."),
            code="no_agreement",
        )
    return found


def in_force_q(on: date) -> Q:
    """The condition that an agreement is in force on that day."""
    return Q(starts_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gt=on))


def in_period_q(starts_on: date, ends_on: date) -> Q:
    """The condition that an agreement was in force on some day of the half-open period."""
    return Q(starts_on__lt=ends_on) & (Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on))


def members_of(actor: Actor, institute: Institute, *, on: date) -> QuerySet[MemberAgreement]:
    """The institute's agreements in force on that day that the actor may read."""
    return members_visible_to(actor).filter(in_force_q(on), institute=institute)


def memberships_of(actor: Actor, organisation: Organisation) -> QuerySet[MemberAgreement]:
    """Every agreement of the organisation that the actor may read, past ones too, and those of
    records that were merged into it.
    """
    return members_visible_to(actor).filter(group_q(organisation.pk))


def spans_held(institute: Institute, organisation: Organisation) -> tuple[Span, ...]:
    """The days of every agreement of the organisation there, and of records merged into it."""
    rows = MemberAgreement.objects.filter(group_q(organisation.pk), institute=institute)
    return tuple(Span(*days) for days in rows.values_list("starts_on", "ends_on"))


def members_counted(
    actor: Actor,
    period: FiscalPeriod,
    *,
    institute: str | None = None,
    kinds: Collection[str] | None = None,
) -> Counted[QuerySet[Organisation]]:
    """The distinct organisations that were members on some day of the period.

    `institute` is a key, None for the whole network; `kinds` keeps the organisations of these
    kinds. Rows the actor may not read are counted in
    `withheld` only. Two counting queries.
    """
    counted = _of_period(period, institute)
    if kinds is not None:
        counted = counted.filter(organisation__kind__in=sorted(kinds))
    total = counted.aggregate(number=Count(standing_id(), distinct=True))["number"]
    readable = members_visible_to(actor).filter(pk__in=counted.values("pk"))
    rows = Organisation.objects.filter(
        pk__in=readable.order_by().values_list(standing_id())
    ).order_by("name", "pk")
    return Counted(rows=rows, total=total, withheld=total - rows.count())


def memberships_counted(
    actor: Actor, period: FiscalPeriod, *, institute: str | None = None
) -> Counted[QuerySet[MemberAgreement]]:
    """The pairs of organisation and institute in force on some day of the period, as agreements.

    An organisation that left and joined the same institute again within the period has two
    agreements here and is one membership in the figure: `total` counts pairs.
    """
    counted = _of_period(period, institute)
    total = _pairs(counted)
    rows = members_visible_to(actor).filter(pk__in=counted.values("pk"))
    readable = _pairs(rows.order_by())
    return Counted(
        rows=rows.order_by("organisation__name", "institute__key", "starts_on", "pk"),
        total=total,
        withheld=total - readable,
    )


def may_read_terms(actor: Actor, *, institute: str, organisation_id: int) -> bool:
    """Whether the actor may read the tier, the dues and the signature of such an agreement."""
    return (
        actor.is_network_staff
        or institute in actor.staff_institute_keys
        or organisation_id in actor.organisation_ids
    )


def refuse_merge(merged: Organisation, survivor: Organisation) -> Refusal | None:
    """Why the agreements of two records can't be one organisation's, or None: they share a day."""
    held: dict[int, list[MemberAgreement]] = {}
    for agreement in (
        MemberAgreement.objects.filter(group_q(merged.pk) | group_q(survivor.pk))
        .select_related("institute")
        .order_by("institute__key", "starts_on", "pk")
    ):
        held.setdefault(agreement.institute_id, []).append(agreement)
    for agreements in held.values():
        for one, after in pairwise(agreements):
            span = Span(one.starts_on, one.ends_on)
            if span.overlaps(Span(after.starts_on, after.ends_on)):
                return rules.overlapping_agreements(
                    merged.name, survivor.name, institute=one.institute.name, span=span
                )
    return None


def _pairs(rows: QuerySet[MemberAgreement]) -> int:
    standing = rows.annotate(standing=standing_id())
    return standing.values("standing", "institute_id").distinct().count()


def _of_period(period: FiscalPeriod, institute: str | None) -> QuerySet[MemberAgreement]:
    rows = MemberAgreement.objects.filter(in_period_q(period.starts_on, period.ends_on))
    return rows if institute is None else rows.filter(institute__key=institute)
