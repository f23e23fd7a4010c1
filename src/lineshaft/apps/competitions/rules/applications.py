"""What competitions decide of applications: their parts, who of a team may do what, what is late.

An application is the work of a team: one lead, and partners. It takes part in the stages of its
competition one after the other, and hands something in at each that asks for it. What was handed in
stays sealed for everybody but its team until the stage is over; a team that leads sees all of an
application, a partner's people see the parts that the lead shares with their organisation.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from lineshaft.apps.competitions.rules.competitions import (
    DECIDED,
    NOTICE,
    OPEN,
    PUBLISHED,
    LatePolicy,
)
from lineshaft.kernel.competitions import CompetitionKind, StageKind
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.text import gettext_noop

WRITING: Final = "writing"
SUBMITTED: Final = "submitted"
WITHDRAWN: Final = "withdrawn"

TITLE_MAX: Final = 200
ABSTRACT_MAX: Final = 5_000
SECTION_MAX: Final = 20_000
WAIVER_REASON_MAX: Final = 2_000
READINESS_LEAST: Final = 1
TRL_MOST: Final = 9
MRL_MOST: Final = 10
YEARS_MOST: Final = 10
YEARS_AFTER: Final = 2
"""Years behind the term for which the plan of revenue is asked."""

MONTHS_OF_YEAR: Final = 12
TEAM_MAX: Final = 100
LETTERS_MAX: Final = 300
DOCUMENTS_MAX: Final = 60
VERSION_MINUTES: Final = 10
"""Text that saves itself keeps a version at most so often; saving by hand keeps each."""

AMOUNT_MINOR_MAX: Final = 10**14
OVER: Final = frozenset({DECIDED, PUBLISHED})
"""States of a competition in which nothing of its applications changes any more."""

_STATUTE: Final = "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s"


class Outcome(StrEnum):
    """How an application came out of its competition."""

    SELECTED = "selected"
    WAITLISTED = "waitlisted"
    NOT_SELECTED = "not_selected"


class TeamRole(StrEnum):
    """What somebody may do in the workspace of an application."""

    LEAD = "lead"
    EDITOR = "editor"
    READER = "reader"


class Source(StrEnum):
    """Where the money of a budget comes from."""

    FEDERAL = "federal"
    CASH = "cash"
    IN_KIND = "in_kind"


class Work(StrEnum):
    """What kind of work the money pays for; the share that others bring depends on it."""

    RESEARCH = "research"
    DEMONSTRATION = "demonstration"


class SectionKey(StrEnum):
    """The sections of the text of an application, in its order."""

    NEED = "need"
    APPROACH = "approach"
    BENEFIT = "benefit"
    BUSINESS = "business"
    SMALL_FIRMS = "small_firms"
    WORKFORCE = "workforce"
    MANAGEMENT = "management"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Section:
    """When a section is asked for, and by what; `is_early` asks for it in every call."""

    key: SectionKey
    is_early: bool
    is_for_calls: bool
    citation: Citation


def _section(
    key: SectionKey, place: str, *, is_early: bool = False, is_for_calls: bool = False
) -> Section:
    return Section(
        key, is_early, is_for_calls, Citation(f"15 U.S.C. 278s(e)(4)(C){place}", _STATUTE)
    )


SECTIONS: Final = (
    _section(SectionKey.NEED, "(viii)", is_early=True, is_for_calls=True),
    _section(SectionKey.APPROACH, "(i)", is_early=True, is_for_calls=True),
    _section(SectionKey.BENEFIT, "(vii)", is_early=True, is_for_calls=True),
    _section(SectionKey.BUSINESS, "(ii)-(iv)"),
    _section(SectionKey.SMALL_FIRMS, "(v)"),
    _section(SectionKey.WORKFORCE, "(vi), (x)"),
    _section(SectionKey.MANAGEMENT, "", is_for_calls=True),
    _section(SectionKey.REGION, "(ix)"),
)

TERMS: Final = "terms"
PARTNERS: Final = "partners"
TEAM: Final = "team"
BUDGET: Final = "budget"
COMMITMENTS: Final = "commitments"
REVENUE: Final = "revenue"
DOCUMENTS: Final = "documents"
OPEN_PARTS: Final = (TERMS, PARTNERS)
"""What everybody of a team reads."""

SHARED_PARTS: Final = (
    *(section.key.value for section in SECTIONS),
    BUDGET,
    COMMITMENTS,
    REVENUE,
    DOCUMENTS,
    TEAM,
)
"""What the lead shares with a partner, or keeps from it."""

PARTS: Final = (*OPEN_PARTS, *SHARED_PARTS)

_TOO_LATE: Final = gettext_noop(
    "The deadline passed on %(ends_at)s. What arrives later is not taken."
)
_GRACE_OVER: Final = gettext_noop(
    "The deadline passed on %(ends_at)s, and so have the %(minutes)s minutes of grace."
)
_NOT_OPEN: Final = gettext_noop("No stage in which applications are handed in is open now.")
_WITHDRAWN: Final = gettext_noop("The application is withdrawn. Take it up again to change it.")
_EARLIER_STAGE: Final = gettext_noop(
    "Only who handed in an application at “%(stage)s” goes on to this stage."
)
_NOT_OWN: Final = gettext_noop(
    "You belong to no organisation called %(name)s. Choose one of yours."
)
_SECOND: Final = gettext_noop(
    "%(name)s leads the application “%(title)s” in this competition already."
)
_SECOND_UNNAMED: Final = gettext_noop(
    "%(name)s leads an application in this competition already. Ask your colleagues there to take"
    " you into its team."
)
_IS_LEAD: Final = gettext_noop("%(name)s leads the application, and so is no partner of it.")
_IS_PARTNER: Final = gettext_noop("%(name)s is a partner already.")
_HAS_PEOPLE: Final = gettext_noop(
    "%(name)s still has people in the team. Remove them first, or name another organisation for"
    " them."
)
_ON_TEAM: Final = gettext_noop("This address is on the team already.")
_LAST_LEAD: Final = gettext_noop(
    "Somebody has to lead the team. Let another person lead before this one goes."
)
_OTHER_ADDRESS: Final = gettext_noop(
    "The invitation is for another address. Sign in with that one, or have it verified as yours."
)
_JOINED: Final = gettext_noop("The invitation has been accepted already.")
_UNCHANGED: Final = gettext_noop(
    "This is handed in already as it stands: version %(number)s of “%(stage)s”."
)
_OVER: Final = gettext_noop("The competition is over. What was handed in stays on record.")
_YEAR_LEFT: Final = gettext_noop(
    "The budget has money in year %(year)s. Take it out there before the term becomes shorter."
)
_REVENUE_LEFT: Final = gettext_noop(
    "The plan of revenue has money in year %(year)s. Take it out there before the term becomes"
    " shorter."
)
_TOO_MANY: Final = gettext_noop(
    "There are %(most)s already, which is the most that an application has."
)
_PAGES: Final = gettext_noop(
    "“%(name)s” has %(pages)s pages; %(most)s are the most. Shorten it, and attach it again."
)
_NOT_COUNTED: Final = gettext_noop(
    "The pages of this document are limited, and are counted in a PDF. Send a PDF."
)
_BROKEN_PDF: Final = gettext_noop(
    "The pages of this PDF cannot be counted: it is damaged or protected by a password. Save it"
    " anew without a password."
)


def refuse_late(
    ends_at: datetime, policy: LatePolicy, grace_minutes: int, *, now: datetime
) -> Refusal | None:
    """Why what arrives now is not taken any more, or None; at the very deadline it is late."""
    if now < ends_at or policy is LatePolicy.MARKED:
        return None
    params: dict[str, object] = {"ends_at": f"{ends_at:%Y-%m-%d %H:%M} UTC"}
    if policy is LatePolicy.REFUSED:
        return Refusal("too_late", _TOO_LATE, NOTICE, params)
    if now < taken_until(ends_at, policy, grace_minutes):
        return None
    return Refusal("grace_over", _GRACE_OVER, NOTICE, params | {"minutes": grace_minutes})


def taken_until(ends_at: datetime, policy: LatePolicy, grace_minutes: int) -> datetime:
    """Until when a stage can't be ended: its deadline, with the minutes of grace that are given."""
    minutes = grace_minutes if policy is LatePolicy.GRACE else 0
    return ends_at + timedelta(minutes=minutes)


