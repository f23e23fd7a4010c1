"""The lines of the federal financial report, SF-425: what each counts, and when a report is due.

A line is a sum over accounts of one agreement. A transfer adds to it where it credits one of the
line's accounts and debits none, and takes from it the other way, so that every line is a plain sum
of transfers, and what moves between two accounts of a line does not count. Amounts are integer
minor units; the identities of the form hold by construction.

Source: the form's instructions, lines 10a to 10o and 11 (law: section 5).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from lineshaft.apps.funding.rules.states import AccountKind
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.jurisdiction import IncomeMethodKey, ReportTerm
from lineshaft.kernel.periods import MONTHS_PER_YEAR, FiscalYear
from lineshaft.kernel.text import Day, gettext_noop

FINANCIAL_REPORT: Final = Citation(
    text="2 CFR 200.328; SF-425 instructions",
    url="https://www.ecfr.gov/current/title-2/section-200.328",
)


class ReportBasis(StrEnum):
    """Whether an expenditure counts when it is paid or when it is incurred."""

    CASH = "cash"
    ACCRUAL = "accrual"


class RateType(StrEnum):
    """How an indirect rate was agreed, as line 11a of the form names it."""

    PROVISIONAL = "provisional"
    PREDETERMINED = "predetermined"
    FINAL = "final"
    FIXED = "fixed"


class ReportLine(StrEnum):
    """The lines of section 10, by the letter of the form."""

    A = "a"
    B = "b"
    C = "c"
    D = "d"
    E = "e"
    F = "f"
    G = "g"
    H = "h"
    I = "i"  # noqa: E741 -- the form's letter
    J = "j"
    K = "k"
    L = "l"
    M = "m"
    N = "n"
    O = "o"  # noqa: E741 -- the form's letter


@dataclass(frozen=True, slots=True)
class LineAccounts:
    """Over which accounts a line sums: posted balances, and what is pending into others."""

    posted: frozenset[AccountKind] = frozenset()
    pending: frozenset[AccountKind] = frozenset()


_NONE: Final = LineAccounts()
_SPENT: Final = frozenset({AccountKind.INCURRED, AccountKind.PAID})
_INCURRED: Final = frozenset({AccountKind.INCURRED})
_PAID: Final = LineAccounts(frozenset({AccountKind.PAID}))
_SHARED: Final = frozenset({AccountKind.CASH, AccountKind.IN_KIND})
_EARNED: Final = LineAccounts(frozenset({AccountKind.INCOME, AccountKind.INCOME_USED}))
_USED: Final = LineAccounts(frozenset({AccountKind.INCOME_USED}))
COUNTED_LINES: Final = (
    ReportLine.A,
    ReportLine.B,
    ReportLine.D,
    ReportLine.E,
    ReportLine.F,
    ReportLine.J,
    ReportLine.L,
    ReportLine.M,
    ReportLine.N,
)
"""The lines that count transfers; the others follow from them."""

FORMULAS: Final = {
    ReportLine.C: (ReportLine.A, "−", ReportLine.B),
    ReportLine.G: (ReportLine.E, "+", ReportLine.F),
    ReportLine.H: (ReportLine.D, "−", ReportLine.G),
    ReportLine.K: (ReportLine.I, "−", ReportLine.J),
}


def accounts_of_line(line: ReportLine, basis: ReportBasis, method: str) -> LineAccounts:
    """Over which accounts the line sums, by basis of accounting and use of programme income.

    Under cost sharing, income spent counts as the recipient's share (line j) and income is not
    reported on lines l to o, as the form's instructions say.
    """
    is_shared = method == IncomeMethodKey.COST_SHARING
    match line:
        case ReportLine.A:
            return LineAccounts(frozenset({AccountKind.DRAWN}))
        case ReportLine.B:
            return _PAID
        case ReportLine.D:
            return LineAccounts(frozenset({AccountKind.AWARD, AccountKind.DRAWN}))
        case ReportLine.E:
            return _PAID if basis is ReportBasis.CASH else LineAccounts(_SPENT)
        case ReportLine.F:
            owed = _INCURRED if basis is ReportBasis.CASH else frozenset()
            return LineAccounts(owed, _INCURRED)
        case ReportLine.J:
            return LineAccounts(_SHARED | (_USED.posted if is_shared else frozenset()))
        case ReportLine.L:
            return _NONE if is_shared else _EARNED
        case ReportLine.M:
            return _USED if method == IncomeMethodKey.DEDUCTION else _NONE
        case ReportLine.N:
            return _USED if method == IncomeMethodKey.ADDITION else _NONE
        case _:
            return _NONE


@dataclass(frozen=True, slots=True)
class AccountSum:
    """What stands in all accounts of a kind: posted balance, and what is pending into them."""

    posted_minor: int = 0
    pending_minor: int = 0


@dataclass(frozen=True, slots=True)
class ReportLines:
    """Lines 10a to 10o in minor units, cumulative through the period's end."""

    a: int
    b: int
    d: int
    e: int
    f: int
    i: int
    j: int
    l: int  # noqa: E741 -- the form's letter
    m: int
    n: int

    @property
    def c(self) -> int:
        """Cash on hand."""
        return self.a - self.b

    @property
    def g(self) -> int:
        """Total federal share."""
        return self.e + self.f

    @property
    def h(self) -> int:
        """Unobligated balance of federal funds."""
        return self.d - self.g

    @property
    def k(self) -> int:
        """Remaining recipient share to be provided."""
        return self.i - self.j

    @property
    def o(self) -> int:
        """Unexpended programme income; one of m and n is zero."""
        return self.l - self.m - self.n

    def amount(self, line: ReportLine) -> int:
        """The amount of a line."""
        amount_minor: int = getattr(self, line.value)
        return amount_minor

    def as_dict(self) -> dict[str, int]:
        """Every line by its letter, in the order of the form."""
        return {line.value: self.amount(line) for line in ReportLine}


