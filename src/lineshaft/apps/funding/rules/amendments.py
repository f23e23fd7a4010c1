"""What an amendment of an agreement may change, and who may ask for which.

Sources: 2 CFR 200.308 (extension, scope) and 200.340 (termination).
"""

from datetime import date
from enum import StrEnum
from typing import Final

from lineshaft.apps.funding.rules.states import AgreementState
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.text import Day, gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow, term_of


class AmendmentKind(StrEnum):
    """What an amendment changes."""

    NO_COST_EXTENSION = "no_cost_extension"
    INCREMENTAL_FUNDING = "incremental_funding"
    SCOPE = "scope"
    TERMINATION_FOR_CONVENIENCE = "termination_for_convenience"
    TERMINATION_FOR_CAUSE = "termination_for_cause"


class AmendmentState(StrEnum):
    """Where an amendment stands."""

    PROPOSED = "proposed"
    EXECUTED = "executed"
    WITHDRAWN = "withdrawn"


TERMINATIONS: Final = frozenset(
    {AmendmentKind.TERMINATION_FOR_CONVENIENCE, AmendmentKind.TERMINATION_FOR_CAUSE}
)
AMENDMENT_WORKFLOW: Final = Workflow(
    name="amendment",
    initial=AmendmentState.PROPOSED,
    transitions=(
        Transition(
            "execute_amendment", frozenset({AmendmentState.PROPOSED}), AmendmentState.EXECUTED
        ),
        Transition(
            "withdraw_amendment", frozenset({AmendmentState.PROPOSED}), AmendmentState.WITHDRAWN
        ),
    ),
    final=frozenset({AmendmentState.EXECUTED, AmendmentState.WITHDRAWN}),
)
AMENDMENT_CITATIONS: Final[dict[str, Citation]] = {
    AmendmentKind.NO_COST_EXTENSION: Citation(
        "2 CFR 200.308(f)(10)", "https://www.ecfr.gov/current/title-2/section-200.308"
    ),
    AmendmentKind.INCREMENTAL_FUNDING: Citation(
        "2 CFR 200.308", "https://www.ecfr.gov/current/title-2/section-200.308"
    ),
    AmendmentKind.SCOPE: Citation(
        "2 CFR 200.308(f)(1)", "https://www.ecfr.gov/current/title-2/section-200.308"
    ),
    AmendmentKind.TERMINATION_FOR_CONVENIENCE: Citation(
        "2 CFR 200.340(a)(3)", "https://www.ecfr.gov/current/title-2/section-200.340"
    ),
    AmendmentKind.TERMINATION_FOR_CAUSE: Citation(
        "2 CFR 200.340(a)(1)", "https://www.ecfr.gov/current/title-2/section-200.340"
    ),
    "termination": Citation(
        "2 CFR 200.340", "https://www.ecfr.gov/current/title-2/section-200.340"
    ),
}
"""By kind of amendment; `termination` is that by the verb itself, whose reason says the ground."""


def amendable(state: str) -> Refusal | None:
    """Refuse to amend an agreement that is not running."""
    if state == AgreementState.ACTIVE:
        return None
    return Refusal(
        "agreement_not_running",
        gettext_noop("The agreement is “%(state)s”; only an active one is amended."),
        params={"state": term_of(state)},
    )


def amendment_reason_given(reason: str) -> Refusal | None:
    """Refuse an amendment that does not say why."""
    if reason.strip():
        return None
    return Refusal("reason_missing", gettext_noop("Say why the agreement is to be amended."))


def amendment_says_what(
    kind: AmendmentKind,
    *,
    new_ends_on: date | None,
    added_federal_minor: int | None,
    new_title: str,
) -> Refusal | None:
    """Refuse an amendment that lacks what its kind changes, or changes something beside it."""
    given = {
        AmendmentKind.NO_COST_EXTENSION: new_ends_on is not None,
        AmendmentKind.INCREMENTAL_FUNDING: added_federal_minor is not None
        and added_federal_minor > 0,
        AmendmentKind.SCOPE: bool(new_title.strip()),
    }
    others = (
        (AmendmentKind.NO_COST_EXTENSION, new_ends_on is not None),
        (AmendmentKind.INCREMENTAL_FUNDING, added_federal_minor is not None),
        (AmendmentKind.SCOPE, bool(new_title.strip())),
    )
    is_whole = given.get(kind, True) and not any(
        is_said for other, is_said in others if other is not kind
    )
    if is_whole:
        return None
    return Refusal(
        "amendment_content",
        gettext_noop(
            "An extension names the new end of the term, incremental funding an amount above zero, "
            "a change of scope the new scope, and a termination none of them."
        ),
        AMENDMENT_CITATIONS[kind],
    )


def extension_later(new_ends_on: date, ends_on: date) -> Refusal | None:
    """Refuse an extension that does not end later than the term does now."""
    if new_ends_on > ends_on:
        return None
    return Refusal(
        "extension_not_later",
        gettext_noop("The term ends on %(ends_on)s already. An extension names a later day."),
        AMENDMENT_CITATIONS[AmendmentKind.NO_COST_EXTENSION],
        {"ends_on": Day(ends_on)},
    )


def second_signature(*, is_proposer: bool) -> Refusal | None:
    """Refuse to execute what one has proposed oneself."""
    if not is_proposer:
        return None
    return Refusal(
        "second_signature_wanted",
        gettext_noop(
            "You proposed this amendment. Another officer of the leading agency executes it."
        ),
        Citation("2 CFR 200.303", "https://www.ecfr.gov/current/title-2/section-200.303"),
    )


def extends_by_now(effective_on: date, ends_on: date) -> Refusal | None:
    """Refuse an amendment that takes effect when the term is over."""
    if effective_on < ends_on:
        return None
    return Refusal(
        "effective_after_term",
        gettext_noop("The term ends on %(ends_on)s; an amendment takes effect before that day."),
        params={"ends_on": Day(ends_on)},
    )
