"""The records behind a part of the portfolio: of some years, institutes, an agency, a category.

As with the figures of the report, a list is cut to what the reader may see, and its `count_*` says
how many records there are, whoever asks: from the sums of days, but for what these do not tell
apart, which is the agency whose money was moved, and the kind of cost share.
"""

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from lineshaft.apps.funding.models import (
    BudgetLine,
    Contribution,
    ContributionSum,
    CostMovement,
    CostSum,
    DaySum,
    Transfer,
)
from lineshaft.apps.funding.queries.counted import (
    DRAWN,
    DRAWN_SUMS,
    OBLIGATED,
    OBLIGATED_SUMS,
    accepted_of,
    drawn_minor,
    obligated_minor,
)
from lineshaft.apps.funding.queries.visible import (
    agreements_visible_to,
    contributions_visible_to,
    overseen_q,
    sponsors_of,
    transfers_visible_to,
)
from lineshaft.apps.funding.rules import INCURRING_CODES, AgreementState
from lineshaft.apps.network.rules import RecipientKind
from lineshaft.plumbing.actor import Actor

type Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class MoneyScope:
    """Which records: dated in one of the spans, of these institutes (None: of any), of an agency,
    of one kind of cost share or category of cost (empty: of all).
    """

    spans: tuple[Span, ...]
    institutes: tuple[str, ...] | None = None
    agency: str = ""
    part: str = ""


def obligations_in(actor: Actor, scope: MoneyScope) -> QuerySet[Transfer]:
    """The visible transfers behind the federal money obligated, each with its `counted_minor`."""
    return _transfers(transfers_visible_to(actor).filter(OBLIGATED), scope).annotate(
        counted_minor=obligated_minor()
    )


def count_obligations_in(scope: MoneyScope) -> int:
    """How many records stand behind the federal money obligated, whoever asks."""
    if scope.agency:
        return _transfers(Transfer.objects.filter(OBLIGATED), scope).count()
    return _counted(_dated_of(DaySum.objects.filter(OBLIGATED_SUMS), scope), "transfers")


def drawdowns_in(actor: Actor, scope: MoneyScope) -> QuerySet[Transfer]:
    """The visible transfers behind the federal money drawn, each with its `counted_minor`."""
    return _transfers(transfers_visible_to(actor).filter(DRAWN), scope).annotate(
        counted_minor=drawn_minor()
    )


def count_drawdowns_in(scope: MoneyScope) -> int:
    """How many records stand behind the federal money drawn, whoever asks."""
    if scope.agency:
        return _transfers(Transfer.objects.filter(DRAWN), scope).count()
    return _counted(_dated_of(DaySum.objects.filter(DRAWN_SUMS), scope), "transfers")


def contributions_in(
    actor: Actor, scope: MoneyScope, *, is_cash: bool | None = None
) -> QuerySet[Contribution]:
    """The visible accepted contributions, with the sponsors of their agreements."""
    rows = accepted_of(contributions_visible_to(actor), is_cash=is_cash)
    return _contributions(rows, scope).prefetch_related(sponsors_of("agreement__sponsors"))


def count_contributions_in(scope: MoneyScope, *, is_cash: bool | None = None) -> int:
    """How many accepted contributions there are, whoever asks."""
    if scope.part:
        accepted = accepted_of(Contribution.objects.all(), is_cash=is_cash)
        return _contributions(accepted, scope).count()
    sums = _sponsored(_dated_of(ContributionSum.objects.filter(is_other=False), scope), scope)
    if is_cash is not None:
        sums = sums.filter(is_cash=is_cash)
    return _counted(sums, "contributions")


def costs_in(actor: Actor, scope: MoneyScope) -> QuerySet[CostMovement]:
    """The movements by which costs were incurred or taken back, of agreements that the actor
    oversees, with the sponsors of these.
    """
    rows = CostMovement.objects.select_related(
        "transfer__corrects", "cost__agreement__institute"
    ).prefetch_related(sponsors_of("cost__agreement__sponsors"))
    if not actor.is_network_staff:
        rows = rows.filter(overseen_q(actor, "cost__agreement"))
    return _costs(rows, scope)


def count_costs_in(scope: MoneyScope) -> int:
    """How many movements of costs there are, whoever asks."""
    sums = CostSum.objects.filter(
        Q(code__in=INCURRING_CODES) | Q(corrects_code__in=INCURRING_CODES)
    )
    sums = _sponsored(_dated_of(sums, scope), scope)
    if scope.part:
        sums = sums.filter(category=scope.part)
    return _counted(sums, "movements")


