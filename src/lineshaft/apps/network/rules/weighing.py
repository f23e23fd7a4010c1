"""How likely two records are one organisation, which pairs a person looks at, and what is kept of
what they decided.

Invariants: no weight makes a pair certain, and none decides anything. A decision is a rule for
every later search: what was merged is one, what was kept apart is two.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from lineshaft.apps.network.rules.lookalikes import WHOLE_BP, PairState
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import gettext_noop

RECORDED_FROM_BP: Final = 2_500
"""From which probability a pair is brought to a person, in basis points. Own figure: three of four
pairs below it would be two organisations."""

SURE_BP: Final = WHOLE_BP - 1
"""The most that a weight can say."""

_LIKELY_FROM_BP: Final = 9_000
_CONTRADICTED: Final = gettext_noop(
    "“%(one)s” and “%(other)s” were said to be two organisations, but are one by other decisions: "
    "%(chain)s. Take one of these decisions back."
)


class Likelihood(StrEnum):
    """How likely two records are one, in words."""

    LIKELY = "likely"
    IN_DOUBT = "in_doubt"
    UNLIKELY = "unlikely"


_BOUNDS_BP: Final = {
    Likelihood.LIKELY: (_LIKELY_FROM_BP, WHOLE_BP),
    Likelihood.IN_DOUBT: (RECORDED_FROM_BP, _LIKELY_FROM_BP),
    Likelihood.UNLIKELY: (0, RECORDED_FROM_BP),
}


class LinkRule(StrEnum):
    """What a decision says to every later search."""

    MUST_LINK = "must_link"
    CANNOT_LINK = "cannot_link"


_RULES: Final = {
    PairState.MERGED: LinkRule.MUST_LINK,
    PairState.KEPT_APART: LinkRule.CANNOT_LINK,
}


def probability_bp(probability: float) -> int:
    """The probability in whole basis points, rounded down; never all of them."""
    return min(SURE_BP, int(probability * WHOLE_BP))


def bounds_bp(likelihood: Likelihood) -> tuple[int, int]:
    """The probabilities that a word stands for, in basis points; the end is excluded."""
    return _BOUNDS_BP[likelihood]


def rule_of_state(state: str) -> LinkRule | None:
    """What a pair in that state says to a search, or None where nothing is decided."""
    return _RULES.get(PairState(state))


def refuse_contradiction(apart: tuple[str, str], chain: Iterable[tuple[str, str]]) -> Refusal:
    """That decisions can't all be true: two that are apart, and the merges that make them one, all
    by their names.
    """
    merges = ", ".join(f"“{one}” = “{other}”" for one, other in chain)
    params = {"one": apart[0], "other": apart[1], "chain": merges}
    return Refusal("decisions_contradict", _CONTRADICTED, params=params)
