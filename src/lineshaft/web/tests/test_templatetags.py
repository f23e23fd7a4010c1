"""Filters of every template."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import engines

from lineshaft.kernel.errors import NotPermitted
from lineshaft.kernel.money import Money
from lineshaft.kernel.refusals import Refusal

THING = SimpleNamespace(
    name="Lift", name_zh="轻量", text="Metals", text_zh="", summary="Light", summary_zh=""
)


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        pytest.param("{{ it|money }}", Money(150, "USD"), "$1.50", id="money"),
        pytest.param('{{ it|money:"JPY" }}', 150, "¥150", id="money of a currency"),
        pytest.param("{{ it|millions }}", 250_000_000, "2.5", id="millions"),
        pytest.param("{{ it|money_in_millions }}", 250_000_000, "2.5\xa0M$", id="with unit"),
        pytest.param("{{ it|number:1 }}", Decimal("1234.56"), "1,234.6", id="number"),
        pytest.param("{{ it|percent_bp }}", 1234, "12.3%", id="percent"),
        pytest.param('{{ it|date_local:"long" }}', date(2022, 5, 1), "May 1, 2022", id="date"),
        pytest.param("{{ it|fiscal_year }}", 2022, "FY2022", id="year"),
        pytest.param("{{ it|ratio }}", Decimal("2.5"), "2.50 : 1", id="ratio"),
        pytest.param("{{ it|file_size }}", 2_000_000_000, "2.0 GB", id="size"),
        pytest.param("{{ it|local_name }}", THING, "Lift", id="name"),
        pytest.param("{{ it|local_text }}", THING, "Metals", id="text"),
        pytest.param("{{ it|local_summary }}", THING, "Light", id="summary"),
        pytest.param("{{ it|as_text }}", NotPermitted("No %(x)s.", params={"x": "way"}), "No way."),
        pytest.param("{{ it|as_text }}", Refusal("no", "Too late."), "Too late.", id="refusal"),
        pytest.param('{{ it|get:"a" }}', {"a": 1}, "1", id="get"),
        pytest.param('{{ it|get:"b" }}', {"a": 1}, "", id="get nothing"),
    ],
)
def test_filter_writes_the_value(source: str, value: Any, expected: str) -> None:
    assert engines["django"].from_string(source).render({"it": value}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cost-share & <b>", '<span class="kept">cost-share</span> &amp; &lt;b&gt;'),
        ("W911-1 to 2-3", "W911-1 to 2-3"),
        ("a-b", "a-b"),
        ("unforeseeable-circumstances", "unforeseeable-circumstances"),
        ("x-cost-share-y", 'x-<span class="kept">cost-share</span>-y'),
        pytest.param("long" * 100_000, "long" * 100_000, id="read once"),
    ],
)
def test_kept_together_holds_short_compounds_and_escapes(text: str, expected: str) -> None:
    template = engines["django"].from_string("{{ it|kept_together }}")
    assert template.render({"it": text}) == expected
    sentence = "{% blocktranslate with one=it asvar title %}{{ one }}{% endblocktranslate %}"
    template = engines["django"].from_string(sentence + "{{ title|kept_together }}")
    assert template.render({"it": text}) == expected
