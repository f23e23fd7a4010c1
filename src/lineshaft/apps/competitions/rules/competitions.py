"""What competitions decide of a competition: when it can be announced, opened, moved on, cancelled.

A competition is a draft until it is announced or opened. While it is open, applications are handed
in; the stages after that are in review until the selection begins. What was decided is published
last. Once it is open, nothing of it changes but by a numbered amendment.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from lineshaft.apps.competitions.rules.stages import (
    IN_REVIEW_KINDS,
    StageOutline,
    faults_of_order,
    percent_of,
)
from lineshaft.kernel.competitions import CompetitionKind, StageKind
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.jurisdiction import MatchingBasis
from lineshaft.kernel.money import Money
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.kernel.text import Amount, Translate, fill, gettext_noop

DRAFT: Final = "draft"
ANNOUNCED: Final = "announced"
OPEN: Final = "open"
IN_REVIEW: Final = "in_review"
SELECTING: Final = "selecting"
DECIDED: Final = "decided"
PUBLISHED: Final = "published"
CANCELLED: Final = "cancelled"

CHANGEABLE: Final = frozenset({DRAFT, ANNOUNCED})
"""States in which a competition is still being written."""

RUNNING: Final = frozenset({OPEN, IN_REVIEW, SELECTING})
"""States in which it changes by amendment alone."""

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9]")
CODE_MAX: Final = 40
TITLE_MAX: Final = 200
SUMMARY_MAX: Final = 1_000
TEXT_MAX: Final = 40_000
REASON_MAX: Final = 1_000
REFERENCE_MAX: Final = 300
LINK_MAX: Final = 500
QUESTION_MAX: Final = 4_000
TERM_MONTHS_MAX: Final = 240
AWARDS_MAX: Final = 500
GRACE_MINUTES_MAX: Final = 24 * 60
MONTHS_A_YEAR: Final = 12

NOTICE: Final = Citation("2 CFR 200.204: notices of funding opportunities")
OPENNESS: Final = Citation(
    "15 U.S.C. 278s(e)(4)(B)(ii)",
    "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s",
)

_NO_TITLE: Final = gettext_noop("The competition has no title.")
_NO_SUMMARY: Final = gettext_noop("The competition has no summary: say in a sentence what it asks.")
_NO_OPENING: Final = gettext_noop("Say when the competition opens.")
_NO_ELIGIBILITY: Final = gettext_noop("Say who may apply.")
_NO_AGENCY: Final = gettext_noop("Name the agency that pays.")
_NO_CEILING: Final = gettext_noop("Say how much an award is at most.")
_NO_REASON: Final = gettext_noop("Say why the competition is cancelled.")
_NO_SUMMARY_OF_CHANGE: Final = gettext_noop("Say in a sentence what is amended and why.")
_NOTHING_CHANGED: Final = gettext_noop("This is what stands already. Nothing is amended.")
_WRONG_KIND_NEXT: Final = gettext_noop(
    "The next stage is “%(stage)s”. It begins by another step than this one."
)
_NO_NEXT: Final = gettext_noop("There is no stage after this one.")
_DEADLINE_AHEAD: Final = gettext_noop(
    "“%(stage)s” is open until %(ends_at)s. What was handed in stays sealed until then."
)
_DEADLINE_PASSED: Final = gettext_noop(
    "The deadline of the first stage has passed already. Move the day on which it opens."
)
_NOT_OPENED_YET: Final = gettext_noop(
    "Questions are asked from the announcement on until the deadline for them."
)
_QUESTIONS_OVER: Final = gettext_noop("The deadline for questions has passed.")
_NOT_CHANGEABLE: Final = gettext_noop(
    "The competition has opened. From then on it is changed by an amendment."
)
_NOT_RUNNING: Final = gettext_noop("Only a competition that runs is amended.")
_NO_DECISION: Final = gettext_noop("Write what was decided.")
_NO_OUTCOMES: Final = gettext_noop(
    "The decision says nothing of applications that are still in. Decide on the page of the"
    " selection, where each gets its outcome."
)
_ANSWERED: Final = gettext_noop("The question is answered already.")
_TERM_OUTSIDE: Final = gettext_noop(
    "A first award takes %(least)s to %(most)s years; %(least_months)s to %(most_months)s months"
    " reach beyond that."
)
_TERM_WITHIN: Final = gettext_noop(
    "A first award takes %(least)s to %(most)s years, and so do %(least_months)s to"
    " %(most_months)s months."
)
_BAND_WITHIN: Final = gettext_noop(
    "An award of up to %(ceiling)s lies within the %(least)s to %(most)s for which the network is"
    " designed."
)
_MATCH_KEPT: Final = gettext_noop(
    "The share of other money that is asked for, %(asked)s per cent, is at least the %(wanted)s per"
    " cent of the rule in force."
)
_BAND_OUTSIDE: Final = gettext_noop(
    "The network is designed for institutes of %(least)s to %(most)s; an award of up to"
    " %(ceiling)s lies outside."
)
_MATCH_LOW: Final = gettext_noop(
    "The share of other money that is asked for, %(asked)s per cent, is below the %(wanted)s per"
    " cent of the rule in force."
)


class LatePolicy(StrEnum):
    """What becomes of what arrives after a deadline."""

    REFUSED = "refused"
    GRACE = "grace"
    MARKED = "marked"


@dataclass(frozen=True, slots=True)
class Outline:
    """A competition as the rules see it; `sponsors` are keys of agencies."""

    kind: CompetitionKind
    title: str
    summary: str
    eligibility: str
    opens_at: datetime | None
    floor_minor: int | None
    ceiling_minor: int | None
    currency: str
    term_months_least: int | None
    term_months_most: int | None
    match_share_bp: int | None
    sponsors: tuple[str, ...]
    stages: tuple[StageOutline, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """How a competition stands under one rule of the profile: in a sentence, met or not.

    One that is not binding is a design to measure by, and keeps nothing from opening.
    """

    rule: str
    citation: Citation
    is_binding: bool
    is_met: bool
    code: str
    kept: str
    broken: str
    params: Mapping[str, Any]

    @property
    def fault(self) -> Refusal | None:
        """Why the rule keeps from opening; None where it is met."""
        if self.is_met:
            return None
        return Refusal(self.code, self.broken, self.citation, self.params)

    def as_text(self, translate: Translate) -> str:
        """The sentence, in the reader's language."""
        return fill(self.kept if self.is_met else self.broken, self.params, translate)


