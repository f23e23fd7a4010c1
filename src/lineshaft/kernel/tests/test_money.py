"""Money: exact, of one currency, and split without a remainder lost."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.money import (
    LARGEST_AMOUNT_MINOR,
    CurrencyMismatch,
    Money,
    minor_units,
    parse_money,
    split_by_largest_remainder,
    sum_money,
)

amounts = st.integers(-(10**15), 10**15)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any)


@given(total=amounts, weights=weights)
def test_split_parts_sum_to_the_whole(total: int, weights: list[int]) -> None:
    assert sum(split_by_largest_remainder(total, weights)) == total


@given(total=amounts, weights=weights)
def test_split_gives_the_heavier_weight_no_smaller_part(total: int, weights: list[int]) -> None:
    parts = [abs(part) for part in split_by_largest_remainder(total, weights)]
    by_weight = sorted(zip(weights, parts, strict=True), key=lambda pair: pair[0])
    for (light, small), (heavy, large) in pairwise(by_weight):
        assert small <= large or light == heavy


@given(total=amounts, weights=weights)
def test_split_part_is_within_one_of_its_exact_share(total: int, weights: list[int]) -> None:
    for part, weight in zip(split_by_largest_remainder(total, weights), weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (10, [0, 3, 7], [0, 3, 7]),
        (1, [1, 5], [0, 1]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
    ],
    ids=["tie-to-the-earlier", "negative", "zero-weight", "largest", "nothing", "nobody"],
)
def test_split_by_largest_remainder_gives(total: int, weights: list[int], parts: list[int]) -> None:
    assert split_by_largest_remainder(total, weights) == parts


@pytest.mark.parametrize(("total", "weights"), [(1, [0]), (1, []), (0, [1, -1])])
def test_split_over_nothing_or_a_negative_weight_is_a_mistake(
    total: int, weights: list[int]
) -> None:
    with pytest.raises(ValueError, match="weight"):
        split_by_largest_remainder(total, weights)


def test_money_adds_subtracts_negates_and_orders_within_a_currency() -> None:
    five, three = Money(500, "USD"), Money(300, "USD")
    assert (five + three, five - three) == (Money(800, "USD"), Money(200, "USD"))
    assert (-five, abs(-five)) == (Money(-500, "USD"), five)
    assert three < five <= Money(500, "USD")
    assert five > three >= Money(300, "USD")
    assert bool(three)
    assert not Money(0, "USD")
    assert sum_money([five, three], "USD") == Money(800, "USD")
    assert sum_money([], "CNY") == Money(0, "CNY")
    assert five != Money(500, "CNY")


@pytest.mark.parametrize(
    ("currency", "decimals", "text"),
    [("USD", 2, "12.34 USD"), ("JPY", 0, "1234 JPY"), ("KWD", 3, "1.234 KWD")],
)
def test_money_is_written_with_the_decimals_of_its_currency(
    currency: str, decimals: int, text: str
) -> None:
    money = Money(1234, currency)
    assert minor_units(currency) == decimals
    assert str(money) == text
    assert money.amount == Decimal(text.removesuffix(f" {currency}"))


def test_money_of_two_currencies_neither_adds_nor_compares() -> None:
    with pytest.raises(CurrencyMismatch, match="USD meets CNY"):
        Money(1, "USD") + Money(1, "CNY")
    with pytest.raises(CurrencyMismatch, match="USD meets CNY"):
        _ = Money(1, "USD") < Money(1, "CNY")


@pytest.mark.parametrize("currency", ["usd", "US", "USDX", "U$D", ""])
def test_money_in_no_currency_is_a_mistake(currency: str) -> None:
    with pytest.raises(ValueError, match="no currency code"):
        Money(1, currency)


@pytest.mark.parametrize("amount", [1.0, True, "1"])
def test_money_of_no_whole_number_is_a_mistake(amount: object) -> None:
    with pytest.raises(TypeError, match="whole number"):
        Money(amount, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "amount_minor"),
    [
        ("1234.56", 123456),
        ("1,234.56", 123456),
        ("1,234,567", 123456700),
        ("-5", -500),
        ("+5", 500),
        ("0.1", 10),
        ("1.500", 150),
        (" 7 ", 700),
        ("USD 5", 500),
        ("5 USD", 500),
        ("$5.25", 525),
        ("0000000000000000000000012", 1200),
    ],
)
def test_parse_money_reads(text: str, amount_minor: int) -> None:
    assert parse_money(text, "USD", symbol="$") == Money(amount_minor, "USD")


@given(amount=st.integers(-LARGEST_AMOUNT_MINOR, LARGEST_AMOUNT_MINOR))
def test_parse_money_reads_what_money_writes(amount: int) -> None:
    for currency in ("USD", "JPY", "KWD"):
        money = Money(amount, currency)
        assert parse_money(str(money), currency) == money


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "An amount is missing"),
        ("   ", "An amount is missing"),
        ("twelve", "is not an amount"),
        ("1,23", "is not an amount"),
        ("1.234,56", "is not an amount"),
        ("=1+1", "is not an amount"),
        ("1e5", "is not an amount"),
        ("NaN", "is not an amount"),
        ("5 EUR", "is not an amount"),
        ("€5", "is not an amount"),
        ("１２", "is not an amount"),
        ("--5", "is not an amount"),
        ("x" * 90, "…” is not an amount"),
        ("1.005", "more decimals than USD has; at most 2"),
        ("9" * 40, "larger than any amount"),
        ("92233720368547758.08", "larger than any amount"),
    ],
)
def test_parse_money_refuses(text: str, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_money(text, "USD")
    assert message in str(caught.value)
    assert caught.value.errors[0].field == "amount"