def is_late(ends_at: datetime, *, now: datetime) -> bool:
    """Whether what arrives now is marked late."""
    return now >= ends_at


def refuse_call(state: str, stage_kind: StageKind | None) -> Refusal | None:
    """Why nothing can be handed in while the competition stands so, or None."""
    if state == OPEN and stage_kind is StageKind.SUBMISSION:
        return None
    return Refusal("no_call_open", _NOT_OPEN, NOTICE)


def refuse_writing(state: str) -> Refusal | None:
    """Why an application in that state can't be changed, or None."""
    return Refusal("application_withdrawn", _WITHDRAWN) if state == WITHDRAWN else None


def refuse_newcomer(earlier_stage: str, *, took_part: bool) -> Refusal | None:
    """Why an application can't go on to a later call, or None; names the stage that it left out."""
    if not earlier_stage or took_part:
        return None
    return Refusal("left_out_stage", _EARLIER_STAGE, NOTICE, {"stage": earlier_stage})


def refuse_unchanged(number: int, stage: str) -> Refusal | None:
    """Why the same isn't handed in twice, or None; the version is 0 where it was not yet."""
    if not number:
        return None
    return Refusal("unchanged", _UNCHANGED, params={"number": number, "stage": stage})


def refuse_withdrawing(state: str) -> Refusal | None:
    """Why an application can't be withdrawn while its competition stands so, or None."""
    return Refusal("competition_over", _OVER) if state in OVER else None


