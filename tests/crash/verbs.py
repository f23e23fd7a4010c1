"""Every verb that writes, in an order in which each is allowed, on what `scenarios` prepares.

The names are those of the services, by app; a test compares them with the services that there are.
"""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from lineshaft.apps.funding import services as funding
from lineshaft.apps.funding.models import (
    Agreement,
    Amendment,
    BudgetPeriod,
    Cost,
    OwnIncome,
    Renewal,
    Transfer,
    Waiver,
)
from lineshaft.apps.funding.queries import ReportScope, computed_report
from lineshaft.apps.funding.rules import AmendmentKind, RateType, Rating, ReportBasis, TransferCode
from lineshaft.apps.insight import services as insight
from lineshaft.apps.insight.models import ReportEdition
from lineshaft.apps.insight.queries import figures_digest
from lineshaft.apps.memberships import services as memberships
from lineshaft.apps.memberships.models import MemberAgreement
from lineshaft.apps.memberships.rules import EndReason
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Agency, Institute, Organisation, Person
from lineshaft.apps.network.rules import NameKind, PersonRoleKind, TerminationGround
from lineshaft.plumbing.access import services as access
from lineshaft.plumbing.access.models import ApiToken, Grant, User
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit import services as audit
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.exchange import services as exchange
from lineshaft.plumbing.exchange.models import ImportBatch
from lineshaft.plumbing.exchange.queries import import_spec
from lineshaft.plumbing.files import services as files
from lineshaft.plumbing.jobs import services as jobs
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.mail import services as mail
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel
from tests.crash.scenarios import (
    ACTOR,
    IN_TERM,
    KEY,
    MILLION_MINOR,
    NOW,
    SIGNED_ON,
    TODAY,
    YEAR,
    claim_of,
    ledger_id,
    table_of,
)

NEW: Final = "new-institute"
SOURCE: Final = "a notice"

MODULES: Final = {
    "network": network,
    "memberships": memberships,
    "funding": funding,
    "insight": insight,
    "access": access,
    "audit": audit,
    "files": files,
    "jobs": jobs,
    "exchange": exchange,
    "mail": mail,
}

NOT_VERBS: Final = {
    "network.may_anywhere": "asks",
    "network.permit_anywhere": "asks",
    "network.levels_to_register": "asks",
    "insight.may_take_snapshot": "asks",
    "insight.report_document": "reads",
    "audit.record_event": "is part of a verb, in its transaction",
    "exchange.run_import": "is two verbs, store_import and run_batch",
    "network.load_reference_network": "has nothing left to load; the scenarios begin with it",
}
"""Services that begin with an actor and are no verb of their own."""


def _institute() -> Institute:
    return Institute.objects.get(key=NEW)


def _agreement(number: str) -> Agreement:
    return Agreement.objects.select_related("institute", "agency").get(number=number)


def _sign(number: str) -> None:
    terms = funding.AgreementTerms(
        number=number,
        currency="USD",
        signed_on=SIGNED_ON,
        starts_on=SIGNED_ON,
        ends_on=date(2026, 10, 1),
        federal_total_minor=70 * MILLION_MINOR,
    )
    agency = Agency.objects.get(key="DOD")
    funding.sign_agreement(ACTOR, Institute.objects.get(key=KEY), agency, terms=terms, now=NOW)


def _money(verb: Callable[..., Any], subject: object, name: str, millions: int) -> None:
    verb(
        ACTOR,
        subject,
        id=ledger_id("verb", name),
        amount_minor=millions * MILLION_MINOR,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    )


def _transfer(name: str) -> Transfer:
    return Transfer.objects.select_related("debit_account").get(pk=ledger_id("verb", name))


def _row(name: str) -> funding.TransferRow:
    agreement_id = _agreement("V-1").pk
    return funding.TransferRow(
        ledger_id("verb", name), agreement_id, TransferCode.OBLIGATE, 1000, "USD", IN_TERM
    )


def _organisation(number: int) -> Organisation:
    return Organisation.objects.get(name=f"Anvil Works {number}")