def lines_from(
    sums: Mapping[AccountKind, AccountSum],
    *,
    basis: ReportBasis,
    method: str,
    required_minor: int,
) -> ReportLines:
    """The lines that the sums of an agreement's accounts give."""

    def counted(line: ReportLine) -> int:
        over = accounts_of_line(line, basis, method)
        return sum(sums.get(kind, AccountSum()).posted_minor for kind in over.posted) + sum(
            sums.get(kind, AccountSum()).pending_minor for kind in over.pending
        )

    return ReportLines(**{line.value: counted(line) for line in COUNTED_LINES}, i=required_minor)


@dataclass(frozen=True, slots=True)
class IndirectLine:
    """One row of line 11: base times rate, and what of indirect costs is recorded beside it."""

    rate_type: str
    rate_bp: int
    starts_on: date
    ends_on: date
    base_minor: int
    recorded_minor: int

    @property
    def charged_minor(self) -> int:
        """The base at the rate, rounded half up to the minor unit."""
        return (self.base_minor * self.rate_bp * 2 + BASIS_POINTS) // (2 * BASIS_POINTS)


@dataclass(frozen=True, slots=True)
class ReportDue:
    """A report that is due: its period's last day, and the last day on which it is on time."""

    term: str
    period_end: date
    due_on: date


@dataclass(frozen=True, slots=True)
class AwardSpan:
    """The days of an agreement, `[starts_on, ends_on)`, and how the nation's year begins."""

    starts_on: date
    ends_on: date
    fiscal_year: FiscalYear

    @property
    def last_day(self) -> date:
        """The last day of the term, or the day on which the agreement was closed."""
        return self.ends_on - timedelta(days=1)


def reports_due(
    span: AwardSpan, term: ReportTerm, final: ReportTerm, *, until: date
) -> list[ReportDue]:
    """Every report of the agreement whose period has ended by `until`, oldest first.

    Periods are cut from the start of the fiscal year. The last period is the final report's, which
    ends with the agreement.
    """
    found = []
    if term.months:
        end = _next_period_end(span.starts_on, term.months, span.fiscal_year)
        while end < span.last_day and end <= until:
            found.append(ReportDue(term.key, end, end + timedelta(days=term.due_days)))
            end = _next_period_end(end + timedelta(days=1), term.months, span.fiscal_year)
    if span.last_day <= until:
        due_on = span.last_day + timedelta(days=final.due_days)
        found.append(ReportDue(final.key, span.last_day, due_on))
    return found


