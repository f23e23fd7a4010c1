"""What the sponsors' money went for: budgets year by year, and costs quarter by quarter.

What was drawn in a quarter was spent in it, by category; equipment is ordered first, and at the end
what was ordered last has not come. A budget period is a year of the term, with what was obligated
in it, or is planned for it.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from lineshaft.demonstration.awards import Awards
from lineshaft.demonstration.values import AgreementPlan, BudgetPeriodPlan, CostPlan
from lineshaft.kernel.money import split_by_largest_remainder

BUDGET_WEIGHTS: Final = (
    ("personnel", 36),
    ("fringe", 10),
    ("travel", 3),
    ("equipment", 9),
    ("supplies", 6),
    ("contractual", 22),
    ("indirect", 14),
)
STEADY: Final = (("personnel", 42), ("contractual", 26), ("indirect", 16))
"""Costs of every quarter, with their weights."""

IN_TURN: Final = (("fringe", 14), ("supplies", 12), ("travel", 6), ("equipment", 20))
"""Costs of one quarter of the year each."""

PAYEES: Final = {
    "personnel": "Payroll (demonstration)",
    "fringe": "Benefits administrator (demonstration)",
    "travel": "Travel desk (demonstration)",
    "equipment": "Machine builder (demonstration)",
    "supplies": "Supplier of materials (demonstration)",
    "contractual": "Project team of members (demonstration)",
    "indirect": "Indirect cost pool (demonstration)",
}
ORDERED_BEFORE_DAYS: Final = 40
PAID_AFTER_DAYS: Final = 12


def budget_periods(awards: Awards) -> Iterator[BudgetPeriodPlan]:
    """The budget of every agreement, one period for each fiscal year of its money."""
    institutes = awards.institutes
    for agreement in awards.agreements:
        one = institutes[agreement.institute]
        planned = awards.planned[agreement.number]
        starts = [
            max(awards.profile.fiscal_year(year).starts_on, agreement.starts_on)
            for year in sorted(planned)
        ]
        starts[0] = agreement.starts_on
        ends = [*starts[1:], agreement.ends_on]
        for year, starts_on, ends_on in zip(sorted(planned), starts, ends, strict=True):
            weights = [weight for _category, weight in BUDGET_WEIGHTS]
            federal = split_by_largest_remainder(planned[year], weights)
            matched = planned[year] * one.nonfederal_minor // one.federal_minor
            nonfederal = split_by_largest_remainder(matched, weights)
            categories = [category for category, _weight in BUDGET_WEIGHTS]
            yield BudgetPeriodPlan(
                agreement.number,
                starts_on,
                ends_on,
                tuple(zip(categories, federal, nonfederal, strict=True)),
            )


def costs(awards: Awards) -> Iterator[CostPlan]:
    """The costs of every agreement: in each quarter as much as was drawn in it."""
    drawn: dict[str, dict[tuple[int, int], tuple[date, int]]] = {}
    for obligation in awards.obligations:
        for draw in obligation.draws:
            quarters = drawn.setdefault(obligation.agreement, {})
            quarter = _quarter(awards, draw.on)
            last, amount = quarters.get(quarter, (draw.on, 0))
            quarters[quarter] = max(last, draw.on), amount + draw.amount_minor
    for agreement in awards.agreements:
        for (_year, place), (on, spent) in sorted(drawn[agreement.number].items()):
            yield from _spent(awards, agreement, place, on, spent)


def _spent(
    awards: Awards, agreement: AgreementPlan, quarter: int, on: date, amount: int
) -> Iterator[CostPlan]:
    shares = (*STEADY, IN_TURN[quarter])
    parts = split_by_largest_remainder(amount, [weight for _category, weight in shares])
    paid_on = on + timedelta(days=PAID_AFTER_DAYS)
    is_latest = paid_on > awards.last_day
    for (category, _weight), part in zip(shares, parts, strict=True):
        ordered_on = on - timedelta(days=ORDERED_BEFORE_DAYS)
        is_ordered = category == "equipment" and ordered_on >= agreement.starts_on
        is_to_come = is_ordered and is_latest
        yield CostPlan(
            agreement.number,
            category,
            PAYEES[category],
            part,
            ordered_on=ordered_on if is_ordered else None,
            incurred_on=None if is_to_come else on,
            paid_on=None if is_latest else paid_on,
        )


def _quarter(awards: Awards, on: date) -> tuple[int, int]:
    period = awards.profile.fiscal_year_of(on)
    return period.year, (on - period.starts_on).days * 4 // 366