def _member(number: int) -> memberships.MemberRow:
    """From the year before on, so that there is something to report of it."""
    return memberships.MemberRow(
        organisation_id=_organisation(number).pk,
        institute_key="lift",
        tier="industry",
        starts_on=SIGNED_ON - timedelta(days=100),
    )


def _user() -> User:
    return User.objects.get(email="ada@example.org")


def _somebody() -> Actor:
    return Actor(user_id=_user().pk, label="Ada")


def _cost(name: str) -> funding.CostEntry:
    return {
        "id": ledger_id("verb", name),
        "amount_minor": 1_000,
        "currency": "USD",
        "occurred_on": IN_TERM,
        "category": "supplies",
        "payee": "Brass Works",
        "evidence": ("record 1",),
    }


def _cost_row(name: str) -> funding.CostRow:
    return funding.CostRow(
        agreement_id=_agreement("V-1").pk, code=TransferCode.INCUR, **_cost(name)
    )


def _move_cost(verb: Callable[..., object], cost: str, name: str) -> object:
    return verb(
        ACTOR,
        Cost.objects.get(pk=ledger_id("verb", cost)),
        id=ledger_id("verb", name),
        amount_minor=400,
        occurred_on=IN_TERM,
        now=NOW,
    )


def _own_income(name: str) -> funding.OwnIncomeRow:
    institute = Institute.objects.get(key=KEY)
    return funding.OwnIncomeRow(
        ledger_id("own", name), institute.pk, "prizes", 1_000, "USD", IN_TERM
    )


def _certify() -> object:
    """A person certifies, and nobody else may."""
    grant = RoleGrant(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, KEY)
    actor = Actor(user_id=_user().pk, label="Ada", grants=frozenset({grant}))
    scope = ReportScope(_agreement("V-1"), "quarterly", ReportBasis.CASH, date(YEAR, 6, 30))
    digest = computed_report(scope, today=TODAY).digest
    return funding.certify_report(actor, scope, seen_digest=digest, today=TODAY, now=NOW)


def _attest() -> None:
    edition = ReportEdition.objects.latest("number")
    digest = figures_digest(edition.snapshot, YEAR, KEY)
    insight.attest_part(ACTOR, YEAR, institute=KEY, seen_digest=digest, now=NOW)


def _batch(*, is_dry_run: bool) -> ImportBatch:
    return ImportBatch.objects.filter(is_dry_run=is_dry_run).latest("requested_at")


def _stopped_job() -> Job:
    return Job.objects.get(kind="take_snapshot")


def _failed_message() -> OutboxMessage:
    return OutboxMessage.objects.get(state="failed")


def _prepare_failed_message() -> None:
    mail.send_mail_later("ada@example.org", "Hello", "Good day.", now=NOW)
    OutboxMessage.objects.update(state="failed")


def _on(days: int) -> date:
    return TODAY + timedelta(days=days)


def _live(verb: Callable[..., Any], days: int) -> Callable[[], Any]:
    """A verb of an institute's life, so many days from today."""
    return lambda: verb(ACTOR, _institute(), on=_on(days), source=SOURCE, now=NOW)


def _sign_shared(number: str) -> None:
    """An active agreement of Defense and Energy, which has a rule that can be waived."""
    terms = funding.AgreementTerms(
        number=number,
        currency="USD",
        signed_on=SIGNED_ON,
        starts_on=SIGNED_ON,
        ends_on=date(2026, 10, 1),
        federal_total_minor=70 * MILLION_MINOR,
        co_sponsors=(funding.SponsorPart(Agency.objects.get(key="DOE").pk, 20 * MILLION_MINOR),),
    )
    agency = Agency.objects.get(key="DOD")
    signed = funding.sign_agreement(
        ACTOR, Institute.objects.get(key=KEY), agency, terms=terms, now=NOW
    )
    funding.activate_agreement(ACTOR, signed.pk, today=TODAY, now=NOW)


def _plan(category: str) -> funding.BudgetPlan:
    lines = (funding.PlannedLine(category, MILLION_MINOR, MILLION_MINOR),)
    return funding.BudgetPlan(SIGNED_ON, date(2022, 10, 1), lines)


