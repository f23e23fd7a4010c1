"""What reviewing decides of the assignment of reviewers to applications.

A proposal is computed under terms: how many reviewers each application gets, what a reviewer takes,
what every panel of an application must hold. It is adopted whole or not at all, and only while
everything that it was computed from is as it was.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lineshaft.apps.competitions.rules import JUDGED, RUNNERS
from lineshaft.apps.reviewing.rules.pool import LOAD_MOST, PUBLIC_SECTORS, Sector
from lineshaft.kernel.competitions import StageKind
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.errors import FieldError
from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow
from lineshaft.plumbing.permit import Permission

REASON_MAX: Final = 1_000
DEMAND_MOST: Final = 50
TIME_LIMIT_S: Final = 60
TIME_LIMIT_MOST_S: Final = 600
AFFINITY_UNITS: Final = 1_000_000
"""An affinity is kept in whole millionths, so that sums are exact and compare."""

COMPUTING: Final = "computing"
PROPOSED: Final = "proposed"
INFEASIBLE: Final = "infeasible"
STOPPED: Final = "stopped"
ADOPTED: Final = "adopted"
DISCARDED: Final = "discarded"

PRIVATE_HALF: Final = "private"
PUBLIC_HALF: Final = "public"
OF_EMPLOYER: Final = "employer"
OF_LEAD: Final = "lead"

_STATUTE: Final = "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s"
BOTH_SECTORS: Final = Citation("15 U.S.C. 278s(e)(4)(A)(i)", _STATUTE)
CONFLICTS_DISCLOSED: Final = Citation("15 U.S.C. 278s(e)(4)(B)(ii)", _STATUTE)

ASSIGNMENT_TRANSITIONS: Final = {
    "AssignmentRun": Workflow(
        "AssignmentRun",
        COMPUTING,
        (
            Transition("keep_proposal", frozenset({COMPUTING}), PROPOSED),
            Transition("keep_explanation", frozenset({COMPUTING}), INFEASIBLE),
            Transition("stop_proposal", frozenset({COMPUTING}), STOPPED),
            Transition("adopt_assignment", frozenset({PROPOSED}), ADOPTED),
            Transition(
                "discard_proposal",
                frozenset({COMPUTING, PROPOSED, INFEASIBLE, STOPPED}),
                DISCARDED,
            ),
        ),
        final=frozenset({ADOPTED, DISCARDED}),
    )
}
ASSIGNING_VERBS: Final = (
    "propose_assignment",
    "stop_proposal",
    "adopt_assignment",
    "discard_proposal",
    "assign_reviewer",
    "unassign_reviewer",
    "settle_change",
    "take_back_conflicted",
)
"""The verbs of whoever runs the competition."""

ASSIGNING: Final = tuple(
    Permission(
        verb,
        gettext_noop("Whoever runs the competition says who reviews what in it."),
        roles=RUNNERS,
    )
    for verb in ASSIGNING_VERBS
)

_NOT_JUDGED: Final = gettext_noop("“%(stage)s” judges nothing, so nobody is assigned in it.")
_OVER: Final = gettext_noop("“%(stage)s” is over. Who reviewed what in it stays as it was.")
_NOT_RUNNING: Final = gettext_noop("%(code)s does not run, so nobody is assigned in it.")
_NOTHING: Final = gettext_noop(
    "“%(stage)s” has nothing to judge yet. What was handed in opens when the stage behind the call"
    " begins."
)
_NO_PANEL: Final = gettext_noop(
    "Nobody has accepted a seat on the panel of “%(stage)s”. Invite reviewers first."
)
_CLOSED_PAIR: Final = gettext_noop(
    "%(reviewer)s has a conflict of interest with this application (%(kinds)s), which closes it to"
    " them. Assign somebody else, or decide the conflict first."
)
_ASSIGNED: Final = gettext_noop("%(reviewer)s reviews this application already.")
_CLOSED_TO_ACTOR: Final = gettext_noop(
    "An application of this stage is closed to you by a conflict of interest, so somebody else who"
    " runs the competition adopts its assignment."
)
_FOUND_SINCE: Final = gettext_noop(
    "Conflicts of interest were found since that close %(pairs)s of the pairs. Propose again."
)
_BEGUN_SINCE: Final = gettext_noop(
    "Reviews were begun since this was computed, and it gives %(pairs)s of them to somebody else. A"
    " review that was begun keeps its reviewer. Propose again."
)
_DOES_NOT_HOLD: Final = gettext_noop(
    "The proposal does not hold in %(faults)s places, since time ran out before everything did."
    " Propose again and allow more time."
)
_RANGE: Final = gettext_noop("Give a whole number from %(least)s to %(most)s.")
_LEAST_ABOVE: Final = gettext_noop("This is more than a reviewer may take at most. Give less.")
_ABOVE_DEMAND: Final = gettext_noop(
    "This asks for more reviewers than an application gets. Give at most %(most)s."
)
_BOTH: Final = gettext_noop("A pair that must be is also one that may not be. Take one out.")


class Origin(StrEnum):
    """Who made an assignment: the solver, or somebody by hand."""

    SOLVER = "solver"
    HAND = "hand"


class Objective(StrEnum):
    """What is wanted: the largest total, or first the largest possible worst application."""

    SUM = "sum"
    FAIR = "fair"


class Certainty(StrEnum):
    """How much is known of a proposal."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INCOMPLETE = "incomplete"


