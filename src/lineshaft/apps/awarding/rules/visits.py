"""What awarding decides of site visits: when one is planned, held, reported; what is noted on it.

A visit is planned for an application that its stage judges, held from its first hour on, and closed
by its report. What is noted is noted on site, between the two.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from lineshaft.apps.competitions.rules import RUNNERS
from lineshaft.kernel.competitions import StageKind
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.errors import FieldError
from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow
from lineshaft.plumbing.files.rules import MediaType
from lineshaft.plumbing.permit import Permission

VISIT_PLANNED: Final = "planned"
VISIT_HELD: Final = "held"
VISIT_REPORTED: Final = "reported"
VISIT_CANCELLED: Final = "cancelled"

VISIT_CLOSED: Final = frozenset({VISIT_REPORTED, VISIT_CANCELLED})
"""States in which nothing of a visit changes any more."""

VISIT_PLACE_MAX: Final = 300
VISIT_TITLE_MAX: Final = 200
VISIT_WHO_MAX: Final = 300
VISIT_NOTE_MAX: Final = 4_000
VISIT_TEXT_MAX: Final = 10_000
VISIT_REASON_MAX: Final = 1_000
VISIT_DAYS_MOST: Final = 14
VISIT_TEAM_MOST: Final = 40
AGENDA_MOST: Final = 60
CHECKLIST_MOST: Final = 100
FINDINGS_MOST: Final = 500
OPEN_QUESTIONS_MOST: Final = 100
FINDING_FILES_MOST: Final = 30
FINDING_BYTES_MOST: Final = 25 * 1024 * 1024
FINDING_FILE_KINDS: Final = frozenset({MediaType.JPEG, MediaType.PNG, MediaType.PDF})
"""What is attached to a finding: photos as telephones send them, and papers."""

MERIT_REVIEW: Final = Citation(
    "2 CFR 200.205: review of merit of proposals",
    "https://www.ecfr.gov/current/title-2/section-200.205",
)

_OTHER_KIND: Final = gettext_noop(
    "“%(stage)s” is no site visit. Choose a stage of that kind, or add one to the competition."
)
_STAGE_OVER: Final = gettext_noop("“%(stage)s” is over. No visit is planned in it any more.")
_ONE_ALREADY: Final = gettext_noop(
    "A visit of this application is planned already. Edit it, or cancel it first."
)
_WITHDRAWN: Final = gettext_noop(
    "The application was withdrawn. Cancel the visit; nothing else of it changes."
)
_TOO_EARLY: Final = gettext_noop(
    "The visit begins on %(starts_at)s. It is held, and findings are noted, from then on."
)
_NOBODY: Final = gettext_noop("Nobody is on the team of the visit. Name those who go first.")
_NO_LEAD: Final = gettext_noop("Nobody leads the visit. Say who of the team leads it.")
_NOT_HELD: Final = gettext_noop(
    "This is noted while the visit is held. Say first that it takes place."
)
_CLOSED: Final = gettext_noop("The visit is closed. What was noted on it stays as it is.")
_UNANSWERED: Final = gettext_noop(
    "The checklist has no answer to: %(titles)s. Answer it before the report."
)
_NOTHING_FOUND: Final = gettext_noop("Nothing was found yet. Record a finding before the report.")
_ON_TEAM: Final = gettext_noop("%(name)s is on the team already.")
_CONFLICTED: Final = gettext_noop(
    "%(name)s has a conflict of interest with this application and sees nothing of it."
)
_NO_SEAT: Final = gettext_noop(
    "%(name)s neither sits on the panel of this stage nor works for whoever runs the competition."
)
_ANSWERED: Final = gettext_noop("The question is answered already.")
_TOO_MANY: Final = gettext_noop("There are %(most)s of these already, as many as can be.")
_ENDS_FIRST: Final = gettext_noop("The visit ends after it begins.")
_TOO_LONG_VISIT: Final = gettext_noop("A visit takes at most %(most)s days.")
_OUTSIDE: Final = gettext_noop("“%(title)s” lies outside the visit.")
_LAST_LEAD: Final = gettext_noop(
    "%(name)s leads the visit. Say who leads it instead before you take them off."
)


class FindingKind(StrEnum):
    """What a finding says of an application."""

    STRENGTH = "strength"
    WEAKNESS = "weakness"
    RISK = "risk"


class ChecklistAnswer(StrEnum):
    """What was seen of an item of the checklist."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """An item of the agenda: when it begins, what it is, who of the applicant's is wanted."""

    starts_at: datetime
    title: str
    who: str = ""


VISIT_TRANSITIONS: Final[dict[str, Workflow]] = {
    "SiteVisit": Workflow(
        "SiteVisit",
        VISIT_PLANNED,
        (
            Transition("hold_visit", frozenset({VISIT_PLANNED}), VISIT_HELD),
            Transition("report_visit", frozenset({VISIT_HELD}), VISIT_REPORTED),
            Transition("cancel_visit", frozenset({VISIT_PLANNED}), VISIT_CANCELLED),
        ),
        final=frozenset({VISIT_REPORTED, VISIT_CANCELLED}),
    ),
}

