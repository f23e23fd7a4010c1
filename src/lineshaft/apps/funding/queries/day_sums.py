"""Sums and counts of transfers from what is kept of each day: a row for a day, not for a transfer.

The transfers of an agreement may be millions; the days on which they were made are not.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, DaySum, Transfer
from lineshaft.apps.funding.queries.costs import oversees
from lineshaft.apps.funding.queries.visible import transfers_visible_to
from lineshaft.apps.funding.rules import AccountKind, Moved, TransferCode, TransferKind, Way
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import DayCount

_PUBLIC: Final = tuple(way for way in rules.WAYS if way.is_public)
_COST_SHARE: Final = tuple(
    way for way in rules.WAYS if AccountKind.SOURCE in {way.debit, way.credit}
)
_MOVING: Final = tuple(
    code.value
    for code, rule in rules.CODES.items()
    if rule.kind in {TransferKind.DIRECT, TransferKind.POST}
)
_OF_TRANSFERS: Final = {"out_of": "debit_account__kind", "into": "credit_account__kind"}
_OF_SUMS: Final = {"out_of": "debit_kind", "into": "credit_kind"}


def moved_in(sums: QuerySet[DaySum]) -> list[Moved]:
    """What the sums come to by way: at most as many as there are ways, in one query."""
    ways = (
        sums.order_by()
        .values_list("code", "debit_kind", "credit_kind")
        .annotate(moved_minor=Sum("amount_minor"))
    )
    return [
        Moved(rules.CODES[TransferCode(code)].kind, debit, credit, moved_minor)
        for code, debit, credit, moved_minor in ways
    ]


def ways_q(ways: Iterable[Way]) -> Q:
    """The sums of these ways; of no way, none."""
    return reduce(
        or_,
        (
            Q(
                code=way.code.value,
                corrects_code=way.corrects.value if way.corrects else "",
                debit_kind=way.debit.value,
                credit_kind=way.credit.value,
            )
            for way in ways
        ),
        Q(pk__in=[]),
    )


def days_of(sums: QuerySet[DaySum]) -> list[DayCount]:
    """How many transfers the sums count on each day, newest first."""
    return list(
        sums.order_by("-occurred_on").values_list("occurred_on").annotate(counted=Sum("transfers"))
    )


def kinds_readable_by(actor: Actor, agreement: Agreement) -> tuple[AccountKind, ...]:
    """Kinds of account of which the actor reads every movement under the agreement."""
    if oversees(actor, agreement):
        return tuple(AccountKind)
    moved = {kind for way in _PUBLIC for kind in (way.debit, way.credit)}
    moved -= {kind for way in rules.WAYS if not way.is_public for kind in (way.debit, way.credit)}
    return tuple(kind for kind in AccountKind if kind in moved)


def transfers_of(
    actor: Actor, agreement: Agreement, narrowed: Mapping[str, Any]
) -> QuerySet[Transfer]:
    """The transfers under the agreement that the actor may see, newest first.

    `narrowed` may hold a `code`; `since` and `before`, the days between which they lie; a kind of
    account that they moved money `out_of` or `into`, where what is only pending is left out; and
    the `agency` whose part of a shared agreement they moved.
    """
    found = transfers_visible_to(actor).filter(_narrowed(narrowed, _OF_TRANSFERS))
    if "agency" in narrowed:
        part = narrowed["agency"]
        found = found.filter(Q(debit_account__agency=part) | Q(credit_account__agency=part))
    return found.filter(agreement=agreement)


def days_of_transfers(
    actor: Actor, agreement: Agreement, narrowed: Mapping[str, Any]
) -> list[DayCount]:
    """How many of `transfers_of` there are on each day, newest first.

    Counted from the sums, but for cost share, of which each contribution has a level of its own,
    and for one agency's part, which the sums do not tell apart.
    """
    if "agency" in narrowed:
        visible = transfers_of(actor, agreement, narrowed).order_by("-occurred_on")
        return list(visible.values_list("occurred_on").annotate(counted=Count("pk")))
    sums = DaySum.objects.filter(_narrowed(narrowed, _OF_SUMS), agreement=agreement)
    if oversees(actor, agreement):
        return days_of(sums)
    days = {
        day: (public or 0, bool(shared))
        for day, public, shared in sums.order_by()
        .values_list("occurred_on")
        .annotate(
            public=Sum("transfers", filter=ways_q(_PUBLIC)),
            shared=Sum("transfers", filter=ways_q(_COST_SHARE)),
        )
    }
    shared_on = [day for day, (_public, has_shared) in days.items() if has_shared]
    seen = Counter({day: public for day, (public, _has_shared) in days.items() if public})
    seen.update(dict(_cost_share_seen(transfers_of(actor, agreement, narrowed), shared_on)))
    return sorted(seen.items(), reverse=True)


def _cost_share_seen(visible: QuerySet[Transfer], days: Collection[date]) -> QuerySet[Any, Any]:
    """On each of the days how many of the visible transfers are of cost share."""
    return (
        visible.filter(
            Q(corrects__isnull=True) | ~Q(corrects__code__in=rules.PUBLIC_CODES),
            code__in=sorted({way.code.value for way in _COST_SHARE}),
            occurred_on__in=days,
        )
        .order_by()
        .values_list("occurred_on")
        .annotate(counted=Count("pk"))
    )


def _narrowed(narrowed: Mapping[str, Any], sides: Mapping[str, str]) -> Q:
    """Columns that transfers and sums of days have in common, and those of the accounts' kinds."""
    lookups = {"code": "code", "since": "occurred_on__gte", "before": "occurred_on__lt", **sides}
    found = Q(**{lookup: narrowed[name] for name, lookup in lookups.items() if name in narrowed})
    if sides.keys() & narrowed.keys():
        found &= Q(code__in=_MOVING)
    return found
