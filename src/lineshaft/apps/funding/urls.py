"""Addresses of funding: an institute's money, agreements, transfers, contributions."""

from django.urls import path

from lineshaft.apps.funding import views

app_name = "funding"

urlpatterns = [
    path("institutes/<slug:key>/funding/", views.show_funding, name="show_funding"),
    path(
        "institutes/<slug:key>/contributions/",
        views.list_contributions,
        name="list_contributions",
    ),
    path(
        "institutes/<slug:key>/contributions/export.<str:form>",
        views.export_contributions,
        name="export_contributions",
    ),
    path(
        "institutes/<slug:key>/contributions/duplicates/",
        views.list_duplicates,
        name="list_duplicates",
    ),
    path(
        "institutes/<slug:key>/contributions/record/",
        views.record_contribution,
        name="record_contribution",
    ),
    path("institutes/<slug:key>/commitments/", views.list_commitments, name="list_commitments"),
    path(
        "institutes/<slug:key>/commitments/record/",
        views.record_commitment,
        name="record_commitment",
    ),
    path("commitments/<uuid:pk>/release/", views.release_commitment, name="release_commitment"),
    path("institutes/<slug:key>/claims/", views.list_claims, name="list_claims"),
    path("institutes/<slug:key>/claims/open/", views.open_claim, name="open_claim"),
    path("claims/<uuid:pk>/", views.show_claim, name="show_claim"),
    path("claims/<uuid:pk>/decide/", views.decide_claim, name="decide_claim"),
    path("institutes/<slug:key>/agreements/sign/", views.sign_agreement, name="sign_agreement"),
    path("institutes/<slug:key>/own-income/", views.list_own_income, name="list_own_income"),
    path(
        "institutes/<slug:key>/own-income/export.<str:form>",
        views.export_own_income,
        name="export_own_income",
    ),
    path(
        "institutes/<slug:key>/own-income/record/",
        views.record_own_income,
        name="record_own_income",
    ),
    path("own-income/<uuid:pk>/", views.show_own_income, name="show_own_income"),
    path("own-income/<uuid:pk>/reverse/", views.reverse_own_income, name="reverse_own_income"),
    path("agreements/<int:pk>/", views.show_agreement, name="show_agreement"),
    path("agreements/<int:pk>/activate/", views.activate_agreement, name="activate_agreement"),
    path("agreements/<int:pk>/end/", views.end_agreement, name="end_agreement"),
    path("agreements/<int:pk>/terminate/", views.terminate_agreement, name="terminate_agreement"),
    path("funding/what-if/", views.imagine_rule, name="imagine_rule"),
    path("agreements/<int:pk>/rules/", views.show_rules, name="show_rules"),
    path("agreements/<int:pk>/budget/", views.show_budget, name="show_budget"),
    path("agreements/<int:pk>/budget/plan/", views.plan_budget_period, name="plan_budget_period"),
    path(
        "budget-periods/<int:pk>/revise/", views.revise_budget_period, name="revise_budget_period"
    ),
    path("agreements/<int:pk>/amendments/", views.list_amendments, name="list_amendments"),
    path(
        "agreements/<int:pk>/amendments/propose/",
        views.propose_amendment,
        name="propose_amendment",
    ),
    path("amendments/<int:pk>/execute/", views.execute_amendment, name="execute_amendment"),
    path("amendments/<int:pk>/withdraw/", views.withdraw_amendment, name="withdraw_amendment"),
    path("agreements/<int:pk>/waivers/", views.list_waivers, name="list_waivers"),
    path("agreements/<int:pk>/waivers/request/", views.request_waiver, name="request_waiver"),
    path("waivers/<int:pk>/grant/", views.grant_waiver, name="grant_waiver"),
    path("waivers/<int:pk>/deny/", views.deny_waiver, name="deny_waiver"),
    path("waivers/<int:pk>/revoke/", views.revoke_waiver, name="revoke_waiver"),
    path("agreements/<int:pk>/reserve/", views.show_reserve, name="show_reserve"),
    path("agreements/<int:pk>/reserve/withhold/", views.withhold_reserve, name="withhold_reserve"),
    path("agreements/<int:pk>/reserve/release/", views.release_reserve, name="release_reserve"),
    path("agreements/<int:pk>/renewal/", views.show_renewal, name="show_renewal"),
    path(
        "agreements/<int:pk>/renewal/review/",
        views.open_renewal_review,
        name="open_renewal_review",
    ),
    path("renewals/<int:pk>/deficiencies/", views.notify_deficiencies, name="notify_deficiencies"),
    path("renewals/<int:pk>/grant/", views.grant_renewal, name="grant_renewal"),
    path("renewals/<int:pk>/ineligible/", views.find_ineligible, name="find_ineligible"),
    path("agreements/<int:pk>/closeout/", views.show_closeout, name="show_closeout"),
    path(
        "agreements/<int:pk>/closeout/<slug:item>/complete/",
        views.complete_closeout_item,
        name="complete_closeout_item",
    ),
    path(
        "agreements/<int:pk>/closeout/<slug:item>/reopen/",
        views.reopen_closeout_item,
        name="reopen_closeout_item",
    ),
    path("agreements/<int:pk>/authorise/", views.authorise_funds, name="authorise_funds"),
    path("agreements/<int:pk>/obligate/", views.obligate_funds, name="obligate_funds"),
    path("agreements/<int:pk>/return/", views.return_funds, name="return_funds"),
    path("agreements/<int:pk>/costs/", views.list_costs, name="list_costs"),
    path("agreements/<int:pk>/costs/export.<str:form>", views.export_costs, name="export_costs"),
    path("agreements/<int:pk>/costs/record/", views.record_cost, name="record_cost"),
    path(
        "agreements/<int:pk>/costs/encumber/", views.record_encumbrance, name="record_encumbrance"
    ),
    path("costs/<uuid:pk>/", views.show_cost, name="show_cost"),
    path("costs/<uuid:pk>/liquidate/", views.liquidate_encumbrance, name="liquidate_encumbrance"),
    path("costs/<uuid:pk>/release/", views.release_encumbrance, name="release_encumbrance"),
    path("costs/<uuid:pk>/pay/", views.pay_cost, name="pay_cost"),
    path("agreements/<int:pk>/income/", views.list_income, name="list_income"),
    path("agreements/<int:pk>/income/record/", views.record_income, name="record_income"),
    path("agreements/<int:pk>/income/use/", views.use_income, name="use_income"),
    path(
        "agreements/<int:pk>/reporting-terms/",
        views.set_reporting_terms,
        name="set_reporting_terms",
    ),
    path(
        "agreements/<int:pk>/financial-report/",
        views.show_financial_report,
        name="show_financial_report",
    ),
    path(
        "agreements/<int:pk>/financial-report/certify/",
        views.certify_report,
        name="certify_report",
    ),
    path(
        "agreements/<int:pk>/financial-report/lines/<str:line>/",
        views.show_report_line,
        name="show_report_line",
    ),
    path(
        "agreements/<int:pk>/indirect-rates/record/",
        views.record_indirect_rate,
        name="record_indirect_rate",
    ),
    path("financial-reports/<int:pk>/", views.show_certified_report, name="show_certified_report"),
    path("transfers/<uuid:pk>/", views.show_transfer, name="show_transfer"),
    path("transfers/<uuid:pk>/draw/", views.draw_funds, name="draw_funds"),
    path("transfers/<uuid:pk>/release/", views.release_obligation, name="release_obligation"),
    path("transfers/<uuid:pk>/correct/", views.correct_transfer, name="correct_transfer"),
    path("contributions/<uuid:pk>/", views.show_contribution, name="show_contribution"),
    path("contributions/<uuid:pk>/evidence/", views.attach_evidence, name="attach_evidence"),
    path("contributions/<uuid:pk>/accept/", views.accept_contribution, name="accept_contribution"),
    path("contributions/<uuid:pk>/refuse/", views.refuse_contribution, name="refuse_contribution"),
    path(
        "contributions/<uuid:pk>/withdraw/",
        views.withdraw_contribution,
        name="withdraw_contribution",
    ),
]
