"""How shared money and plans are divided, and which records a part of the portfolio opens to."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from lineshaft.apps.funding import queries, rules
from lineshaft.apps.funding.models import Contribution, CostMovement, Transfer
from lineshaft.apps.funding.queries import MoneyScope
from lineshaft.apps.funding.services import (
    BudgetPlan,
    PlannedLine,
    correct_transfer,
    plan_budget_period,
)
from lineshaft.apps.funding.tests import factories as made
from lineshaft.apps.funding.tests.factories import MILLION, NOW, SYSTEM
from lineshaft.plumbing.actor import Actor

PARTS = (("NIST", 1), ("DOD", 1), ("DOE", 1))
SPAN = (date(2021, 10, 1), date(2022, 10, 1))
SCOPE = MoneyScope((SPAN,))


@pytest.mark.parametrize(
    ("amount", "agency", "share"),
    [
        pytest.param(100, "", 100, id="all agencies"),
        pytest.param(100, "DOD", 34, id="the cent to the first key"),
        pytest.param(100, "DOE", 33, id="the second"),
        pytest.param(-100, "DOD", -34, id="what is taken back, as in a mirror"),
        pytest.param(100, "EPA", 0, id="no sponsor"),
    ],
)
def test_agency_share_of_an_amount(amount: int, agency: str, share: int) -> None:
    assert rules.agency_share_minor(amount, PARTS, agency) == share


@given(
    amount=st.integers(-(10**12), 10**12),
    parts=st.lists(st.integers(1, 10**12), min_size=1, max_size=5),
)
def test_agency_shares_sum_to_the_whole(amount: int, parts: list[int]) -> None:
    named = [(f"agency-{place}", part) for place, part in enumerate(parts)]
    shares = [rules.agency_share_minor(amount, named, key) for key, _part in named]
    assert sum(shares) == amount


@given(
    amount=st.integers(0, 10**12),
    cuts=st.lists(st.integers(0, 1200), max_size=6),
    days=st.integers(1, 1000),
)
def test_plan_divided_at_any_days_sums_to_the_whole(
    amount: int, cuts: list[int], days: int
) -> None:
    start = date(2022, 3, 1).toordinal()
    planned = (date.fromordinal(start), date.fromordinal(start + days))
    edges = [start - 400, *(start - 100 + cut for cut in sorted(cuts)), start + 2000]
    spans = [(date.fromordinal(one), date.fromordinal(other)) for one, other in pairwise(edges)]
    parts = [rules.planned_minor(amount, planned=planned, span=span) for span in spans]
    assert sum(parts) == amount
    assert min(parts) >= 0


@pytest.mark.django_db
def test_records_of_a_scope_are_of_its_days_institutes_agency_and_part() -> None:
    under = made.agreement()
    made.drawdown(made.obligation(under, 5 * MILLION), MILLION)
    made.contribution(under, is_accepted=True)
    made.contribution(under, name="people", kind="personnel", amount_minor=7, is_accepted=True)
    made.cost(under, 700)
    plan = BudgetPlan(
        date(2021, 12, 1),
        date(2022, 12, 1),
        (PlannedLine("supplies", 100), PlannedLine("travel", 5, 3)),
    )
    plan_budget_period(SYSTEM, under.pk, plan=plan, now=NOW)
    other_year = MoneyScope(((date(2023, 10, 1), date(2024, 10, 1)),))
    for scope, found in (
        (SCOPE, (1, 1, 2, 1, 2, 1)),
        (other_year, (0, 0, 0, 0, 0, 0)),
        (MoneyScope(()), (0, 0, 0, 0, 0, 0)),
        (MoneyScope((SPAN,), institutes=("lift",)), (0, 0, 0, 0, 0, 0)),
        (MoneyScope((SPAN,), institutes=("america-makes",)), (1, 1, 2, 1, 2, 1)),
        (MoneyScope((SPAN,), agency="DOD"), (1, 1, 2, 1, 2, 1)),
        (MoneyScope((SPAN,), agency="DOE"), (0, 0, 0, 0, 0, 0)),
        (MoneyScope((SPAN,), part="personnel"), (1, 1, 1, 0, 0, 0)),
        (MoneyScope((SPAN,), part="supplies"), (1, 1, 0, 1, 1, 0)),
    ):
        assert (
            queries.count_obligations_in(scope),
            queries.count_drawdowns_in(scope),
            queries.count_contributions_in(scope),
            queries.count_costs_in(scope),
            queries.count_budget_lines_in(scope, is_federal=True),
            queries.count_budget_lines_in(scope, is_federal=False),
        ) == found, scope
        assert (
            queries.obligations_in(SYSTEM, scope).count(),
            queries.drawdowns_in(SYSTEM, scope).count(),
            queries.contributions_in(SYSTEM, scope).count(),
            queries.costs_in(SYSTEM, scope).count(),
            queries.budget_lines_in(SYSTEM, scope, is_federal=True).count(),
            queries.budget_lines_in(SYSTEM, scope, is_federal=False).count(),
        ) == found, scope


@pytest.mark.django_db
def test_counts_of_a_scope_read_sums_of_days_alone(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    under = made.agreement()
    made.drawdown(made.obligation(under, 5 * MILLION), MILLION)
    made.contribution(under, is_accepted=True)
    made.contribution(under, name="people", kind="personnel", amount_minor=7, is_accepted=True)
    made.cost(under, 700)
    for code in ("draw", "accept", "incur"):
        correct_transfer(
            SYSTEM,
            Transfer.objects.filter(code=code).order_by("pk")[0],
            id=made.transfer_id(f"correction of {code}"),
            amount_minor=1,
            occurred_on=made.IN_TERM,
            reason="counted too much",
            now=NOW,
        )
    with django_assert_num_queries(6) as captured:
        found = (
            queries.count_obligations_in(SCOPE),
            queries.count_drawdowns_in(SCOPE),
            queries.count_contributions_in(SCOPE),
            queries.count_contributions_in(SCOPE, is_cash=True),
            queries.count_contributions_in(SCOPE, is_cash=False),
            queries.count_costs_in(SCOPE),
        )
    assert found == (
        queries.obligations_in(SYSTEM, SCOPE).count(),
        queries.drawdowns_in(SYSTEM, SCOPE).count(),
        queries.contributions_in(SYSTEM, SCOPE).count(),
        queries.contributions_in(SYSTEM, SCOPE, is_cash=True).count(),
        queries.contributions_in(SYSTEM, SCOPE, is_cash=False).count(),
        queries.costs_in(SYSTEM, SCOPE).count(),
    )
    assert found == (2, 2, 2, 1, 1, 2)
    read = " ".join(query["sql"] for query in captured.captured_queries)
    for table in (Transfer, Contribution, CostMovement):
        assert f'FROM "{table._meta.db_table}"' not in read


@pytest.mark.django_db
def test_records_of_a_scope_show_costs_and_contributions_to_those_who_may_see_them() -> None:
    under = made.agreement()
    made.obligation(under, 5 * MILLION)
    made.contribution(under, is_accepted=True)
    made.cost(under, 700)
    for actor, contributions, costs in (
        (Actor.public(), 0, 0),
        (made.finance("lift"), 0, 0),
        (made.finance(), 1, 1),
        (made.sponsor(), 1, 1),
        (made.officer(), 1, 1),
    ):
        assert queries.obligations_in(actor, SCOPE).count() == 1
        assert queries.contributions_in(actor, SCOPE).count() == contributions
        assert queries.costs_in(actor, SCOPE).count() == costs
