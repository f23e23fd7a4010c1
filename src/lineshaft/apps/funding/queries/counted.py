"""The records behind the figures of funding.

A `*_counted` is the list of records behind a figure, cut to what the reader may see; `count_*`
counts the same records uncut, so that a page can say how many it withholds.
"""

from typing import Final

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from lineshaft.apps.funding.models import Contribution, ContributionSum, DaySum, Transfer
from lineshaft.apps.funding.queries.visible import contributions_visible_to, transfers_visible_to
from lineshaft.apps.funding.rules import (
    ContributionState,
    TransferCode,
)
from lineshaft.apps.network.rules import RecipientKind
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.plumbing.actor import Actor


def obligations_counted(
    actor: Actor, period: FiscalPeriod | None = None, institute: str | None = None
) -> QuerySet[Transfer]:
    """The visible transfers behind the federal money obligated, each with its `counted_minor`.

    An obligation counts up; a release and a return count down, since the money can be obligated
    again; a correction counts against what it corrects.
    """
    return in_scope(transfers_visible_to(actor).filter(OBLIGATED), period, institute).annotate(
        counted_minor=obligated_minor()
    )


def count_obligations(period: FiscalPeriod | None = None, institute: str | None = None) -> int:
    """How many records stand behind the federal money obligated, whoever asks."""
    return _count(DaySum.objects.filter(OBLIGATED_SUMS), period, institute)


def drawdowns_counted(
    actor: Actor, period: FiscalPeriod | None = None, institute: str | None = None
) -> QuerySet[Transfer]:
    """The visible transfers behind the federal money drawn, each with its `counted_minor`."""
    return in_scope(transfers_visible_to(actor).filter(DRAWN), period, institute).annotate(
        counted_minor=drawn_minor()
    )


def count_drawdowns(period: FiscalPeriod | None = None, institute: str | None = None) -> int:
    """How many records stand behind the federal money drawn, whoever asks."""
    return _count(DaySum.objects.filter(DRAWN_SUMS), period, institute)


def contributions_counted(
    actor: Actor,
    period: FiscalPeriod | None = None,
    institute: str | None = None,
    *,
    is_cash: bool | None = None,
) -> QuerySet[Contribution]:
    """The visible accepted contributions; `is_cash` None counts cash and in-kind together."""
    accepted = accepted_of(contributions_visible_to(actor), is_cash=is_cash)
    return in_scope(accepted, period, institute).annotate(counted_minor=F("accepted_minor"))


def count_contributions(
    period: FiscalPeriod | None = None,
    institute: str | None = None,
    *,
    is_cash: bool | None = None,
) -> int:
    """How many accepted contributions there are, whoever asks."""
    sums = ContributionSum.objects.filter(is_other=False)
    if is_cash is not None:
        sums = sums.filter(is_cash=is_cash)
    found: int = in_scope(sums, period, institute).aggregate(all=Coalesce(Sum("contributions"), 0))[
        "all"
    ]
    return found


OF_TRANSFERS: Final = "corrects__code"
OF_DAYS: Final = "corrects_code"
"""Where a transfer, and a sum of a day, says what is corrected."""


def obligated_minor(corrects_code: str = OF_TRANSFERS) -> Case:
    """What a transfer adds to the federal money obligated, as an expression; may be negative."""
    return _signed(
        plus=Q(code=TransferCode.OBLIGATE) | Q(**{corrects_code: TransferCode.RETURN}),
        minus=Q(code__in=[TransferCode.RELEASE, TransferCode.RETURN])
        | Q(**{corrects_code: TransferCode.DRAW}),
    )


def drawn_minor(corrects_code: str = OF_TRANSFERS) -> Case:
    """What a transfer adds to the federal money drawn, as an expression; may be negative."""
    return _signed(
        plus=Q(code=TransferCode.DRAW) | Q(**{corrects_code: TransferCode.RETURN}),
        minus=Q(code=TransferCode.RETURN) | Q(**{corrects_code: TransferCode.DRAW}),
    )


_DRAWN_CODES: Final = [TransferCode.DRAW, TransferCode.RETURN]
_OBLIGATED_CODES: Final = [TransferCode.OBLIGATE, TransferCode.RELEASE, TransferCode.RETURN]


def _coded(codes: list[TransferCode], corrects_code: str) -> Q:
    return Q(code__in=codes) | Q(**{f"{corrects_code}__in": _DRAWN_CODES})


OBLIGATED: Final = _coded(_OBLIGATED_CODES, OF_TRANSFERS)
DRAWN: Final = _coded(_DRAWN_CODES, OF_TRANSFERS)
OBLIGATED_SUMS: Final = _coded(_OBLIGATED_CODES, OF_DAYS)
DRAWN_SUMS: Final = _coded(_DRAWN_CODES, OF_DAYS)


def _count(sums: QuerySet[DaySum], period: FiscalPeriod | None, institute: str | None) -> int:
    found: int | None = in_scope(sums, period, institute).aggregate(all=Sum("transfers"))["all"]
    return found or 0


def _signed(*, plus: Q, minus: Q) -> Case:
    return Case(
        When(plus, then=F("amount_minor")),
        When(minus, then=-F("amount_minor")),
        default=0,
        output_field=BigIntegerField(),
    )


def accepted_of(
    contributions: QuerySet[Contribution], *, is_cash: bool | None
) -> QuerySet[Contribution]:
    """Those of the contributions that are accepted; `is_cash` None: cash and in-kind."""
    accepted = contributions.filter(state=ContributionState.ACCEPTED)
    return accepted if is_cash is None else accepted.filter(is_cash=is_cash)


def in_scope[M: (Transfer, Contribution, DaySum, ContributionSum)](
    records: QuerySet[M], period: FiscalPeriod | None, institute: str | None
) -> QuerySet[M]:
    """Those of the records dated in the period, and of the institute; None: of any institute.

    An extension centre is no institute: its records are counted by its own key alone.
    """
    if period is not None:
        records = records.filter(occurred_on__gte=period.starts_on, occurred_on__lt=period.ends_on)
    if institute is None:
        return records.filter(agreement__institute__kind=RecipientKind.INSTITUTE)
    return records.filter(agreement__institute__key=institute)
