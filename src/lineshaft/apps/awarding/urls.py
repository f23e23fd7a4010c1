"""Addresses of awarding."""

from django.urls import path

from lineshaft.apps.awarding import views

app_name = "awarding"
COMPETITION = "competitions/<slug:key>/"
VISITS = f"{COMPETITION}visits/"
VISIT = f"{VISITS}<int:pk>/"
MEMBER = f"{VISIT}team/<int:member>/"
FINDING = f"{VISIT}findings/<int:number>/"
ANALYSES = f"{COMPETITION}analysis/"
PLAN = f"{ANALYSES}<int:number>/<int:application>/"
OWN_VISIT = "opportunities/applications/<int:pk>/visit/"
SELECTION = f"{COMPETITION}selection/"
APPLICATION = "opportunities/applications/<int:pk>/"
urlpatterns = [
    path("competitions/statistics/", views.list_statistics, name="list_statistics"),
    path(
        "competitions/statistics/export.<str:form>",
        views.export_all_statistics,
        name="export_all_statistics",
    ),
    path(f"{COMPETITION}statistics/", views.show_statistics, name="show_statistics"),
    path(
        f"{COMPETITION}statistics/export.<str:form>",
        views.export_statistics,
        name="export_statistics",
    ),
    path(VISITS, views.list_visits, name="list_visits"),
    path(f"{VISITS}plan/<int:number>/", views.plan_visit, name="plan_visit"),
    path(VISIT, views.show_visit, name="show_visit"),
    path(f"{VISITS}<int:pk>.ics", views.feed_visit, name="feed_visit"),
    path(f"{VISIT}edit/", views.edit_visit, name="edit_visit"),
    path(f"{VISIT}cancel/", views.cancel_visit, name="cancel_visit"),
    path(f"{VISIT}agenda/", views.set_agenda, name="set_agenda"),
    path(f"{VISIT}team/add/", views.add_visit_member, name="add_visit_member"),
    path(f"{MEMBER}lead/", views.name_visit_lead, name="name_visit_lead"),
    path(f"{MEMBER}remove/", views.remove_visit_member, name="remove_visit_member"),
    path(f"{VISIT}hold/", views.hold_visit, name="hold_visit"),
    path(f"{VISIT}checklist/", views.answer_checklist, name="answer_checklist"),
    path(f"{VISIT}checklist/add/", views.add_checklist_item, name="add_checklist_item"),
    path(f"{VISIT}findings/record/", views.record_finding, name="record_finding"),
    path(f"{FINDING}edit/", views.edit_finding, name="edit_finding"),
    path(f"{FINDING}attach/", views.attach_to_finding, name="attach_to_finding"),
    path(f"{VISIT}files/<int:file>/", views.download_finding_file, name="download_finding_file"),
    path(f"{VISIT}questions/ask/", views.ask_open_question, name="ask_open_question"),
    path(f"{VISIT}report/", views.report_visit, name="report_visit"),
    path(
        f"{VISIT}report/<slug:language>.pdf",
        views.download_visit_report,
        name="download_visit_report",
    ),
    path(OWN_VISIT, views.show_own_visit, name="show_own_visit"),
    path(
        f"{OWN_VISIT}<int:visit>/questions/<int:number>/",
        views.answer_open_question,
        name="answer_open_question",
    ),
    path(ANALYSES, views.list_analyses, name="list_analyses"),
    path(f"{ANALYSES}<int:number>/", views.list_plans, name="list_plans"),
    path(
        f"{ANALYSES}<int:number>/plans.<slug:form>",
        views.export_analyses,
        name="export_analyses",
    ),
    path(PLAN, views.show_analysis, name="show_analysis"),
    path(f"{PLAN}runs/<int:run>/", views.show_run, name="show_run"),
    path(f"{PLAN}run/", views.run_plan_analysis, name="run_plan_analysis"),
    path(f"{PLAN}judge/", views.judge_plan, name="judge_plan"),
    path(SELECTION, views.show_selection, name="show_selection"),
    path(f"{SELECTION}export.<slug:form>", views.export_selection, name="export_selection"),
    path(
        f"{SELECTION}applications/<int:application_id>/",
        views.record_selection_choice,
        name="record_selection_choice",
    ),
    path(
        f"{SELECTION}applications/<int:application_id>/marks/",
        views.set_policy_marks,
        name="set_policy_marks",
    ),
    path(f"{SELECTION}overlaps/", views.note_overlap, name="note_overlap"),
    path(f"{SELECTION}overlaps/<int:pair>/remove/", views.remove_overlap, name="remove_overlap"),
    path(f"{SELECTION}scenarios/", views.make_scenario, name="make_scenario"),
    path(f"{SELECTION}scenarios/<int:pk>/", views.show_scenario, name="show_scenario"),
    path(f"{SELECTION}decide/", views.decide_selection, name="decide_selection"),
    path(f"{COMPETITION}letters/", views.list_letters, name="list_letters"),
    path(f"{COMPETITION}letters/print/", views.print_letters, name="print_letters"),
    path(f"{COMPETITION}letters/send/<slug:kind>/", views.send_letters, name="send_letters"),
    path(
        f"{COMPETITION}letters/<int:application_id>/<slug:kind>/<slug:language>/",
        views.download_letter,
        name="download_letter",
    ),
    path(f"{COMPETITION}awards/", views.list_awards, name="list_awards"),
    path(
        f"{COMPETITION}awards/<int:application_id>/",
        views.open_agreement,
        name="open_agreement",
    ),
    path(
        f"{COMPETITION}awards/<int:application_id>/obligate/<int:year>/",
        views.obligate_award,
        name="obligate_award",
    ),
    path(
        f"{COMPETITION}awards/<int:application_id>/obligate/<int:year>/<str:agency>/",
        views.obligate_award,
        name="obligate_award",
    ),
    path(f"{APPLICATION}decision/", views.show_decision, name="show_decision"),
    path(
        f"{APPLICATION}decision/<slug:kind>/<slug:language>/",
        views.download_decision,
        name="download_decision",
    ),
    path("opportunities/<slug:key>/results/", views.show_results, name="show_results"),
    path(
        "opportunities/<slug:key>/results.<slug:form>",
        views.export_results,
        name="export_results",
    ),
]
