"""Addresses of governance: common policies, bodies, their meetings and votes, delegations."""

from django.urls import path

from lineshaft.apps.governance import views

app_name = "governance"

MEETING = "bodies/<slug:key>/meetings/<int:meeting>/"
ITEM = f"{MEETING}items/<int:item>/"
MOTION = f"{MEETING}motions/<int:motion>/"

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
        "policies/<slug:key>/versions/<int:number>/revoke/",
        views.revoke_adoption,
        name="revoke_adoption",
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
    path("appointments/<int:pk>/annul/", views.annul_appointment, name="annul_appointment"),
    path("meetings/", views.list_meetings, name="list_meetings"),
    path("meetings.ics", views.feed_meetings, name="feed_meetings"),
    path("meetings/actions/", views.list_actions, name="list_actions"),
    path("bodies/<slug:key>/meetings.ics", views.feed_body_meetings, name="feed_body_meetings"),
    path("bodies/<slug:key>/charter/", views.amend_charter, name="amend_charter"),
    path("bodies/<slug:key>/meetings/call/", views.call_meeting, name="call_meeting"),
    path(MEETING, views.show_meeting, name="show_meeting"),
    path(f"{MEETING}attendance/", views.record_attendance, name="record_attendance"),
    path(f"{MEETING}open/", views.open_meeting, name="open_meeting"),
    path(f"{MEETING}close/", views.close_meeting, name="close_meeting"),
    path(f"{MEETING}cancel/", views.cancel_meeting, name="cancel_meeting"),
    path(f"{MEETING}minutes/approve/", views.approve_minutes, name="approve_minutes"),
    path(f"{MEETING}minutes/<slug:language>.pdf", views.download_minutes, name="download_minutes"),
    path(f"{MEETING}items/add/", views.add_agenda_item, name="add_agenda_item"),
    path(f"{ITEM}note/", views.note_item, name="note_item"),
    path(f"{ITEM}papers/attach/", views.attach_paper, name="attach_paper"),
    path(
        f"{ITEM}papers/<int:paper>/",
        views.download_paper,
        name="download_paper",
    ),
    path(f"{ITEM}disclose/", views.disclose_conflict, name="disclose_conflict"),
    path(f"{ITEM}motions/propose/", views.propose_motion, name="propose_motion"),
    path(f"{ITEM}elections/open/", views.open_election, name="open_election"),
    path(MOTION, views.show_motion, name="show_motion"),
    path(
        f"{MOTION}nominate/",
        views.nominate_candidate,
        name="nominate_candidate",
    ),
    path(f"{MOTION}open/", views.open_vote, name="open_vote"),
    path(f"{MOTION}vote/", views.cast_vote, name="cast_vote"),
    path(f"{MOTION}votes/", views.record_votes, name="record_votes"),
    path(f"{MOTION}close/", views.close_vote, name="close_vote"),
    path(f"{MOTION}drop/", views.drop_motion, name="drop_motion"),
    path(f"{MEETING}actions/add/", views.add_action, name="add_action"),
    path(f"{MEETING}actions/<int:action>/close/", views.close_action, name="close_action"),
    path("delegations/", views.list_delegations, name="list_delegations"),
    path("delegations/delegate/", views.delegate, name="delegate"),
    path("delegations/<int:pk>/revoke/", views.revoke_delegation, name="revoke_delegation"),
]
