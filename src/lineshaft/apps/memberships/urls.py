"""Addresses of memberships: under an institute, an organisation, and one's own."""

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
    path(
        "institutes/<slug:key>/participation/",
        views.list_institute_participation_reviews,
        name="list_institute_participation_reviews",
    ),
    path(
        "institutes/<slug:key>/participation/screen/<int:pk>/",
        views.screen_organisation,
        name="screen_organisation",
    ),
    path("participation/", views.list_participation_reviews, name="list_participation_reviews"),
    path("participation/own/", views.show_own_participation, name="show_own_participation"),
    path(
        "participation/<int:pk>/",
        views.show_participation_review,
        name="show_participation_review",
    ),
    path(
        "participation/<int:pk>/approve/",
        views.approve_participation,
        name="approve_participation",
    ),
    path(
        "participation/<int:pk>/approve-with-conditions/",
        views.approve_participation_with_conditions,
        name="approve_participation_with_conditions",
    ),
    path("participation/<int:pk>/deny/", views.deny_participation, name="deny_participation"),
    path(
        "participation/<int:pk>/close/",
        views.close_participation_review,
        name="close_participation_review",
    ),
    path(
        "participation/<int:pk>/recheck/",
        views.recheck_participation,
        name="recheck_participation",
    ),
    path(
        "participation/<int:pk>/ownership/",
        views.report_ownership_change,
        name="report_ownership_change",
    ),
    path(
        "participation/decisions/<int:pk>/letter.pdf",
        views.download_decision_letter,
        name="download_decision_letter",
    ),
    path(
        "participation/decisions/<int:pk>/letters/",
        views.make_decision_letters,
        name="make_decision_letters",
    ),
    path(
        "participation/commitments/<int:pk>/fulfil/",
        views.fulfil_commitment,
        name="fulfil_commitment",
    ),
    path("organisations/<int:pk>/memberships/", views.list_memberships, name="list_memberships"),
    path(
        "institutes/<slug:key>/members/apply/",
        views.apply_for_membership,
        name="apply_for_membership",
    ),
    path(
        "institutes/<slug:key>/members/applications/",
        views.list_applications,
        name="list_applications",
    ),
    path("institutes/<slug:key>/members/invoices/", views.list_invoices, name="list_invoices"),
    path("institutes/<slug:key>/members/lapses/", views.list_lapses, name="list_lapses"),
    path(
        "institutes/<slug:key>/members/lapses/end/",
        views.lapse_memberships,
        name="lapse_memberships",
    ),
    path(
        "institutes/<slug:key>/members/ending/", views.list_ending_terms, name="list_ending_terms"
    ),
    path("memberships/mine/", views.show_own_memberships, name="show_own_memberships"),
    path("applications/<int:pk>/", views.show_application, name="show_application"),
    path("applications/<int:pk>/approve/", views.approve_application, name="approve_application"),
    path("applications/<int:pk>/decline/", views.decline_application, name="decline_application"),
    path(
        "applications/<int:pk>/withdraw/", views.withdraw_application, name="withdraw_application"
    ),
    path("applications/<int:pk>/revise/", views.revise_agreement, name="revise_agreement"),
    path(
        "applications/<int:pk>/agreement.pdf", views.download_agreement, name="download_agreement"
    ),
    path("applications/<int:pk>/sign/", views.sign_agreement, name="sign_agreement"),
    path(
        "applications/<int:pk>/countersign/",
        views.countersign_agreement,
        name="countersign_agreement",
    ),
    path("applications/<int:pk>/invoice/", views.issue_invoice, name="issue_invoice"),
    path("applications/<int:pk>/admit/", views.admit_applicant, name="admit_applicant"),
    path("invoices/<int:pk>/", views.show_invoice, name="show_invoice"),
    path("invoices/<int:pk>/invoice.pdf", views.download_invoice, name="download_invoice"),
    path("invoices/<int:pk>/pay/", views.record_payment, name="record_payment"),
    path(
        "invoices/<int:pk>/payments/<uuid:payment>/refund/",
        views.refund_payment,
        name="refund_payment",
    ),
    path("invoices/<int:pk>/cancel/", views.cancel_invoice, name="cancel_invoice"),
    path("invoices/<int:pk>/write-off/", views.write_off_invoice, name="write_off_invoice"),
    path("members/<int:pk>/renew/", views.renew_membership, name="renew_membership"),
    path("members/<int:pk>/bill/", views.bill_next_year, name="bill_next_year"),
    path("members/<int:pk>/tier/", views.change_tier, name="change_tier"),
    path("members/<int:pk>/expel/", views.expel_member, name="expel_member"),
    path("members/<int:pk>/leave/", views.leave_membership, name="leave_membership"),
    path(
        "organisations/<int:pk>/people/",
        views.list_organisation_people,
        name="list_organisation_people",
    ),
    path("organisations/<int:pk>/people/invite/", views.invite_person, name="invite_person"),
    path(
        "organisations/<int:pk>/people/<int:number>/remove/",
        views.remove_person,
        name="remove_person",
    ),
    path("organisations/<int:pk>/domains/verify/", views.verify_domain, name="verify_domain"),
    path(
        "organisations/<int:pk>/domains/<int:number>/confirm/",
        views.confirm_domain,
        name="confirm_domain",
    ),
    path("organisations/<int:pk>/join/", views.join_organisation, name="join_organisation"),
    path("invitations/<str:secret>/accept/", views.accept_invitation, name="accept_invitation"),
    path("directory/", views.list_directory, name="list_directory"),
    path("directory/export.<str:form>", views.export_directory, name="export_directory"),
    path("directory/<int:pk>/", views.show_directory_entry, name="show_directory_entry"),
    path("directory/<int:pk>/list/", views.list_in_directory, name="list_in_directory"),
    path("directory/<int:pk>/leave/", views.leave_directory, name="leave_directory"),
    path("needs/", views.list_needs, name="list_needs"),
    path("needs/post/", views.post_need, name="post_need"),
    path("needs/<int:pk>/", views.show_need, name="show_need"),
    path("needs/<int:pk>/answer/", views.answer_need, name="answer_need"),
    path("needs/<int:pk>/close/", views.close_need, name="close_need"),
    path("documents/", views.list_documents, name="list_documents"),
    path("documents/<int:pk>/withdraw/", views.withdraw_document, name="withdraw_document"),
    path("institutes/<slug:key>/documents/share/", views.share_document, name="share_document"),
]
