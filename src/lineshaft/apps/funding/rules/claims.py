"""What may stand in one claim: contributions of one contributor to one award, within its period."""

from datetime import date

from lineshaft.apps.funding.rules.cost_share import UNIFORM_GUIDANCE
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import Day, gettext_noop


def claim_period(
    starts_on: date, ends_on: date, *, term_starts_on: date, term_ends_on: date
) -> Refusal | None:
    """Refuse a period `[starts_on, ends_on)` that is empty, or reaches beyond the award's term."""
    if term_starts_on <= starts_on < ends_on <= term_ends_on:
        return None
    return Refusal(
        "claim_period",
        gettext_noop(
            "The period of a claim ends after it starts, and lies within the agreement, which runs "
            "from %(starts_on)s up to %(ends_on)s."
        ),
        citation=UNIFORM_GUIDANCE,
        params={"starts_on": Day(term_starts_on), "ends_on": Day(term_ends_on)},
    )


def line_in_claim(
    occurred_on: date, starts_on: date, ends_on: date, *, is_of_claim: bool
) -> Refusal | None:
    """Refuse a line of another contributor or award than the claim's, or outside its period."""
    if not is_of_claim:
        return Refusal(
            "line_of_other",
            gettext_noop("The lines of a claim have its contributor and its agreement."),
        )
    if starts_on <= occurred_on < ends_on:
        return None
    return Refusal(
        "line_outside_claim",
        gettext_noop(
            "%(occurred_on)s lies outside the period of the claim, from %(starts_on)s up to "
            "%(ends_on)s."
        ),
        params={
            "occurred_on": Day(occurred_on),
            "starts_on": Day(starts_on),
            "ends_on": Day(ends_on),
        },
    )


def decision_made(count: int, *, is_repeated: bool = False) -> Refusal | None:
    """Refuse to decide on nothing, and twice at once on one contribution: only one could hold."""
    if is_repeated:
        return Refusal(
            "decision_repeated",
            gettext_noop(
                "This contribution is named twice. Decide on it once, and take the other line out."
            ),
        )
    if count > 0:
        return None
    return Refusal("decision_missing", gettext_noop("Decide on one line at least."))
