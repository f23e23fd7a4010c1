"""What a budget may say: its periods within the term and apart, its money within the total.

A budget period is a part of an agreement's term with its plan by category, federal and non-federal.
Source: 2 CFR 200.308 (revision of budgets) and SF-424A, section B, for the categories.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from lineshaft.apps.funding.rules.states import AgreementState
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.money import Money
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import Amount, Day, gettext_noop
from lineshaft.kernel.workflow import term_of

BUDGETS: Final = Citation("2 CFR 200.308", "https://www.ecfr.gov/current/title-2/section-200.308")
_PLANNED: Final = frozenset({AgreementState.DRAFT, AgreementState.ACTIVE})


def budget_open(state: str) -> Refusal | None:
    """Refuse to plan under an agreement that has ended."""
    if state in _PLANNED:
        return None
    return Refusal(
        "budget_closed",
        gettext_noop("The agreement is “%(state)s”; its budget is no longer changed."),
        params={"state": term_of(state)},
    )


def period_within(period: Span, term: Span) -> Refusal | None:
    """Refuse a budget period that begins before the agreement or runs beyond it."""
    if term.covers(period):
        return None
    return Refusal(
        "period_outside_term",
        gettext_noop(
            "A budget period lies within the agreement's term, from %(starts_on)s up to "
            "%(ends_on)s. Extend the term first, or plan a shorter period."
        ),
        BUDGETS,
        {"starts_on": Day(term.starts_on), "ends_on": Day(term.ends_on or term.starts_on)},
    )


def periods_apart(period: Span, others: Iterable[Span]) -> Refusal | None:
    """Refuse a budget period that shares a day with another of the agreement."""
    met = next((other for other in others if other.overlaps(period)), None)
    if met is None:
        return None
    return Refusal(
        "periods_overlap",
        gettext_noop(
            "There is a budget period from %(starts_on)s up to %(ends_on)s already, and two "
            "periods share no day. Revise that one, or begin after it."
        ),
        BUDGETS,
        {"starts_on": Day(met.starts_on), "ends_on": Day(met.ends_on or met.starts_on)},
    )


def categories_possible(keys: Sequence[str], known: Iterable[str]) -> Refusal | None:
    """Refuse a plan without a category, with one twice, or with one that the profile lacks."""
    if keys and len(set(keys)) == len(keys) and set(keys) <= set(known):
        return None
    return Refusal(
        "budget_categories",
        gettext_noop(
            "A budget has an amount in one category at least, and names each of the profile's "
            "categories once at most."
        ),
        BUDGETS,
    )


def amounts_possible(amounts_minor: Iterable[tuple[int, int]]) -> Refusal | None:
    """Refuse a category planned with nothing, or with less."""
    if all(
        federal >= 0 and nonfederal >= 0 and federal + nonfederal > 0
        for federal, nonfederal in amounts_minor
    ):
        return None
    return Refusal(
        "budget_amounts",
        gettext_noop("A category is planned with an amount above zero, federal or non-federal."),
        BUDGETS,
    )


def plan_within_total(
    planned_minor: int, others_minor: int, federal_total_minor: int, currency: str
) -> Refusal | None:
    """Refuse to plan more federal money than the agreement has in all."""
    if planned_minor + others_minor <= federal_total_minor:
        return None
    return Refusal(
        "budget_beyond_total",
        gettext_noop(
            "The agreement's federal total leaves %(left)s to plan; %(planned)s was planned."
        ),
        BUDGETS,
        {
            "left": Amount(Money(max(0, federal_total_minor - others_minor), currency)),
            "planned": Amount(Money(planned_minor, currency)),
        },
    )


def revision_reason_given(reason: str) -> Refusal | None:
    """Refuse to revise a budget without saying why."""
    if reason.strip():
        return None
    return Refusal("reason_missing", gettext_noop("Say why the budget is revised."))