type Pair = tuple[int, int]
"""An application's id and a seat's."""


@dataclass(frozen=True, slots=True)
class AssignmentTerms:
    """Under what an assignment is computed.

    Every application gets `demand` reviewers, every reviewer at least `load_least` and at most
    `load_most` (None: as many as each said). Of the reviewers of an application at least
    `sector_least` are of each half of the panel, at least `lead_sector_least` of the sector of its
    lead, at most `employer_most` (None: any number) of one employer. `forced` pairs must be,
    `forbidden` ones may not.
    """

    objective: str = Objective.FAIR
    demand: int = 3
    load_least: int = 0
    load_most: int | None = None
    sector_least: int = 0
    lead_sector_least: int = 0
    employer_most: int | None = None
    time_limit_s: int = TIME_LIMIT_S
    forced: tuple[Pair, ...] = ()
    forbidden: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Panelist:
    """A seat as an assignment sees it; `employer_id` is the standing record's, None unknown."""

    seat_id: int
    person_id: int
    load_most: int
    sector: str
    employer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """An application as an assignment sees it; `lead_sectors` are those of its lead."""

    application_id: int
    lead_sectors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GroupRule:
    """How many reviewers of a group an application has; None as `applications` for all of them."""

    key: str
    seats: frozenset[int]
    least: int = 0
    most: int | None = None
    applications: frozenset[int] | None = None


SECTORS_OF_GROUP: Final[Mapping[str, frozenset[str]]] = {
    "industry": frozenset({Sector.INDUSTRY}),
    "academia": frozenset({Sector.ACADEMIA}),
    "government": frozenset({Sector.GOVERNMENT, Sector.LABORATORY}),
    "other": frozenset({Sector.NON_PROFIT}),
}
"""Whose sector a lead is of, by the group of its kind in the profile."""


def faults_of_terms(terms: AssignmentTerms) -> list[FieldError]:
    """What is wrong with the terms themselves, whatever the panel."""
    ranges = {
        "demand": (terms.demand, 1, DEMAND_MOST),
        "load_least": (terms.load_least, 0, LOAD_MOST),
        "load_most": (terms.load_most, 1, LOAD_MOST),
        "sector_least": (terms.sector_least, 0, DEMAND_MOST),
        "lead_sector_least": (terms.lead_sector_least, 0, DEMAND_MOST),
        "employer_most": (terms.employer_most, 1, DEMAND_MOST),
        "time_limit_s": (terms.time_limit_s, 0, TIME_LIMIT_MOST_S),
    }
    faults = [
        FieldError(name, message=_RANGE, params={"least": least, "most": most})
        for name, (value, least, most) in ranges.items()
        if value is not None and not least <= value <= most
    ]
    if faults:
        return faults
    if terms.load_most is not None and terms.load_least > terms.load_most:
        faults.append(FieldError("load_least", message=_LEAST_ABOVE))
    if 2 * terms.sector_least > terms.demand:
        most = terms.demand // 2
        faults.append(FieldError("sector_least", message=_ABOVE_DEMAND, params={"most": most}))
    if terms.lead_sector_least > terms.demand:
        params = {"most": terms.demand}
        faults.append(FieldError("lead_sector_least", message=_ABOVE_DEMAND, params=params))
    if set(terms.forced) & set(terms.forbidden):
        faults.append(FieldError("forced", message=_BOTH))
    return faults


def default_terms(reviewers_least: int) -> AssignmentTerms:
    """What is offered for a stage that wants at least so many reviewers of an application."""
    demand = reviewers_least or AssignmentTerms().demand
    return AssignmentTerms(
        demand=demand, sector_least=1 if demand > 1 else 0, employer_most=1 if demand > 1 else None
    )


def most_of(terms: AssignmentTerms, one: Panelist) -> int:
    """How many applications somebody takes at most under the terms."""
    return one.load_most if terms.load_most is None else min(one.load_most, terms.load_most)


def least_of(terms: AssignmentTerms, one: Panelist) -> int:
    """How many applications somebody takes at the least; no more than they take at most."""
    return min(terms.load_least, most_of(terms, one))


