"""Addresses of memberships: under an institute, under an organisation."""

from django.urls import path

from lineshaft.apps.memberships import views

app_name = "memberships"

urlpatterns = [
    path("institutes/<slug:key>/members/", views.list_members, name="list_members"),
    path(
        "institutes/<slug:key>/members/export.<str:form>",
        views.export_members,
        name="export_members",
    ),
    path("institutes/<slug:key>/members/admit/", views.admit_member, name="admit_member"),
    path("institutes/<slug:key>/members/tiers/", views.list_tiers, name="list_tiers"),
    path(
        "institutes/<slug:key>/members/tiers/<slug:tier>/set/",
        views.set_tier_terms,
        name="set_tier_terms",
    ),
    path("memberships/compare/", views.compare_tiers, name="compare_tiers"),
    path("members/<int:pk>/", views.show_member, name="show_member"),
    path("members/<int:pk>/end/", views.end_membership, name="end_membership"),
    path("organisations/<int:pk>/memberships/", views.list_memberships, name="list_memberships"),
]