def checks_of(outline: Outline, profile: JurisdictionProfile, on: date) -> tuple[Check, ...]:
    """How the terms stand under the rules in force on that day; rules are for institutes alone."""
    if outline.kind is not CompetitionKind.INSTITUTE:
        return ()
    return (
        *_term_checks(outline, profile, on),
        *_band_checks(outline, profile, on),
        *_match_checks(outline, profile, on),
    )


def faults_of_notice(outline: Outline) -> tuple[Refusal, ...]:
    """What a notice of intent lacks."""
    faults = []
    if not outline.title:
        faults.append(Refusal("no_title", _NO_TITLE, NOTICE))
    if not outline.summary:
        faults.append(Refusal("no_summary", _NO_SUMMARY, NOTICE))
    return tuple(faults)


def faults_of_opening(
    outline: Outline, profile: JurisdictionProfile, *, on: date
) -> tuple[Refusal, ...]:
    """Everything that keeps a competition from opening on that day, the first to mend first."""
    faults = list(faults_of_notice(outline))
    if outline.opens_at is None:
        faults.append(Refusal("no_opening", _NO_OPENING, NOTICE))
    if not outline.eligibility:
        faults.append(Refusal("no_eligibility", _NO_ELIGIBILITY, NOTICE))
    if outline.ceiling_minor is None:
        faults.append(Refusal("no_ceiling", _NO_CEILING, NOTICE))
    if outline.kind is not CompetitionKind.PROJECT_CALL and not outline.sponsors:
        faults.append(Refusal("no_agency", _NO_AGENCY, NOTICE))
    faults += faults_of_order(outline.stages)
    faults += [
        check.fault
        for check in checks_of(outline, profile, on)
        if check.fault is not None and check.is_binding
    ]
    return tuple(faults)


def refuse_opening_late(deadline: datetime | None, *, now: datetime) -> Refusal | None:
    """Why a competition whose first deadline that is can't open now, or None."""
    if deadline is not None and deadline > now:
        return None
    return Refusal("deadline_passed", _DEADLINE_PASSED, NOTICE)


def refuse_changing(state: str) -> Refusal | None:
    """Why a competition in that state can't be edited, or None."""
    return None if state in CHANGEABLE else Refusal("competition_open", _NOT_CHANGEABLE, NOTICE)


def refuse_amending(state: str) -> Refusal | None:
    """Why a competition in that state can't be amended, or None."""
    return None if state in RUNNING else Refusal("not_running", _NOT_RUNNING, NOTICE)


def refuse_amendment(summary: str, *, is_changed: bool) -> Refusal | None:
    """Why an amendment with such words can't be made, or None."""
    if not is_changed:
        return Refusal("nothing_changed", _NOTHING_CHANGED)
    return None if summary else Refusal("no_summary_of_change", _NO_SUMMARY_OF_CHANGE, NOTICE)


