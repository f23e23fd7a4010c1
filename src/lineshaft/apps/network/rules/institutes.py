"""The states of an institute, what its facts are made of, and who may do what.

Every decision is a pure function that returns a `Refusal` with its citation, or None. Invariants: a
terminated institute stays so; an institute with a deficiency has one year to remedy it, and only
after that year may funding end for that reason.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from lineshaft.apps.network.rules.lookalikes import PAIR_WORKFLOW
from lineshaft.apps.network.rules.overlaps import OVERLAP_WORKFLOW
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import Day, Term, gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow
from lineshaft.plumbing.permit import Permission, permissions
from lineshaft.plumbing.roles import Role

STATUTE_URL: Final = (
    "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s"
)


class InstituteStatus(StrEnum):
    """Where an institute stands in its life."""

    PROPOSED = "proposed"
    PLANNED = "planned"
    ACTIVE = "active"
    CURE_PERIOD = "cure_period"
    RECOGNISED_UNFUNDED = "recognised_unfunded"
    TERMINATED = "terminated"


class RecipientKind(StrEnum):
    """What stands in the place of an institute: one, or a centre that stands beside the network.

    A centre of the Manufacturing Extension Partnership is paid by agreements as an institute is,
    and bound by a rule of its own; it is no institute in lists, maps and figures.
    """

    INSTITUTE = "institute"
    EXTENSION_CENTRE = "extension_centre"


class TerminationGround(StrEnum):
    """Why an institute's part in the network ends."""

    CONVENIENCE = "convenience"
    NOT_REMEDIED = "not_remedied"
    END_OF_TERM = "end_of_term"
    NOT_ESTABLISHED = "not_established"


class DateKind(StrEnum):
    """Which day of an institute's life a date records; the order is that of a life."""

    SOLICITATION_OPENED = "solicitation_opened"
    ANNOUNCED = "announced"
    SELECTED = "selected"
    AWARDED = "awarded"
    ESTABLISHED = "established"
    CURE_PERIOD_OPENED = "cure_period_opened"
    REMEDIED = "remedied"
    RECOGNISED = "recognised"
    TERMINATED = "terminated"


