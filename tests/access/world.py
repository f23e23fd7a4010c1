"""A small network that has one of everything that an address can name."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

from lineshaft.apps.funding import services as funding
from lineshaft.apps.funding.models import (
    Agreement,
    ContributionEvidence,
    FinancialReport,
    StatementLine,
    Transfer,
    Waiver,
)
from lineshaft.apps.funding.queries import ReportScope, computed_report
from lineshaft.apps.funding.rules import AmendmentKind, ReportBasis
from lineshaft.apps.governance import services as governance
from lineshaft.apps.governance.rules import AppointmentWay, PolicyArea
from lineshaft.apps.insight import queries as figures
from lineshaft.apps.insight import services as insight
from lineshaft.apps.memberships import services as memberships
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import (
    Agency,
    AwardOverlap,
    Institute,
    Organisation,
    OutsideAward,
)
from lineshaft.apps.network.rules import OverlapKind
from lineshaft.demonstration.personas import OWN_INSTITUTE, PERSONAS
from lineshaft.kernel.ids import derived_id
from lineshaft.kernel.jurisdiction import BodyKind, SeatKind
from lineshaft.plumbing.access.models import ApiToken, Grant, User
from lineshaft.plumbing.access.services import create_token, grant_role, register_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.exchange.queries import import_spec
from lineshaft.plumbing.exchange.services import run_import
from lineshaft.plumbing.jobs.services import enqueue
from lineshaft.plumbing.mail.services import send_mail_later
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel
from tests.access import members
from tests.access.applying import applying
from tests.access.competing import competing
from tests.access.judged import judged
from tests.access.meetings import meeting_of

NOW = datetime(2022, 9, 1, 12, tzinfo=UTC)
SYSTEM = Actor.system("access table")
YEAR = 2022
STARTS_ON = date(2020, 10, 1)
MILLION_MINOR = 100_000_000


@dataclass(frozen=True, slots=True)
class World:
    """Users by persona, and a value for each argument that an address takes.

    An argument is named by `route:argument` where several routes mean different things by it.
    """

    users: dict[str, User]
    arguments: dict[str, object]


def make_world() -> World:
    """Store the network through the services and return how to address it."""
    network.load_reference_network(SYSTEM, now=NOW)
    organisations = _organisations()
    users = _users(organisations)
    arguments = {**_funding(organisations), **_spending(users), **_plumbing(users)}
    arguments |= _proposed(users) | _governed() | members.reviewed()
    membership = memberships.admit_members(
        SYSTEM,
        [
            memberships.MemberRow(one.pk, OWN_INSTITUTE, tier, STARTS_ON)
            for one, tier in zip(organisations[:2], ("sme", "academic"), strict=True)
        ],
        now=NOW,
    )
    arguments |= members.joining(organisations, users) | _awarded()
    arguments |= members.registered(organisations) | competing(organisations[0], users)
    arguments |= applying(organisations, users)
    arguments |= judged(organisations, users)
    insight.take_snapshot(SYSTEM, now=NOW)
    insight.open_report(SYSTEM, YEAR, now=NOW)
    _publish_year_before()
    arguments |= {
        "key": OWN_INSTITUTE,
        "institute": OWN_INSTITUTE,
        "form": "csv",
        "insight:download_report:form": "json",
        "year": YEAR,
        "figure": "funding.match_ratio",
        "kind": "organisations",
        "network:pk": organisations[0].pk,
        "memberships:set_tier_terms:tier": "sme",
        "memberships:pk": membership.agreement_ids[0],
        "memberships:list_memberships:pk": organisations[0].pk,
        "list_members": None,
        "mfa/views:pk": 1,
        "providers/views:provider_id": "unknown",
    }
    return World(users, arguments)


def _organisations() -> list[Organisation]:
    kinds = ("industry_sme", "university", "industry_sme")
    rows = [
        network.OrganisationRow(name=f"Anvil Works {number}", kind=kind, region="OH")
        for number, kind in enumerate(kinds)
    ]
    outcome = network.register_organisations(SYSTEM, rows, now=NOW)
    return list(Organisation.objects.filter(pk__in=outcome.organisation_ids).order_by("name"))


def _users(organisations: list[Organisation]) -> dict[str, User]:
    of_kind = {
        "industry_sme": organisations[0],
        "university": organisations[1],
        "outside": organisations[2],
    }
    users = {}
    for persona in PERSONAS:
        user = register_user(SYSTEM, email=persona.email, name=persona.name, password=None, now=NOW)
        scope_id = persona.scope_id
        if persona.scope_kind is ScopeKind.ORGANISATION:
            organisation = of_kind[persona.organisation]
            scope_id = str(organisation.pk)
            network.register_person(
                SYSTEM, persona.name, organisation=organisation, user=user, now=NOW
            )
        if persona.scope_kind is not ScopeKind.COMPETITION:  # none is there yet
            grant = RoleGrant(persona.role, persona.scope_kind, scope_id)
            grant_role(SYSTEM, user, grant, starts_on=STARTS_ON, now=NOW)
        users[persona.key] = user
    return users


def _agreement() -> Agreement:
    terms = funding.AgreementTerms(
        number="W911-22-1",
        currency="USD",
        signed_on=STARTS_ON,
        starts_on=STARTS_ON,
        ends_on=date(2027, 10, 1),
        federal_total_minor=70 * MILLION_MINOR,
    )
    agreement = funding.sign_agreement(
        SYSTEM,
        Institute.objects.get(key=OWN_INSTITUTE),
        Agency.objects.get(key="DOD"),
        terms=terms,
        now=NOW,
    )
    return funding.activate_agreement(SYSTEM, agreement.pk, today=NOW.date(), now=NOW)


def _funding(organisations: list[Organisation]) -> dict[str, object]:
    agreement = _agreement()
    for year in (YEAR - 1, YEAR):
        on = date(year, 1, 10)
        funding.authorise_funds(
            SYSTEM,
            agreement,
            id=derived_id("access", "a", year),
            amount_minor=MILLION_MINOR,
            currency="USD",
            occurred_on=on,
            now=NOW,
        )
        obligation = funding.obligate_funds(
            SYSTEM,
            agreement,
            id=derived_id("access", "o", year),
            amount_minor=MILLION_MINOR,
            currency="USD",
            occurred_on=on,
            now=NOW,
        )
        claim = funding.Claim(
            id=derived_id("access", "c", year),
            agreement_id=agreement.pk,
            organisation_id=organisations[0].pk,
            kind="cash",
            amount_minor=MILLION_MINOR,
            currency="USD",
            occurred_on=date(year, 2, 1),
        )
        paper = funding.EvidenceFile("receipt.csv", BytesIO(b"date,amount\n2022-02-01,1000000\n"))
        funding.record_contribution(SYSTEM, claim, now=NOW, files=[paper])
    evidence = ContributionEvidence.objects.filter(file__isnull=False).latest("pk")
    return (
        _beside_the_money(agreement)
        | _promised(agreement, organisations[0])
        | _reconciled(agreement)
        | {
            "agreement_id": agreement.pk,
            "funding:show_agreement:pk": agreement.pk,
            "funding:authorise_funds:pk": agreement.pk,
            "funding:obligate_funds:pk": agreement.pk,
            "funding:return_funds:pk": agreement.pk,
            "transfer_id": obligation.pk,
            "obligation_id": obligation.pk,
            "funding:show_transfer:pk": obligation.pk,
            "funding:draw_funds:pk": obligation.pk,
            "funding:release_obligation:pk": obligation.pk,
            "contribution_id": claim.id,
            "funding:pk": claim.id,
            "files:pk": evidence.file_id,
            "files:name": "receipt.csv",
        }
    )


def _proposed(users: dict[str, User]) -> dict[str, object]:
    """A drawdown that takes two persons, proposed by the institute's finance officer."""
    agreement = Agreement.objects.get(number="W911-22-1")
    funding.authorise_funds(
        SYSTEM,
        agreement,
        id=derived_id("access", "large", "authorise"),
        amount_minor=10 * MILLION_MINOR,
        currency="USD",
        occurred_on=date(YEAR, 1, 10),
        now=NOW,
    )
    obligation = funding.obligate_funds(
        SYSTEM,
        agreement,
        id=derived_id("access", "large", "obligate"),
        amount_minor=10 * MILLION_MINOR,
        currency="USD",
        occurred_on=date(YEAR, 1, 10),
        now=NOW,
    )
    finance = users["institute_finance"]
    grant = RoleGrant(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, OWN_INSTITUTE)
    proposal = funding.draw_funds(
        Actor(user_id=finance.pk, label=finance.name, grants=frozenset({grant})),
        Transfer.objects.get(pk=obligation.pk),
        id=derived_id("access", "large", "draw"),
        amount_minor=5 * MILLION_MINOR,
        currency="USD",
        occurred_on=date(YEAR, 1, 11),
        now=NOW,
    )
    pages = ("show_proposal", "approve_transfer", "reject_transfer", "withdraw_transfer")
    addressed: dict[str, object] = {f"funding:{name}:pk": proposal.pk for name in pages}
    return addressed | {"proposal_id": proposal.pk}


