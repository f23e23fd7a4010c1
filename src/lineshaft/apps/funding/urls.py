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
        "institutes/<slug:key>/contributions/record/",
        views.record_contribution,
        name="record_contribution",
    ),
    path("institutes/<slug:key>/agreements/sign/", views.sign_agreement, name="sign_agreement"),
    path("agreements/<int:pk>/", views.show_agreement, name="show_agreement"),
    path("agreements/<int:pk>/activate/", views.activate_agreement, name="activate_agreement"),
    path("agreements/<int:pk>/end/", views.end_agreement, name="end_agreement"),
    path("agreements/<int:pk>/terminate/", views.terminate_agreement, name="terminate_agreement"),
    path("agreements/<int:pk>/authorise/", views.authorise_funds, name="authorise_funds"),
    path("agreements/<int:pk>/obligate/", views.obligate_funds, name="obligate_funds"),
    path("agreements/<int:pk>/return/", views.return_funds, name="return_funds"),
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
