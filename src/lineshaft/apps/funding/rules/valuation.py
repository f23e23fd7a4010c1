"""What a contribution in kind is worth, reckoned from what its record states.

The profile says by which method each kind is valued. The worth is reckoned exactly and rounded
once, half up, to the minor unit; a claim may stay below it and never goes beyond. Source: 2 CFR
200.306(c) to (j) (law: C-03 to C-08), as the profile quotes it kind by kind.
"""

from dataclasses import dataclass, fields, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final, assert_never

from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.jurisdiction import CostShareKind, ValuationMethod
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import Amount, Term, gettext_noop

FIELD_NAMES: Final[dict[str, str]] = {
    "units": gettext_noop("units"),
    "rate_minor": gettext_noop("rate for one unit"),
    "market_value_minor": gettext_noop("fair market value"),
    "base_minor": gettext_noop("base of the indirect rate"),
    "approved_rate_bp": gettext_noop("approved indirect rate"),
    "charged_rate_bp": gettext_noop("indirect rate charged"),
    "basis_of_value": gettext_noop("basis of value"),
    "appraisal": gettext_noop("independent appraisal"),
    "approval": gettext_noop("prior approval"),
}
"""How a message names what a valuation lacks."""

FIELDS_OF_METHOD: Final[dict[ValuationMethod, tuple[str, ...]]] = {
    ValuationMethod.AMOUNT: (),
    ValuationMethod.RATE: ("units", "rate_minor", "fringe_bp"),
    ValuationMethod.MARKET: ("market_value_minor", "book_value_minor"),
    ValuationMethod.RENTAL: ("units", "rate_minor"),
    ValuationMethod.INDIRECT: ("base_minor", "approved_rate_bp", "charged_rate_bp"),
}
"""The figures from which each method reckons the worth."""

_MAY_BE_LEFT_OUT: Final = frozenset({"fringe_bp", "book_value_minor"})
_DOCUMENTED: Final = frozenset({ValuationMethod.MARKET, ValuationMethod.RENTAL})
"""Methods whose figure is found and not paid, so that its basis has to be told (C-08)."""

_INCOMPLETE: Final[dict[ValuationMethod, str]] = {
    ValuationMethod.AMOUNT: gettext_noop("Money is worth its amount. Missing: %(missing)s."),
    ValuationMethod.RATE: gettext_noop(
        "Work is worth its units at the regular rate of pay, with fringe benefits. "
        "Missing: %(missing)s."
    ),
    ValuationMethod.MARKET: gettext_noop(
        "What is given is worth its fair market value, or its book value where that is stated and "
        "less. Missing: %(missing)s."
    ),
    ValuationMethod.RENTAL: gettext_noop(
        "What is lent is worth its units at the fair rental rate. Missing: %(missing)s."
    ),
    ValuationMethod.INDIRECT: gettext_noop(
        "Indirect cost is worth its base at the approved rate less the rate charged, and counts "
        "with prior approval only. Missing: %(missing)s."
    ),
}


@dataclass(frozen=True, slots=True)
class Valuation:
    """What the record of a contribution states of its worth; which of it counts, its kind says.

    Rates of money are minor units for one unit, percentages basis points; `fringe_bp` is added to
    the rate. `book_value_minor` is the giver's remaining book value, where the rule asks for the
    lesser of it and the market value. `appraisal` and `approval` name the paper that says so.
    """

    units: Decimal | None = None
    rate_minor: int | None = None
    fringe_bp: int | None = None
    market_value_minor: int | None = None
    book_value_minor: int | None = None
    base_minor: int | None = None
    approved_rate_bp: int | None = None
    charged_rate_bp: int | None = None
    basis_of_value: str = ""
    appraisal: str = ""
    approval: str = ""

    @property
    def figures_minor(self) -> tuple[int, ...]:
        """The amounts that it states, in minor units."""
        stated = (
            self.rate_minor,
            self.market_value_minor,
            self.book_value_minor,
            self.base_minor,
        )
        return tuple(figure for figure in stated if figure is not None)

    def with_stated(self, before: "Valuation") -> "Valuation":
        """This, and for what it leaves out what a record states already."""
        kept = {
            field.name: getattr(before, field.name)
            for field in fields(Valuation)
            if not _is_said(self, field.name)
        }
        return replace(self, **kept)


def fields_wanted(kind: CostShareKind) -> tuple[str, ...]:
    """The fields of a valuation that a contribution of the kind states, optional ones included."""
    return (
        *FIELDS_OF_METHOD[kind.method],
        *(("basis_of_value",) if not kind.is_cash else ()),
        *(("appraisal",) if kind.wants_appraisal else ()),
        *(("approval",) if kind.wants_approval else ()),
    )