def _governed() -> dict[str, object]:
    """A common policy in force, with a draft of its next version."""
    proposal = governance.PolicyProposal(
        PolicyArea.FINANCE, "Fees", governance.Wording("Fees are told beforehand.")
    )
    first = governance.draft_policy(SYSTEM, proposal, now=NOW)
    day = date(YEAR - 2, 10, 1)
    governance.adopt_policy(
        SYSTEM, first, decision="Vote 1", adopted_on=day, in_force_on=day, now=NOW
    )
    draft = governance.revise_policy(
        SYSTEM, first.policy, governance.Wording("Fees are published."), now=NOW
    )
    return {"governance:key": first.policy.key, "number": draft.number} | _seated()


def _awarded() -> dict[str, object]:
    """An award of another agency that is shared with the network alone, and one of Defense that
    overlaps with it.
    """
    rows = [
        network.AwardRow("nsf", "1", "NSF", "USD", title="Anvils", level=SharingLevel.NETWORK),
        network.AwardRow("dod", "1", "DOD", "USD", title="Anvils"),
    ]
    network.register_outside_awards(SYSTEM, rows, now=NOW)
    first, second = OutsideAward.objects.order_by("source").values_list("pk", flat=True)
    found = network.FoundOverlap(first, second, OverlapKind.SAME_WORK, 9000, 9000, 9000)
    network.record_overlaps(SYSTEM, [found], now=NOW)
    overlap = AwardOverlap.objects.get().pk
    pages = ("show_overlap", *network.OVERLAP_VERBS)
    addressed: dict[str, object] = {f"network:{name}:pk": overlap for name in pages}
    return addressed | {
        "network:show_outside_award:pk": second,
        "outside_awards:pk": second,
        "award_overlaps:pk": overlap,
    }


