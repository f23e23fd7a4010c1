"""Addresses of competitions: topics, opportunities, what one runs."""

from django.urls import path

from lineshaft.apps.competitions import views

app_name = "competitions"

TOPIC = "topics/<int:pk>/"
OPPORTUNITY = "opportunities/<slug:key>/"
COMPETITION = "competitions/<slug:key>/"
APPLICATION = "opportunities/applications/<int:pk>/"
OUTCOMES = f"{COMPETITION}outcomes/<int:number>/"
STAGE = f"{COMPETITION}stages/<int:number>/"

urlpatterns = [
    path("topics/", views.list_topics, name="list_topics"),
    path("topics/propose/", views.propose_topic, name="propose_topic"),
    path(TOPIC, views.show_topic, name="show_topic"),
    path(f"{TOPIC}endorse/", views.endorse_topic, name="endorse_topic"),
    path(
        f"{TOPIC}endorsements/<int:endorsement>/withdraw/",
        views.withdraw_endorsement,
        name="withdraw_endorsement",
    ),
    path(f"{TOPIC}merge/", views.merge_topics, name="merge_topics"),
    path(f"{TOPIC}take-up/", views.take_up_topic, name="take_up_topic"),
    path(f"{TOPIC}withdraw/", views.withdraw_topic, name="withdraw_topic"),
    path("opportunities/", views.list_opportunities, name="list_opportunities"),
    path("opportunities.ics", views.feed_opportunities, name="feed_opportunities"),
    path("opportunities/searches/", views.list_searches, name="list_searches"),
    path("opportunities/searches/save/", views.save_search, name="save_search"),
    path("opportunities/searches/<int:pk>/delete/", views.delete_search, name="delete_search"),
    path("opportunities/applications/", views.list_workspaces, name="list_workspaces"),
    path("opportunities/invitations/<int:pk>/join/", views.join_team, name="join_team"),
    path(APPLICATION, views.show_workspace, name="show_workspace"),
    path(f"{APPLICATION}edit/", views.edit_application, name="edit_application"),
    path(f"{APPLICATION}submit/", views.submit_application, name="submit_application"),
    path(
        f"{APPLICATION}withdraw/",
        views.withdraw_from_competition,
        name="withdraw_from_competition",
    ),
    path(f"{APPLICATION}resume/", views.resume_application, name="resume_application"),
    path(f"{APPLICATION}sections/<slug:section>/", views.write_section, name="write_section"),
    path(f"{APPLICATION}budget/<slug:source>/", views.set_budget, name="set_budget"),
    path(f"{APPLICATION}revenue/", views.set_revenue, name="set_revenue"),
    path(f"{APPLICATION}commitments/add/", views.add_commitment, name="add_commitment"),
    path(
        f"{APPLICATION}commitments/<int:letter>/remove/",
        views.remove_commitment,
        name="remove_commitment",
    ),
    path(f"{APPLICATION}documents/attach/", views.attach_document, name="attach_document"),
    path(
        f"{APPLICATION}documents/<int:document>/",
        views.download_document,
        name="download_document",
    ),
    path(
        f"{APPLICATION}documents/<int:document>/remove/",
        views.remove_document,
        name="remove_document",
    ),
    path(f"{APPLICATION}partners/add/", views.add_partner, name="add_partner"),
    path(
        f"{APPLICATION}partners/<int:partner>/share/",
        views.share_with_partner,
        name="share_with_partner",
    ),
    path(
        f"{APPLICATION}partners/<int:partner>/remove/",
        views.remove_partner,
        name="remove_partner",
    ),
    path(f"{APPLICATION}team/invite/", views.invite_to_team, name="invite_to_team"),
    path(
        f"{APPLICATION}team/<int:member>/remove/",
        views.remove_from_team,
        name="remove_from_team",
    ),
    path(f"{APPLICATION}unwanted/", views.name_unwanted_reviewer, name="name_unwanted_reviewer"),
    path(
        f"{APPLICATION}unwanted/<int:unwanted>/remove/",
        views.remove_unwanted_reviewer,
        name="remove_unwanted_reviewer",
    ),
    path(f"{APPLICATION}overlaps/", views.show_own_overlaps, name="show_own_overlaps"),
    path(f"{APPLICATION}versions/", views.list_versions, name="list_versions"),
    path(f"{APPLICATION}versions/<int:number>/", views.show_version, name="show_version"),
    path(f"{OPPORTUNITY}apply/", views.start_application, name="start_application"),
    path(OPPORTUNITY, views.show_opportunity, name="show_opportunity"),
    path("opportunities/<slug:key>.ics", views.feed_opportunity, name="feed_opportunity"),
    path(
        f"{OPPORTUNITY}notices/<int:number>/<slug:language>.pdf",
        views.download_notice,
        name="download_notice",
    ),
    path(f"{OPPORTUNITY}questions/", views.list_questions, name="list_questions"),
    path(f"{OPPORTUNITY}questions/ask/", views.ask_question, name="ask_question"),
    path(
        f"{OPPORTUNITY}questions/<int:number>/answer/",
        views.answer_question,
        name="answer_question",
    ),
    path("competitions/", views.list_competitions, name="list_competitions"),
    path("competitions/draft/", views.draft_competition, name="draft_competition"),
    path(f"{COMPETITION}edit/", views.edit_competition, name="edit_competition"),
    path(f"{COMPETITION}announce/", views.announce_competition, name="announce_competition"),
    path(f"{COMPETITION}open/", views.open_competition, name="open_competition"),
    path(f"{COMPETITION}amend/", views.amend_competition, name="amend_competition"),
    path(f"{COMPETITION}review/", views.begin_review, name="begin_review"),
    path(f"{COMPETITION}call/", views.call_applications, name="call_applications"),
    path(f"{COMPETITION}selection/begin/", views.begin_selection, name="begin_selection"),
    path(f"{COMPETITION}publish/", views.publish_results, name="publish_results"),
    path(f"{COMPETITION}cancel/", views.cancel_competition, name="cancel_competition"),
    path(f"{COMPETITION}applications/", views.list_submissions, name="list_submissions"),
    path(f"{COMPETITION}applications/<int:pk>/", views.show_submission, name="show_submission"),
    path(
        f"{COMPETITION}applications/<int:pk>/documents/<int:document>/",
        views.download_submitted,
        name="download_submitted",
    ),
    path("conflicts/own/", views.list_own_conflicts, name="list_own_conflicts"),
    path(f"{COMPETITION}conflicts/", views.list_conflicts, name="list_conflicts"),
    path(f"{COMPETITION}conflicts/check/", views.check_conflicts, name="check_conflicts"),
    path(f"{COMPETITION}conflicts/declare/", views.declare_conflict, name="declare_conflict"),
    path(
        f"{COMPETITION}conflicts/people/",
        views.list_conflict_subjects,
        name="list_conflict_subjects",
    ),
    path(
        f"{COMPETITION}conflicts/export.<str:form>",
        views.export_conflicts,
        name="export_conflicts",
    ),
    path(f"{COMPETITION}conflicts/<int:pk>/", views.show_conflict, name="show_conflict"),
    path(f"{COMPETITION}conflicts/<int:pk>/decide/", views.decide_conflict, name="decide_conflict"),
    path(
        f"{COMPETITION}applications/<int:pk>/overlaps/",
        views.show_topic_overlaps,
        name="show_topic_overlaps",
    ),
    path(
        f"{COMPETITION}applications/<int:pk>/overlaps/<slug:of>/<int:other>/judge/",
        views.judge_topic_overlap,
        name="judge_topic_overlap",
    ),
    path(f"{COMPETITION}outcomes/", views.list_stage_outcomes, name="list_stage_outcomes"),
    path(OUTCOMES, views.decide_stage_outcomes, name="decide_stage_outcomes"),
    path(f"{OUTCOMES}tell/", views.tell_stage_outcomes, name="tell_stage_outcomes"),
    path(
        f"{OUTCOMES}export.<str:form>",
        views.export_stage_outcomes,
        name="export_stage_outcomes",
    ),
    path(f"{COMPETITION}leads/", views.set_eligible_leads, name="set_eligible_leads"),
    path(f"{COMPETITION}stages/add/", views.add_stage, name="add_stage"),
    path(f"{STAGE}edit/", views.edit_stage, name="edit_stage"),
    path(f"{STAGE}remove/", views.remove_stage, name="remove_stage"),
    path(f"{STAGE}criteria/", views.set_criteria, name="set_criteria"),
    path(f"{STAGE}criteria/<int:criterion>/anchors/", views.set_anchors, name="set_anchors"),
    path(f"{STAGE}amend/", views.amend_stage, name="amend_stage"),
    path(f"{STAGE}extend/", views.extend_deadline, name="extend_deadline"),
]
