"""Who can sign in to the demonstration: one user for each kind that the program serves, and the
second persons without whom nothing large is done.
"""

from dataclasses import dataclass
from typing import Final

from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.roles import Role, ScopeKind

PASSWORD: Final = "line-and-shaft"
"""Printed by `make demo`, and good for nothing else."""

OWN_INSTITUTE: Final = "nextflex"
"""The institute at which the personas work, and of which the member persona is a member."""

OWN_AGENCY: Final = "DOD"

REVIEWED_COMPETITION: Final = "demo-2026-01"
"""The competition of which a persona is a reviewer: the one that is in review."""


@dataclass(frozen=True, slots=True)
class Persona:
    """A user of the demonstration; `organisation` names which generated organisation is theirs."""

    key: str
    email: str
    name: str
    task: str
    role: Role
    scope_kind: ScopeKind = ScopeKind.NETWORK
    scope_id: str = ""
    organisation: str = ""


def _email(key: str) -> str:
    return f"{key.replace('_', '.')}@demo.example"


PERSONAS: Final = (
    Persona(
        "programme_officer",
        _email("programme_officer"),
        gettext_noop("Programme officer (demonstration)"),
        gettext_noop("Watch money and performance across agencies; publish the annual report."),
        Role.PROGRAMME_OFFICER,
    ),
    Persona(
        "agency_sponsor",
        _email("agency_sponsor"),
        gettext_noop("Agency sponsor (demonstration)"),
        gettext_noop("Obligate funds, check cost share, see the institutes that the agency funds."),
        Role.AGENCY_SPONSOR,
        ScopeKind.AGENCY,
        OWN_AGENCY,
    ),
    Persona(
        "institute_manager",
        _email("institute_manager"),
        gettext_noop("Institute manager (demonstration)"),
        gettext_noop("Admit members and attest the institute's part of the annual report."),
        Role.INSTITUTE_MANAGER,
        ScopeKind.INSTITUTE,
        OWN_INSTITUTE,
    ),
    Persona(
        "institute_finance",
        _email("institute_finance"),
        gettext_noop("Institute finance officer (demonstration)"),
        gettext_noop("Record contributions with their evidence, draw funds, prove the match."),
        Role.INSTITUTE_FINANCE,
        ScopeKind.INSTITUTE,
        OWN_INSTITUTE,
    ),
    Persona(
        "member_company",
        _email("member_company"),
        gettext_noop("Member company (demonstration)"),
        gettext_noop("See the membership, what the company has contributed, and the institute."),
        Role.MEMBER,
        ScopeKind.ORGANISATION,
        organisation="industry_sme",
    ),
    Persona(
        "university_researcher",
        _email("university_researcher"),
        gettext_noop("University researcher (demonstration)"),
        gettext_noop("Follow the institute to which the university belongs."),
        Role.RESEARCHER,
        ScopeKind.ORGANISATION,
        organisation="university",
    ),
    Persona(
        "reviewer",
        _email("reviewer"),
        gettext_noop("Reviewer (demonstration)"),
        gettext_noop("Read what the network shares with its reviewers."),
        Role.REVIEWER,
        ScopeKind.COMPETITION,
        REVIEWED_COMPETITION,
    ),
    Persona(
        "small_manufacturer",
        _email("small_manufacturer"),
        gettext_noop("Small manufacturer (demonstration)"),
        gettext_noop("Say what the firm needs and find the institute that can help."),
        Role.SMALL_MANUFACTURER,
        ScopeKind.ORGANISATION,
        organisation="outside",
    ),
    Persona(
        "learner",
        _email("learner"),
        gettext_noop("Learner (demonstration)"),
        gettext_noop("Look for what the network teaches."),
        Role.LEARNER,
    ),
)

SECOND_PERSONS: Final = (
    Persona(
        "second_agency_sponsor",
        _email("second_agency_sponsor"),
        gettext_noop("Second agency sponsor (demonstration)"),
        gettext_noop("Approve the large obligations that the first sponsor proposes."),
        Role.AGENCY_SPONSOR,
        ScopeKind.AGENCY,
        OWN_AGENCY,
    ),
    Persona(
        "second_institute_finance",
        _email("second_institute_finance"),
        gettext_noop("Second finance officer of the institute (demonstration)"),
        gettext_noop("Approve the large drawdowns that the first finance officer proposes."),
        Role.INSTITUTE_FINANCE,
        ScopeKind.INSTITUTE,
        OWN_INSTITUTE,
    ),
)
"""Of the same roles as two of the personas: what one proposes, another has to approve."""

FOREIGN_MEMBERS: Final = (
    Persona(
        "conditional_member",
        _email("conditional_member"),
        gettext_noop("Member under conditions (demonstration)"),
        gettext_noop(
            "Take part for a firm owned abroad, within the limits of its sponsor's decision."
        ),
        Role.MEMBER,
        ScopeKind.ORGANISATION,
        organisation="conditional",
    ),
)
"""Of an organisation that takes part under conditions; registered with it."""

OF_PLAN: Final = (*PERSONAS, *SECOND_PERSONS)
"""Those whose organisations the plan holds."""

EVERYBODY: Final = (*OF_PLAN, *FOREIGN_MEMBERS)

FINANCE_OFFICERS: Final = {"iacmi": gettext_noop("Finance officer, IACMI (demonstration)")}
"""Whoever else certifies financial reports, by institute. They have no password."""