def _seated() -> dict[str, object]:
    """A board with somebody in its first seat."""
    terms = governance.BodyTerms(
        BodyKind.INSTITUTE_BOARD,
        "Board",
        date(YEAR - 2, 10, 1),
        seats=(governance.SeatTerms(SeatKind.CHAIR, 2),),
    )
    board = governance.establish_body(
        SYSTEM, terms, institute=Institute.objects.get(key=OWN_INSTITUTE), now=NOW
    )
    person = network.register_person(SYSTEM, "A. Example", now=NOW)
    filling = governance.Filling(1, person, AppointmentWay.ELECTED, date(YEAR, 1, 1))
    (made,) = governance.fill_seats(SYSTEM, board, [filling], now=NOW)
    addressed: dict[str, object] = {
        f"governance:{name}:key": board.key
        for name in (
            "show_body",
            "add_seat",
            "fill_seats",
            "close_seat",
            "amend_charter",
            "call_meeting",
            "feed_body_meetings",
        )
    }
    addressed |= meeting_of(board, person)
    return addressed | {
        "bodies:key": board.key,
        "appointments:pk": made.pk,
        "governance:end_appointment:pk": made.pk,
        "governance:annul_appointment:pk": made.pk,
    }


def _promised(agreement: Agreement, contributor: Organisation) -> dict[str, object]:
    """A claim without lines, and a promise of cost share."""
    quarter = funding.ClaimHeader(
        id=derived_id("access", "claim"),
        agreement_id=agreement.pk,
        organisation_id=contributor.pk,
        starts_on=date(YEAR, 1, 1),
        ends_on=date(YEAR, 4, 1),
    )
    funding.open_claim(SYSTEM, quarter, now=NOW)
    promise = funding.Promise(
        id=derived_id("access", "promise"),
        agreement_id=agreement.pk,
        organisation_id=contributor.pk,
        is_cash=True,
        amount_minor=MILLION_MINOR,
        currency="USD",
        promised_on=date(YEAR, 1, 1),
        due_on=date(YEAR, 4, 1),
        reference="Letter 1",
    )
    funding.record_commitment(SYSTEM, promise, now=NOW)
    return {
        "claim_id": quarter.id,
        "commitment_id": promise.id,
        "funding:release_commitment:pk": promise.id,
        "funding:show_claim:pk": quarter.id,
        "funding:decide_claim:pk": quarter.id,
    }


