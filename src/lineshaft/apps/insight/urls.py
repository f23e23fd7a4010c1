"""Addresses of insight: reports, figures and their records, attestation, figures and outlook of an
institute, the outlooks of all, the portfolio across agencies.
"""

from django.urls import path

from lineshaft.apps.insight import views

app_name = "insight"

urlpatterns = [
    path("reports/", views.list_reports, name="list_reports"),
    path("reports/open/", views.open_report, name="open_report"),
    path("reports/figures-up-to-date/", views.request_snapshot, name="request_snapshot"),
    path("reports/<int:year>/", views.show_report, name="show_report"),
    path("reports/<int:year>/report.<str:form>", views.download_report, name="download_report"),
    path("reports/<int:year>/publish/", views.publish_report, name="publish_report"),
    path("reports/<int:year>/restate/", views.restate_report, name="restate_report"),
    path("reports/<int:year>/institutes/<slug:key>/", views.attest_part, name="attest_part"),
    path(
        "reports/<int:year>/institutes/<slug:key>/withdraw/",
        views.withdraw_attestation,
        name="withdraw_attestation",
    ),
    path("reports/<int:year>/figures/<str:figure>/", views.show_figure, name="show_figure"),
    path(
        "reports/<int:year>/figures/<str:figure>/values.<str:form>",
        views.export_figure,
        name="export_figure",
    ),
    path(
        "reports/<int:year>/figures/<str:figure>/records/",
        views.list_records,
        name="list_records",
    ),
    path(
        "institutes/<slug:key>/figures/",
        views.show_institute_figures,
        name="show_institute_figures",
    ),
    path("institutes/<slug:key>/outlook/", views.show_outlook, name="show_outlook"),
    path(
        "institutes/<slug:key>/outlook/export.<str:form>",
        views.export_outlook,
        name="export_outlook",
    ),
    path("outlooks/", views.list_outlooks, name="list_outlooks"),
    path("outlooks/export.<str:form>", views.export_outlooks, name="export_outlooks"),
    path("portfolio/", views.show_portfolio, name="show_portfolio"),
    path("portfolio/cells.<str:form>", views.export_portfolio, name="export_portfolio"),
    path("portfolio/records/", views.list_portfolio_records, name="list_portfolio_records"),
]
