"""An institute's own income, entry by entry and by stream and year.

Programme income under an agreement is entered there once, and counts here under its stream.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import BigIntegerField, Case, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from lineshaft.apps.funding.models import OwnIncome, Transfer
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor


@dataclass(frozen=True, slots=True)
class IncomeByStream:
    """What an institute earned: minor units by (fiscal year, stream)."""

    currency: str
    sums: dict[tuple[int, str], int] = field(default_factory=dict)

    @property
    def years(self) -> list[int]:
        """The fiscal years in which something was earned, oldest first."""
        return sorted({year for year, _stream in self.sums})

    def of(self, year: int, stream: str) -> int:
        """What the stream brought in the year."""
        return self.sums.get((year, stream), 0)

    def of_year(self, year: int) -> int:
        """What all streams brought in the year."""
        return sum(amount for (found, _stream), amount in self.sums.items() if found == year)


def own_income_visible_to(actor: Actor) -> QuerySet[OwnIncome]:
    """Entries of the institutes whose every record the actor reads."""
    entries = OwnIncome.objects.select_related("institute")
    if actor.is_network_staff:
        return entries
    return entries.filter(institute__key__in=sorted(actor.staff_institute_keys))


def own_income_by_id(actor: Actor, pk: UUID) -> OwnIncome:
    """The entry of that id; NotFound where there is none that the actor may see."""
    found = own_income_visible_to(actor).select_related("recorded_by", "reverses").filter(pk=pk)
    entry = found.first()
    if entry is None:
        raise NotFound(code="own_income", message=gettext_noop("There is no such entry."))
    return entry


def left_of_entry() -> CombinedExpression:
    """What an entry of own income brought, less what reversals took back of it, in minor units."""
    taken = OwnIncome.objects.filter(reverses=OuterRef("pk")).order_by().values("reverses")
    sums = Subquery(taken.annotate(sum=Sum("amount_minor")).values("sum"))
    return F("amount_minor") - Coalesce(sums, 0)


def left_to_reverse_minor(entry: OwnIncome) -> int:
    """What the entry brought, less what reversals have taken back of it."""
    taken = entry.reversals.aggregate(sum=Sum("amount_minor"))["sum"]
    return entry.amount_minor - (taken or 0)


def income_by_stream(institute: str) -> IncomeByStream:
    """All income of the institute, own and programme income, in two queries."""
    profile = profile_in_use()
    days: dict[tuple[date, str], int] = defaultdict(int)
    own = (
        OwnIncome.objects.filter(institute__key=institute, currency=profile.currency)
        .order_by()
        .values_list("received_on", "stream")
        .annotate(sum_minor=Sum(signed_own_minor()))
    )
    for day, stream, amount_minor in own:
        days[day, stream] += amount_minor
    earned = (
        Transfer.objects.filter(
            Q(code=TransferCode.EARN_INCOME) | Q(corrects__code=TransferCode.EARN_INCOME),
            code__in=[TransferCode.EARN_INCOME, TransferCode.CORRECT],
            agreement__institute__key=institute,
            currency=profile.currency,
        )
        .order_by()
        .annotate(stream=Coalesce("income__stream", "corrects__income__stream"))
        .values_list("occurred_on", "stream")
        .annotate(sum_minor=Sum(_signed(Q(corrects__isnull=True))))
    )
    for day, stream, amount_minor in earned:
        days[day, stream] += amount_minor
    sums: dict[tuple[int, str], int] = defaultdict(int)
    for (day, stream), amount_minor in days.items():
        sums[profile.fiscal_year_of(day).year, stream] += amount_minor
    return IncomeByStream(profile.currency, dict(sums))


def signed_own_minor() -> Case:
    """What an entry adds to own income; a reversal takes away."""
    return _signed(Q(reverses__isnull=True))


def _signed(is_plus: Q) -> Case:
    return Case(
        When(is_plus, then=F("amount_minor")),
        default=-F("amount_minor"),
        output_field=BigIntegerField(),
    )
