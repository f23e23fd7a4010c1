"""Storing the demonstration's money: agreements, budgets, transfers, costs, income, cost share."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from itertools import batched, groupby
from uuid import UUID

from lineshaft.apps.funding import services as funding
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.rules import ReportBasis, TransferCode
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.demonstration.cases import INCOME_METHODS
from lineshaft.demonstration.loading import ROWS_AT_A_TIME, WHY, Loading, id_of
from lineshaft.demonstration.valuation import valuation_of
from lineshaft.demonstration.values import (
    AgreementPlan,
    ContributionPlan,
    CostPlan,
    ObligationPlan,
    Plan,
)

REVIEWED_BEFORE_DAYS = 180
"""So long before the end of a term its renewal is reviewed."""

PROGRESS = "The standards of the term were met (demonstration)."


def sign_agreements(loading: Loading, plan: Plan) -> None:
    """Sign first agreements, renew those that others follow, and plan every budget."""
    institutes = {one.key: one for one in Institute.objects.all()}
    agencies = {one.key: one for one in Agency.objects.all()}
    ends = {one.number: one.ends_on for one in plan.agreements}
    for one in plan.agreements:
        terms = _terms_of(loading, one, agencies)
        if one.renews in ends:
            agreement = _renewed(loading, one, terms, ends_on=ends[one.renews])
        else:
            agreement = funding.sign_agreement(
                loading.actor,
                institutes[one.institute],
                agencies[one.agency],
                terms=terms,
                now=loading.now,
            )
        funding.activate_agreement(
            loading.actor, agreement.pk, today=one.starts_on, now=loading.now
        )
        loading.agreement_ids[one.number] = agreement.pk
    for period in plan.budget_periods:
        funding.plan_budget_period(
            loading.actor,
            loading.agreement_ids[period.agreement],
            plan=funding.BudgetPlan(
                period.starts_on,
                period.ends_on,
                tuple(funding.PlannedLine(*line) for line in period.lines),
            ),
            now=loading.now,
        )


def post_transfers(loading: Loading, plan: Plan) -> None:
    """Authorise, obligate, draw and release, in order of date."""
    agency_ids = dict(Agency.objects.values_list("key", "pk"))
    rows = [
        funding.TransferRow(
            id_of("authorise", number),
            loading.agreement_ids[one.agreement],
            TransferCode.AUTHORISE,
            one.amount_minor,
            loading.profile.currency,
            one.on,
            agency_id=agency_ids.get(one.sponsor),
        )
        for number, one in enumerate(plan.authorisations)
    ]
    for number, obligation in enumerate(plan.obligations):
        rows.extend(_rows_of(loading, number, obligation, agency_ids.get(obligation.sponsor)))
    order = [TransferCode.AUTHORISE, TransferCode.OBLIGATE, TransferCode.DRAW, TransferCode.RELEASE]
    rows.sort(key=lambda row: (row.occurred_on, order.index(row.code)))
    for some in batched(rows, ROWS_AT_A_TIME, strict=False):
        funding.post_transfers(loading.actor, some, now=loading.now, why=WHY)


def post_costs(loading: Loading, plan: Plan) -> None:
    """Order, incur and pay, in order of date."""
    rows = [
        row for number, one in enumerate(plan.costs) for row in _cost_rows(loading, number, one)
    ]
    rows.sort(key=lambda row: (row.occurred_on, row.cost_id is not None))
    for some in batched(rows, ROWS_AT_A_TIME, strict=False):
        funding.post_costs(loading.actor, some, now=loading.now, why=WHY)


def record_income(loading: Loading, plan: Plan) -> None:
    """Own income in bulk, and programme income with its uses, each agreement by its method."""
    institute_ids = dict(Institute.objects.values_list("key", "pk"))
    rows = [
        funding.OwnIncomeRow(
            id_of("own income", number),
            institute_ids[one.institute],
            one.stream,
            one.amount_minor,
            loading.profile.currency,
            one.on,
            payer=one.payer,
        )
        for number, one in enumerate(plan.own_income)
    ]
    for some in batched(rows, ROWS_AT_A_TIME, strict=False):
        funding.record_own_incomes(loading.actor, some, now=loading.now, why=WHY)
    methods = {
        loading.agreement_ids[number]: method
        for number, method in INCOME_METHODS.items()
        if number in loading.agreement_ids
    }
    under = Agreement.objects.select_related("institute", "agency").in_bulk(methods)
    for pk, method in methods.items():
        funding.set_reporting_terms(
            loading.actor,
            under[pk],
            report_term="annual",
            basis=ReportBasis.ACCRUAL,
            income_method=method,
            reason="Approved by the agency (demonstration)",
            now=loading.now,
        )
    _record_programme_income(loading, plan, under)


def record_contributions(loading: Loading, plan: Plan) -> None:
    """Record every contribution, then decide those that have come to a decision, year by year.

    The program itself records; a second voice of its own accepts, as above the threshold a second
    person has to. What was brought in a fiscal year is decided on its last day.
    """
    numbered = enumerate(plan.contributions)
    for year, of_year in groupby(numbered, lambda pair: _year_of(loading, pair[1])):
        today = loading.profile.fiscal_year(year).last_day
        for some in batched(of_year, ROWS_AT_A_TIME, strict=False):
            _decide(loading, some, today=today)


def _year_of(loading: Loading, one: ContributionPlan) -> int:
    return loading.profile.fiscal_year_of(one.on).year


def _decide(loading: Loading, some: Sequence[tuple[int, ContributionPlan]], *, today: date) -> None:
    claims = [_claim(loading, number, one) for number, one in some]
    funding.record_contributions(loading.actor, claims, now=loading.now, why=WHY)
    states = [(claim.id, one.state) for claim, (_, one) in zip(claims, some, strict=True)]
    accepted = [funding.Acceptance(one_id) for one_id, state in states if state == "accepted"]
    funding.accept_contributions(loading.actor, accepted, today=today, now=loading.now, why=WHY)
    for contribution_id, state in states:
        if state == "refused":
            funding.refuse_contribution(
                loading.actor,
                contribution_id,
                reason="The record does not show who valued it, and how.",
                today=today,
                now=loading.now,
            )


def _terms_of(
    loading: Loading, one: AgreementPlan, agencies: dict[str, Agency]
) -> funding.AgreementTerms:
    return funding.AgreementTerms(
        number=one.number,
        currency=loading.profile.currency,
        signed_on=one.starts_on,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        federal_total_minor=one.federal_minor,
        title=one.title,
        co_sponsors=tuple(funding.SponsorPart(agencies[key].pk, part) for key, part in one.parts),
    )


def _renewed(
    loading: Loading, one: AgreementPlan, terms: funding.AgreementTerms, *, ends_on: date
) -> Agreement:
    """The agreement that follows another, after the review that weighed its progress."""
    today = loading.now.date()
    renewal = funding.open_renewal_review(
        loading.actor,
        loading.agreement_ids[one.renews],
        on=ends_on - timedelta(days=REVIEWED_BEFORE_DAYS),
        today=today,
        now=loading.now,
    )
    return funding.grant_renewal(
        loading.actor,
        renewal.pk,
        terms=terms,
        progress=PROGRESS,
        on=ends_on,
        today=today,
        now=loading.now,
    )


def _rows_of(
    loading: Loading, number: int, obligation: ObligationPlan, agency_id: int | None
) -> Iterator[funding.TransferRow]:
    obligate = funding.TransferRow(
        id_of("obligate", number),
        loading.agreement_ids[obligation.agreement],
        TransferCode.OBLIGATE,
        obligation.amount_minor,
        loading.profile.currency,
        obligation.on,
        agency_id=agency_id,
    )
    yield obligate
    settling = replace(obligate, pending_id=obligate.id, agency_id=None)
    for order, draw in enumerate(obligation.draws):
        yield replace(
            settling,
            id=id_of("draw", number, order),
            code=TransferCode.DRAW,
            amount_minor=draw.amount_minor,
            occurred_on=draw.on,
        )
    if obligation.released_on is not None and obligation.released_minor:
        yield replace(
            settling,
            id=id_of("release", number),
            code=TransferCode.RELEASE,
            amount_minor=obligation.released_minor,
            occurred_on=obligation.released_on,
            reason="The award was terminated (demonstration).",
        )


def _cost_rows(loading: Loading, number: int, one: CostPlan) -> Iterator[funding.CostRow]:
    """What begins the cost, then what moves it; only what begins it says what it is."""
    steps = (
        (TransferCode.ENCUMBER, one.ordered_on),
        (TransferCode.LIQUIDATE if one.ordered_on else TransferCode.INCUR, one.incurred_on),
        (TransferCode.PAY, one.paid_on),
    )
    begun: UUID | None = None
    for code, on in steps:
        if on is None:
            continue
        row = funding.CostRow(
            id_of(code, number),
            loading.agreement_ids[one.agreement],
            code,
            one.amount_minor,
            loading.profile.currency,
            on,
            cost_id=begun,
        )
        if begun is None:
            begun = row.id
            voucher = f"Demonstration voucher {number + 1}"
            row = replace(row, category=one.category, payee=one.payee, evidence=(voucher,))
        yield row


def _record_programme_income(loading: Loading, plan: Plan, under: dict[int, Agreement]) -> None:
    for number, earned in enumerate(plan.earnings):
        earning = funding.Earning(
            id=id_of("earning", number),
            gross_minor=earned.gross_minor,
            currency=loading.profile.currency,
            occurred_on=earned.on,
            stream=earned.stream,
            payer=earned.payer,
            cost_of_earning_minor=earned.cost_of_earning_minor,
        )
        agreement = under[loading.agreement_ids[earned.agreement]]
        funding.record_income(loading.actor, agreement, earning, now=loading.now)
    for number, used in enumerate(plan.uses):
        use = funding.Use(
            id=id_of("use", number),
            amount_minor=used.amount_minor,
            currency=loading.profile.currency,
            occurred_on=used.on,
            category=used.category,
            description="Work of the award (demonstration)",
        )
        agreement = under[loading.agreement_ids[used.agreement]]
        funding.use_income(loading.actor, agreement, use, now=loading.now)


def _claim(loading: Loading, number: int, one: ContributionPlan) -> funding.Claim:
    return funding.Claim(
        id=id_of("contribution", number),
        agreement_id=loading.agreement_ids[one.agreement],
        organisation_id=loading.organisation_ids[one.organisation],
        kind=one.kind,
        amount_minor=one.amount_minor,
        currency=loading.profile.currency,
        occurred_on=one.on,
        external_id=f"DEMO-{number + 1}",
        evidence=(f"Demonstration statement {one.institute} {one.on.year}-{number + 1}",),
        **asdict(valuation_of(loading.profile.cost_share_kind(one.kind), one.amount_minor)),
    )
