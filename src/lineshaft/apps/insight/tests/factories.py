"""Books of a small network, snapshots with values as if computed, editions; all stored.

`make_books` enters records through the services of the apps below, for tests that take a real
snapshot. `make_snapshot` writes values directly, for tests of what is done with them.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from django.test import Client

from lineshaft.apps.funding import services as funding_services
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.tests import factories as funding
from lineshaft.apps.insight import queries, services
from lineshaft.apps.insight.models import (
    FigureValue,
    PortfolioCell,
    ReportEdition,
    Snapshot,
)
from lineshaft.apps.memberships.models import MemberAgreement
from lineshaft.apps.network.models import (
    Institute,
    InstituteDate,
    Organisation,
    Place,
    TechnologyArea,
)
from lineshaft.apps.network.rules import DateKind, Precision
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind

NOW = datetime(2022, 11, 20, 12, 30, tzinfo=UTC)
YEAR = 2022
SYSTEM = Actor.system("test")
INSTITUTES = (
    ("america-makes", "America Makes", "国家增材制造创新中心"),
    ("lift", "LIFT", "轻量制造创新中心"),
)
MILLION = funding.MILLION

type Values = Mapping[tuple[str, str, int, str], tuple[int, int | None]]

type Cells = Mapping[tuple[str, str, str, int, str], tuple[int, int | None]]

CELLS: Cells = {
    ("portfolio.federal_obligated", "DOD", "america-makes", YEAR, ""): (10 * MILLION, None),
    ("portfolio.federal_obligated", "DOE", "lift", YEAR, ""): (5 * MILLION, None),
    ("portfolio.federal_drawn", "DOD", "america-makes", YEAR, ""): (6 * MILLION, None),
    ("portfolio.cost_share_cash", "DOD", "america-makes", YEAR, "cash"): (20 * MILLION, None),
    ("portfolio.cost_share_in_kind", "DOE", "lift", YEAR, "personnel"): (4 * MILLION, None),
    ("portfolio.match_ratio", "DOD", "america-makes", YEAR, ""): (20 * MILLION, 10 * MILLION),
    ("portfolio.match_ratio", "DOE", "lift", YEAR, ""): (4 * MILLION, 5 * MILLION),
    ("portfolio.federal_planned", "DOD", "america-makes", YEAR, "travel"): (3 * MILLION, None),
    ("portfolio.costs_incurred", "DOD", "america-makes", YEAR, "travel"): (2 * MILLION, None),
    ("portfolio.nonfederal_planned", "DOE", "lift", YEAR, "travel"): (MILLION, None),
}
"""The same year as a portfolio of two agencies."""

VALUES: Values = {
    ("network.institutes_by_status", "", YEAR, ""): (2, None),
    ("network.institutes_by_status", "", YEAR, "active"): (2, None),
    ("network.institutes_by_status", "america-makes", YEAR, ""): (1, None),
    ("network.institutes_by_status", "america-makes", YEAR, "active"): (1, None),
    ("network.institutes_by_status", "lift", YEAR, ""): (1, None),
    ("network.institutes_by_status", "lift", YEAR, "active"): (1, None),
    ("memberships.members", "", YEAR - 1, ""): (2, None),
    ("memberships.members", "", YEAR, ""): (3, None),
    ("memberships.members", "america-makes", YEAR, ""): (2, None),
    ("memberships.members", "lift", YEAR, ""): (2, None),
    ("memberships.members_by_kind", "", YEAR, ""): (3, None),
    ("memberships.members_by_kind", "", YEAR, "industry_sme"): (2, None),
    ("memberships.members_by_kind", "", YEAR, "university"): (1, None),
    ("memberships.members_by_kind", "america-makes", YEAR, ""): (2, None),
    ("memberships.members_by_kind", "america-makes", YEAR, "industry_sme"): (2, None),
    ("memberships.members_by_kind", "lift", YEAR, ""): (2, None),
    ("memberships.members_by_kind", "lift", YEAR, "industry_sme"): (1, None),
    ("memberships.members_by_kind", "lift", YEAR, "university"): (1, None),
    ("memberships.sme_share", "", YEAR, ""): (2, 2),
    ("funding.federal_obligated", "", YEAR, ""): (15 * MILLION, None),
    ("funding.federal_obligated", "america-makes", YEAR, ""): (10 * MILLION, None),
    ("funding.federal_obligated", "lift", YEAR, ""): (5 * MILLION, None),
    ("funding.cost_share_cash", "", YEAR, ""): (20 * MILLION, None),
    ("funding.cost_share_cash", "america-makes", YEAR, ""): (20 * MILLION, None),
    ("funding.cost_share_in_kind", "", YEAR, ""): (4 * MILLION, None),
    ("funding.cost_share_in_kind", "lift", YEAR, ""): (4 * MILLION, None),
    ("funding.cost_share_total", "", YEAR, ""): (24 * MILLION, None),
    ("funding.cost_share_total", "america-makes", YEAR, ""): (20 * MILLION, None),
    ("funding.cost_share_total", "lift", YEAR, ""): (4 * MILLION, None),
    ("funding.match_ratio", "", YEAR, ""): (24 * MILLION, 15 * MILLION),
    ("funding.match_ratio", "america-makes", YEAR, ""): (20 * MILLION, 10 * MILLION),
    ("funding.match_ratio", "lift", YEAR, ""): (4 * MILLION, 5 * MILLION),
}
"""A year in which America Makes matches 2 : 1 and LIFT 0.8 : 1."""


def make_institutes() -> tuple[Institute, ...]:
    """Two institutes with a place each, established in 2012 and 2014."""
    found = []
    for place, (key, name, name_zh) in enumerate(INSTITUTES):
        where, _is_new = Place.objects.get_or_create(
            city=f"Town {place}",
            region="OH",
            country="US",
            defaults={"latitude": 41 + place, "longitude": -81 - place},
        )
        institute, is_new = Institute.objects.get_or_create(
            key=key,
            defaults={"name": name, "name_zh": name_zh, "status": "active", "place": where},
        )
        if is_new:
            InstituteDate.objects.create(
                institute=institute,
                kind=DateKind.ESTABLISHED,
                on=date(2020 + place, 10, 1),
                precision=Precision.DAY,
            )
        found.append(institute)
    return tuple(found)


def make_organisation(name: str, kind: str = "industry_sme", region: str = "OH") -> Organisation:
    return Organisation.objects.create(
        name=name, kind=kind, region=region, match_key=name.lower(), registered_at=NOW
    )


def make_membership(
    organisation: Organisation,
    institute: Institute,
    *,
    starts_on: date = date(2021, 10, 1),
    ends_on: date | None = None,
    tier: str = "full",
) -> MemberAgreement:
    return MemberAgreement.objects.create(
        organisation=organisation,
        institute=institute,
        tier=tier,
        starts_on=starts_on,
        ends_on=ends_on,
        admitted_at=NOW,
    )


def make_books() -> None:
    """Two members in two states, 10 M$ obligated, 4 M$ drawn, 6 M$ of cost share accepted.

    The university joined both institutes; the large company left before the year; another
    obligation was released, another claim waits.
    """
    makes, lift = make_institutes()
    small = make_organisation("Small Works")
    school = make_organisation("State University", "university", "MI")
    large = make_organisation("Large Motors", "industry_large")
    make_membership(small, makes)
    make_membership(school, makes, starts_on=date(2022, 9, 30))
    make_membership(school, lift)
    make_membership(large, lift, starts_on=date(2020, 10, 1), ends_on=date(2021, 10, 1))
    agreement = funding.agreement()
    obligation = funding.obligation(agreement, 10 * MILLION)
    funding.drawdown(obligation, 4 * MILLION)
    spare = funding.obligation(agreement, MILLION, name="spare")
    funding_services.release_obligation(
        SYSTEM,
        spare,
        id=funding.transfer_id("release"),
        occurred_on=date(2022, 5, 1),
        reason="Scope was cut",
        now=NOW,
    )
    funding.contribution(agreement, small, name="cash", amount_minor=4 * MILLION, is_accepted=True)
    funding.contribution(
        agreement,
        small,
        name="personnel",
        kind="personnel",
        amount_minor=2 * MILLION,
        is_accepted=True,
    )
    funding.contribution(agreement, small, name="waiting", amount_minor=9 * MILLION)


def make_snapshot(
    values: Values = VALUES, *, taken_at: datetime = NOW, is_demonstration: bool = False
) -> Snapshot:
    """A snapshot with these values and no files."""
    make_institutes()
    number = Snapshot.objects.count() + 1
    snapshot = Snapshot.objects.create(
        name=f"snapshot-{taken_at:%Y%m%dT%H%M%SZ}-{number:012x}",
        hash=f"{number:064x}",
        taken_at=taken_at,
        program="lineshaft test",
        rows=10,
        size_bytes=1000,
        first_year=min(year for _figure, _institute, year, _dimension in values),
        last_year=max(year for _figure, _institute, year, _dimension in values),
        is_demonstration=is_demonstration,
    )
    versions = {one.id: one.version for one in queries.figure_library().figures}
    FigureValue.objects.bulk_create(
        FigureValue(
            snapshot=snapshot,
            figure=figure,
            version=versions.get(figure, 1),
            institute=institute,
            fiscal_year=year,
            dimension=dimension,
            numerator=numerator,
            denominator=denominator,
        )
        for (figure, institute, year, dimension), (numerator, denominator) in values.items()
    )
    return snapshot


def make_cells(snapshot: Snapshot, cells: Cells) -> None:
    """These cells of a snapshot, of institutes in Ohio that work in composites."""
    versions = {one.id: one.version for one in queries.portfolio_library().figures}
    PortfolioCell.objects.bulk_create(
        PortfolioCell(
            snapshot=snapshot,
            figure=figure,
            version=versions[figure],
            agency=agency,
            institute=institute,
            technology_areas="composites",
            state="OH",
            fiscal_year=year,
            part=part,
            numerator=numerator,
            denominator=denominator,
        )
        for (figure, agency, institute, year, part), (numerator, denominator) in cells.items()
    )


def make_shared_books() -> Agreement:
    """Books of two institutes, one of them of three agencies that share an agreement unevenly.

    Amounts are such that a third of them is no whole cent; costs are corrected, money goes back,
    and a budget period reaches over two fiscal years.
    """
    makes, lift = make_institutes()
    composites = TechnologyArea.objects.create(key="composites", name="Composites")
    robotics = TechnologyArea.objects.create(key="robotics", name="Robotics")
    makes.technology_areas.set([composites, robotics])
    lift.technology_areas.set([composites])
    small = make_organisation("Small Works")
    shared = _shared_agreement(makes)
    alone = funding.agreement("ALONE-1", institute_key="lift", agency_key="DOE")
    _move_shared(shared)
    funding.drawdown(funding.obligation(alone, 5 * MILLION), 3 * MILLION)
    for name, kind, amount in (
        ("cash", "cash", 10_001),
        ("people", "personnel", 20_002),
        ("tools", "equipment_loaned", 7),
    ):
        funding.contribution(
            shared, small, name=name, kind=kind, amount_minor=amount, is_accepted=True
        )
    other = make_organisation("Other Works")
    funding.contribution(alone, other, name="alone", amount_minor=555, is_accepted=True)
    funding.contribution(alone, other, name="waiting", amount_minor=999)
    spent = funding.cost(shared, 1_000_001)
    funding_services.correct_transfer(
        SYSTEM,
        spent.transfer,
        id=funding.transfer_id("mend"),
        amount_minor=100,
        occurred_on=date(2022, 5, 2),
        reason="Billed twice",
        now=NOW,
    )
    funding.cost(alone, 4 * MILLION, name="alone", category="equipment")
    _plan(shared)
    _plan(alone)
    return shared


def _shared_agreement(makes: Institute) -> Agreement:
    """Of three agencies, of which the lead gives two cents more than each other."""
    total = 70 * MILLION
    third = (total - 1) // 3
    shared = funding_services.sign_agreement(
        SYSTEM,
        makes,
        funding.agency("DOD"),
        terms=funding_services.AgreementTerms(
            number="SHARED-1",
            currency="USD",
            signed_on=funding.STARTS_ON,
            starts_on=funding.STARTS_ON,
            ends_on=funding.ENDS_ON,
            federal_total_minor=total,
            co_sponsors=(
                funding_services.SponsorPart(funding.agency("DOE").pk, third),
                funding_services.SponsorPart(funding.agency("NIST").pk, third),
            ),
        ),
        now=funding.NOW,
    )
    return funding_services.activate_agreement(
        SYSTEM, shared.pk, today=funding.TODAY, now=funding.NOW
    )


def _plan(under: Agreement) -> None:
    """A budget period over two fiscal years, in two categories."""
    funding_services.plan_budget_period(
        SYSTEM,
        under.pk,
        plan=funding_services.BudgetPlan(
            date(2022, 3, 1),
            date(2023, 3, 1),
            (
                funding_services.PlannedLine("supplies", 1_000_003, 500_001),
                funding_services.PlannedLine("equipment", 7_000_000),
            ),
        ),
        now=funding.NOW,
    )


def _move_shared(shared: Agreement) -> None:
    """Money of two of the agencies, of which a part goes back."""
    for agency, amount in (("DOD", 5 * MILLION + 1), ("NIST", 2 * MILLION)):
        sponsor = funding.agency(agency).pk
        funding_services.authorise_funds(
            SYSTEM,
            shared,
            id=funding.transfer_id("authorise", agency),
            agency_id=sponsor,
            amount_minor=amount,
            currency="USD",
            occurred_on=funding.IN_TERM,
            now=funding.NOW,
        )
        obligation = funding_services.obligate_funds(
            SYSTEM,
            shared,
            id=funding.transfer_id("obligate", agency),
            agency_id=sponsor,
            amount_minor=amount,
            currency="USD",
            occurred_on=funding.IN_TERM,
            now=funding.NOW,
        )
        funding.drawdown(funding.booked(obligation), amount // 2, name=agency)
    funding_services.return_funds(
        SYSTEM,
        shared,
        id=funding.transfer_id("return"),
        agency_id=funding.agency("NIST").pk,
        amount_minor=33,
        currency="USD",
        occurred_on=date(2022, 10, 3),
        now=NOW,
    )


def make_draft(values: Values = VALUES, *, fiscal_year: int = YEAR) -> ReportEdition:
    """An open report on a snapshot with these values."""
    make_snapshot(values)
    return services.open_report(SYSTEM, fiscal_year, now=NOW)


def attest_all(edition: ReportEdition) -> None:
    """Every institute's part of a draft, attested."""
    for standing in queries.parts_of(edition):
        services.attest_part(
            SYSTEM,
            edition.fiscal_year,
            institute=standing.institute.key,
            seen_digest=standing.digest,
            now=NOW + timedelta(hours=1),
        )


def make_published(values: Values = VALUES) -> ReportEdition:
    """A published report."""
    edition = make_draft(values)
    attest_all(edition)
    return services.publish_report(SYSTEM, edition.fiscal_year, now=NOW + timedelta(hours=2))


def signed_in(
    role: Role,
    kind: ScopeKind = ScopeKind.NETWORK,
    scope_id: str = "",
    *,
    name: str = "Ada Example",
) -> Client:
    """A client of somebody who has the role."""
    user = make_user(name)
    make_grant(user, role, kind, scope_id)
    client = Client()
    client.force_login(user)
    return client


def page_text(client: Client, path: str, status: int = 200) -> str:
    """What the page says, where it answers with that status."""
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def make_money() -> None:
    """An agreement with money of each kind."""
    under = funding.agreement()
    funding.drawdown(funding.obligation(under, 10 * MILLION), MILLION)
    funding.contribution(under, is_accepted=True)
    funding.contribution(under, name="people", kind="personnel", amount_minor=7, is_accepted=True)
    funding.cost(under, 700, category="travel")
