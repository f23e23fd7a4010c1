"""How far books are closed, who closed them, and whose books are still to be closed.

The books of an institute are read by its staff, its agencies and the network's staff; those of the
network by the network's staff.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, BooksClosing, FinancialReport, Transfer
from lineshaft.apps.funding.queries.visible import NOT_OPEN, may_read_contributors
from lineshaft.apps.funding.rules import AgreementState, ClosedSpan
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import institute_by_key, profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.kernel.text import Term, gettext_noop
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.roles import Role, ScopeKind

type Books = int | None
"""Whose books: an institute's id, None for the network's."""


@dataclass(frozen=True, slots=True)
class BooksDue:
    """A fiscal year that ended long enough ago, and whose books are open; None: the network's."""

    institute: Institute | None
    period: FiscalPeriod


def institute_with_books(actor: Actor, key: str) -> Institute:
    """The institute of that key, for whoever reads its books; NotFound for all others."""
    institute = institute_by_key(actor, key)
    if not may_read_contributors(actor, institute.key):
        raise NotFound(code="books", message=NOT_OPEN)
    return institute


def network_books_are_visible(actor: Actor) -> None:
    """Return for whoever reads the network's books; raises NotFound for all others."""
    if not actor.is_network_staff:
        raise NotFound(
            code="books", message=gettext_noop("This list is open to the network's staff.")
        )


def closings_of(institute: Institute | None) -> QuerySet[BooksClosing]:
    """Every closing and opening of these books, the newest first."""
    return (
        BooksClosing.objects.filter(institute=institute)
        .select_related("institute", "recorded_by")
        .order_by("-number")
    )


def standing_of(books: Books) -> BooksClosing | None:
    """The entry that stands in these books; None where they have never been closed."""
    return BooksClosing.objects.filter(institute=books).order_by("-number").first()


def closed_spans_of(books: Books) -> tuple[ClosedSpan, ...]:
    """The days that are closed by these books' own entries, with who closed them; one query."""
    entries = BooksClosing.objects.filter(institute=books).order_by("number")
    return rules.closed_spans(entries.values_list("through", "recorded_by_id"))


def closed_days() -> dict[Books, date]:
    """The days through which books are closed, each set by its own entries; open ones are absent.

    One query: the entries in their order, of which the last of each set counts.
    """
    entries = BooksClosing.objects.order_by("number").values_list("institute_id", "through")
    last: dict[Books, date | None] = dict(entries)
    return {books: through for books, through in last.items() if through is not None}


def closed_through_of(institute_id: int) -> date | None:
    """The day through which the institute's books are closed, by its own closing or the
    network's; None where they are open.
    """
    days = closed_days()
    own = [days[books] for books in (institute_id, None) if books in days]
    return max(own, default=None)


def closed_by(books: Books, through: date) -> str:
    """The name of who closed these books through that day: the institute, or the network."""
    days = closed_days()
    spans = closed_spans_of(books if days.get(books) == through else None)
    closer_id = spans[-1].closer_id if spans else None
    closer = User.objects.filter(pk=closer_id or 0).first()
    return str(closer) if closer else Term(gettext_noop("the program"))


def last_year_due(today: date) -> FiscalPeriod:
    """The last fiscal year that ended so long ago that its books should be closed."""
    profile = profile_in_use()
    period = profile.fiscal_year_of(today - timedelta(days=rules.BOOKS_DUE_DAYS))
    return profile.fiscal_year(period.year - 1)


def books_to_close(actor: Actor, *, today: date) -> tuple[BooksDue, ...]:
    """The books that the actor should have closed by now; three queries at most.

    An institute's count once an agreement had begun by the end of the fiscal year, the network's
    once any had.
    """
    is_office = may(actor, rules.PERMISSIONS["close_network_books"])
    own = _finance_q(actor)
    if not is_office and own is None:
        return ()
    period = last_year_due(today)
    network = standing_of(None)
    if network is not None and network.through is not None and network.through >= period.last_day:
        return ()
    begun = (
        Agreement.objects.filter(starts_on__lte=period.last_day)
        .exclude(state=AgreementState.DRAFT)
        .order_by()
    )
    due = [BooksDue(None, period)] if is_office and begun.exists() else []
    if own is None:
        return tuple(due)
    newest = BooksClosing.objects.filter(institute=OuterRef("pk")).order_by("-number")
    institutes = (
        Institute.objects.filter(own, pk__in=begun.values("institute"))
        .annotate(closed_through=Subquery(newest.values("through")[:1]))
        .filter(Q(closed_through__isnull=True) | Q(closed_through__lt=period.last_day))
        .order_by("name", "key")
    )
    return (*due, *(BooksDue(institute, period) for institute in institutes))


def _finance_q(actor: Actor) -> Q | None:
    """The institutes whose books the actor closes; None where there are none."""
    permission = rules.PERMISSIONS["close_books"]
    if may(actor, permission):
        return ~Q(pk__in=[])
    keys = [
        key
        for key in sorted(actor.scope_ids(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE))
        if may(actor, permission, institute=key)
    ]
    return Q(key__in=keys) if keys else None


def last_certified(institute: Institute | None) -> FinancialReport | None:
    """The standing certified report that reaches furthest; what was replaced does not count."""
    reports = FinancialReport.objects.filter(superseded_by__isnull=True)
    if institute is not None:
        reports = reports.filter(agreement__institute=institute)
    return reports.select_related("agreement").order_by("-period_end", "-pk").first()


def transfers_through(institute: Institute | None, through: date) -> int:
    """How many transfers are dated on or before that day in these books."""
    transfers = Transfer.objects.filter(occurred_on__lte=through)
    if institute is not None:
        transfers = transfers.filter(agreement__institute=institute)
    return transfers.count()
