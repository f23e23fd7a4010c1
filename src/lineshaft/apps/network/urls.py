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
    path("organisations/look-alikes/request/", views.request_resolution, name="request_resolution"),
    path(
        "organisations/look-alikes/decisions.<str:form>",
        views.export_decisions,
        name="export_decisions",
    ),
    path(
        "organisations/look-alikes/records.<str:form>", views.export_records, name="export_records"
    ),
    path("organisations/look-alikes/<int:pk>/", views.show_pair, name="show_pair"),
    path(
        "organisations/look-alikes/<int:pk>/merge/",
        views.merge_organisations,
        name="merge_organisations",
    ),
    path("organisations/look-alikes/<int:pk>/next/", views.next_pair, name="next_pair"),
    path(
        "organisations/look-alikes/<int:pk>/propose/",
        views.propose_merge_of_pair,
        name="propose_merge_of_pair",
    ),
    path("organisations/look-alikes/<int:pk>/reopen/", views.reopen_pair, name="reopen_pair"),
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
    path("outside-awards/check/", views.check_text, name="check_text"),
    path("award-overlaps/", views.list_overlaps, name="list_overlaps"),
    path("award-overlaps/request/", views.request_overlaps, name="request_overlaps"),
    path("award-overlaps/<int:pk>/", views.show_overlap, name="show_overlap"),
    path(
        "award-overlaps/<int:pk>/same-work/",
        views.confirm_same_work,
        name="confirm_same_work",
    ),
    path(
        "award-overlaps/<int:pk>/continuation/",
        views.confirm_continuation,
        name="confirm_continuation",
    ),
    path(
        "award-overlaps/<int:pk>/collaboration/",
        views.confirm_collaboration,
        name="confirm_collaboration",
    ),
    path(
        "award-overlaps/<int:pk>/keep-apart/",
        views.keep_awards_apart,
        name="keep_awards_apart",
    ),
    path("award-overlaps/<int:pk>/reopen/", views.reopen_overlap, name="reopen_overlap"),
    path("outside-awards/<int:pk>/", views.show_outside_award, name="show_outside_award"),
    path("people/register/", views.register_person, name="register_person"),
    path("people/", views.list_people, name="list_people"),
    path("people/<int:pk>/", views.show_person, name="show_person"),
    path("people/<int:pk>/ties/record/", views.record_person_tie, name="record_person_tie"),
    path("people/<int:pk>/ties/<int:tie>/end/", views.end_person_tie, name="end_person_tie"),
]