def budget_lines_in(actor: Actor, scope: MoneyScope, *, is_federal: bool) -> QuerySet[BudgetLine]:
    """The visible budget lines whose period shares a day with one of the spans."""
    rows = BudgetLine.objects.select_related("period__agreement__institute").prefetch_related(
        sponsors_of("period__agreement__sponsors")
    )
    visible = agreements_visible_to(actor).order_by()
    return _budget_lines(rows.filter(period__agreement__in=visible), scope, is_federal=is_federal)


def count_budget_lines_in(scope: MoneyScope, *, is_federal: bool) -> int:
    """How many budget lines there are, whoever asks."""
    return _budget_lines(BudgetLine.objects.all(), scope, is_federal=is_federal).count()


# --------------------------------------------------------------------------------------- within


def _dated_of[M: (Transfer, Contribution, DaySum, ContributionSum, CostSum)](
    rows: QuerySet[M], scope: MoneyScope
) -> QuerySet[M]:
    return rows.filter(_dated(scope), _of_institutes(scope, "agreement"))


def _sponsored[M: (Contribution, ContributionSum, CostSum)](
    rows: QuerySet[M], scope: MoneyScope
) -> QuerySet[M]:
    return rows.filter(agreement__sponsors__agency__key=scope.agency) if scope.agency else rows


def _counted(sums: QuerySet[Any], column: str) -> int:
    found: int | None = sums.aggregate(all=Sum(column))["all"]
    return found or 0


def _transfers(rows: QuerySet[Transfer], scope: MoneyScope) -> QuerySet[Transfer]:
    rows = _dated_of(rows, scope)
    if scope.agency:
        rows = rows.alias(
            money_of=Coalesce(
                "debit_account__agency__key",
                "credit_account__agency__key",
                "agreement__agency__key",
            )
        ).filter(money_of=scope.agency)
    return rows


def _contributions(rows: QuerySet[Contribution], scope: MoneyScope) -> QuerySet[Contribution]:
    rows = _sponsored(_dated_of(rows, scope), scope)
    return rows.filter(kind=scope.part) if scope.part else rows


def _costs(rows: QuerySet[CostMovement], scope: MoneyScope) -> QuerySet[CostMovement]:
    rows = rows.filter(
        _dated(scope, "transfer__"),
        Q(transfer__code__in=INCURRING_CODES) | Q(transfer__corrects__code__in=INCURRING_CODES),
        _of_institutes(scope, "cost__agreement"),
    )
    if scope.agency:
        rows = rows.filter(cost__agreement__sponsors__agency__key=scope.agency)
    return rows.filter(cost__category=scope.part) if scope.part else rows


def _budget_lines(
    rows: QuerySet[BudgetLine], scope: MoneyScope, *, is_federal: bool
) -> QuerySet[BudgetLine]:
    overlaps = [
        Q(period__starts_on__lt=ends_on, period__ends_on__gt=starts_on)
        for starts_on, ends_on in scope.spans
    ]
    rows = rows.filter(
        _any_of(overlaps),
        Q(federal_minor__gt=0) if is_federal else Q(nonfederal_minor__gt=0),
        _of_institutes(scope, "period__agreement"),
    ).exclude(period__agreement__state=AgreementState.DRAFT)
    if scope.agency:
        rows = rows.filter(period__agreement__sponsors__agency__key=scope.agency)
    return rows.filter(category=scope.part) if scope.part else rows


def _dated(scope: MoneyScope, prefix: str = "") -> Q:
    return _any_of(
        [
            Q(**{f"{prefix}occurred_on__gte": starts_on, f"{prefix}occurred_on__lt": ends_on})
            for starts_on, ends_on in scope.spans
        ]
    )


def _of_institutes(scope: MoneyScope, agreement: str) -> Q:
    """An extension centre is no institute: the portfolio counts none of its records."""
    kind = Q(**{f"{agreement}__institute__kind": RecipientKind.INSTITUTE})
    if scope.institutes is None:
        return kind
    return kind & Q(**{f"{agreement}__institute__key__in": scope.institutes})


def _any_of(conditions: list[Q]) -> Q:
    return reduce(or_, conditions, Q(pk__in=()))