def refuse_cancelling(reason: str) -> Refusal | None:
    """Why a competition can't be cancelled for that reason, or None."""
    return None if reason else Refusal("no_reason", _NO_REASON)


def refuse_deciding(decision: str) -> Refusal | None:
    """Why such a decision can't be entered, or None."""
    return None if decision else Refusal("no_decision", _NO_DECISION, OPENNESS)


def refuse_without_outcomes(still_in: Collection[int], decided: Collection[int]) -> Refusal | None:
    """Why a decision on these applications can't be entered while those are still in, or None."""
    if set(still_in) == set(decided):
        return None
    return Refusal("no_outcomes", _NO_OUTCOMES, OPENNESS)


def refuse_next_stage(
    verb: str, current: StageOutline, following: StageOutline | None, *, ends_at: str
) -> Refusal | None:
    """Why that verb can't lead to the following stage, or None.

    `ends_at` says when the current stage is open until; empty once it is over.
    """
    if following is None:
        return Refusal("no_next_stage", _NO_NEXT)
    if following.kind not in KINDS_BEGUN[verb]:
        return Refusal("another_stage_next", _WRONG_KIND_NEXT, params={"stage": following.name})
    if ends_at:
        params = {"stage": current.name, "ends_at": ends_at}
        return Refusal("deadline_ahead", _DEADLINE_AHEAD, OPENNESS, params)
    return None


def refuse_question(state: str, *, closes_at: datetime | None, now: datetime) -> Refusal | None:
    """Why nothing can be asked now of a competition in that state, or None."""
    if state not in {ANNOUNCED, OPEN}:
        return Refusal("no_questions", _NOT_OPENED_YET)
    if closes_at is not None and now >= closes_at:
        return Refusal("questions_over", _QUESTIONS_OVER)
    return None


def refuse_second_answer(*, is_answered: bool) -> Refusal | None:
    """Why a question can't be answered, or None."""
    return Refusal("answered_already", _ANSWERED) if is_answered else None


KINDS_BEGUN: Final[dict[str, frozenset[StageKind]]] = {
    "begin_review": IN_REVIEW_KINDS,
    "call_applications": frozenset({StageKind.SUBMISSION}),
    "begin_selection": frozenset({StageKind.SELECTION}),
}
"""The kinds of stages that a verb begins."""


def _term_checks(outline: Outline, profile: JurisdictionProfile, on: date) -> Iterable[Check]:
    limit = profile.term_in_force(on)
    least, most = outline.term_months_least, outline.term_months_most
    if limit is None or least is None or most is None:
        return
    is_within = (
        limit.least_years * MONTHS_A_YEAR <= least and most <= limit.most_years * MONTHS_A_YEAR
    )
    binds = limit.is_binding and any(
        limit.binds(*profile.lineage(agency)) for agency in outline.sponsors
    )
    yield Check(
        rule=limit.id,
        citation=limit.authority.citation,
        is_binding=binds,
        is_met=is_within,
        code="term_outside",
        kept=_TERM_WITHIN,
        broken=_TERM_OUTSIDE,
        params={
            "least": limit.least_years,
            "most": limit.most_years,
            "least_months": least,
            "most_months": most,
        },
    )


def _band_checks(outline: Outline, profile: JurisdictionProfile, on: date) -> Iterable[Check]:
    band = profile.funding_band_in_force(on)
    ceiling = outline.ceiling_minor
    if band is None or ceiling is None:
        return
    amounts = {"least": band.least_minor, "most": band.most_minor, "ceiling": ceiling}
    yield Check(
        rule=band.id,
        citation=band.authority.citation,
        is_binding=band.is_binding,
        is_met=band.least_minor <= ceiling <= band.most_minor,
        code="band_outside",
        kept=_BAND_WITHIN,
        broken=_BAND_OUTSIDE,
        params={name: Amount(Money(minor, outline.currency)) for name, minor in amounts.items()},
    )


def _match_checks(outline: Outline, profile: JurisdictionProfile, on: date) -> Iterable[Check]:
    """Rules over all the money of an institute; those of single years need an application."""
    asked = outline.match_share_bp or 0
    seen: set[str] = set()
    for agency in outline.sponsors:
        for rule in profile.matching_rules_in_force(on, agency):
            if rule.id in seen or rule.basis is not MatchingBasis.TOTAL:
                continue
            seen.add(rule.id)
            yield Check(
                rule=rule.id,
                citation=rule.citation,
                is_binding=rule.is_statutory,
                is_met=asked >= rule.share_bp,
                code="match_low",
                kept=_MATCH_KEPT,
                broken=_MATCH_LOW,
                params={"asked": percent_of(asked), "wanted": percent_of(rule.share_bp)},
            )
