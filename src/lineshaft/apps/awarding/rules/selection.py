"""What awarding decides of the selection: choices, policy factors, departures from the rank order.

Each application that is still in is selected, put on the waiting list or not selected. The money of
those selected stays within what the competition has for all awards, their number within what it
announced. Whoever selects an application below one that is passed over says why; a factor of policy
may be why, and is shown with what it costs.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from lineshaft.apps.competitions.rules import NOTICE, OPENNESS, RUNNERS, SELECTING, Outcome
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import Amount, gettext_noop
from lineshaft.plumbing.permit import Permission

REASON_MAX: Final = 4_000
SCENARIO_NAME_MAX: Final = 120
NUMBER_MOST: Final = 500
SCENARIOS_MAX: Final = 100
VALUE_PLACES: Final = 6

_STATUTE: Final = "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s"
MERIT: Final = Citation("15 U.S.C. 278s(e)(4)(A)(i)", _STATUTE)
NO_DUPLICATION: Final = Citation("15 U.S.C. 278s(e)(4)(A)(ii)", _STATUTE)
SPECIAL_CONSIDERATION: Final = Citation("15 U.S.C. 278s(e)(8)", _STATUTE)

_NOT_SELECTING: Final = gettext_noop(
    "Choices are made while the competition is in its selection. It is not there, or the decision"
    " has been entered."
)
_NO_AMOUNT: Final = gettext_noop("Write the amount of the award. It is above zero.")
_NEEDLESS_AMOUNT: Final = gettext_noop("What is not selected has no amount. Leave it empty.")
_ABOVE_ASKED: Final = gettext_noop("The application asks for %(asked)s. An award is no more.")
_ABOVE_CEILING: Final = gettext_noop(
    "One award of this competition is at most %(ceiling)s. Amend the competition, or award less."
)
_OPEN_CHOICES: Final = gettext_noop(
    "No choice is made yet for application %(numbers)s. Select it, put it on the waiting list or do"
    " not select it."
)
_UNEXPLAINED: Final = gettext_noop(
    "Application %(numbers)s is selected below one that is passed over. Write with its choice which"
    " policy of the programme is the reason."
)
_ABOVE_TOTAL: Final = gettext_noop(
    "What is selected comes to %(selected)s; the competition has %(total)s for all awards. Select"
    " less, or award less."
)
_TOO_FEW: Final = gettext_noop(
    "%(count)s selected; the notice announced at least %(least)s awards. Select more, or amend the"
    " competition."
)
_TOO_MANY: Final = gettext_noop(
    "%(count)s selected; the notice announced at most %(most)s awards. Select fewer, or amend the"
    " competition."
)
_CONFLICTED: Final = gettext_noop(
    "An application of this competition is closed to you by a conflict of interest, so that you"
    " cannot decide it. Another of those who run the competition decides."
)
_OFFICIAL_CONFLICTED: Final = gettext_noop(
    "An application of this competition is closed to you by a conflict of interest, so that you"
    " cannot decide it. Whoever runs the competition names another selecting official by an"
    " amendment, and that person decides."
)
_NOTHING_TO_CHOOSE: Final = gettext_noop("No application is open to you in this selection.")
_SAME_PAIR: Final = gettext_noop("Choose two different applications.")
_PAIR_STANDS: Final = gettext_noop("These two are noted as overlapping already.")
_UNKNOWN_VALUE: Final = gettext_noop("Say of which state or kind this factor asks for some.")
_NO_NUMBER: Final = gettext_noop("Say how many; the least is 1 and the most is %(most)s.")
_FACTOR_TWICE: Final = gettext_noop("A factor stands once in a scenario for the same group.")
_TOO_MANY_SCENARIOS: Final = gettext_noop(
    "There are %(most)s scenarios already, which is the most. Compare those."
)


_RUNNERS_SENTENCE: Final = gettext_noop(
    "Whoever runs the competition prepares its selection; a conflict of interest closes what it is"
    " about."
)
SELECTION_PERMISSIONS: Final = (
    *(
        Permission(verb, _RUNNERS_SENTENCE, roles=RUNNERS)
        for verb in (
            "make_scenario",
            "note_overlap",
            "record_selection_choice",
            "remove_overlap",
            "set_policy_marks",
        )
    ),
    Permission(
        "decide_selection",
        gettext_noop(
            "The selecting official decides; where none is named, whoever runs the competition."
            " Nobody decides who has a conflict in it."
        ),
        roles=RUNNERS,
    ),
)


class Basis(StrEnum):
    """By what an application's value is counted: the estimate of the ranked list, or raw means."""

    ESTIMATE = "estimate"
    MEAN = "mean"


class PolicyMark(StrEnum):
    """A ground of special consideration that somebody finds met by an application."""

    LOW_INCOME = "low_income"
    DISADVANTAGED = "disadvantaged"
    RURAL = "rural"