def _waiver(institute: Institute) -> Waiver:
    """Under an agreement of Energy too, since no rule that can be waived binds Defense."""
    shared = funding.sign_agreement(
        SYSTEM,
        institute,
        Agency.objects.get(key="DOD"),
        terms=funding.AgreementTerms(
            number="W911-22-2",
            currency="USD",
            signed_on=STARTS_ON,
            starts_on=STARTS_ON,
            ends_on=date(2027, 10, 1),
            federal_total_minor=70 * MILLION_MINOR,
            co_sponsors=(
                funding.SponsorPart(Agency.objects.get(key="DOE").pk, 20 * MILLION_MINOR),
            ),
        ),
        now=NOW,
    )
    funding.activate_agreement(SYSTEM, shared.pk, today=NOW.date(), now=NOW)
    return funding.request_waiver(
        SYSTEM,
        shared.pk,
        terms=funding.WaiverTerms(
            "L-040", "equipment", STARTS_ON, date(2022, 10, 1), "a press", share_bp=3000
        ),
        now=NOW,
    )


def _beside_the_money(agreement: Agreement) -> dict[str, object]:
    """A budget period, a proposed amendment, a requested waiver and a renewal under review."""
    lines = (funding.PlannedLine("travel", MILLION_MINOR),)
    plan = funding.BudgetPlan(STARTS_ON, date(2021, 10, 1), lines)
    period = funding.plan_budget_period(SYSTEM, agreement.pk, plan=plan, now=NOW)
    scope = funding.AmendmentTerms(AmendmentKind.SCOPE, NOW.date(), "agreed", new_title="Robots")
    amendment = funding.propose_amendment(SYSTEM, agreement.pk, terms=scope, now=NOW)
    renewal = funding.open_renewal_review(
        SYSTEM, agreement.pk, on=NOW.date(), today=NOW.date(), now=NOW
    )
    waiver = _waiver(agreement.institute)
    by_agreement = (
        "show_rules",
        "show_match_tests",
        "list_match_records",
        "show_budget",
        "plan_budget_period",
        "list_amendments",
        "propose_amendment",
        "list_waivers",
        "request_waiver",
        "show_reserve",
        "withhold_reserve",
        "release_reserve",
        "show_renewal",
        "open_renewal_review",
        "show_closeout",
        "complete_closeout_item",
        "reopen_closeout_item",
    )
    return {f"funding:{name}:pk": agreement.pk for name in by_agreement} | {
        "funding:revise_budget_period:pk": period.pk,
        "funding:execute_amendment:pk": amendment.pk,
        "funding:withdraw_amendment:pk": amendment.pk,
        "funding:grant_waiver:pk": waiver.pk,
        "funding:deny_waiver:pk": waiver.pk,
        "funding:revoke_waiver:pk": waiver.pk,
        "funding:notify_deficiencies:pk": renewal.pk,
        "funding:grant_renewal:pk": renewal.pk,
        "funding:find_ineligible:pk": renewal.pk,
        "item": "property_report",
        "counted": "other",
        "funding:list_funding_records:counted": "cash",
        "period_id": period.pk,
        "amendment_id": amendment.pk,
        "waiver_id": waiver.pk,
        "renewal_id": renewal.pk,
    }


