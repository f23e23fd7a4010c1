"""Values as a reader of each language writes them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import Amount, Day, Term
from lineshaft.web import formats


class Thing:
    name = "Lift"
    name_zh = "轻量"
    text = "Light metals"
    text_zh = ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(Money(123456, "USD"), "$1,234.56", id="cents"),
        pytest.param(Money(123400, "USD"), "$1,234", id="whole"),
        pytest.param(Money(-123400, "USD"), "-$1,234", id="negative"),
        pytest.param(Money(1234, "JPY"), "¥1,234", id="no minor unit"),
        pytest.param(5000, "$50", id="minor units of the profile's currency"),
        pytest.param(None, "–", id="missing"),
    ],
)
def test_money_in_english_is_written_with_symbol(value: Money | int | None, expected: str) -> None:
    assert formats.money(value) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "$1,234.50 by Mar 1, 2022 for Draft"),
        ("zh-hans", "US$1,234.50 by 2022年3月1日 for 草稿"),
    ],
)
def test_amount_and_day_in_a_refusal_are_written_as_the_reader_does(
    language: str, expected: str
) -> None:
    said = {
        "amount": Amount(Money(123450, "USD")),
        "day": Day(date(2022, 3, 1)),
        "state": Term("Draft"),
    }
    refusal = Refusal("late", "%(amount)s by %(day)s for %(state)s", params=said)
    with translation.override(language):
        assert refusal.as_text(formats.spoken) == expected
    assert refusal.as_text() == "1234.50 USD by 2022-03-01 for Draft"


def test_money_in_chinese_keeps_the_currency_apart_from_the_yuan() -> None:
    with translation.override("zh-hans"):
        assert formats.money(Money(123456, "USD")) == "US$1,234.56"
        assert formats.money(Money(123456, "CNY")) == "¥1,234.56"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        pytest.param(lambda: formats.number(1234567), "1,234,567", id="grouping"),
        pytest.param(lambda: formats.number(Decimal("2.945"), 2), "2.94", id="half even"),
        pytest.param(lambda: formats.number(-0.0, 1), "0.0", id="zero without a sign"),
        pytest.param(lambda: formats.number(None), "–", id="no number"),
        pytest.param(lambda: formats.millions(30_940_000_000), "309.4", id="millions"),
        pytest.param(lambda: formats.millions(None), "–", id="no millions"),
        pytest.param(lambda: formats.money_in_millions(30_940_000_000), "309.4\xa0M$", id="unit"),
        pytest.param(lambda: formats.money_in_millions(None), "–", id="no money"),
        pytest.param(lambda: formats.percent_bp(6312), "63.1%", id="share"),
        pytest.param(lambda: formats.percent_bp(5000), "50%", id="whole share"),
        pytest.param(lambda: formats.percent_bp(None), "–", id="no share"),
        pytest.param(lambda: formats.ratio(Decimal("2.94")), "2.94 : 1", id="ratio"),
        pytest.param(lambda: formats.ratio(None), "–", id="no ratio"),
        pytest.param(lambda: formats.fiscal_year(2022), "FY2022", id="year"),
        pytest.param(lambda: formats.fiscal_year(None), "–", id="no year"),
        pytest.param(lambda: formats.date_local(date(2022, 11, 3)), "Nov 3, 2022", id="day"),
        pytest.param(
            lambda: formats.date_local(datetime(2022, 11, 3, 14, 5, tzinfo=UTC)),
            "Nov 3, 2022 14:05",
            id="moment",
        ),
        pytest.param(
            lambda: formats.date_local(datetime(2022, 11, 3, 14, 5)),  # noqa: DTZ001 -- meant
            "Nov 3, 2022 14:05",
            id="naive moment",
        ),
        pytest.param(lambda: formats.date_local(None), "–", id="no day"),
        pytest.param(lambda: formats.size(1_400_000), "1.4 MB", id="size"),
        pytest.param(lambda: formats.size(12), "12 B", id="small size"),
        pytest.param(lambda: formats.size(None), "–", id="no size"),
        pytest.param(lambda: formats.joined(["A"]), "A", id="one word"),
        pytest.param(lambda: formats.joined(["A", "B", "C"]), "A, B and C", id="three words"),
        pytest.param(lambda: formats.local_name(None), "–", id="no name"),
    ],
)
def test_format_in_english_is(call: Any, expected: str) -> None:
    assert call() == expected


def test_names_follow_the_language_and_fall_back_to_english() -> None:
    assert formats.local_name(Thing()) == "Lift"
    with translation.override("zh-hans"):
        assert formats.local_name(Thing()) == "轻量"
        assert formats.local_of(Thing(), "text") == "Light metals"


def test_date_in_chinese_is_written_with_its_characters() -> None:
    with translation.override("zh-hans"):
        assert formats.date_local(date(2022, 11, 3)) == "2022年11月3日"


def test_locale_of_an_unknown_language_is_english() -> None:
    with translation.override("tlh"):
        assert formats.number(1234) == "1,234"


def test_month_is_written_as_its_reader_writes_it() -> None:
    assert formats.month_local(date(2026, 11, 1)) == "Nov 2026"
    assert formats.month_local(None) == formats.MISSING
    with translation.override("zh-hans"):
        assert formats.month_local(date(2026, 11, 1)) == "2026年11月"


@pytest.mark.parametrize(
    ("user", "said"),
    [
        pytest.param(None, "本程序", id="nobody"),
        pytest.param("Agency sponsor (demonstration)", "资助机构官员（演示）", id="persona"),
        pytest.param("Ada Lovelace", "Ada Lovelace", id="person"),
    ],
)
def test_user_of_a_record_is_named_in_the_readers_language(user: str | None, said: str) -> None:
    with translation.override("zh-hans"):
        assert formats.user_name(user) == said
