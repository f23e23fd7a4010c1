"""Numbers set against each other: plan and outcome, money and people; and the denominators."""

import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from lineshaft.apps.insight import exchange, services
from lineshaft.apps.insight.models import Snapshot, StateDenominator
from lineshaft.apps.insight.rules import DenominatorMeasure
from lineshaft.apps.insight.services import StateNumber
from lineshaft.apps.insight.tests.factories import (
    CELLS,
    NOW,
    SYSTEM,
    make_cells,
    make_money,
    make_published,
    page_text,
)
from lineshaft.kernel.errors import NotPermitted, Refused
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.exchange.spec import ImportContext, Row, Value

pytestmark = pytest.mark.django_db
PAGE = "/portfolio/"
RECORDS = "/portfolio/records/"


# ------------------------------------------------------------------------- set against each other


def _hrefs(text: str, holding: str) -> list[str]:
    return [
        html.unescape(one) for one in re.findall(r'href="([^"]+)"', text) if holding in one
    ]  # fmt: skip


def test_each_difference_opens_to_the_records_of_both_and_says_how_it_is_reckoned(
    officer: Client, snapshot: Snapshot
) -> None:
    assert snapshot.is_kept
    make_money()
    links = _hrefs(page_text(officer, PAGE), "less=")
    asked = [parse_qs(urlsplit(link).query) for link in links]
    assert [(one["figure"][0], one["less"][0], one.get("part")) for one in asked] == [
        ("portfolio.federal_planned", "portfolio.costs_incurred", None),
        ("portfolio.nonfederal_planned", "portfolio.match_ratio", None),
        ("portfolio.federal_planned", "portfolio.costs_incurred", ["travel"]),
    ]
    text = page_text(officer, links[0])
    assert (
        "Federal money planned, $3,000,000, less Federal costs incurred, $2,000,000: $1,000,000."
        in text
    )
    assert "behind “Federal money planned less Federal costs incurred”" in text
    (costs,) = [one for one in _hrefs(text, "of=costs") if "less=" in one]
    assert "$7" in page_text(officer, f"{RECORDS}{costs}")
    assert "Cost share accepted, $24,000,000" in page_text(officer, links[1])
    assert "Federal costs incurred, $2,000,000" in page_text(officer, links[2])


def test_money_per_head_opens_to_its_records_and_the_number_that_divides_it(
    officer: Client, snapshot: Snapshot
) -> None:
    assert snapshot.is_kept
    make_money()
    services.record_denominators(SYSTEM, [_number()], now=NOW)
    (link,) = _hrefs(page_text(officer, PAGE), "per=")
    text = page_text(officer, link)
    assert (
        "Federal money obligated, $15,000,000, divided by Population of 2020, 3,000,000: $5."
        " Census of the test"
    ) in text
    assert "behind “Federal money per head”" in text
    assert "$10,000,000" in text  # the obligation
    make_cells(make_published().snapshot, CELLS)
    assert "per=population" in page_text(Client(), PAGE)


@pytest.mark.parametrize(
    "asked",
    [
        "figure=portfolio.federal_planned&less=portfolio.federal_drawn",
        "figure=portfolio.costs_incurred&less=portfolio.federal_planned",
        "figure=portfolio.federal_planned&less=portfolio.costs_incurred&of=obligations",
        "figure=portfolio.federal_obligated&per=population",
        "figure=portfolio.federal_obligated&per=population&state=-",
        "figure=portfolio.federal_obligated&per=manufacturing_jobs&state=OH",
        "figure=portfolio.federal_obligated&per=cattle&state=OH",
        "figure=portfolio.federal_drawn&per=population&state=OH",
    ],
)
def test_records_of_what_no_page_sets_against_each_other_are_not_found(
    officer: Client, snapshot: Snapshot, asked: str
) -> None:
    assert snapshot.is_kept
    services.record_denominators(SYSTEM, [_number()], now=NOW)
    page_text(officer, f"{RECORDS}?{asked}", 404)


def test_difference_is_not_told_to_the_public(client: Client) -> None:
    make_cells(make_published().snapshot, CELLS)
    text = page_text(client, PAGE)
    assert _hrefs(text, "less=") == []
    page_text(
        client, f"{RECORDS}?figure=portfolio.federal_planned&less=portfolio.costs_incurred", 404
    )


# ------------------------------------------------------------------------------- the denominators


def _number(**changed: Any) -> StateNumber:
    given: dict[str, Any] = {
        "measure": DenominatorMeasure.POPULATION,
        "state": "OH",
        "year": 2020,
        "number": 3_000_000,
        "source": "Census of the test",
    }
    return StateNumber(**(given | changed))