def group_rules(
    terms: AssignmentTerms, panel: Sequence[Panelist], judged: Iterable[Judged]
) -> tuple[GroupRule, ...]:
    """The rules that the terms make of a panel: its halves, employers, the sector of the lead."""
    rules: list[GroupRule] = []
    if terms.sector_least:
        halves: dict[str, set[int]] = {PRIVATE_HALF: set(), PUBLIC_HALF: set()}
        for one in panel:
            half = PUBLIC_HALF if one.sector in PUBLIC_SECTORS else PRIVATE_HALF
            halves[half].add(one.seat_id)
        rules += [
            GroupRule(key, frozenset(seats), least=terms.sector_least)
            for key, seats in halves.items()
        ]
    if terms.employer_most is not None:
        employers: dict[int, set[int]] = {}
        for one in panel:
            if one.employer_id is not None:
                employers.setdefault(one.employer_id, set()).add(one.seat_id)
        rules += [
            GroupRule(f"{OF_EMPLOYER}:{key}", frozenset(seats), most=terms.employer_most)
            for key, seats in sorted(employers.items())
            if len(seats) > terms.employer_most
        ]
    if terms.lead_sector_least:
        rules += _rules_of_leads(terms.lead_sector_least, panel, judged)
    return tuple(rules)


def refuse_assigning(
    stage: str,
    kind: StageKind,
    *,
    code: str = "",
    is_over: bool = False,
    is_running: bool = True,
) -> Refusal | None:
    """Why nobody is assigned in a stage at all."""
    params = {"stage": stage, "code": code}
    if kind not in JUDGED:
        return Refusal("not_judged", _NOT_JUDGED, params=params)
    if is_over:
        return Refusal("stage_over", _OVER, params=params)
    if not is_running:
        return Refusal("not_running", _NOT_RUNNING, params=params)
    return None


def refuse_proposing(stage: str, *, applications: int, seats: int) -> Refusal | None:
    """Why nothing can be proposed: no application is there to judge, or nobody to judge it."""
    if not applications:
        return Refusal("nothing_to_judge", _NOTHING, params={"stage": stage})
    if not seats:
        return Refusal("no_panel", _NO_PANEL, BOTH_SECTORS, params={"stage": stage})
    return None


def refuse_pair(
    reviewer: str, *, closed_by: Sequence[str] = (), is_assigned: bool = False
) -> Refusal | None:
    """Why somebody is not assigned to an application by hand; `closed_by` are the kinds of the
    conflicts that close it to them.
    """
    params = {"reviewer": reviewer, "kinds": ", ".join(closed_by)}
    if closed_by:
        return Refusal("closed_pair", _CLOSED_PAIR, CONFLICTS_DISCLOSED, params=params)
    if is_assigned:
        return Refusal("assigned", _ASSIGNED, params=params)
    return None


def refuse_adopting(
    *, closed_to_actor: bool = False, found_since: int = 0, begun_since: int = 0, faults: int = 0
) -> Refusal | None:
    """Why a proposal is not adopted; `found_since` of its pairs are closed by conflicts, and it
    lacks `begun_since` pairs whose review is begun.
    """
    if closed_to_actor:
        return Refusal("closed_to_you", _CLOSED_TO_ACTOR, CONFLICTS_DISCLOSED)
    if found_since:
        params = {"pairs": found_since}
        return Refusal("found_since", _FOUND_SINCE, CONFLICTS_DISCLOSED, params=params)
    if begun_since:
        return Refusal("begun_since", _BEGUN_SINCE, params={"pairs": begun_since})
    if faults:
        return Refusal("does_not_hold", _DOES_NOT_HOLD, params={"faults": faults})
    return None


def binding_fault(faults: Iterable[Refusal]) -> Refusal | None:
    """The first fault of a panel that the law forbids, which it says by its citation; what is
    merely lacking is shown and binds nobody.
    """
    return next((fault for fault in faults if fault.citation is not None), None)


def digest_of(content: object) -> str:
    """The SHA-256 of a plain value: the same for the same value."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _rules_of_leads(
    least: int, panel: Sequence[Panelist], judged: Iterable[Judged]
) -> list[GroupRule]:
    by_sectors: dict[tuple[str, ...], set[int]] = {}
    for one in judged:
        if one.lead_sectors:
            by_sectors.setdefault(tuple(sorted(one.lead_sectors)), set()).add(one.application_id)
    return [
        GroupRule(
            f"{OF_LEAD}:{'+'.join(sectors)}",
            _seats_of(panel, sectors),
            least=least,
            applications=frozenset(applications),
        )
        for sectors, applications in sorted(by_sectors.items())
    ]


def _seats_of(panel: Iterable[Panelist], sectors: Collection[str]) -> frozenset[int]:
    return frozenset(one.seat_id for one in panel if one.sector in sectors)