def _spending(users: dict[str, User]) -> dict[str, object]:
    """A cost with an encumbrance beside it, programme income, and a certified report."""
    agreement = Agreement.objects.select_related("agency", "institute").get(number="W911-22-1")
    finance = users["institute_finance"]
    officer = Actor(
        user_id=finance.pk,
        label=finance.name,
        grants=frozenset({RoleGrant(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, OWN_INSTITUTE)}),
    )
    entry: dict[str, Any] = {
        "amount_minor": 1_000,
        "currency": "USD",
        "occurred_on": date(YEAR, 3, 1),
        "category": "supplies",
        "payee": "Brass Works",
        "now": NOW,
    }
    order = funding.record_encumbrance(
        officer, agreement, id=derived_id("access", "order"), **entry
    )
    funding.record_cost(officer, agreement, id=derived_id("access", "cost"), **entry)
    report = _certified(officer, agreement)
    entry_of_income = funding.record_own_income(
        officer,
        funding.OwnIncomeRow(
            derived_id("access", "dues"),
            agreement.institute_id,
            "dues",
            1_000,
            "USD",
            date(YEAR, 3, 1),
        ),
        now=NOW,
    )
    of_agreement = (
        "list_costs",
        "export_costs",
        "record_cost",
        "record_encumbrance",
        "list_income",
        "record_income",
        "use_income",
        "set_reporting_terms",
        "show_financial_report",
        "certify_report",
        "show_report_line",
        "record_indirect_rate",
    )
    of_cost = ("show_cost", "liquidate_encumbrance", "release_encumbrance", "pay_cost")
    return {
        **{f"funding:{name}:pk": agreement.pk for name in of_agreement},
        **{f"funding:{name}:pk": order.pk for name in of_cost},
        "funding:show_certified_report:pk": report.pk,
        "funding:show_own_income:pk": entry_of_income.pk,
        "funding:reverse_own_income:pk": entry_of_income.pk,
        "entry_id": entry_of_income.pk,
        "report_id": report.pk,
        "cost_id": order.pk,
        "line": "b",
    }


def _reconciled(agreement: Agreement) -> dict[str, object]:
    """An open line of a payment file, and another one that is explained."""
    rows = [
        funding.PaymentLine(agreement.pk, amount, "USD", date(YEAR, 3, 1), reference=f"P-{amount}")
        for amount in (700, 800)
    ]
    funding.record_payments(SYSTEM, rows, now=NOW, why="a file")
    line, other = StatementLine.objects.order_by("amount_minor")
    explained = derived_id("access", "explained")
    made = funding.explain_lines(SYSTEM, [other.pk], id=explained, reason="a fee", now=NOW)[
        other.pk
    ]
    of_line = ("show_line", "match_by_hand")
    return {
        **{f"funding:{name}:pk": line.pk for name in of_line},
        "funding:show_match:pk": made.pk,
        "funding:show_agency_payments:key": "DOD",
        "line_id": line.pk,
        "match_id": made.pk,
    }


def _certified(officer: Actor, agreement: Agreement) -> FinancialReport:
    scope = ReportScope(agreement, "quarterly", ReportBasis.ACCRUAL, date(YEAR, 6, 30))
    return funding.certify_report(
        officer,
        scope,
        seen_digest=computed_report(scope).digest,
        today=NOW.date(),
        now=NOW,
    )


def _plumbing(users: dict[str, User]) -> dict[str, object]:
    officer = users["programme_officer"]
    finance = users["institute_finance"]
    member = Actor(user_id=finance.pk, label=finance.name)
    token, _secret = create_token(member, name="books", days=30, may_write=False, now=NOW)
    table = BytesIO(b"name,kind,region\nBrass Works,industry_sme,OH\n")
    spec = import_spec("organisations")
    report = run_import(
        Actor(user_id=officer.pk, label=officer.name, is_system=True),
        spec,
        table,
        name="list.csv",
        is_dry_run=True,
        now=NOW,
    )
    job = enqueue(Actor(user_id=finance.pk, label=finance.name), "take_snapshot", {}, now=NOW)
    message = send_mail_later(
        recipient="somebody@example.org", subject="Hello", body="Text", now=NOW
    )
    return {
        "access:revoke_token:pk": ApiToken.objects.get(pk=token.pk).pk,
        "access:pk": users["learner"].pk,
        "access:confirm_role:pk": Grant.objects.get(user=users["learner"]).pk,
        "access:revoke_role:pk": Grant.objects.get(user=users["learner"]).pk,
        "exchange:pk": report.batch_id,
        "jobs:pk": job.pk,
        "job_id": job.pk,
        "import_id": report.batch_id,
        "event_id": AuditEvent.objects.latest("pk").pk,
        "mail:pk": message.pk,
        "desk:pk": AuditEvent.objects.latest("pk").pk,
    }


def _publish_year_before() -> None:
    edition = insight.open_report(SYSTEM, YEAR - 1, now=NOW)
    for part in figures.parts_of(edition):
        insight.attest_part(
            SYSTEM, YEAR - 1, institute=part.institute.key, seen_digest=part.digest, now=NOW
        )
    insight.publish_report(SYSTEM, YEAR - 1, now=NOW)
