"""Money: whole minor units (cents, fen) of one currency, and splits whose parts sum to the whole.

Invariants: an amount is never a fraction of a minor unit and never a float; amounts of two
currencies are neither added nor compared.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.text import gettext_noop

# Decimals of the currencies that do not have two. Kept here and not taken from a locale library:
# stored minor units must not change their meaning with an update. Source: ISO 4217, list one.
_MINOR_UNITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DECIMALS = {code: decimals for decimals, codes in _MINOR_UNITS.items() for code in codes.split()}
_USUAL_DECIMALS = 2
LARGEST_AMOUNT_MINOR = 2**63 - 1  # what a 64-bit integer column of the database holds

_CURRENCY_CODE = re.compile(r"[A-Z]{3}")
_NUMBER = re.compile(r"([+-]?)([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?")

_NO_AMOUNT = gettext_noop("An amount is missing. Enter a number such as 1234.56.")
_NOT_A_NUMBER = gettext_noop(
    "“%(text)s” is not an amount. Enter digits, with a point for decimals, such as 1,234.56."
)
_TOO_MANY_DECIMALS = gettext_noop(
    "“%(text)s” has more decimals than %(currency)s has; at most %(decimals)s can be kept."
)
_TOO_BIG = gettext_noop("“%(text)s” is larger than any amount that can be kept.")


class CurrencyMismatch(ValueError):
    """Amounts of two currencies met in one sum or comparison: a programmer's mistake."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency (ISO 4217 code); may be negative."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount_minor) is not int:
            raise TypeError(
                f"an amount is a whole number of minor units, not {self.amount_minor!r}"
            )
        minor_units(self.currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.amount_minor).scaleb(-minor_units(self.currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount_minor + self._same_currency(other).amount_minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount_minor - self._same_currency(other).amount_minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_minor, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.amount_minor), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount_minor < self._same_currency(other).amount_minor

    def __le__(self, other: "Money") -> bool:
        return self.amount_minor <= self._same_currency(other).amount_minor

    def __gt__(self, other: "Money") -> bool:
        return self.amount_minor > self._same_currency(other).amount_minor

    def __ge__(self, other: "Money") -> bool:
        return self.amount_minor >= self._same_currency(other).amount_minor

    def __bool__(self) -> bool:
        return self.amount_minor != 0

    def __str__(self) -> str:
        return f"{self.amount:.{minor_units(self.currency)}f} {self.currency}"

    def _same_currency(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} meets {other.currency}")
        return other


def minor_units(currency: str) -> int:
    """Return the number of decimals of a currency; raises ValueError on what is no currency
    code.
    """
    if not _CURRENCY_CODE.fullmatch(currency):
        raise ValueError(f"{currency!r} is no currency code: three capital letters are wanted")
    return _DECIMALS.get(currency, _USUAL_DECIMALS)


def sum_money(amounts: Iterable[Money], currency: str) -> Money:
    """Return the total of amounts that all have the given currency; nothing sums to zero."""
    total = Money(0, currency)
    for amount in amounts:
        total += amount
    return total


def split_by_largest_remainder(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Return whole parts of a total in proportion to the weights, in their order.

    The parts sum to the total exactly; a heavier weight never gets the smaller part; what rounding
    leaves goes to the largest remainders, at a tie to the earlier place. A negative total is split
    as its mirror image. Raises ValueError on a negative weight, and on a total other than zero with
    nothing to split it over.

    Source: Hamilton's method of apportionment.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight is negative")
    weights_sum = sum(weights)
    if weights_sum == 0:
        if total_minor:
            raise ValueError("a total other than zero needs a weight above zero")
        return [0] * len(weights)
    size = abs(total_minor)
    parts = [size * weight // weights_sum for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda place: (-(size * weights[place] % weights_sum), place)
    )
    for place in by_remainder[: size - sum(parts)]:
        parts[place] += 1
    return parts if total_minor >= 0 else [-part for part in parts]


def parse_money(text: str, currency: str, *, symbol: str = "") -> Money:
    """Return the amount that a person or a file wrote, as `1234.56`, `1,234.56`, `-5` or `USD 5`.

    The decimal point and the grouping comma are the same in every language; a comma that does not
    group thousands is refused and not guessed at. `symbol` is accepted before the number. Raises
    Invalid.
    """
    bare = text.strip()
    if not bare:
        raise Invalid.in_field("amount", _NO_AMOUNT)
    for mark in (currency, symbol):
        if mark:
            bare = bare.removeprefix(mark).strip()
    number = _NUMBER.fullmatch(bare.removesuffix(currency).strip())
    if number is None:
        raise Invalid.in_field("amount", _NOT_A_NUMBER, text=_shortened(text))
    sign, whole, fraction = number[1], number[2].replace(",", ""), (number[3] or "").rstrip("0")
    decimals = minor_units(currency)
    if len(fraction) > decimals:
        raise Invalid.in_field(
            "amount",
            _TOO_MANY_DECIMALS,
            text=_shortened(text),
            currency=currency,
            decimals=decimals,
        )
    if len(whole.lstrip("0")) > len(str(LARGEST_AMOUNT_MINOR)):
        raise Invalid.in_field("amount", _TOO_BIG, text=_shortened(text))
    amount_minor = int(whole + fraction.ljust(decimals, "0"))
    if amount_minor > LARGEST_AMOUNT_MINOR:
        raise Invalid.in_field("amount", _TOO_BIG, text=_shortened(text))
    return Money(-amount_minor if sign == "-" else amount_minor, currency)


def _shortened(text: str, length: int = 40) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