class Confidence(StrEnum):
    """How sure a fact is; unstated where its source does not say."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNSTATED = ""


class Qualifier(StrEnum):
    """How a stated figure is to be read."""

    EXACT = "exact"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    PLANNED = "planned"
    COMPUTED = "computed"


class PersonRoleKind(StrEnum):
    """What a person is to an institute or an organisation."""

    DIRECTOR = "director"
    STAFF = "staff"
    CONTACT = "contact"
    PRINCIPAL_INVESTIGATOR = "principal_investigator"
    BOARD_MEMBER = "board_member"


class Designation(StrEnum):
    """A standing of an organisation to which law gives preference (42 U.S.C. 18971)."""

    HBCU = "hbcu"
    TRIBAL_COLLEGE = "tribal_college"
    MINORITY_SERVING = "minority_serving"
    MINORITY_BUSINESS = "minority_business"
    RURAL_SERVING = "rural_serving"


INSTITUTE_WORKFLOW: Final = Workflow(
    name="institute",
    initial=InstituteStatus.PROPOSED,
    transitions=(
        Transition(
            "plan_institute", frozenset({InstituteStatus.PROPOSED}), InstituteStatus.PLANNED
        ),
        Transition(
            "establish_institute",
            frozenset({InstituteStatus.PLANNED, InstituteStatus.RECOGNISED_UNFUNDED}),
            InstituteStatus.ACTIVE,
        ),
        Transition(
            "open_cure_period", frozenset({InstituteStatus.ACTIVE}), InstituteStatus.CURE_PERIOD
        ),
        Transition(
            "close_cure_period", frozenset({InstituteStatus.CURE_PERIOD}), InstituteStatus.ACTIVE
        ),
        Transition(
            "recognise_institute",
            frozenset(
                {InstituteStatus.PROPOSED, InstituteStatus.ACTIVE, InstituteStatus.CURE_PERIOD}
            ),
            InstituteStatus.RECOGNISED_UNFUNDED,
        ),
        Transition(
            "terminate_institute",
            frozenset(
                {
                    InstituteStatus.PROPOSED,
                    InstituteStatus.PLANNED,
                    InstituteStatus.ACTIVE,
                    InstituteStatus.CURE_PERIOD,
                    InstituteStatus.RECOGNISED_UNFUNDED,
                }
            ),
            InstituteStatus.TERMINATED,
        ),
    ),
    final=frozenset({InstituteStatus.TERMINATED}),
)

TRANSITIONS: Final[dict[str, Workflow]] = {
    "institute": INSTITUTE_WORKFLOW,
    "organisation_pair": PAIR_WORKFLOW,
    "award_overlap": OVERLAP_WORKFLOW,
}

VERB_CITATIONS: Final[dict[str, Citation]] = {
    "establish_institute": Citation("15 U.S.C. 278s(e)(1)", STATUTE_URL, date(2019, 12, 20)),
    "open_cure_period": Citation("15 U.S.C. 278s(e)(2)(B)(iii)", STATUTE_URL, date(2019, 12, 20)),
    "close_cure_period": Citation("15 U.S.C. 278s(e)(2)(B)(iv)", STATUTE_URL, date(2019, 12, 20)),
    "recognise_institute": Citation("15 U.S.C. 278s(d)(3)(B)", STATUTE_URL, date(2019, 12, 20)),
    "terminate_institute": Citation("15 U.S.C. 278s(e)(2)(B)(iv); 2 CFR 200.340", STATUTE_URL),
}
"""The authority that each change of status rests on, shown where the change is made."""

VERB_RULES: Final[dict[str, str]] = {
    "establish_institute": gettext_noop(
        "An agency may award money to plan, establish or support an institute."
    ),
    "open_cure_period": gettext_noop(
        "After a failed review the institute is told of its deficiencies and has one year to "
        "remedy them."
    ),
    "close_cure_period": gettext_noop(
        "An institute that remedied its deficiencies, or improved significantly, within the year "
        "stays eligible for renewal."
    ),
    "recognise_institute": gettext_noop(
        "A similar body that takes none of the programme's money may be recognised for the "
        "network at its request."
    ),
    "terminate_institute": gettext_noop(
        "An institute that did not remedy its deficiencies within the year is not eligible for "
        "renewal. An award can also be terminated under its own conditions."
    ),
}
"""What the authority of each change of status says, in a sentence."""

DATE_OF_VERB: Final[dict[str, DateKind]] = {
    "establish_institute": DateKind.ESTABLISHED,
    "open_cure_period": DateKind.CURE_PERIOD_OPENED,
    "close_cure_period": DateKind.REMEDIED,
    "recognise_institute": DateKind.RECOGNISED,
    "terminate_institute": DateKind.TERMINATED,
}
"""The date that a change of status records beside it."""

_OFFICE: Final = frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR})
_SPONSORS: Final = _OFFICE | {Role.AGENCY_SPONSOR}

PERMISSIONS: Final[dict[str, Permission]] = permissions(
    Permission(
        "load_reference_network",
        gettext_noop("Only the programme office may load the reference network."),
        roles=_OFFICE,
    ),
    Permission(
        "propose_institute",
        gettext_noop("Only the programme office may enter an institute."),
        roles=_OFFICE,
    ),
    Permission(
        "register_extension_centre",
        gettext_noop("Only the programme office may register an extension centre."),
        roles=_OFFICE,
    ),
    Permission(
        "add_institute_name",
        gettext_noop("Only the programme office or the institute's manager may add a name."),
        roles=_OFFICE | {Role.INSTITUTE_MANAGER},
    ),
    Permission(
        "name_lead_organisation",
        gettext_noop("Only the programme office may say which organisation leads an institute."),
        roles=_OFFICE,
    ),
    Permission(
        "plan_institute",
        gettext_noop("Only the programme office or a sponsor may plan an institute."),
        roles=_SPONSORS,
    ),
    Permission(
        "establish_institute",
        gettext_noop("Only the programme office or the sponsor may establish an institute."),
        roles=_SPONSORS,
    ),
    Permission(
        "open_cure_period",
        gettext_noop("Only the programme office or the sponsor may open a cure period."),
        roles=_SPONSORS,
    ),
    Permission(
        "close_cure_period",
        gettext_noop("Only the programme office or the sponsor may close a cure period."),
        roles=_SPONSORS,
    ),
    Permission(
        "recognise_institute",
        gettext_noop("Only the programme office may recognise an unfunded institute."),
        roles=_OFFICE,
    ),
    Permission(
        "terminate_institute",
        gettext_noop("Only the programme office or the sponsor may terminate an institute."),
        roles=_SPONSORS,
    ),
    Permission(
        "register_organisation",
        gettext_noop(
            "Only the programme office or an institute's manager may register organisations."
        ),
        roles=_OFFICE | {Role.INSTITUTE_MANAGER},
    ),
    Permission(
        "amend_organisation",
        gettext_noop(
            "Only the programme office or a member from the organisation itself may amend it."
        ),
        roles=_OFFICE | {Role.MEMBER},
    ),
    Permission(
        "add_organisation_alias",
        gettext_noop(
            "Only the programme office or a member from the organisation itself may add an alias."
        ),
        roles=_OFFICE | {Role.MEMBER},
    ),
    *(
        Permission(
            verb,
            gettext_noop("Only the programme office may say which records are one organisation."),
            roles=_OFFICE,
        )
        for verb in (
            "find_lookalikes",
            "resolve_organisations",
            "propose_merge",
            "merge_organisations",
            "keep_apart",
            "undo_merge",
            "reopen_pair",
        )
    ),
    Permission(
        "register_outside_awards",
        gettext_noop(
            "Only the programme office, or an agency's sponsor for their own agency, may record "
            "awards of other agencies."
        ),
        roles=_SPONSORS,
    ),
    *(
        Permission(
            verb,
            gettext_noop("Only the programme office may have awards compared."),
            roles=_OFFICE,
        )
        for verb in ("find_overlaps", "record_overlaps")
    ),
    *(
        Permission(
            verb,
            gettext_noop(
                "Only the programme office, or a sponsor of one of the two awards, may decide on "
                "their overlap."
            ),
            roles=_SPONSORS,
        )
        for verb in OVERLAP_WORKFLOW.verbs
    ),
    Permission(
        "register_person",
        gettext_noop("Only the programme office or an institute's manager may register people."),
        roles=_OFFICE | {Role.INSTITUTE_MANAGER},
    ),
    *(
        Permission(
            verb,
            gettext_noop(
                "Only the programme office or an institute's manager may say what ties people."
            ),
            roles=_OFFICE | {Role.INSTITUTE_MANAGER},
        )
        for verb in ("record_person_tie", "record_person_ties", "end_person_tie")
    ),
    Permission(
        "give_person_user",
        gettext_noop("Only the programme office may let a registered person sign in."),
        roles=_OFFICE,
    ),
    Permission(
        "appoint_person",
        gettext_noop("Only the programme office or the institute's manager may appoint people."),
        roles=_OFFICE | {Role.INSTITUTE_MANAGER},
        is_delegable=True,
    ),
)

RESERVED_KEYS: Final = frozenset({"propose"})
"""Words that stand in addresses where an institute's key does, and so are none."""