def valuation_positive(valuation: Valuation) -> Refusal | None:
    """Refuse units, rates and values that are not above zero, and percentages below it."""
    above_zero = (
        valuation.units,
        valuation.rate_minor,
        valuation.market_value_minor,
        valuation.book_value_minor,
        valuation.base_minor,
    )
    not_below = (valuation.fringe_bp, valuation.approved_rate_bp, valuation.charged_rate_bp)
    if all(value is None or value > 0 for value in above_zero) and all(
        value is None or value >= 0 for value in not_below
    ):
        return None
    return Refusal(
        "valuation_not_positive",
        gettext_noop(
            "Units, rates and values must be greater than zero, percentages zero or more."
        ),
    )


def valuation_complete(valuation: Valuation, kind: CostShareKind) -> Refusal | None:
    """Refuse a contribution whose record lacks what its kind is valued by; it names what lacks."""
    missing = [name for name in _wanted(kind) if not _is_said(valuation, name)]
    if not missing:
        return None
    return Refusal(
        "valuation_incomplete",
        _INCOMPLETE[kind.method],
        citation=kind.authority.citation,
        params={"missing": tuple(Term(FIELD_NAMES[name]) for name in missing)},
    )


def valued_once(before: Valuation, given: Valuation, kind: CostShareKind) -> Refusal | None:
    """Refuse to value anew what its record values already, or to change a part that it states."""
    is_kept = all(
        not _is_said(before, field.name)
        or getattr(before, field.name) == getattr(given, field.name)
        for field in fields(Valuation)
    )
    if is_kept and valuation_complete(before, kind) is not None:
        return None
    return Refusal(
        "valued_already",
        gettext_noop(
            "What the record states of the value is stated once. Withdraw the contribution and "
            "record it anew if it is wrong."
        ),
    )


def worth_minor(valuation: Valuation, method: ValuationMethod) -> int | None:
    """The worth in minor units, rounded half up once; None where it can not be reckoned.

    Money is worth its amount, which no valuation states: None. Never below zero.
    """
    match method:
        case ValuationMethod.AMOUNT:
            return None
        case ValuationMethod.RATE:
            return _at_rate(valuation.units, valuation.rate_minor, valuation.fringe_bp or 0)
        case ValuationMethod.RENTAL:
            return _at_rate(valuation.units, valuation.rate_minor, 0)
        case ValuationMethod.MARKET:
            market, book = valuation.market_value_minor, valuation.book_value_minor
            return market if book is None or market is None else min(market, book)
        case ValuationMethod.INDIRECT:
            return _unrecovered(valuation)
        case _:
            assert_never(method)


def within_worth(claimed: Money, worth: Money | None, kind: CostShareKind) -> Refusal | None:
    """Refuse a claim beyond what the contribution is worth; None of `worth`: nothing to compare."""
    if worth is None or claimed <= worth:
        return None
    return Refusal(
        "beyond_worth",
        gettext_noop(
            "Valued as its kind is, the contribution is worth %(worth)s; %(claimed)s is claimed. "
            "Claim no more than its worth, or mend the valuation."
        ),
        citation=kind.authority.citation,
        params={"worth": Amount(worth), "claimed": Amount(claimed)},
    )


def _wanted(kind: CostShareKind) -> tuple[str, ...]:
    return (
        *(name for name in FIELDS_OF_METHOD[kind.method] if name not in _MAY_BE_LEFT_OUT),
        *(("basis_of_value",) if kind.method in _DOCUMENTED else ()),
        *(("appraisal",) if kind.wants_appraisal else ()),
        *(("approval",) if kind.wants_approval else ()),
    )


def _is_said(valuation: Valuation, name: str) -> bool:
    value = getattr(valuation, name)
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _at_rate(units: Decimal | None, rate_minor: int | None, fringe_bp: int) -> int | None:
    if units is None or rate_minor is None:
        return None
    return _rounded(Fraction(units) * rate_minor * (BASIS_POINTS + fringe_bp) / BASIS_POINTS)


def _unrecovered(valuation: Valuation) -> int | None:
    base = valuation.base_minor
    approved, charged = valuation.approved_rate_bp, valuation.charged_rate_bp
    if base is None or approved is None or charged is None:
        return None
    return _rounded(Fraction(base * max(0, approved - charged), BASIS_POINTS))


def _rounded(amount: Fraction) -> int:
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)