def period_ends(period_end: date, term: ReportTerm, span: AwardSpan) -> Refusal | None:
    """Refuse a report through a day on which no period of its term ends."""
    last_day = span.last_day
    ends = (
        last_day
        if not term.months
        else min(last_day, _next_period_end(period_end, term.months, span.fiscal_year))
    )
    if span.starts_on <= period_end == ends:
        return None
    return Refusal(
        "period_end_wrong",
        gettext_noop(
            "%(period_end)s ends no such period of this agreement; the next that does is %(ends)s."
        ),
        citation=FINANCIAL_REPORT,
        params={"period_end": Day(period_end), "ends": Day(ends)},
    )


def _next_period_end(day: date, months: int, fiscal_year: FiscalYear) -> date:
    """The last day of the period in which the day lies, counted from the fiscal year's start."""
    month = (day.month - fiscal_year.start_month) % MONTHS_PER_YEAR
    ahead = months - month % months
    first = day.year * MONTHS_PER_YEAR + day.month - 1 + ahead
    return date(first // MONTHS_PER_YEAR, first % MONTHS_PER_YEAR + 1, 1) - timedelta(days=1)


def period_over(period_end: date, today: date) -> Refusal | None:
    """Refuse to certify a period that still runs."""
    if period_end < today:
        return None
    return Refusal(
        "period_running",
        gettext_noop("The period runs through %(period_end)s. Certify once it is over."),
        params={"period_end": Day(period_end)},
    )


def certified_by_a_person(*, is_person: bool) -> Refusal | None:
    """Refuse a certification by a program: it is a statement under penalty of law.

    Source: 2 CFR 200.415.
    """
    if is_person:
        return None
    return Refusal(
        "person_wanted",
        gettext_noop("A person certifies a financial report, signed in and not by a token."),
        citation=Citation(
            text="2 CFR 200.415", url="https://www.ecfr.gov/current/title-2/section-200.415"
        ),
    )


def report_is_current(seen_digest: str, digest: str) -> Refusal | None:
    """Refuse to certify figures that are no longer those that were shown."""
    if seen_digest == digest:
        return None
    return Refusal(
        "figures_changed",
        gettext_noop("The ledger has moved since you read the report. Read it again."),
    )


def lines_agree(*, are_same: bool) -> Refusal | None:
    """Refuse to certify where the two ways of summing the ledger disagree."""
    if are_same:
        return None
    return Refusal(
        "ledger_disagrees",
        gettext_noop(
            "The accounts and the transfers behind them give different lines. Run `lineshaft "
            "verify` before anybody certifies."
        ),
    )


def supersedes_with_reason(*, has_before: bool, reason: str) -> Refusal | None:
    """Refuse a second report for a period that does not say why the first is replaced."""
    if reason.strip() or not has_before:
        return None
    return Refusal(
        "reason_missing",
        gettext_noop("A report for this period is certified. Say why a new one replaces it."),
    )


def changes_something(*, has_before: bool, is_same: bool) -> Refusal | None:
    """Refuse to replace a report by one that says the same."""
    if not (has_before and is_same):
        return None
    return Refusal(
        "nothing_changed",
        gettext_noop("The certified report says the same; there is nothing to replace."),
    )


def rate_possible(
    rate_bp: int, starts_on: date, ends_on: date, *, has_same: bool
) -> Refusal | None:
    """Refuse an indirect rate of nothing, over no days, or over days that one of its type has."""
    if rate_bp > 0 and starts_on < ends_on and not has_same:
        return None
    return Refusal(
        "rate_impossible",
        gettext_noop(
            "An indirect rate is above zero, holds over at least one day, and no rate of its type "
            "holds over the same days."
        ),
    )


@dataclass(frozen=True, slots=True)
class ReportHeader:
    """Boxes 1 to 9 of the form, as text and dates."""

    agency: str
    award: str
    recipient: str
    uei: str
    ein: str
    recipient_account: str
    term: str
    basis: ReportBasis
    starts_on: date
    ends_on: date
    period_end: date
    required_by: str
    currency: str = field(default="")
