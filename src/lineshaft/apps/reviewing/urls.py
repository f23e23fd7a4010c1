"""Addresses of reviewing: the pool, panels, what a reviewer is asked."""

from django.urls import path

from lineshaft.apps.reviewing import views

app_name = "reviewing"
REVIEWER = "reviewers/<int:pk>/"
PANEL = "competitions/<slug:key>/panel/<int:number>/"
SEAT = "reviews/invitations/<int:pk>/"
COMPETITION = "competitions/<slug:key>/"
ASSIGNMENT = f"{COMPETITION}assignment/<int:number>/"
RUN = f"{ASSIGNMENT}proposals/<int:pk>/"
REVIEW = "reviews/<int:assignment>/"
DISCUSSION = "reviews/stages/<int:stage>/applications/<int:application>/"
STAGE_REVIEWS = "competitions/<slug:key>/reviews/<int:number>/"
RANKING = f"{COMPETITION}ranking/<int:number>/"
APPLICATION = "opportunities/applications/<int:pk>/"
urlpatterns = [
    path("reviewers/", views.list_reviewers, name="list_reviewers"),
    path("reviewers/add/", views.add_reviewer, name="add_reviewer"),
    path("reviewers/export.<str:form>", views.export_reviewers, name="export_reviewers"),
    path(
        "reviewers/texts/<int:pk>/remove/",
        views.remove_reviewer_text,
        name="remove_reviewer_text",
    ),
    path(REVIEWER, views.show_reviewer, name="show_reviewer"),
    path(f"{REVIEWER}edit/", views.edit_reviewer, name="edit_reviewer"),
    path(f"{REVIEWER}retire/", views.retire_reviewer, name="retire_reviewer"),
    path(f"{REVIEWER}restore/", views.restore_reviewer, name="restore_reviewer"),
    path(f"{REVIEWER}access/", views.give_reviewer_access, name="give_reviewer_access"),
    path(f"{REVIEWER}texts/add/", views.add_reviewer_texts, name="add_reviewer_texts"),
    path("reviews/profile/edit/", views.edit_own_reviewing, name="edit_own_reviewing"),
    path("reviews/invitations/", views.list_panel_invitations, name="list_panel_invitations"),
    path(f"{SEAT}accept/", views.accept_panel_invitation, name="accept_panel_invitation"),
    path(f"{SEAT}decline/", views.decline_panel_invitation, name="decline_panel_invitation"),
    path(f"{SEAT}leave/", views.leave_panel, name="leave_panel"),
    path("competitions/<slug:key>/panel/", views.list_panels, name="list_panels"),
    path(PANEL, views.show_panel, name="show_panel"),
    path(f"{PANEL}seats.<str:form>", views.export_panel, name="export_panel"),
    path(f"{PANEL}candidates/", views.list_candidates, name="list_candidates"),
    path(f"{PANEL}invite/", views.invite_to_panel, name="invite_to_panel"),
    path(f"{PANEL}seats/<int:pk>/remove/", views.remove_from_panel, name="remove_from_panel"),
    path(f"{PANEL}seats/<int:pk>/chair/", views.name_panel_chair, name="name_panel_chair"),
    path(f"{COMPETITION}assignment/", views.show_assignment, name="show_assignment"),
    path(ASSIGNMENT, views.show_assignment, name="show_assignment"),
    path(f"{ASSIGNMENT}loads/", views.list_loads, name="list_loads"),
    path(f"{ASSIGNMENT}check/", views.check_assignment, name="check_assignment"),
    path(f"{ASSIGNMENT}assignment.<slug:form>", views.export_assignment, name="export_assignment"),
    path(f"{ASSIGNMENT}propose/", views.propose_assignment, name="propose_assignment"),
    path(f"{ASSIGNMENT}settle/", views.settle_change, name="settle_change"),
    path(f"{ASSIGNMENT}take-back/", views.take_back_conflicted, name="take_back_conflicted"),
    path(
        f"{ASSIGNMENT}applications/<int:application>/",
        views.show_candidates,
        name="show_candidates",
    ),
    path(
        f"{ASSIGNMENT}applications/<int:application>/assign/<int:seat>/",
        views.assign_reviewer,
        name="assign_reviewer",
    ),
    path(
        f"{ASSIGNMENT}assignments/<int:assignment>/take-back/",
        views.unassign_reviewer,
        name="unassign_reviewer",
    ),
    path(RUN, views.show_assignment_run, name="show_assignment_run"),
    path(f"{RUN}adopt/", views.adopt_assignment, name="adopt_assignment"),
    path(f"{RUN}discard/", views.discard_proposal, name="discard_proposal"),
    path(f"{RUN}stop/", views.stop_proposal, name="stop_proposal"),
    path("reviews/", views.list_own_reviews, name="list_own_reviews"),
    path(REVIEW, views.read_application, name="read_application"),
    path(
        f"{REVIEW}documents/<int:document>/",
        views.download_reviewed,
        name="download_reviewed",
    ),
    path(f"{REVIEW}write/", views.write_review, name="write_review"),
    path(f"{REVIEW}submit/", views.submit_review, name="submit_review"),
    path(f"{REVIEW}reopen/", views.reopen_review, name="reopen_review"),
    path("reviews/stages/<int:stage>/", views.show_panel_work, name="show_panel_work"),
    path(DISCUSSION, views.show_discussion, name="show_discussion"),
    path(
        f"{DISCUSSION}remarks/<int:remark>/withdraw/",
        views.withdraw_remark,
        name="withdraw_remark",
    ),
    path(f"{DISCUSSION}consensus/", views.record_consensus, name="record_consensus"),
    path(f"{DISCUSSION}reviews/<int:review>/return/", views.return_review, name="return_review"),
    path("competitions/<slug:key>/reviews/", views.list_stage_reviews, name="list_stage_reviews"),
    path(STAGE_REVIEWS, views.show_stage_reviews, name="show_stage_reviews"),
    path(
        f"{STAGE_REVIEWS}export/<slug:form>/",
        views.export_stage_reviews,
        name="export_stage_reviews",
    ),
    path(f"{STAGE_REVIEWS}discussion/", views.open_discussion, name="open_discussion"),
    path(f"{STAGE_REVIEWS}close/", views.close_reviewing, name="close_reviewing"),
    path(f"{STAGE_REVIEWS}remind/", views.remind_reviewers, name="remind_reviewers"),
    path(f"{COMPETITION}ranking/", views.show_ranking, name="show_ranking"),
    path(RANKING, views.show_ranking, name="show_ranking"),
    path(f"{RANKING}export.<slug:form>", views.export_ranking, name="export_ranking"),
    path(f"{RANKING}severity/", views.list_severities, name="list_severities"),
    path(f"{RANKING}applications/<int:application>/", views.show_ranked, name="show_ranked"),
    path(f"{COMPETITION}replies/", views.list_replies, name="list_replies"),
    path(f"{COMPETITION}replies/release/", views.release_remarks, name="release_remarks"),
    path(f"{COMPETITION}replies/<int:pk>/", views.show_reply, name="show_reply"),
    path(f"{COMPETITION}replies/<int:pk>/document/", views.download_reply, name="download_reply"),
    path("reviews/<int:assignment>/reply/", views.read_reply, name="read_reply"),
    path(
        "reviews/<int:assignment>/reply/<int:pk>/document/",
        views.download_reply_read,
        name="download_reply_read",
    ),
    path(f"{APPLICATION}remarks/", views.show_remarks, name="show_remarks"),
    path(f"{APPLICATION}reply/", views.write_reply, name="write_reply"),
    path(f"{APPLICATION}reply/submit/", views.submit_reply, name="submit_reply"),
    path(
        f"{APPLICATION}reply/document/",
        views.download_reply_document,
        name="download_reply_document",
    ),
    path(
        f"{APPLICATION}reply/document/attach/",
        views.attach_reply_document,
        name="attach_reply_document",
    ),
    path(
        f"{APPLICATION}reply/document/remove/",
        views.remove_reply_document,
        name="remove_reply_document",
    ),
]