def refuse_shorter_term(term_months: int | None, *, last_year: int) -> Refusal | None:
    """Why the term can't be so short beside a budget that reaches to that year, or None."""
    if last_year <= years_of(term_months):
        return None
    return Refusal("year_left", _YEAR_LEFT, params={"year": last_year})


def refuse_shorter_plan(term_months: int | None, *, last_year: int) -> Refusal | None:
    """Why the term can't be so short beside a plan of revenue that reaches to that year, or None;
    the plan goes some years beyond the term.
    """
    if last_year <= years_of(term_months) + YEARS_AFTER:
        return None
    return Refusal("revenue_left", _REVENUE_LEFT, params={"year": last_year})


def refuse_stranger(name: str, *, is_own: bool) -> Refusal | None:
    """Why somebody can't begin an application for that organisation, or None."""
    return None if is_own else Refusal("not_own_organisation", _NOT_OWN, params={"name": name})


def refuse_second(name: str, title: str | None) -> Refusal | None:
    """Why an organisation can't lead one more application, or None where it leads none yet.

    `title` is what the other one is called, None where there is none; empty where it is not for
    the reader to know.
    """
    if title is None:
        return None
    if not title:
        return Refusal("leads_already", _SECOND_UNNAMED, NOTICE, {"name": name})
    return Refusal("leads_already", _SECOND, NOTICE, {"name": name, "title": title})


def refuse_partner(name: str, *, is_lead: bool, is_partner: bool) -> Refusal | None:
    """Why an organisation can't become a partner, or None."""
    if is_lead:
        return Refusal("is_lead", _IS_LEAD, params={"name": name})
    return Refusal("is_partner", _IS_PARTNER, params={"name": name}) if is_partner else None


def refuse_removing_partner(name: str, *, has_people: bool) -> Refusal | None:
    """Why a partner can't be taken off, or None."""
    return Refusal("partner_has_people", _HAS_PEOPLE, params={"name": name}) if has_people else None


def refuse_invited_twice(*, is_on_team: bool) -> Refusal | None:
    """Why an address can't be invited, or None."""
    return Refusal("on_team_already", _ON_TEAM) if is_on_team else None


def refuse_joining(email: str, addresses: Collection[str], *, has_joined: bool) -> Refusal | None:
    """Why whoever has these verified addresses can't accept the invitation, or None."""
    if email.lower() not in {address.lower() for address in addresses}:
        return Refusal("other_address", _OTHER_ADDRESS)
    return Refusal("joined_already", _JOINED) if has_joined else None


def refuse_leaderless(*, leads_left: int) -> Refusal | None:
    """Why a team can't be left with so many who lead it, or None."""
    return None if leads_left else Refusal("last_lead", _LAST_LEAD)


def refuse_one_more(count: int, most: int) -> Refusal | None:
    """Why there can't be one more of what there are so many of, or None."""
    return Refusal("too_many", _TOO_MANY, params={"most": most}) if count >= most else None


def refuse_pages(name: str, pages: int | None, *, most: int | None, is_pdf: bool) -> Refusal | None:
    """Why a document can't be taken whose pages are limited to `most`, or None.

    `pages` is None where they could not be counted.
    """
    if most is None:
        return None
    if not is_pdf:
        return Refusal("not_counted", _NOT_COUNTED, NOTICE)
    if pages is None:
        return Refusal("pages_unknown", _BROKEN_PDF, NOTICE)
    if pages <= most:
        return None
    return Refusal("too_many_pages", _PAGES, NOTICE, {"name": name, "pages": pages, "most": most})


def sections_asked(kind: CompetitionKind, *, is_last_call: bool) -> tuple[Section, ...]:
    """The sections that a call of such a competition asks for; all of them in its last call.

    The statute asks for them of an institute alone; of others the notice does.
    """
    by_statute = kind is CompetitionKind.INSTITUTE
    return tuple(
        section if by_statute else replace(section, citation=NOTICE)
        for section in SECTIONS
        if (section.is_early or is_last_call)
        and (section.is_for_calls or kind is not CompetitionKind.PROJECT_CALL)
    )


def years_of(term_months: int | None) -> int:
    """The years that a term touches; one where it is not said yet."""
    return min(YEARS_MOST, -(-term_months // MONTHS_OF_YEAR)) if term_months else 1


def may_write(role: str) -> bool:
    """Whether that role of a team changes what it reads."""
    return role in {TeamRole.LEAD, TeamRole.EDITOR}


def parts_open_to(role: str, shares: Collection[str] | None) -> frozenset[str]:
    """The parts that somebody of a team reads; `shares` is None for the people of the lead."""
    if role == TeamRole.LEAD or shares is None:
        return frozenset(PARTS)
    return frozenset(OPEN_PARTS) | (frozenset(shares) & frozenset(SHARED_PARTS))