def _propose() -> Amendment:
    terms = funding.AmendmentTerms(
        AmendmentKind.INCREMENTAL_FUNDING, TODAY, "more work", added_federal_minor=MILLION_MINOR
    )
    return funding.propose_amendment(ACTOR, _agreement("V-1").pk, terms=terms, now=NOW)


def _request() -> Waiver:
    terms = funding.WaiverTerms(
        "L-040", "equipment", SIGNED_ON, date(2025, 10, 1), "a press", share_bp=3000
    )
    return funding.request_waiver(ACTOR, _agreement("V-2").pk, terms=terms, now=NOW)


def _review(number: str) -> Renewal:
    return funding.open_renewal_review(
        ACTOR, _agreement(number).pk, on=IN_TERM, today=TODAY, now=NOW
    )


def _notify(number: str) -> Renewal:
    return funding.notify_deficiencies(
        ACTOR,
        _agreement(number).renewal.pk,
        deficiencies="no members",
        on=IN_TERM,
        today=TODAY,
        now=NOW,
    )


VERBS: Final[dict[str, Callable[[], object]]] = {
    "network.propose_institute": lambda: network.propose_institute(
        ACTOR,
        network.InstituteProposal(NEW, "New Institute", "DOD", SOURCE, focus="everything"),
        now=NOW,
    ),
    "network.add_institute_name": lambda: network.add_institute_name(
        ACTOR, _institute(), "NI", kind=NameKind.ALIAS, language="en", source=SOURCE, now=NOW
    ),
    "network.plan_institute": _live(network.plan_institute, -60),
    "network.establish_institute": _live(network.establish_institute, -50),
    "network.open_cure_period": _live(network.open_cure_period, -40),
    "network.close_cure_period": _live(network.close_cure_period, -30),
    "network.recognise_institute": _live(network.recognise_institute, -20),
    "network.terminate_institute": lambda: network.terminate_institute(
        ACTOR,
        _institute(),
        ground=TerminationGround.CONVENIENCE,
        on=_on(-10),
        source=SOURCE,
        now=NOW,
    ),
    "network.register_organisation": lambda: network.register_organisation(
        ACTOR, network.OrganisationRow(name="Bolt & Co", kind="industry_sme"), now=NOW
    ),
    "network.register_organisations": lambda: network.register_organisations(
        ACTOR,
        [network.OrganisationRow(name=f"Cam {n}", kind="industry_sme") for n in range(5)],
        now=NOW,
    ),
    "network.amend_organisation": lambda: network.amend_organisation(
        ACTOR,
        _organisation(1),
        changes={"city": "Dayton"},
        identifiers=[("ror", "https://ror.org/03yrm5c26")],
        now=NOW,
    ),
    "network.add_organisation_alias": lambda: network.add_organisation_alias(
        ACTOR, _organisation(1), "AW1", now=NOW
    ),
    "network.register_person": lambda: network.register_person(
        ACTOR, "Ada Example", organisation=_organisation(1), now=NOW
    ),
    "network.appoint_person": lambda: network.appoint_person(
        ACTOR,
        Person.objects.get(name="Ada Example"),
        kind=PersonRoleKind.STAFF,
        institute=Institute.objects.get(key=KEY),
        starts_on=TODAY,
        now=NOW,
    ),
    "memberships.admit_member": lambda: memberships.admit_member(ACTOR, _member(4), now=NOW),
    "memberships.admit_members": lambda: memberships.admit_members(
        ACTOR, [_member(8), _member(12)], now=NOW, why="list"
    ),
    "memberships.end_membership": lambda: memberships.end_membership(
        ACTOR,
        MemberAgreement.objects.latest("pk"),
        ends_on=_on(30),
        reason=EndReason.LEFT,
        now=NOW,
    ),
    "funding.sign_agreement": lambda: _sign("V-1"),
    "funding.activate_agreement": lambda: funding.activate_agreement(
        ACTOR, _agreement("V-1").pk, today=TODAY, now=NOW
    ),
    "funding.authorise_funds": lambda: _money(
        funding.authorise_funds, _agreement("V-1"), "authorise", 20
    ),
    "funding.obligate_funds": lambda: _money(
        funding.obligate_funds, _agreement("V-1"), "obligate", 10
    ),
    "funding.draw_funds": lambda: _money(funding.draw_funds, _transfer("obligate"), "draw", 4),
    "funding.return_funds": lambda: _money(funding.return_funds, _agreement("V-1"), "return", 1),
    "funding.correct_transfer": lambda: funding.correct_transfer(
        ACTOR,
        _transfer("draw"),
        id=ledger_id("verb", "correct"),
        amount_minor=1000,
        occurred_on=IN_TERM,
        reason="drawn twice",
        now=NOW,
    ),
    "funding.release_obligation": lambda: funding.release_obligation(
        ACTOR,
        _transfer("obligate"),
        id=ledger_id("verb", "release"),
        occurred_on=IN_TERM,
        reason="not needed",
        now=NOW,
    ),
    "funding.post_transfer": lambda: funding.post_transfer(ACTOR, _row("one"), now=NOW),
    "funding.post_transfers": lambda: funding.post_transfers(
        ACTOR, [_row(f"row {n}") for n in range(20)], now=NOW, why="a quarter"
    ),
    "funding.set_reporting_terms": lambda: funding.set_reporting_terms(
        ACTOR,
        _agreement("V-1"),
        report_term="quarterly",
        basis=ReportBasis.CASH,
        income_method="deduction",
        now=NOW,
    ),
    "funding.record_indirect_rate": lambda: funding.record_indirect_rate(
        ACTOR,
        _agreement("V-1"),
        funding.RateTerms(RateType.FINAL, 2_500, SIGNED_ON, TODAY, "rate agreement 1"),
        now=NOW,
    ),
    "funding.record_encumbrance": lambda: funding.record_encumbrance(
        ACTOR, _agreement("V-1"), now=NOW, **_cost("order")
    ),
    "funding.record_cost": lambda: funding.record_cost(
        ACTOR,
        _agreement("V-1"),
        files=[funding.EvidenceFile("invoice.txt", io.BytesIO(b"owed\n"))],
        now=NOW,
        **_cost("cost"),
    ),
    "funding.liquidate_encumbrance": lambda: _move_cost(
        funding.liquidate_encumbrance, "order", "came"
    ),
    "funding.pay_cost": lambda: _move_cost(funding.pay_cost, "order", "paid"),
    "funding.release_encumbrance": lambda: funding.release_encumbrance(
        ACTOR,
        Cost.objects.get(pk=ledger_id("verb", "order")),
        id=ledger_id("verb", "let go"),
        occurred_on=IN_TERM,
        reason="cheaper",
        now=NOW,
    ),
    "funding.post_costs": lambda: funding.post_costs(
        ACTOR, [_cost_row(f"batch {n}") for n in range(20)], now=NOW, why="a quarter"
    ),
    "funding.record_income": lambda: funding.record_income(
        ACTOR,
        _agreement("V-1"),
        funding.Earning(
            ledger_id("verb", "income"), 1_000, "USD", IN_TERM, "services", "Brass Works"
        ),
        now=NOW,
    ),
    "funding.use_income": lambda: funding.use_income(
        ACTOR,
        _agreement("V-1"),
        funding.Use(ledger_id("verb", "use"), 500, "USD", IN_TERM, "supplies", "powder"),
        now=NOW,
    ),
    "funding.record_own_income": lambda: funding.record_own_income(
        ACTOR, _own_income("prize"), now=NOW
    ),
    "funding.record_own_incomes": lambda: funding.record_own_incomes(
        ACTOR, [_own_income(f"dues {n}") for n in range(20)], now=NOW, why="a quarter"
    ),
    "funding.reverse_own_income": lambda: funding.reverse_own_income(
        ACTOR,
        OwnIncome.objects.select_related("institute").get(pk=ledger_id("own", "prize")),
        id=ledger_id("own", "back"),
        amount_minor=400,
        received_on=IN_TERM,
        reason="paid twice",
        now=NOW,
    ),
    "funding.record_contribution": lambda: funding.record_contribution(
        ACTOR,
        claim_of(101, "cash"),
        files=[funding.EvidenceFile("receipt.txt", io.BytesIO(b"received\n"))],
        now=NOW,
    ),
    "funding.attach_evidence": lambda: funding.attach_evidence(
        ACTOR,
        ledger_id("claim", 101),
        files=[funding.EvidenceFile("more.txt", io.BytesIO(b"and more\n"))],
        references=["ledger 7"],
        now=NOW,
    ),
    "funding.record_contributions": lambda: funding.record_contributions(
        ACTOR, [claim_of(n, "cash") for n in range(102, 110)], now=NOW, why="a quarter"
    ),
    "funding.accept_contribution": lambda: funding.accept_contribution(
        ACTOR,
        ledger_id("claim", 101),
        accepted_minor=1000,
        reason="the rest is old",
        today=TODAY,
        now=NOW,
    ),
    "funding.accept_contributions": lambda: funding.accept_contributions(
        ACTOR,
        [funding.Acceptance(ledger_id("claim", n)) for n in range(102, 106)],
        today=TODAY,
        now=NOW,
        why="checked",
    ),
    "funding.refuse_contribution": lambda: funding.refuse_contribution(
        ACTOR, ledger_id("claim", 106), reason="not ours", today=TODAY, now=NOW
    ),
    "funding.withdraw_contribution": lambda: funding.withdraw_contribution(
        ACTOR, ledger_id("claim", 107), reason="a mistake", today=TODAY, now=NOW
    ),
    "funding.plan_budget_period": lambda: funding.plan_budget_period(
        ACTOR, _agreement("V-1").pk, plan=_plan("travel"), now=NOW
    ),
    "funding.revise_budget_period": lambda: funding.revise_budget_period(
        ACTOR,
        BudgetPeriod.objects.get().pk,
        plan=_plan("equipment"),
        reason="a press",
        now=NOW,
    ),
    "funding.withhold_reserve": lambda: _money(
        funding.withhold_reserve, _agreement("V-1"), "withhold", 2
    ),
    "funding.release_reserve": lambda: funding.release_reserve(
        ACTOR,
        _agreement("V-1"),
        assessed=funding.Assessment(SIGNED_ON, IN_TERM, Rating.MEETS, "all standards met"),
        id=ledger_id("verb", "release reserve"),
        amount_minor=1000,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    ),
    "funding.propose_amendment": _propose,
    "funding.execute_amendment": lambda: funding.execute_amendment(
        ACTOR, Amendment.objects.latest("pk").pk, today=TODAY, now=NOW
    ),
    "funding.withdraw_amendment": lambda: funding.withdraw_amendment(
        ACTOR, Amendment.objects.latest("pk").pk, reason="not now", now=NOW
    ),
    "funding.request_waiver": _request,
    "funding.grant_waiver": lambda: funding.grant_waiver(
        ACTOR, Waiver.objects.latest("pk").pk, reason="agreed", now=NOW
    ),
    "funding.revoke_waiver": lambda: funding.revoke_waiver(
        ACTOR, Waiver.objects.latest("pk").pk, reason="sold", today=TODAY, now=NOW
    ),
    "funding.deny_waiver": lambda: funding.deny_waiver(
        ACTOR, Waiver.objects.latest("pk").pk, reason="no need", now=NOW
    ),
    "funding.open_renewal_review": lambda: _review("V-1"),
    "funding.notify_deficiencies": lambda: _notify("V-1"),
    "funding.grant_renewal": lambda: funding.grant_renewal(
        ACTOR,
        _agreement("V-1").renewal.pk,
        terms=funding.AgreementTerms(
            number="V-3",
            currency="USD",
            signed_on=TODAY,
            starts_on=date(2027, 10, 1),
            ends_on=date(2032, 10, 1),
            federal_total_minor=MILLION_MINOR,
        ),
        progress="remedied",
        on=TODAY,
        today=TODAY,
        now=NOW,
    ),
    "funding.find_ineligible": lambda: funding.find_ineligible(
        ACTOR,
        _agreement("V-2").renewal.pk,
        progress="none",
        on=_on(400),
        today=_on(400),
        now=NOW,
    ),
    "funding.end_agreement": lambda: funding.end_agreement(
        ACTOR, _agreement("V-1").pk, today=date(2026, 10, 2), now=NOW
    ),
    "funding.complete_closeout_item": lambda: funding.complete_closeout_item(
        ACTOR,
        _agreement("V-1").pk,
        item="property_report",
        done_on=date(2026, 10, 2),
        record="letter 7",
        today=date(2026, 10, 2),
        now=NOW,
    ),
    "funding.reopen_closeout_item": lambda: funding.reopen_closeout_item(
        ACTOR, _agreement("V-1").pk, item="property_report", reason="a press", now=NOW
    ),
    "funding.terminate_agreement": lambda: funding.terminate_agreement(
        ACTOR, _agreement("W911-22-1").pk, reason="the work ended", today=TODAY, now=NOW
    ),
    "insight.load_published_values": lambda: insight.load_published_values(ACTOR, now=NOW),
    "insight.attest_part": _attest,
    "insight.withdraw_attestation": lambda: insight.withdraw_attestation(
        ACTOR, YEAR, institute=KEY, now=NOW
    ),
    "insight.publish_report": lambda: insight.publish_report(ACTOR, YEAR, now=NOW),
    "insight.restate_report": lambda: insight.restate_report(
        ACTOR, YEAR, reason="a drawdown was missing", now=NOW
    ),
    "insight.take_snapshot": lambda: insight.take_snapshot(ACTOR, now=NOW + timedelta(hours=1)),
    "insight.open_report": lambda: insight.open_report(ACTOR, YEAR - 1, now=NOW),
    "insight.request_snapshot": lambda: insight.request_snapshot(ACTOR, now=NOW),
    "access.register_user": lambda: access.register_user(
        ACTOR, email="ada@example.org", name="Ada", password=None, now=NOW
    ),
    "access.grant_role": lambda: access.grant_role(
        ACTOR,
        _user(),
        RoleGrant(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, KEY),
        starts_on=TODAY,
        now=NOW,
    ),
    "funding.certify_report": _certify,
    "access.revoke_role": lambda: access.revoke_role(
        ACTOR, Grant.objects.latest("pk").pk, ends_on=_on(9), now=NOW, why="left"
    ),
    "access.create_token": lambda: access.create_token(
        _somebody(), name="script", days=30, may_write=True, now=NOW
    ),
    "access.revoke_token": lambda: access.revoke_token(
        _somebody(), ApiToken.objects.latest("pk").pk, now=NOW
    ),
    "audit.erase_event": lambda: audit.erase_event(
        ACTOR, AuditEvent.objects.latest("pk").pk, now=NOW, why="asked for"
    ),
    "files.store_file": lambda: files.store_file(
        ACTOR,
        b"kept",
        name="kept.txt",
        level=SharingLevel.RESTRICTED,
        purpose="test",
        now=NOW,
    ),
    "jobs.enqueue": lambda: jobs.enqueue(ACTOR, "mail.deliver", {"n": 1}, now=NOW),
    "jobs.stop_job": lambda: jobs.stop_job(ACTOR, _stopped_job().pk, now=NOW),
    "jobs.retry_job": lambda: jobs.retry_job(ACTOR, _stopped_job().pk, now=NOW),
    "exchange.store_import": lambda: exchange.store_import(
        ACTOR,
        import_spec("organisations"),
        table_of(30, city="Lima"),
        name="lima.csv",
        is_dry_run=True,
        now=NOW,
    ),
    "exchange.run_batch": lambda: exchange.run_batch(ACTOR, _batch(is_dry_run=True), now=NOW),
    "exchange.confirm_import": lambda: exchange.confirm_import(
        ACTOR, _batch(is_dry_run=True), now=NOW
    ),
    "exchange.enqueue_batch": lambda: exchange.enqueue_batch(
        ACTOR, _batch(is_dry_run=False), now=NOW
    ),
    "mail.retry_message": lambda: mail.retry_message(ACTOR, _failed_message().pk, now=NOW),
}

BEFORE: Final[dict[str, Callable[[], object]]] = {
    "funding.withdraw_amendment": _propose,
    "funding.request_waiver": lambda: _sign_shared("V-2"),
    "funding.deny_waiver": _request,
    "funding.find_ineligible": lambda: (_review("V-2"), _notify("V-2")),
    "insight.publish_report": _attest,
    "mail.retry_message": _prepare_failed_message,
}
"""What has to happen before a verb is allowed, beside the verbs before it."""