# ------------------------------------------------------------------------ an institute's life

_CURE_YEAR_RUNS: Final = gettext_noop(
    "The year to remedy the deficiencies runs until %(ends_on)s. Until then the institute cannot "
    "be ended for not remedying them; it can be ended for convenience."
)
_NO_CURE_PERIOD: Final = gettext_noop(
    "The institute has had no cure period. Notify the deficiencies and open one first, or choose "
    "another ground."
)
_ALREADY_ESTABLISHED: Final = gettext_noop(
    "The institute was established, so it cannot be ended as never established. Choose another "
    "ground."
)
_NEVER_ESTABLISHED: Final = gettext_noop(
    "The institute was never established, so there is no award to end. Choose the ground that "
    "says so."
)
_CHANGE_IN_FUTURE: Final = gettext_noop(
    "A change of status is entered on its day or later, not before it. Enter it on %(on)s."
)
_ROLE_HELD: Final = gettext_noop(
    "%(name)s holds this role there from %(starts_on)s until %(ends_on)s already. Start this one "
    "later."
)
_OPEN_END: Final = Term(gettext_noop("further notice"))
_NO_WAY_TO_CURE: Final = gettext_noop("No cure period is in force on %(on)s.")


def cure_period_end(notified_on: date, days: int) -> date:
    """The first day after the cure period that a notice on that day opens."""
    return notified_on + timedelta(days=days)


def refuse_future_change(on: date, today: date) -> Refusal | None:
    """Why a status can't change on that day: it has not come yet."""
    if on <= today:
        return None
    return Refusal("change_in_future", _CHANGE_IN_FUTURE, params={"on": Day(on)})


def refuse_cure_period(days: int | None, on: date) -> Refusal | None:
    """Why no cure period can open on that day: the law then in force gives none."""
    if days:
        return None
    return Refusal(
        "no_cure_period_in_force",
        _NO_WAY_TO_CURE,
        VERB_CITATIONS["open_cure_period"],
        {"on": Day(on)},
    )


def refuse_termination(
    ground: TerminationGround, *, status: str, cure_ends_on: date | None, on: date
) -> Refusal | None:
    """Why the institute can't be terminated on that ground on that day, or None.

    *Source*: 15 U.S.C. 278s(e)(2)(B)(iii)-(iv): notice of deficiencies, one year to remedy them,
    then not eligible for renewal. 2 CFR 200.340 for the other grounds.
    """
    citation = VERB_CITATIONS["terminate_institute"]
    was_established = status not in (InstituteStatus.PROPOSED, InstituteStatus.PLANNED)
    if ground is TerminationGround.NOT_ESTABLISHED:
        if was_established:
            return Refusal("already_established", _ALREADY_ESTABLISHED, citation)
        return None
    if not was_established:
        return Refusal("never_established", _NEVER_ESTABLISHED, citation)
    if ground is TerminationGround.NOT_REMEDIED:
        if status != InstituteStatus.CURE_PERIOD or cure_ends_on is None:
            return Refusal("no_cure_period", _NO_CURE_PERIOD, citation)
        if on < cure_ends_on:
            return Refusal(
                "cure_year_runs",
                _CURE_YEAR_RUNS,
                citation,
                {"ends_on": Day(cure_ends_on)},
            )
    return None


def refuse_appointment(wanted: Span, held: Iterable[Span], *, name: str) -> Refusal | None:
    """Why a person can't hold over that span a role that they hold over those, or None."""
    for span in held:
        if span.overlaps(wanted):
            ends_on = Day(span.ends_on) if span.ends_on else _OPEN_END
            params = {"name": name, "starts_on": Day(span.starts_on), "ends_on": ends_on}
            return Refusal("role_held", _ROLE_HELD, params=params)
    return None
