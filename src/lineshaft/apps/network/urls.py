"""Addresses of network: institutes, organisations, people, awards of other agencies."""

from django.urls import path

from lineshaft.apps.network import views

app_name = "network"

urlpatterns = [
    path("institutes/", views.list_institutes, name="list_institutes"),
    path("institutes/export.<str:form>", views.export_institutes, name="export_institutes"),
    path("institutes/propose/", views.propose_institute, name="propose_institute"),
    path("institutes/<slug:key>/", views.show_institute, name="show_institute"),
    path(
        "institutes/<slug:key>/status/",
        views.change_institute_status,
        name="change_institute_status",
    ),
    path("institutes/<slug:key>/names/add/", views.add_institute_name, name="add_institute_name"),
    path(
        "institutes/<slug:key>/lead/",
        views.name_lead_organisation,
        name="name_lead_organisation",
    ),
    path("institutes/<slug:key>/people/appoint/", views.appoint_person, name="appoint_person"),
    path("extension-centres/", views.list_extension_centres, name="list_extension_centres"),
    path(
        "extension-centres/register/",
        views.register_extension_centre,
        name="register_extension_centre",
    ),
    path("organisations/", views.list_organisations, name="list_organisations"),
    path(
        "organisations/export.<str:form>", views.export_organisations, name="export_organisations"
    ),
    path("organisations/register/", views.register_organisation, name="register_organisation"),
    path("organisations/look-alikes/", views.list_pairs, name="list_pairs"),
    path("organisations/look-alikes/request/", views.request_lookalikes, name="request_lookalikes"),
    path("organisations/look-alikes/<int:pk>/", views.show_pair, name="show_pair"),
    path(
        "organisations/look-alikes/<int:pk>/merge/",
        views.merge_organisations,
        name="merge_organisations",
    ),
    path("organisations/look-alikes/<int:pk>/keep-apart/", views.keep_apart, name="keep_apart"),
    path("organisations/look-alikes/<int:pk>/undo/", views.undo_merge, name="undo_merge"),
    path("organisations/<int:pk>/same-as/", views.propose_merge, name="propose_merge"),
    path("organisations/<int:pk>/", views.show_organisation, name="show_organisation"),
    path("organisations/<int:pk>/amend/", views.amend_organisation, name="amend_organisation"),
    path(
        "organisations/<int:pk>/aliases/add/",
        views.add_organisation_alias,
        name="add_organisation_alias",
    ),
    path("outside-awards/", views.list_outside_awards, name="list_outside_awards"),
    path("outside-awards/<int:pk>/", views.show_outside_award, name="show_outside_award"),
    path("people/register/", views.register_person, name="register_person"),
    path("people/", views.list_people, name="list_people"),
]