class FactorKind(StrEnum):
    """A policy of the programme that a scenario can hold to."""

    STATE_MOST = "state_most"
    STATE_LEAST = "state_least"
    LOW_INCOME_LEAST = "low_income_least"
    DISADVANTAGED_LEAST = "disadvantaged_least"
    RURAL_LEAST = "rural_least"
    OVERLAP_ONCE = "overlap_once"
    AREA_MOST = "area_most"
    LEAD_KIND_LEAST = "lead_kind_least"


CITATIONS: Final[Mapping[FactorKind, Citation]] = {
    FactorKind.STATE_MOST: SPECIAL_CONSIDERATION,
    FactorKind.STATE_LEAST: SPECIAL_CONSIDERATION,
    FactorKind.LOW_INCOME_LEAST: SPECIAL_CONSIDERATION,
    FactorKind.DISADVANTAGED_LEAST: SPECIAL_CONSIDERATION,
    FactorKind.RURAL_LEAST: SPECIAL_CONSIDERATION,
    FactorKind.OVERLAP_ONCE: NO_DUPLICATION,
    FactorKind.AREA_MOST: NOTICE,
    FactorKind.LEAD_KIND_LEAST: NOTICE,
}
"""On what each factor rests."""

MARK_OF: Final[Mapping[FactorKind, PolicyMark]] = {
    FactorKind.LOW_INCOME_LEAST: PolicyMark.LOW_INCOME,
    FactorKind.DISADVANTAGED_LEAST: PolicyMark.DISADVANTAGED,
    FactorKind.RURAL_LEAST: PolicyMark.RURAL,
}
NAMES_A_GROUP: Final = frozenset({FactorKind.STATE_LEAST, FactorKind.LEAD_KIND_LEAST})
"""Factors that ask for some of a group, which `value` names."""


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor of a scenario: so many at least or at most, of the group that `value` names."""

    kind: FactorKind
    number: int = 1
    value: str = ""

    @property
    def key(self) -> str:
        """What tells it from other factors of a scenario."""
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An application as the factors see it; `region` is a code of the profile, empty unknown."""

    application_id: int
    number: int
    region: str
    areas: frozenset[str]
    lead_kind: str
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Group:
    """Applications of which a factor asks for so many; `name` is what the group is, such as OH."""

    name: str
    applications: frozenset[int]
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """An application with its place on the ranked list, None without one, and what was chosen."""

    application_id: int
    number: int
    rank: int | None
    outcome: Outcome | None
    amount_minor: int
    reason: str


def groups_of(
    factor: Factor, candidates: Sequence[Candidate], pairs: Iterable[tuple[int, int]]
) -> tuple[Group, ...]:
    """The groups that the factor bounds, by name; `pairs` are those noted as overlapping."""
    match factor.kind:
        case FactorKind.STATE_MOST:
            return _at_most(factor, [(one.region, one.application_id) for one in candidates])
        case FactorKind.AREA_MOST:
            tagged = [(area, one.application_id) for one in candidates for area in one.areas]
            return _at_most(factor, tagged)
        case FactorKind.OVERLAP_ONCE:
            known = {one.application_id: one.number for one in candidates}
            return tuple(
                Group(f"{known[first]}, {known[second]}", frozenset({first, second}), most=1)
                for first, second in sorted(pairs)
                if first in known and second in known
            )
        case FactorKind.STATE_LEAST:
            ids = {one.application_id for one in candidates if one.region == factor.value}
        case FactorKind.LEAD_KIND_LEAST:
            ids = {one.application_id for one in candidates if one.lead_kind == factor.value}
        case _:
            mark = MARK_OF[factor.kind]
            ids = {one.application_id for one in candidates if mark in one.marks}
    return (Group(factor.value, frozenset(ids), least=factor.number),)


def refuse_factors(factors: Sequence[Factor]) -> Refusal | None:
    """Why a scenario can't hold to these factors, or None."""
    if any(not 1 <= one.number <= NUMBER_MOST for one in factors):
        return Refusal("no_number", _NO_NUMBER, params={"most": NUMBER_MOST})
    if any(one.kind in NAMES_A_GROUP and not one.value for one in factors):
        return Refusal("no_group", _UNKNOWN_VALUE)
    if len({one.key for one in factors}) < len(factors):
        return Refusal("factor_twice", _FACTOR_TWICE)
    return None


def refuse_scenario(*, candidates: int, scenarios: int) -> Refusal | None:
    """Why no scenario can be counted over so many applications beside so many others, or None."""
    if not candidates:
        return Refusal("nothing_to_choose", _NOTHING_TO_CHOOSE)
    if scenarios >= SCENARIOS_MAX:
        return Refusal("too_many_scenarios", _TOO_MANY_SCENARIOS, params={"most": SCENARIOS_MAX})
    return None


