"""Four invented firms owned abroad, at the institute of the personas: one approved, one within
conditions, one denied, one re-opened after it was sold. No such firm exists.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from lineshaft.apps.memberships import services as memberships
from lineshaft.apps.memberships.models import ParticipationCommitment
from lineshaft.apps.memberships.queries import review_of
from lineshaft.apps.memberships.rules import Conditions, OwnerRow
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.demonstration.loading import WHY, Loading
from lineshaft.demonstration.personas import FOREIGN_MEMBERS, OWN_INSTITUTE, PASSWORD
from lineshaft.kernel.spans import months_on
from lineshaft.plumbing.access.services import grant_role, register_user
from lineshaft.plumbing.actor import RoleGrant

HOME: Final = {"foreign_control": "no", "concern_ties": "no"}


@dataclass(frozen=True, slots=True)
class ForeignFirm:
    """An invented firm: where it is owned, through whom, and how many days ago it was screened."""

    name: str
    name_zh: str
    country: str
    owners: tuple[OwnerRow, ...]
    days_ago: int
    commitments: tuple[tuple[str, str, int], ...] = ()
    """Kind, words, and in how many days from the decision each is due."""


APPROVED: Final = ForeignFirm(
    "Invented Drives GmbH (does not exist)",
    "虚构传动有限公司（并不存在）",
    "DE",
    (
        OwnerRow(1, "Invented Drives Holding", "NL", 8_000),
        OwnerRow(2, "Family foundation", "DE", 7_500, holds_in=1),
        OwnerRow(3, "Employees", "US", 2_000),
    ),
    300,
    (
        ("production_at_home", "A line for drives in Ohio", 250),
        ("jobs_at_home", "Forty jobs at the line", 500),
    ),
)
CONDITIONAL: Final = ForeignFirm(
    "Invented Optics Ltd (does not exist)",
    "虚构光学有限公司（并不存在）",
    "CN",
    (
        OwnerRow(1, "Invented Optics Europe", "NL", 10_000),
        OwnerRow(2, "Invented Optics Group", "CN", 6_500, holds_in=1),
        OwnerRow(3, "Invented growth fund", "SG", 3_500, holds_in=1),
    ),
    200,
    (("technology_at_home", "Coatings from the institute are made in Texas alone", 400),),
)
DENIED: Final = ForeignFirm(
    "Invented Alloys JSC (does not exist)",
    "虚构合金公司（并不存在）",
    "RU",
    (OwnerRow(1, "Invented Alloys Trading", "CY", 9_000),),
    150,
)
SOLD: Final = ForeignFirm(
    "Invented Castings AS (does not exist)",
    "虚构铸造公司（并不存在）",
    "NO",
    (OwnerRow(1, "Founders", "NO", 10_000),),
    340,
    (("research_at_home", "A laboratory in Michigan", 300),),
)
BUYER: Final = (
    OwnerRow(1, "Invented sovereign fund", "AE", 7_000),
    OwnerRow(2, "Founders", "NO", 3_000),
)

LIMITS: Final = Conditions(
    files_up_to="network",
    may_search=False,
    may_export=False,
    barred_bookings=("lithography",),
    institutes=(OWN_INSTITUTE,),
)


def review_participation(loading: Loading) -> None:
    """Screen the four firms, decide, admit whom the decision lets in, and register the persona."""
    institute = Institute.objects.get(key=OWN_INSTITUTE)
    approved = _screened(loading, APPROVED, institute)
    _approve(loading, APPROVED, approved, institute)
    _admit(loading, approved, APPROVED)
    _fulfil_first(loading, approved)
    conditional = _screened(loading, CONDITIONAL, institute)
    _approve(loading, CONDITIONAL, conditional, institute, conditions=LIMITS)
    _admit(loading, conditional, CONDITIONAL)
    _deny(loading, _screened(loading, DENIED, institute), institute)
    sold = _screened(loading, SOLD, institute)
    _approve(loading, SOLD, sold, institute)
    _admit(loading, sold, SOLD)
    _sell(loading, sold, institute)
    _register_persona(loading, conditional)


def _screened(loading: Loading, firm: ForeignFirm, institute: Institute) -> Organisation:
    row = network.OrganisationRow(
        name=firm.name,
        name_zh=firm.name_zh,
        kind="industry_large",
        region="OH",
        country=loading.profile.country_code,
        ownership_country=firm.country,
        is_demonstration=True,
    )
    organisation = network.register_organisation(loading.actor, row, now=loading.now, why=WHY)
    memberships.screen_organisation(
        loading.actor,
        organisation,
        institute,
        _answers(loading, firm.owners),
        now=loading.now - timedelta(days=firm.days_ago),
    )
    return organisation


def _answers(loading: Loading, owners: tuple[OwnerRow, ...]) -> memberships.ScreeningRow:
    home = loading.profile.country_code
    answers = {"incorporated_in": home, "works_in": home, **HOME}
    return memberships.ScreeningRow(answers, owners, why=WHY, is_demonstration=True)


def _approve(
    loading: Loading,
    firm: ForeignFirm,
    organisation: Organisation,
    institute: Institute,
    *,
    conditions: Conditions | None = None,
) -> None:
    """Ten days after the screening, for two years."""
    review = review_of(organisation.pk, institute.pk)
    assert review is not None  # noqa: S101 -- each of these firms is owned abroad
    now = loading.now - timedelta(days=firm.days_ago - 10)
    approval = memberships.Approval(
        seen_sheet=review.sheet_id,
        ends_on=months_on(now.date(), 24),
        why="Decision of the sponsor (demonstration)",
        grounds=("technical_and_mission_need",) if conditions else (),
        commitments=tuple(
            memberships.Commitment(kind, text, now.date() + timedelta(days=days))
            for kind, text, days in firm.commitments
        ),
    )
    if conditions is None:
        memberships.approve_participation(loading.actor, review, approval, now=now)
    else:
        memberships.approve_participation_with_conditions(
            loading.actor, review, approval, conditions, now=now
        )


def _admit(loading: Loading, organisation: Organisation, firm: ForeignFirm) -> None:
    day = loading.now.date() - timedelta(days=firm.days_ago - 20)
    row = memberships.MemberRow(
        organisation.pk, OWN_INSTITUTE, "industry", day, signed_on=day, is_demonstration=True
    )
    memberships.admit_member(loading.actor, row, now=loading.now, why=WHY)


def _fulfil_first(loading: Loading, organisation: Organisation) -> None:
    first = (
        ParticipationCommitment.objects.filter(decision__review__organisation=organisation)
        .order_by("due_on")
        .first()
    )
    assert first is not None  # noqa: S101 -- it has two
    memberships.fulfil_commitment(
        loading.actor,
        first,
        met_on=loading.now.date() - timedelta(days=60),
        evidence="Visit of the line (demonstration)",
        now=loading.now,
    )


def _deny(loading: Loading, organisation: Organisation, institute: Institute) -> None:
    review = review_of(organisation.pk, institute.pk)
    assert review is not None  # noqa: S101 -- it is owned abroad
    memberships.deny_participation(
        loading.actor,
        review,
        seen_sheet=review.sheet_id,
        why="Ties to a country of concern (demonstration)",
        now=loading.now - timedelta(days=DENIED.days_ago - 30),
    )


def _sell(loading: Loading, organisation: Organisation, institute: Institute) -> None:
    review = review_of(organisation.pk, institute.pk)
    assert review is not None  # noqa: S101 -- it was approved
    row = replace(_answers(loading, BUYER), why="Sold to a fund (demonstration)")
    memberships.report_ownership_change(
        loading.actor, review, row, now=loading.now - timedelta(days=5)
    )


def _register_persona(loading: Loading, organisation: Organisation) -> None:
    for persona in FOREIGN_MEMBERS:
        user = register_user(
            loading.actor,
            email=persona.email,
            name=persona.name,
            password=PASSWORD,
            now=loading.now,
        )
        loading.users[persona.key] = user
        grant_role(
            loading.actor,
            user,
            RoleGrant(persona.role, persona.scope_kind, str(organisation.pk)),
            starts_on=date(loading.now.year - 1, 1, 1),
            now=loading.now,
            why=WHY,
        )
        network.register_person(
            loading.actor,
            persona.name,
            email=persona.email,
            organisation=organisation,
            user=user,
            is_demonstration=True,
            now=loading.now,
        )