def test_denominators_are_kept_replaced_and_left_and_audited_once() -> None:
    more = _number(measure=DenominatorMeasure.MANUFACTURING_JOBS, number=1000)
    kept = services.record_denominators(SYSTEM, [_number(), more], now=NOW, why="first")
    assert (kept.created, kept.updated, kept.unchanged) == (2, 0, 0)
    kept = services.record_denominators(SYSTEM, [_number(number=5), more], now=NOW)
    assert (kept.created, kept.updated, kept.unchanged) == (0, 1, 1)
    kept = services.record_denominators(SYSTEM, [_number(number=5)], now=NOW)
    assert (kept.created, kept.updated, kept.unchanged) == (0, 0, 1)
    assert AuditEvent.objects.filter(verb="record_denominators").count() == 2
    with pytest.raises(Refused):
        services.record_denominators(SYSTEM, [_number(state="IN"), _number(state="ZZ")], now=NOW)
    assert StateDenominator.objects.count() == 2
    with pytest.raises(NotPermitted):
        services.record_denominators(Actor.public(), [_number()], now=NOW)


def test_portfolio_divides_by_denominators_once_they_are_loaded(
    officer: Client, snapshot: Snapshot
) -> None:
    assert snapshot.is_kept
    text = page_text(officer, PAGE)
    assert "“Population” by state is not loaded for 2022 or before" in text
    assert "“Jobs in manufacturing” by state is not loaded for 2022 or before" in text
    services.record_denominators(SYSTEM, [_number(), _number(year=2030, number=1)], now=NOW)
    text = page_text(officer, PAGE)
    assert "“Population” by state is not loaded" not in text
    assert "“Jobs in manufacturing” by state is not loaded" in text
    assert "Federal money per head" in text
    assert "$5<" in text.replace("</a>", "<").replace("\n", "").replace(" ", "")  # 15 M$ over 3 M
    assert "Population, 2020: Census of the test" in text
    jobs = _number(measure=DenominatorMeasure.MANUFACTURING_JOBS, state="IN")
    services.record_denominators(SYSTEM, [jobs], now=NOW)
    text = page_text(officer, PAGE)
    assert "is not loaded" not in text
    assert "Federal money per job in manufacturing" in text
    assert "–" in text[text.index("Money by state of") :]


def test_shipped_denominators_add_what_lacks_and_leave_what_somebody_imported() -> None:
    services.record_denominators(SYSTEM, [_number(number=7)], now=NOW)
    kept = services.record_shipped_denominators(SYSTEM, now=NOW)
    assert (kept.created, kept.updated, kept.unchanged) == (102, 0, 1)
    kept = services.record_shipped_denominators(SYSTEM, now=NOW)
    assert (kept.created, kept.unchanged) == (0, 103)
    assert AuditEvent.objects.filter(verb="record_denominators").count() == 2
    own = StateDenominator.objects.get(measure="population", state="OH", year=2020)
    assert (own.number, own.source) == (7, "Census of the test")
    with pytest.raises(NotPermitted):
        services.record_shipped_denominators(Actor.public(), now=NOW)


@pytest.mark.usefixtures("snapshot")
def test_portfolio_on_shipped_numbers_divides_by_both_and_links_their_tables(
    officer: Client,
) -> None:
    services.record_shipped_denominators(SYSTEM, now=NOW)
    text = page_text(officer, PAGE)
    assert "is not loaded" not in text
    state = text[text.index("Money by state of") :]
    assert "$1.27" in state  # 15 M$ over 11,799,448 people
    assert "$22.58" in state  # over 664,311 jobs
    for address in (
        "https://www.census.gov/data/tables/time-series/dec/density-data-text.html",
        "https://www.census.gov/data/tables/2021/econ/susb/2021-susb-annual.html",
    ):
        assert f'href="{address}"' in state


def _row(place: int, **given: Value) -> Row:
    values: dict[str, Value] = {
        "measure": "population", "state": "oh", "year": 2020, "number": 7, "source": "a census",
    }  # fmt: skip
    return Row(place, values | given)


def test_import_of_denominators_keeps_all_rows_or_says_what_is_wrong() -> None:
    context = ImportContext(NOW, False, "USD", "states.csv", "0" * 64, "", lambda *_: None)  # noqa: FBT003 -- as declared
    run: Callable[..., Any] = exchange.IMPORTS["denominators"].apply
    outcome = run(SYSTEM, [_row(2), _row(3, state="ZZ"), _row(4, number=0)], context)
    assert [(one.row, one.value) for one in outcome.errors] == [(3, "ZZ"), (4, "OH")]
    assert not StateDenominator.objects.exists()
    outcome = run(SYSTEM, [_row(2), _row(3, measure="manufacturing_jobs")], context)
    assert (outcome.created, outcome.errors) == (2, ())
    assert set(StateDenominator.objects.values_list("state", "number")) == {("OH", 7)}