def refuse_pair(*, is_same: bool, stands: bool) -> Refusal | None:
    """Why two applications can't be noted as overlapping, or None."""
    if is_same:
        return Refusal("same_application", _SAME_PAIR)
    return Refusal("pair_stands", _PAIR_STANDS, NO_DUPLICATION) if stands else None


def refuse_choosing(state: str) -> Refusal | None:
    """Why nothing can be chosen while the competition stands so, or None."""
    return None if state == SELECTING else Refusal("not_selecting", _NOT_SELECTING, NOTICE)


def refuse_amount(
    outcome: Outcome,
    amount_minor: int | None,
    *,
    asked_minor: int,
    ceiling_minor: int | None,
    currency: str,
) -> Refusal | None:
    """Why the choice can't have that amount, or None."""
    if outcome is Outcome.NOT_SELECTED:
        return None if amount_minor is None else Refusal("needless_amount", _NEEDLESS_AMOUNT)
    if amount_minor is None or amount_minor <= 0:
        return Refusal("no_amount", _NO_AMOUNT)
    if amount_minor > asked_minor:
        params = {"asked": Amount(Money(asked_minor, currency))}
        return Refusal("above_asked", _ABOVE_ASKED, params=params)
    if ceiling_minor is not None and amount_minor > ceiling_minor:
        params = {"ceiling": Amount(Money(ceiling_minor, currency))}
        return Refusal("above_ceiling", _ABOVE_CEILING, NOTICE, params)
    return None


def departures(rows: Iterable[Chosen]) -> frozenset[int]:
    """The applications that are selected below one that is passed over.

    What has no place on the list stands below all that have one; passed over is what has a place
    and is not selected, the waiting list included.
    """
    chosen = list(rows)
    passed = [
        one.rank for one in chosen if one.rank is not None and one.outcome is not Outcome.SELECTED
    ]
    best = min(passed, default=None)
    if best is None:
        return frozenset()
    return frozenset(
        one.application_id
        for one in chosen
        if one.outcome is Outcome.SELECTED and (one.rank is None or one.rank > best)
    )


def refuse_selection(
    rows: Sequence[Chosen],
    *,
    total_minor: int | None,
    awards_least: int,
    awards_most: int,
    currency: str,
) -> Refusal | None:
    """Why these choices can't be decided, or None; the first thing to mend."""
    if opened := [one.number for one in rows if one.outcome is None]:
        return Refusal("open_choices", _OPEN_CHOICES, OPENNESS, {"numbers": _listed(opened)})
    left = departures(rows)
    silent = [one.number for one in rows if one.application_id in left and not one.reason]
    if silent:
        return Refusal("unexplained", _UNEXPLAINED, MERIT, {"numbers": _listed(silent)})
    counts = Counter(one.outcome for one in rows)
    count = counts[Outcome.SELECTED]
    if count < awards_least:
        return Refusal("too_few", _TOO_FEW, NOTICE, {"count": count, "least": awards_least})
    if count > awards_most:
        return Refusal("too_many_awards", _TOO_MANY, NOTICE, {"count": count, "most": awards_most})
    selected = sum(one.amount_minor for one in rows if one.outcome is Outcome.SELECTED)
    if total_minor is not None and selected > total_minor:
        params = {
            "selected": Amount(Money(selected, currency)),
            "total": Amount(Money(total_minor, currency)),
        }
        return Refusal("above_total", _ABOVE_TOTAL, NOTICE, params)
    return None


def refuse_conflicted(*, is_conflicted: bool, is_named: bool) -> Refusal | None:
    """Why whoever has a conflict in the competition can't decide it, or None; `is_named` says that
    the competition names its selecting official.
    """
    if not is_conflicted:
        return None
    return Refusal("conflicted", _OFFICIAL_CONFLICTED if is_named else _CONFLICTED, OPENNESS)


def value_of(score: Decimal | None) -> float:
    """What a score is worth in a scenario: nothing where there is none, and never below zero."""
    return max(0.0, round(float(score), VALUE_PLACES)) if score is not None else 0.0


def factor_from(said: Mapping[str, Any]) -> Factor:
    """A factor as a scenario keeps it."""
    return Factor(FactorKind(said["kind"]), said["number"], said["value"])


def as_said(factor: Factor) -> dict[str, Any]:
    """A factor as a scenario keeps it, in plain values."""
    return {"kind": factor.kind.value, "number": factor.number, "value": factor.value}


def _at_most(factor: Factor, tagged: Iterable[tuple[str, int]]) -> tuple[Group, ...]:
    groups: dict[str, set[int]] = {}
    for name, pk in tagged:
        if name:
            groups.setdefault(name, set()).add(pk)
    return tuple(
        Group(name, frozenset(ids), most=factor.number)
        for name, ids in sorted(groups.items())
        if len(ids) > factor.number
    )


def _listed(numbers: Collection[int]) -> str:
    return ", ".join(str(number) for number in sorted(numbers))
