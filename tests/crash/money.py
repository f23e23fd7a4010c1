"""The verbs of funding that write, in an order in which each is allowed; a part of `verbs`."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final
from unittest.mock import patch

from lineshaft.apps.funding import rules
from lineshaft.apps.funding import services as funding
from lineshaft.apps.funding.models import (
    Agreement,
    Amendment,
    BudgetPeriod,
    Cost,
    OwnIncome,
    Renewal,
    StatementLine,
    Transfer,
    Waiver,
)
from lineshaft.apps.funding.rules import (
    AmendmentKind,
    LineSource,
    RateType,
    Rating,
    ReportBasis,
    TransferCode,
    Valuation,
)
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.roles import Role, ScopeKind
from tests.crash.scenarios import (
    ACTOR,
    IN_TERM,
    KEY,
    MILLION_MINOR,
    NOW,
    SIGNED_ON,
    TODAY,
    claim_of,
    ledger_id,
)


def agreement(number: str) -> Agreement:
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


def _officer(name: str) -> Actor:
    """One of the agency's two officers; a person proposes, and another decides."""
    user = User.objects.get(email=f"{name}@example.org")
    grant = RoleGrant(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")
    return Actor(user_id=user.pk, label=name, grants=frozenset({grant}))


def propose_large(name: str) -> funding.Moved:
    """An obligation that takes two persons, proposed by the first; both are made if need be."""
    for person in ("first", "second"):
        User.objects.get_or_create(email=f"{person}@example.org")
    return funding.obligate_funds(
        _officer("first"),
        agreement("V-1"),
        id=ledger_id("verb", name),
        amount_minor=5 * MILLION_MINOR,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    )


def _row(name: str) -> funding.TransferRow:
    agreement_id = agreement("V-1").pk
    return funding.TransferRow(
        ledger_id("verb", name), agreement_id, TransferCode.OBLIGATE, 1000, "USD", IN_TERM
    )


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
    return funding.CostRow(agreement_id=agreement("V-1").pk, code=TransferCode.INCUR, **_cost(name))


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


def _institute() -> Institute:
    return Institute.objects.get(key=KEY)


def _bank_line(amount_minor: int) -> StatementLine:
    return StatementLine.objects.get(source=LineSource.BANK, amount_minor=amount_minor)


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


def _plan(category: str) -> funding.BudgetPlan:
    lines = (funding.PlannedLine(category, MILLION_MINOR, MILLION_MINOR),)
    return funding.BudgetPlan(SIGNED_ON, date(2022, 10, 1), lines)


def propose() -> Amendment:
    terms = funding.AmendmentTerms(
        AmendmentKind.INCREMENTAL_FUNDING, TODAY, "more work", added_federal_minor=MILLION_MINOR
    )
    return funding.propose_amendment(ACTOR, agreement("V-1").pk, terms=terms, now=NOW)


def request() -> Waiver:
    terms = funding.WaiverTerms(
        "L-040", "equipment", SIGNED_ON, date(2025, 10, 1), "a press", share_bp=3000
    )
    return funding.request_waiver(ACTOR, agreement("V-2").pk, terms=terms, now=NOW)


def review(number: str) -> Renewal:
    return funding.open_renewal_review(
        ACTOR, agreement(number).pk, on=IN_TERM, today=TODAY, now=NOW
    )


def notify(number: str) -> Renewal:
    return funding.notify_deficiencies(
        ACTOR,
        agreement(number).renewal.pk,
        deficiencies="no members",
        on=IN_TERM,
        today=TODAY,
        now=NOW,
    )


def _promise(name: str) -> funding.Promise:
    line = claim_of(122, "cash")
    return funding.Promise(
        id=ledger_id("promise", name),
        agreement_id=line.agreement_id,
        organisation_id=line.organisation_id,
        is_cash=True,
        amount_minor=MILLION_MINOR,
        currency="USD",
        promised_on=IN_TERM,
        due_on=IN_TERM,
        reference=f"letter {name}",
    )


def _claim_head() -> funding.ClaimHeader:
    """Of the organisation that gives the contributions 122 and 134."""
    line = claim_of(122, "cash")
    return funding.ClaimHeader(
        id=ledger_id("claim", "head"),
        agreement_id=line.agreement_id,
        organisation_id=line.organisation_id,
        starts_on=IN_TERM,
        ends_on=IN_TERM + timedelta(days=1),
    )


def prepare_unvalued() -> None:
    """A contribution as a version left it that did not ask what its worth is reckoned from."""
    unvalued = replace(claim_of(140, "supplies"), market_value_minor=None)
    with patch.object(rules, "valuation_complete", return_value=None):
        funding.record_contribution(ACTOR, unvalued, now=NOW)


FUNDING_VERBS: Final[dict[str, Callable[[], object]]] = {
    "funding.sign_agreement": lambda: _sign("V-1"),
    "funding.activate_agreement": lambda: funding.activate_agreement(
        ACTOR, agreement("V-1").pk, today=TODAY, now=NOW
    ),
    "funding.authorise_funds": lambda: _money(
        funding.authorise_funds, agreement("V-1"), "authorise", 20
    ),
    "funding.obligate_funds": lambda: _money(
        funding.obligate_funds, agreement("V-1"), "obligate", 10
    ),
    "funding.draw_funds": lambda: _money(funding.draw_funds, _transfer("obligate"), "draw", 4),
    "funding.return_funds": lambda: _money(funding.return_funds, agreement("V-1"), "return", 1),
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
    "funding.approve_transfer": lambda: funding.approve_transfer(
        _officer("second"), ledger_id("verb", "approved"), now=NOW
    ),
    "funding.reject_transfer": lambda: funding.reject_transfer(
        _officer("second"), ledger_id("verb", "rejected"), reason="no order", now=NOW
    ),
    "funding.withdraw_transfer": lambda: funding.withdraw_transfer(
        _officer("first"), ledger_id("verb", "withdrawn"), reason="typed twice", now=NOW
    ),
    "funding.close_books": lambda: funding.close_books(
        ACTOR, Institute.objects.get(key=KEY), through=SIGNED_ON, today=TODAY, now=NOW
    ),
    "funding.reopen_books": lambda: funding.reopen_books(
        ACTOR, Institute.objects.get(key=KEY), through=None, reason="a late order", now=NOW
    ),
    "funding.close_network_books": lambda: funding.close_network_books(
        ACTOR, through=SIGNED_ON, today=TODAY, now=NOW
    ),
    "funding.reopen_network_books": lambda: funding.reopen_network_books(
        ACTOR, through=None, reason="a late order", now=NOW
    ),
    "funding.set_reporting_terms": lambda: funding.set_reporting_terms(
        ACTOR,
        agreement("V-1"),
        report_term="quarterly",
        basis=ReportBasis.CASH,
        income_method="deduction",
        now=NOW,
    ),
    "funding.record_indirect_rate": lambda: funding.record_indirect_rate(
        ACTOR,
        agreement("V-1"),
        funding.RateTerms(RateType.FINAL, 2_500, SIGNED_ON, TODAY, "rate agreement 1"),
        now=NOW,
    ),
    "funding.record_encumbrance": lambda: funding.record_encumbrance(
        ACTOR, agreement("V-1"), now=NOW, **_cost("order")
    ),
    "funding.record_cost": lambda: funding.record_cost(
        ACTOR,
        agreement("V-1"),
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
        agreement("V-1"),
        funding.Earning(
            ledger_id("verb", "income"), 1_000, "USD", IN_TERM, "services", "Brass Works"
        ),
        now=NOW,
    ),
    "funding.use_income": lambda: funding.use_income(
        ACTOR,
        agreement("V-1"),
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
    "funding.record_payments": lambda: funding.record_payments(
        ACTOR,
        [
            funding.PaymentLine(
                agreement("V-1").pk, n * MILLION_MINOR, "USD", IN_TERM, reference=f"pay {n}"
            )
            for n in (1, 2, 3)
        ],
        now=NOW,
        why="a file",
    ),
    "funding.record_statements": lambda: funding.record_statements(
        ACTOR,
        [
            funding.BankLine(_institute().pk, "main", n, "USD", IN_TERM, text=f"line {n}")
            for n in (-15, -25, 1_000, 600)
        ],
        now=NOW,
        why="a file",
    ),
    "funding.match_lines": lambda: funding.match_lines(
        ACTOR, _institute(), LineSource.BANK, now=NOW
    ),
    "funding.match_by_hand": lambda: funding.match_by_hand(
        ACTOR,
        funding.Joined([_bank_line(1_000).pk], own_incomes=[ledger_id("own", "dues 1")]),
        id=ledger_id("match", "hand"),
        now=NOW,
    ),
    "funding.explain_lines": lambda: funding.explain_lines(
        ACTOR,
        [_bank_line(-15).pk, _bank_line(-25).pk],
        id=ledger_id("match", "fee"),
        reason="a fee",
        now=NOW,
    ),
    "funding.undo_matches": lambda: funding.undo_matches(
        ACTOR, [ledger_id("match", "hand")], reason="another line", now=NOW
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
    "funding.value_contribution": lambda: funding.value_contribution(
        ACTOR,
        ledger_id("claim", 140),
        Valuation(market_value_minor=250_140, basis_of_value="price list"),
        now=NOW,
    ),
    "funding.record_commitment": lambda: funding.record_commitment(ACTOR, _promise("one"), now=NOW),
    "funding.record_commitments": lambda: funding.record_commitments(
        ACTOR, [_promise(str(n)) for n in range(5)], now=NOW, why="letters"
    ),
    "funding.release_commitment": lambda: funding.release_commitment(
        ACTOR, _promise("one").id, reason="sold", today=TODAY, now=NOW
    ),
    "funding.open_claim": lambda: funding.open_claim(
        ACTOR, _claim_head(), lines=[claim_of(n, "cash") for n in (122, 134)], now=NOW
    ),
    "funding.decide_claim": lambda: funding.decide_claim(
        ACTOR,
        ledger_id("claim", "head"),
        [
            funding.LineDecision(ledger_id("claim", 122)),
            funding.LineDecision(ledger_id("claim", 134), is_refused=True, reason="not ours"),
        ],
        today=TODAY,
        now=NOW,
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
        ACTOR, agreement("V-1").pk, plan=_plan("travel"), now=NOW
    ),
    "funding.revise_budget_period": lambda: funding.revise_budget_period(
        ACTOR,
        BudgetPeriod.objects.get().pk,
        plan=_plan("equipment"),
        reason="a press",
        now=NOW,
    ),
    "funding.withhold_reserve": lambda: _money(
        funding.withhold_reserve, agreement("V-1"), "withhold", 2
    ),
    "funding.release_reserve": lambda: funding.release_reserve(
        ACTOR,
        agreement("V-1"),
        assessed=funding.Assessment(SIGNED_ON, IN_TERM, Rating.MEETS, "all standards met"),
        id=ledger_id("verb", "release reserve"),
        amount_minor=1000,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    ),
    "funding.propose_amendment": propose,
    "funding.execute_amendment": lambda: funding.execute_amendment(
        ACTOR, Amendment.objects.latest("pk").pk, today=TODAY, now=NOW
    ),
    "funding.withdraw_amendment": lambda: funding.withdraw_amendment(
        ACTOR, Amendment.objects.latest("pk").pk, reason="not now", now=NOW
    ),
    "funding.request_waiver": request,
    "funding.grant_waiver": lambda: funding.grant_waiver(
        ACTOR, Waiver.objects.latest("pk").pk, reason="agreed", now=NOW
    ),
    "funding.revoke_waiver": lambda: funding.revoke_waiver(
        ACTOR, Waiver.objects.latest("pk").pk, reason="sold", today=TODAY, now=NOW
    ),
    "funding.deny_waiver": lambda: funding.deny_waiver(
        ACTOR, Waiver.objects.latest("pk").pk, reason="no need", now=NOW
    ),
    "funding.open_renewal_review": lambda: review("V-1"),
    "funding.notify_deficiencies": lambda: notify("V-1"),
    "funding.grant_renewal": lambda: funding.grant_renewal(
        ACTOR,
        agreement("V-1").renewal.pk,
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
        agreement("V-2").renewal.pk,
        progress="none",
        on=on(400),
        today=on(400),
        now=NOW,
    ),
    "funding.end_agreement": lambda: funding.end_agreement(
        ACTOR, agreement("V-1").pk, today=date(2026, 10, 2), now=NOW
    ),
    "funding.complete_closeout_item": lambda: funding.complete_closeout_item(
        ACTOR,
        agreement("V-1").pk,
        item="property_report",
        done_on=date(2026, 10, 2),
        record="letter 7",
        today=date(2026, 10, 2),
        now=NOW,
    ),
    "funding.reopen_closeout_item": lambda: funding.reopen_closeout_item(
        ACTOR, agreement("V-1").pk, item="property_report", reason="a press", now=NOW
    ),
    "funding.terminate_agreement": lambda: funding.terminate_agreement(
        ACTOR, agreement("W911-22-1").pk, reason="the work ended", today=TODAY, now=NOW
    ),
}
