"""What counts as cost share, and who may say so. Source: 2 CFR 200.306 (law: C-02 to C-08)."""

from datetime import date
from decimal import Decimal
from typing import Final

from lineshaft.apps.funding.rules.states import ContributionState
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import Amount, Day, gettext_noop
from lineshaft.kernel.workflow import term_of

UNITS_DIGITS: Final = 14
UNITS_DECIMALS: Final = 4
LARGEST_PERCENTAGE_BP: Final = 1_000_000
"""Ten thousand per cent: fringe benefits and indirect rates stay far below; our own figure."""

UNIFORM_GUIDANCE: Final = Citation(
    text="2 CFR 200.306(b)", url="https://www.ecfr.gov/current/title-2/section-200.306"
)
"""What may be accepted as cost share, and when (law: C-02)."""


def date_in_span(occurred_on: date, starts_on: date, ends_on: date) -> Refusal | None:
    """Refuse a contribution dated outside the agreement's term `[starts_on, ends_on)` (C-02)."""
    if starts_on <= occurred_on < ends_on:
        return None
    return Refusal(
        "outside_agreement",
        gettext_noop(
            "%(occurred_on)s lies outside the agreement, which runs from %(starts_on)s up to "
            "%(ends_on)s. Cost share counts within the term only."
        ),
        citation=UNIFORM_GUIDANCE,
        params={
            "occurred_on": Day(occurred_on),
            "starts_on": Day(starts_on),
            "ends_on": Day(ends_on),
        },
    )


def kind_known(kind: str, *, is_known: bool) -> Refusal | None:
    """Refuse a kind of cost share that the profile does not list."""
    if is_known:
        return None
    return Refusal(
        "kind_unknown",
        gettext_noop("“%(kind)s” is no kind of cost share in this jurisdiction."),
        params={"kind": kind},
    )


def units_kept(units: Decimal | None) -> Refusal | None:
    """Refuse units that can not be kept as stated: rounded they would make another claim."""
    if units is None:
        return None
    exponent = units.normalize().as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else UNITS_DIGITS
    if decimals <= UNITS_DECIMALS and units.adjusted() < UNITS_DIGITS - UNITS_DECIMALS:
        return None
    return Refusal(
        "units_not_kept",
        gettext_noop("Units have at most %(whole)s digits and %(decimals)s decimals."),
        params={"whole": UNITS_DIGITS - UNITS_DECIMALS, "decimals": UNITS_DECIMALS},
    )


def percentages_kept(*percentages_bp: int | None) -> Refusal | None:
    """Refuse percentages that can only be a slip, and that a column could not keep."""
    if all(one is None or one <= LARGEST_PERCENTAGE_BP for one in percentages_bp):
        return None
    return Refusal(
        "percentage_too_large",
        gettext_noop("A percentage is at most %(largest)s. Check it."),
        params={"largest": LARGEST_PERCENTAGE_BP // 100},
    )


def takes_evidence(state: str) -> Refusal | None:
    """Refuse evidence for a claim that was refused or withdrawn."""
    if state in {ContributionState.RECORDED, ContributionState.ACCEPTED}:
        return None
    return Refusal(
        "contribution_closed",
        gettext_noop("The contribution is “%(state)s”; evidence no longer changes anything."),
        params={"state": term_of(state)},
    )


def evidence_given(count: int) -> Refusal | None:
    """Refuse to attach nothing."""
    if count > 0:
        return None
    return Refusal(
        "evidence_missing", gettext_noop("Choose a file or name the record that proves it.")
    )


def is_counted(*, evidence_count: int, is_federal_origin: bool, other_award: str) -> Refusal | None:
    """Refuse cost share that the law does not count: C-02, tests (1), (2) and (5).

    Evidence is a stored file, or the reference of a record in the recipient's own books.
    """
    if evidence_count < 1:
        return Refusal(
            "evidence_missing",
            gettext_noop(
                "A contribution must be verifiable from records. Attach its evidence first."
            ),
            citation=UNIFORM_GUIDANCE,
        )
    if is_federal_origin:
        return Refusal(
            "federal_origin",
            gettext_noop("Money of federal origin does not count as cost share."),
            citation=UNIFORM_GUIDANCE,
        )
    if other_award:
        return Refusal(
            "other_award",
            gettext_noop(
                "The contribution is already counted for another federal award: %(other_award)s."
            ),
            citation=UNIFORM_GUIDANCE,
            params={"other_award": other_award},
        )
    return None


def accepted_amount(accepted: Money, claimed: Money) -> Refusal | None:
    """Refuse to accept nothing, or more than was claimed."""
    if accepted.amount_minor > 0 and accepted <= claimed:
        return None
    return Refusal(
        "accepted_amount",
        gettext_noop(
            "Accept an amount above zero and up to the %(claimed)s claimed. "
            "To accept nothing, refuse the contribution."
        ),
        params={"claimed": Amount(claimed)},
    )


def second_person(
    *, accepted: Money, threshold: Money, is_recorder: bool, is_second_line: bool
) -> Refusal | None:
    """Refuse that one person both records and accepts a large amount.

    Above the profile's threshold the contribution is accepted by the institute's manager or the
    sponsoring agency, and never by whoever recorded it.
    """
    if accepted <= threshold or (is_second_line and not is_recorder):
        return None
    return Refusal(
        "second_person_wanted",
        gettext_noop(
            "Above %(threshold)s a second person accepts: the institute's "
            "manager or the sponsoring agency, and not whoever recorded the contribution."
        ),
        params={"threshold": Amount(threshold)},
    )