RUN_VISIT_VERBS: Final = (
    "plan_visit",
    "edit_visit",
    "cancel_visit",
    "add_visit_member",
    "name_visit_lead",
    "remove_visit_member",
    "set_agenda",
)
ON_SITE_VERBS: Final = (
    "hold_visit",
    "add_checklist_item",
    "answer_checklist",
    "record_finding",
    "edit_finding",
    "attach_to_finding",
    "ask_open_question",
)

VISIT_PERMISSIONS: Final = (
    *(
        Permission(
            verb,
            gettext_noop("Whoever runs the competition plans the visits of its applications."),
            roles=RUNNERS,
        )
        for verb in RUN_VISIT_VERBS
    ),
    *(
        Permission(
            verb,
            gettext_noop("The team of a visit does this, and whoever runs the competition."),
            is_for_signed_in=True,
        )
        for verb in ON_SITE_VERBS
    ),
    Permission(
        "report_visit",
        gettext_noop("Whoever leads a visit reports on it, or whoever runs the competition."),
        is_for_signed_in=True,
    ),
    Permission(
        "answer_open_question",
        gettext_noop("Whoever leads the team of the application answers what a visit asked."),
        is_for_signed_in=True,
    ),
)


def refuse_visit(kind: StageKind, stage: str, *, is_over: bool, has_visit: bool) -> Refusal | None:
    """Why no visit of an application can be planned in the stage, or None."""
    if kind is not StageKind.VISIT:
        return Refusal("stage_no_visit", _OTHER_KIND, params={"stage": stage})
    if is_over:
        return Refusal("stage_over", _STAGE_OVER, params={"stage": stage})
    return Refusal("visit_planned", _ONE_ALREADY) if has_visit else None


def refuse_withdrawn(*, is_withdrawn: bool) -> Refusal | None:
    """Why nothing of the visit changes but by its cancellation, or None."""
    return Refusal("application_withdrawn", _WITHDRAWN) if is_withdrawn else None


def refuse_visit_closed(state: str) -> Refusal | None:
    """Why nothing of a visit in that state changes, or None."""
    return Refusal("visit_closed", _CLOSED) if state in VISIT_CLOSED else None


def refuse_noting(state: str) -> Refusal | None:
    """Why nothing is noted on a visit in that state, or None."""
    return refuse_visit_closed(state) or (
        Refusal("visit_not_held", _NOT_HELD) if state != VISIT_HELD else None
    )


def refuse_holding(starts_at: datetime, said: str, *, team: int, now: datetime) -> Refusal | None:
    """Why the visit does not take place yet, or None; `said` is its beginning for a person."""
    if now < starts_at:
        return Refusal("visit_not_begun", _TOO_EARLY, params={"starts_at": said})
    return None if team else Refusal("visit_without_team", _NOBODY)


def refuse_visit_report(
    unanswered: Sequence[str], *, findings: int, has_lead: bool
) -> Refusal | None:
    """Why the visit is not reported yet, or None; `unanswered` are titles of the checklist."""
    if not has_lead:
        return Refusal("visit_without_lead", _NO_LEAD)
    if unanswered:
        params = {"titles": ", ".join(unanswered)}
        return Refusal("checklist_unanswered", _UNANSWERED, MERIT_REVIEW, params)
    return None if findings else Refusal("nothing_found", _NOTHING_FOUND, MERIT_REVIEW)


def refuse_visit_member(
    name: str, *, is_on_team: bool, is_conflicted: bool, may_go: bool
) -> Refusal | None:
    """Why somebody does not go on a visit, or None."""
    if is_on_team:
        return Refusal("on_team", _ON_TEAM, params={"name": name})
    if is_conflicted:
        return Refusal("conflict_of_interest", _CONFLICTED, params={"name": name})
    return None if may_go else Refusal("no_seat", _NO_SEAT, params={"name": name})


def refuse_removing_lead(name: str, *, is_lead: bool, team: int) -> Refusal | None:
    """Why somebody is not taken off the team, or None: whoever leads it goes last."""
    if is_lead and team > 1:
        return Refusal("leads_visit", _LAST_LEAD, params={"name": name})
    return None


def refuse_second_answer(*, is_answered: bool) -> Refusal | None:
    """Why an open question is not answered again, or None."""
    return Refusal("answered", _ANSWERED) if is_answered else None


def refuse_more_noted(count: int, most: int) -> Refusal | None:
    """Why there is no room for one more, or None."""
    return Refusal("too_many", _TOO_MANY, params={"most": most}) if count >= most else None


def faults_of_span(starts_at: datetime, ends_at: datetime) -> list[FieldError]:
    """What is wrong with when a visit is, each beside its field."""
    if ends_at <= starts_at:
        return [FieldError("ends_at", message=_ENDS_FIRST)]
    if ends_at - starts_at > timedelta(days=VISIT_DAYS_MOST):
        return [FieldError("ends_at", message=_TOO_LONG_VISIT, params={"most": VISIT_DAYS_MOST})]
    return []


def faults_of_agenda(
    rows: Collection[AgendaRow], starts_at: datetime, ends_at: datetime
) -> list[FieldError]:
    """What is wrong with an agenda: items that lie outside the visit."""
    return [
        FieldError("", message=_OUTSIDE, params={"title": row.title})
        for row in rows
        if not starts_at <= row.starts_at < ends_at
    ]
