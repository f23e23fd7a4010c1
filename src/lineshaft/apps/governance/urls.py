"""Addresses of governance: the common policies, and the bodies that decide."""

from django.urls import path

from lineshaft.apps.governance import views

app_name = "governance"

urlpatterns = [
    path("policies/", views.list_policies, name="list_policies"),
    path("policies/draft/", views.draft_policy, name="draft_policy"),
    path("policies/<slug:key>/", views.show_policy, name="show_policy"),
    path("policies/<slug:key>/revise/", views.revise_policy, name="revise_policy"),
    path(
        "policies/<slug:key>/versions/<int:number>/",
        views.show_policy_version,
        name="show_policy_version",
    ),
    path(
        "policies/<slug:key>/versions/<int:number>/adopt/",
        views.adopt_policy,
        name="adopt_policy",
    ),
    path(
        "policies/<slug:key>/versions/<int:number>/withdraw/",
        views.withdraw_draft,
        name="withdraw_draft",
    ),
    path(
        "policies/<slug:key>/versions/<int:number>/comment/",
        views.comment_on_policy,
        name="comment_on_policy",
    ),
    path(
        "policies/<slug:key>/positions/<slug:institute>/",
        views.state_position,
        name="state_position",
    ),
    path(
        "policies/<slug:key>/attestations/<slug:institute>/",
        views.attest_policy,
        name="attest_policy",
    ),
    path("bodies/", views.list_bodies, name="list_bodies"),
    path("bodies/establish/", views.establish_body, name="establish_body"),
    path("bodies/<slug:key>/", views.show_body, name="show_body"),
    path("bodies/<slug:key>/seats/add/", views.add_seat, name="add_seat"),
    path("bodies/<slug:key>/seats/<int:number>/fill/", views.fill_seats, name="fill_seats"),
    path("bodies/<slug:key>/seats/<int:number>/close/", views.close_seat, name="close_seat"),
    path("appointments/<int:pk>/end/", views.end_appointment, name="end_appointment"),
]
