"""The pages and the API of participation, as the sponsor, the manager and the member meet them."""

import json
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.memberships import services
from lineshaft.apps.memberships.forms.participation import _owner_of
from lineshaft.apps.memberships.models import (
    ParticipationCommitment,
    ParticipationDecision,
    ParticipationReview,
)
from lineshaft.apps.memberships.rules import Conditions
from lineshaft.apps.memberships.tests.factories import (
    ANSWERS,
    SYSTEM,
    make_agreement,
    make_approval,
    make_review,
)
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.tests.factories import make_institute, make_organisation
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

LIST = "memberships:list_participation_reviews"
OWNERS = "Parent AG; de; 60; yes; 0\n\nFund; NL; 100; no; 1"


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


@pytest.fixture
def lift() -> Institute:
    return make_institute("lift", name="LIFT")


def signed_in(role: Role, scope_kind: ScopeKind, scope_id: str) -> Client:
    user = make_user(f"{role}@example.org")
    make_grant(user, role, scope_kind, scope_id)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def sponsor(lift: Institute) -> Client:
    return signed_in(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")


@pytest.fixture
def manager(lift: Institute) -> Client:
    return signed_in(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")


def member_of(organisation: Organisation) -> Client:
    return signed_in(Role.MEMBER, ScopeKind.ORGANISATION, str(organisation.pk))


def text_of(response: Any) -> str:
    return str(response.content.decode())


def decided(review: ParticipationReview, conditions: Conditions) -> ParticipationDecision:
    approval = make_approval(
        review,
        ends_on=date(clock.today().year + 1, 1, 1),
        commitments=(
            services.Commitment("jobs_at_home", "Ten jobs", date(clock.today().year + 1, 1, 1)),
        ),
    )
    return services.approve_participation_with_conditions(
        SYSTEM, review, approval, conditions, now=clock.now()
    )


def test_manager_screens_and_a_mistyped_chain_is_kept(manager: Client, lift: Institute) -> None:
    firm = make_organisation("Getriebe")
    url = reverse("memberships:screen_organisation", args=["lift", firm.pk])
    assert "Screen Getriebe for LIFT" in text_of(manager.get(url))
    answers = {**ANSWERS, "incorporated_in": "de", "owners": "Parent AG, DE, 60"}
    assert _owner_of("A; DE; 9e999000; yes; 0", 1).share_bp == 0
    huge = manager.post(url, {**answers, "owners": "A; DE; 9e999000; yes; 0"})
    assert huge.status_code == 422
    assert "nothing, or more than the whole" in text_of(huge)
    for owners in ("Parent AG, DE, 60", "A; DE; much; yes; 0", "A; DE; 60; maybe; 0"):
        refused = manager.post(url, {**answers, "owners": owners})
        assert refused.status_code == 422
        assert "Line 1 is not written as" in text_of(refused)
        assert owners in text_of(refused)
    stored = manager.post(url, {**answers, "owners": OWNERS}, follow=True)
    text = text_of(stored)
    assert "Getriebe at LIFT waits for a decision" in text
    assert "The sponsor now decides" in text
    assert "Owners in Germany control it or hold 60" in text
    assert "Fund" in text
    assert "Approve with conditions" not in text
    plain = {key: "US" if key.endswith("_in") else "no" for key in ANSWERS}
    other = make_organisation("Gears")
    url = reverse("memberships:screen_organisation", args=["lift", other.pk])
    assert "Nothing in it calls for a review" in text_of(manager.post(url, plain, follow=True))
    listed = text_of(manager.get(reverse("memberships:list_memberships", args=[other.pk])))
    assert "Screen it for lift" in listed


@pytest.mark.parametrize("number", [1, 3])
def test_list_puts_what_waits_first(
    sponsor: Client,
    lift: Institute,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    settled = make_review(make_organisation("Settled", ownership_country="DE"), lift)
    decided(settled, Conditions(may_export=False))
    for place in range(number):
        make_review(make_organisation(f"Waits {place}"), lift)
    make_agreement(make_organisation("Unseen", ownership_country="FR"), lift)
    make_review(make_organisation("Elsewhere"), make_institute("rime", sponsors=("DOE",)))
    with django_assert_num_queries(9):
        text = text_of(sponsor.get(reverse(LIST)))
    assert text.index("Waits 0") < text.index("Settled")
    assert "Elsewhere" not in text
    assert "Unseen" in text
    noun = "review of participation waits" if number == 1 else "reviews of participation wait"
    assert f"{number} {noun} for you" in text
    url = reverse("memberships:list_institute_participation_reviews", args=["lift"])
    narrowed = text_of(sponsor.get(url, {"state": "conditional"}))
    assert "Settled" in narrowed
    assert "Waits 0" not in narrowed
    assert Client().get(reverse(LIST)).status_code == 403
    desk = text_of(sponsor.get(reverse("desk:show_desk")))
    assert "Participation of Waits 0 at LIFT" in desk


def test_sponsor_decides_on_the_page_and_the_member_reads_its_limits(
    sponsor: Client, lift: Institute
) -> None:
    firm = make_organisation("Getriebe", ownership_country="CN")
    review = make_review(firm, lift, now=clock.now())
    make_agreement(firm, lift)
    member = member_of(firm)
    page = review.get_absolute_url()
    assert "Approve with conditions" in text_of(sponsor.get(page))
    held = text_of(member.get(reverse("memberships:show_own_participation")))
    assert "held until the sponsor has decided" in held
    url = reverse("memberships:approve_participation_with_conditions", args=[review.pk])
    assert member.get(url).status_code == 403
    assert "may not take part without a waiver" in text_of(sponsor.get(url))
    given = {
        "seen_sheet": review.sheet_id,
        "why": "letter 7",
        "ends_on": f"{clock.today().year + 1}-01-01",
        "text_jobs_at_home": "Ten jobs",
        "files_up_to": "network",
        "no_search": "on",
        "no_export": "on",
        "barred_bookings": "laser, laser",
        "projects": "p1",
        "institutes": "lift,mxd",
    }
    assert "wants its words and its day" in text_of(sponsor.post(url, given))
    given["due_jobs_at_home"] = f"{clock.today().year + 1}-01-01"
    refused = sponsor.post(url, given)
    assert refused.status_code == 409
    assert "Name the ground on which it is waived" in text_of(refused)
    text = text_of(sponsor.post(url, {**given, "grounds": ["emergency"]}, follow=True))
    assert "Getriebe takes part at LIFT" in text
    assert "Emergency" in text
    own = text_of(member.get(reverse("memberships:show_own_participation")))
    for limit in (
        "Files are opened up to the level “Network”.",
        "Searches find what is public only.",
        "Nothing is exported, and no other program reads.",
        "Equipment of these kinds is not booked: laser.",
        "Only these projects: p1.",
        "Of other institutes only these: LIFT and mxd.",
    ):
        assert limit in own
    assert "What your organisation may do" in own
    export = member.get(reverse("memberships:export_members", args=["lift", "csv"]))
    assert export.status_code == 409
    assert f"FP-{review.pk}.1 lets your organisation read, and not export" in text_of(export)
    found = text_of(member.get(reverse("desk:search"), {"q": "lift"}))
    assert f"as FP-{review.pk}.1 says" in found
    shown = text_of(sponsor.get(page))
    assert "lift-members.csv" in shown
    assert "Refused at a door" in shown


def test_sponsor_denies_rechecks_and_closes(sponsor: Client, lift: Institute) -> None:
    review = make_review(make_organisation("Getriebe", ownership_country="DE"), lift)
    address = {
        verb: reverse(f"memberships:{verb}", args=[review.pk])
        for verb in (
            "approve_participation",
            "recheck_participation",
            "deny_participation",
            "report_ownership_change",
            "close_participation_review",
        )
    }
    day = f"{clock.today().year + 1}-01-01"
    given = {"seen_sheet": review.sheet_id, "why": "seen"}
    approval = {"ends_on": day, "text_jobs_at_home": "Ten", "due_jobs_at_home": day}
    text = text_of(sponsor.post(address["approve_participation"], given | approval, follow=True))
    assert "It takes part as every member does." in text
    commitment = ParticipationCommitment.objects.get()
    fulfil = reverse("memberships:fulfil_commitment", args=[commitment.pk])
    assert "Enter that it is met" in text
    assert "Ten" in text_of(sponsor.get(fulfil))
    met = {"met_on": clock.today().isoformat(), "evidence": "a visit"}
    assert "a visit" in text_of(sponsor.post(fulfil, met, follow=True))
    assert sponsor.post(address["recheck_participation"], given).status_code == 302
    home = {key: "US" if key.endswith("_in") else "no" for key in ANSWERS}
    Organisation.objects.update(ownership_country="US")
    assert "Owner changed since the decision" in text_of(sponsor.get(review.get_absolute_url()))
    assert "The owners of Getriebe" in text_of(sponsor.get(address["report_ownership_change"]))
    change = {**home, "why": "sold"}
    text = text_of(sponsor.post(address["report_ownership_change"], change, follow=True))
    assert "Nothing in the last screening calls for a review" in text
    assert "Approve with conditions" not in text
    review.refresh_from_db()
    given["seen_sheet"] = review.sheet_id
    sponsor.post(address["close_participation_review"], given)
    review.refresh_from_db()
    assert review.state == "closed"
    other = make_review(make_organisation("Other", ownership_country="DE"), lift)
    url = reverse("memberships:deny_participation", args=[other.pk])
    text = text_of(sponsor.post(url, {"seen_sheet": other.sheet_id, "why": "no"}, follow=True))
    assert "Other does not take part at LIFT" in text


def test_own_page_of_somebody_without_a_case(lift: Institute) -> None:
    firm = make_organisation("Gears")
    url = reverse("memberships:show_own_participation")
    assert Client().get(url).status_code == 403
    member = member_of(firm)
    assert "Yours takes part as every member does" in text_of(member.get(url))
    make_agreement(firm, lift)
    Organisation.objects.update(ownership_country="FR")
    assert "has not been screened" in text_of(member.get(url))


def test_api_screens_decides_and_reads(sponsor: Client, manager: Client, lift: Institute) -> None:
    firm = make_organisation("Getriebe", ownership_country="DE")
    sponsor.get("/")

    def post(client: Client, path: str, content: dict[str, Any]) -> Any:
        return client.post(f"/api/v1/{path}", json.dumps(content), content_type="application/json")

    owners = [{"name": "Parent", "country": "DE", "share_bp": 10_000}]
    sheet = post(
        manager,
        f"organisations/{firm.pk}/screenings/lift",
        {"answers": ANSWERS, "owners": owners},
    ).json()
    assert sheet["is_review_needed"] is True
    assert "foreign_owner" in sheet["findings"]
    path = f"participation/{sheet['review_id']}"
    day = f"{clock.today().year + 1}-01-01"
    decision = {
        "sheet_id": sheet["sheet_id"],
        "decision": "approve_with_conditions",
        "why": "letter",
        "ends_on": day,
        "commitments": [{"kind": "jobs_at_home", "text": "Ten", "due_on": day}],
    }
    assert post(manager, f"{path}/decisions", decision).status_code == 403
    assert post(sponsor, f"{path}/decisions", decision).json()["code"] == "no_condition"
    limited = {**decision, "conditions": {"may_export": False, "projects": ["p1"]}}
    answer = post(sponsor, f"{path}/decisions", limited).json()
    assert (answer["state"], answer["standing"], answer["ends_on"]) == (
        "conditional",
        "conditional",
        day,
    )
    assert answer["conditions"]["projects"] == ["p1"]
    changed = {"answers": ANSWERS, "why": "sold"}
    assert post(manager, f"{path}/ownership", changed).json()["state"] == "reopened"
    newest = sponsor.get(f"/api/v1/{path}").json()
    plain = {**decision, "decision": "approve", "sheet_id": newest["sheet_id"], "ends_on": None}
    assert post(sponsor, f"{path}/decisions", plain).json()["code"] == "ends_early"
    deny = {"sheet_id": newest["sheet_id"], "decision": "deny", "why": "no"}
    assert post(sponsor, f"{path}/decisions", deny).json()["standing"] == "denied"
    listed = sponsor.get("/api/v1/participation", {"institute": "lift", "state": "denied"})
    assert [one["organisation_id"] for one in listed.json()["items"]] == [firm.pk]
    assert Client().get("/api/v1/participation").json()["items"] == []
    assert Client().get(f"/api/v1/{path}").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_a_review_asks_the_same_queries_however_often_it_was_decided(
    sponsor: Client, lift: Institute, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    review = make_review(make_organisation("Getriebe", ownership_country="DE"), lift)
    for _place in range(number):
        decided(review, Conditions(may_export=False))
    sponsor.get(review.get_absolute_url())
    with django_assert_num_queries(14):
        page = text_of(sponsor.get(review.get_absolute_url()))
    assert page.count("None yet") == number
    assert page.count("Ten jobs") == number
