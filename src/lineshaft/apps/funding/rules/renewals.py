"""The renewal of an agreement: reviewed, renewed, or given a year to cure; and how long it may be.

Source: 15 U.S.C. 278s(e)(2)(B) (law: L-022 to L-025), with the days of the profile's term limit.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from lineshaft.apps.funding.rules.states import AgreementState
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.jurisdiction import TermLimit
from lineshaft.kernel.spans import Span, years_on
from lineshaft.kernel.text import Day, gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow, term_of

_URL: Final = "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s"
RENEWAL_LENGTH: Final = Citation("15 U.S.C. 278s(e)(2)(B)(i)", _URL, date(2019, 12, 20))
RENEWAL_REVIEW: Final = Citation("15 U.S.C. 278s(e)(2)(B)(ii)", _URL, date(2019, 12, 20))
CURE_PERIOD: Final = Citation("15 U.S.C. 278s(e)(2)(B)(iii)", _URL, date(2019, 12, 20))
INELIGIBLE: Final = Citation("15 U.S.C. 278s(e)(2)(B)(iv)", _URL, date(2019, 12, 20))


class RenewalState(StrEnum):
    """Where a renewal stands."""

    UNDER_REVIEW = "under_review"
    CURE_PERIOD = "cure_period"
    RENEWED = "renewed"
    INELIGIBLE = "ineligible"


RENEWAL_WORKFLOW: Final = Workflow(
    name="renewal",
    initial=RenewalState.UNDER_REVIEW,
    transitions=(
        Transition(
            "notify_deficiencies",
            frozenset({RenewalState.UNDER_REVIEW}),
            RenewalState.CURE_PERIOD,
        ),
        Transition(
            "grant_renewal",
            frozenset({RenewalState.UNDER_REVIEW, RenewalState.CURE_PERIOD}),
            RenewalState.RENEWED,
        ),
        Transition(
            "find_ineligible", frozenset({RenewalState.CURE_PERIOD}), RenewalState.INELIGIBLE
        ),
    ),
    final=frozenset({RenewalState.RENEWED, RenewalState.INELIGIBLE}),
)


def first_term_allowed(term: Span, limit: TermLimit | None) -> Refusal | None:
    """Refuse a first term shorter or longer than the limit in force allows (law: L-021)."""
    if limit is None or term.ends_on is None:
        return None
    least_on, most_on = (
        years_on(term.starts_on, limit.least_years),
        years_on(term.starts_on, limit.most_years),
    )
    if least_on <= term.ends_on <= most_on:
        return None
    return Refusal(
        "term_length",
        gettext_noop(
            "A first award runs at least %(least)s and at most %(most)s years: from %(starts_on)s "
            "it ends between %(least_on)s and %(most_on)s."
        ),
        limit.authority.citation,
        {
            "least": limit.least_years,
            "most": limit.most_years,
            "starts_on": Day(term.starts_on),
            "least_on": Day(least_on),
            "most_on": Day(most_on),
        },
    )


def renewal_no_longer(renewed: Span, first: Span) -> Refusal | None:
    """Refuse a renewal that is longer than the first term (law: L-022).

    Compared by what the calendar says: a renewal over the same years and days is as long, whatever
    leap days fall into it.
    """
    longest_on = _as_long_as(first, renewed.starts_on)
    if renewed.ends_on is not None and renewed.ends_on <= longest_on:
        return None
    return Refusal(
        "renewal_longer",
        gettext_noop(
            "A renewal is no longer than the first term, which ran from %(first_from)s up to "
            "%(first_until)s. This one ends on %(longest_on)s at the latest."
        ),
        RENEWAL_LENGTH,
        {
            "first_from": Day(first.starts_on),
            "first_until": Day(first.ends_on or first.starts_on),
            "longest_on": Day(longest_on),
        },
    )


def _as_long_as(first: Span, starts_on: date) -> date:
    """The end of a span from that day that is as long as the first one."""
    ends_on = first.ends_on or first.starts_on
    years = ends_on.year - first.starts_on.year
    if years_on(first.starts_on, years) > ends_on:
        years -= 1
    rest = ends_on - years_on(first.starts_on, years)
    return years_on(starts_on, years) + rest


def renewal_possible(state: str, *, open_renewals: int) -> Refusal | None:
    """Refuse to review an agreement that never ran, or a second time while a review is open."""
    if state not in {AgreementState.ACTIVE, AgreementState.ENDED}:
        return Refusal(
            "renewal_not_possible",
            gettext_noop("The agreement is “%(state)s”; it is not renewed."),
            RENEWAL_LENGTH,
            {"state": term_of(state)},
        )
    if open_renewals:
        return Refusal(
            "renewal_decided",
            gettext_noop(
                "The agreement's renewal has its review already: an agreement is renewed once, and "
                "one found not eligible is not reviewed again."
            ),
            INELIGIBLE,
        )
    return None


def renewal_follows(starts_on: date, ends_on: date) -> Refusal | None:
    """Refuse a renewal that begins before the term that it follows is over."""
    if starts_on >= ends_on:
        return None
    return Refusal(
        "renewal_overlaps",
        gettext_noop("The renewal begins when the term is over, on %(ends_on)s or later."),
        RENEWAL_LENGTH,
        {"ends_on": Day(ends_on)},
    )


def progress_weighed(progress: str) -> Refusal | None:
    """Refuse a decision that does not weigh progress on the performance standards (law: L-023)."""
    if progress.strip():
        return None
    return Refusal(
        "progress_missing",
        gettext_noop("Say what progress on the performance standards the review found."),
        RENEWAL_REVIEW,
    )


def deficiencies_named(deficiencies: str) -> Refusal | None:
    """Refuse a notice that names no deficiency (law: L-024)."""
    if deficiencies.strip():
        return None
    return Refusal(
        "deficiencies_missing",
        gettext_noop("Name the deficiencies: the institute has to know what it is to remedy."),
        CURE_PERIOD,
    )


def cure_ends_on(notified_on: date, limit: TermLimit | None) -> date | None:
    """The first day after the time to cure; None where the law of that day gives none."""
    if limit is None or not limit.cure_period_days:
        return None
    return notified_on + timedelta(days=limit.cure_period_days)


def cure_given(ends_on: date | None) -> Refusal | None:
    """Refuse a notice under a law that gives no time to remedy."""
    if ends_on is not None:
        return None
    return Refusal(
        "no_cure_period_in_force",
        gettext_noop("The law in force on that day gives no time to remedy deficiencies."),
        CURE_PERIOD,
    )


def cure_over(on: date, ends_on: date) -> Refusal | None:
    """Refuse to find ineligible who may still remedy (law: L-024, L-025)."""
    if on >= ends_on:
        return None
    return Refusal(
        "cure_year_runs",
        gettext_noop(
            "The institute has until %(ends_on)s to remedy its deficiencies. Until then it can be "
            "renewed, and not be found ineligible."
        ),
        INELIGIBLE,
        {"ends_on": Day(ends_on)},
    )


def cured_in_time(on: date, ends_on: date | None) -> Refusal | None:
    """Refuse to renew on a cure that came after the time for it (law: L-025)."""
    if ends_on is None or on <= ends_on:
        return None
    return Refusal(
        "cure_year_over",
        gettext_noop(
            "The time to remedy the deficiencies ended on %(ends_on)s. What was remedied by then "
            "counts: date the decision by that day, or find the institute ineligible."
        ),
        INELIGIBLE,
        {"ends_on": Day(ends_on)},
    )


def in_order(on: date, after: date, today: date) -> Refusal | None:
    """Refuse a step of a review dated before the one it follows, or on a day that has not come."""
    if after <= on <= today:
        return None
    return Refusal(
        "step_out_of_order",
        gettext_noop("This step is dated from %(after)s, the day of the one before, up to today."),
        params={"after": Day(after)},
    )


def first_term_of(term: Span, ends_before: Iterable[date]) -> Span:
    """The first term as it was signed: the earliest end that executed extensions replaced."""
    ends = [term.ends_on or term.starts_on, *ends_before]
    return Span(term.starts_on, min(ends))
