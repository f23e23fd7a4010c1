"""The pages and the API of reviews: of a reviewer, of a panel, of whoever runs the competition."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions.models import Application, ApplicationDocument
from lineshaft.apps.competitions.tests.applicants import Applicant
from lineshaft.apps.competitions.tests.factories import NOW, make_open
from lineshaft.apps.network.models import OrganisationAlias
from lineshaft.apps.reviewing import rules, services
from lineshaft.apps.reviewing.models import Consensus, DiscussionRemark, Review
from lineshaft.apps.reviewing.tests.judged import (
    REVIEW,
    Judged,
    Sitting,
    discussed,
    make_judged,
    make_officer,
    submitted,
)
from lineshaft.kernel.competitions import Blindness
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


class Clock:
    """The server's clock, which a test sets."""

    def __init__(self) -> None:
        self.now = NOW


@pytest.fixture(autouse=True)
def server_clock(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    clock = Clock()
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: clock.now)
    return clock


@pytest.fixture
def judged(server_clock: Clock) -> Judged:
    made = make_judged(applications=2, reviewers=3, chair=2)
    server_clock.now = made.now
    return made


def client_of(who: User | Sitting) -> Client:
    client = Client()
    client.force_login(who.user if isinstance(who, Sitting) else who)
    return client


def officer_client() -> Client:
    user, _actor = make_officer()
    return client_of(user)


def body_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode(errors="replace"))


def own(name: str, judged: Judged, application: int = 0, reviewer: int = 0) -> str:
    return reverse(f"reviewing:{name}", args=[judged.assignment(application, reviewer).pk])


def stage_url(name: str, judged: Judged, *more: object) -> str:
    return reverse(f"reviewing:{name}", args=[judged.competition.key, REVIEW, *more])


def discussion(judged: Judged, name: str = "show_discussion", *more: object) -> str:
    args = [judged.stage.pk, judged.applications[0].pk, *more]
    return reverse(f"reviewing:{name}", args=args)


def sent(judged: Judged, page: str, **changes: Any) -> dict[str, Any]:
    """What the form of a review sends that lacks nothing, with the window of that page."""
    found = dict(re.findall(r'name="(seen|window)" value="([^"]*)"', page))
    found |= {"summary": "Good work.", "confidential": "Between us."}
    for one in judged.stage.criteria.all():
        found |= {f"score-{one.number}": 4, f"strengths-{one.number}": "Clear"}
    return found | changes


def test_review_is_written_and_submitted_on_pages(judged: Judged) -> None:
    client = client_of(judged.panel[0])
    listed = body_of(client.get(reverse("reviewing:list_own_reviews")))
    assert "2 reviews are yours to submit" in listed
    assert "Casting 0" in listed
    read = body_of(client.get(own("read_application", judged)))
    assert "Casting 0" in read
    assert "You are not named to the applicants." in read
    url = own("write_review", judged)
    page = body_of(client.get(url))
    assert 'hx-trigger="input delay:2s"' in page
    assert "0 of 7 criteria scored." in page
    response = client.post(url, sent(judged, page, **{"score-1": ""}) | {"go_on": "1"})
    assert response["Location"] == own("submit_review", judged)
    lacking = body_of(client.get(response["Location"]))
    assert "Still lacking" in lacking
    assert f"{url}#criterion-1" in lacking
    assert "Submit the review</button>" not in lacking
    assert client.post(own("submit_review", judged)).status_code == 409
    again = body_of(client.get(url))
    assert client.post(url, sent(judged, again)).status_code == 302
    ready = body_of(client.get(own("submit_review", judged)))
    assert "4.00" in ready
    assert client.post(own("submit_review", judged)).status_code == 302
    assert Review.objects.get().state == rules.SUBMITTED
    shown = body_of(client.get(url))
    assert "Submitted on" in shown
    assert "Between us." in shown
    assert client.post(url, sent(judged, again)).status_code == 409
    assert client.post(own("reopen_review", judged)).status_code == 302
    assert "go_on" in body_of(client.get(url))
    assert "1 review is yours" not in body_of(client.get(reverse("reviewing:list_own_reviews")))


def test_review_saves_itself_and_says_when_it_could_not(
    judged: Judged, server_clock: Clock
) -> None:
    client = client_of(judged.panel[0])
    url = own("write_review", judged)
    page = body_of(client.get(url))
    saved = client.post(url, sent(judged, page, **{"score-7": ""}), headers=HTMX)
    assert "Saved at" in body_of(saved)
    assert "6 of 7 criteria scored." in body_of(saved)
    assert 'name="seen" value="1"' in body_of(saved)
    ahead = client.post(url, sent(judged, page), headers=HTMX)
    assert ahead.status_code == 200
    other = sent(judged, page, window="elsewhere", summary="Other")
    stale = client.post(url, other, headers=HTMX)
    assert stale.status_code == 409
    assert "Not saved." in body_of(stale)
    kept = client.post(url, other)
    assert kept.status_code == 409
    assert "Other" in body_of(kept)
    long = sent(judged, page, summary="x" * (rules.REMARK_MAX + 1))
    assert client.post(url, long, headers=HTMX).status_code == 422
    assert Review.objects.get().summary == "Good work."


def test_returned_review_says_why_and_closed_reviewing_takes_none(judged: Judged) -> None:
    submitted(judged)
    user, officer = make_officer()
    services.return_review(officer, judged.assignment(), why="Say more on need.", now=judged.now)
    client = client_of(judged.panel[0])
    assert "Say more on need." in body_of(client.get(own("write_review", judged)))
    services.close_reviewing(officer, judged.stage, why="Over", now=judged.now)
    shown = body_of(client.get(own("write_review", judged)))
    assert "The reviewing is closed, and this was not submitted." in shown
    assert "Change your review" not in shown
    assert "Read your review" in body_of(client.get(own("read_application", judged)))
    unbegun = body_of(client.get(own("write_review", judged, 1)))
    assert "The reviewing is closed" in unbegun
    assert client.post(own("write_review", judged), {"summary": "x"}).status_code == 409
    assert client_of(user).get(own("write_review", judged)).status_code == 404


def test_reviewer_of_nothing_is_told_so(server_clock: Clock) -> None:
    user, _actor = make_officer()
    page = body_of(client_of(user).get(reverse("reviewing:list_own_reviews")))
    assert "No review waits for you" in page
    assert Client().get(reverse("reviewing:list_own_reviews")).status_code == 302


def telling(who: Applicant) -> dict[str, Any]:
    """Parts of an application that tell who applies."""
    firm = who.organisation
    OrganisationAlias.objects.create(organisation=firm, name="Amboss AG", folded="amboss ag")
    content = competitions.contents_of(
        competitions.whole_application(Application.objects.latest("pk"))
    )
    return {
        "need": {"text": f"{firm.name}, known as Amboss AG, makes anvils."},
        "terms": content["terms"] | {"title": f"{firm.name} casts"},
    }


def test_double_blind_stage_names_no_applicant_on_any_page(server_clock: Clock) -> None:
    judged = make_judged(reviewers=1, blindness=Blindness.DOUBLE, content=telling, chair=0)
    server_clock.now = judged.now
    submitted(judged)
    services.reopen_review(judged.panel[0].actor, judged.assignment(), now=judged.now)
    discussed(judged)
    firm = judged.applicants[0].organisation.name
    client = client_of(judged.panel[0])
    pages = [
        reverse("reviewing:list_own_reviews"),
        own("read_application", judged),
        own("write_review", judged),
        own("submit_review", judged),
        reverse("reviewing:show_panel_work", args=[judged.stage.pk]),
        discussion(judged),
        reverse("api:list_own_reviews"),
        reverse("api:read_application", args=[judged.assignment().pk]),
    ]
    for url in pages:
        response = client.get(url)
        page = body_of(response)
        assert response.status_code == 200, url
        assert [name for name in (firm, "Amboss", "Applicant 0") if name in page] == [], url
    read = body_of(client.get(own("read_application", judged)))
    assert "[lead organisation] casts" in read
    assert "[lead organisation], known as [lead organisation], makes anvils." in read
    assert f"{firm} casts" in body_of(officer_client().get(discussion(judged)))


@pytest.mark.parametrize(
    ("blindness", "names"),
    [
        (Blindness.SINGLE, ["anvil-works.pdf", "ada.pdf"]),
        (Blindness.DOUBLE, ["document-1.pdf"]),
    ],
)
def test_documents_are_downloaded_under_names_that_tell_no_more_than_the_stage_does(
    server_clock: Clock, blindness: Blindness, names: list[str]
) -> None:
    documents = [("narrative", "anvil-works.pdf"), ("resumes", "ada.pdf")]
    judged = make_judged(reviewers=1, blindness=blindness, documents=documents)
    server_clock.now = judged.now
    client = client_of(judged.panel[0])
    read = body_of(client.get(own("read_application", judged)))
    assert ("1 document is withheld" in read) is (blindness is Blindness.DOUBLE)
    got = []
    for document in ApplicationDocument.objects.order_by("pk"):
        args = [judged.assignment().pk, document.pk]
        response = client.get(reverse("reviewing:download_reviewed", args=args))
        if response.status_code == 200:
            assert body_of(response).startswith("%PDF")
            got.append(re.findall('filename="(.*)"', response["Content-Disposition"])[0])
    assert got == names


def test_organiser_sees_how_far_reviews_are(judged: Judged) -> None:
    submitted(judged, 0, 0)
    services.write_review(
        judged.panel[1].actor, judged.assignment(0, 1), services.ReviewEntry(), now=judged.now
    )
    client = officer_client()
    tab = client.get(reverse("reviewing:list_stage_reviews", args=[judged.competition.key]))
    assert tab["Location"] == stage_url("show_stage_reviews", judged)
    url = stage_url("show_stage_reviews", judged)
    page = body_of(client.get(url))
    assert "1 of 6 reviews are submitted" in page
    assert "<svg" in page
    assert "Missing: 2" in page
    assert "Open the discussion" in page
    reviewers = body_of(client.get(url, {"by": "reviewer"}))
    assert judged.panel[0].user.name in reviewers
    every = body_of(client.get(url, {"by": "review"}))
    assert "4.00" in every
    assert "#review-" in every
    submitted_ones = body_of(client.get(url, {"by": "review", "state": "submitted"}))
    assert "Casting 0" in submitted_ones
    assert "Casting 1" not in submitted_ones
    seat = judged.panel[0].seat.pk
    of_one = body_of(client.get(f"{url}?by=review&seat={seat}&state=not_begun"))
    assert "Casting 1" in of_one
    assert "Casting 0" not in of_one
    assert "Nothing" not in body_of(client.get(url, {"by": "reviewer", "state": "missing"}))
    complete = body_of(client.get(url, {"state": "complete"}))
    assert "No application fits" in complete
    late = body_of(client.get(url, {"state": "late", "by": "review"}))
    assert "No review fits." in late
    assert "Casting" in body_of(client.get(url, {"state": "nonsense"}))


def test_export_holds_scores_and_no_confidential_note(judged: Judged) -> None:
    submitted(judged, 0, 0, word="Zinnober")
    client = officer_client()
    url = stage_url("export_stage_reviews", judged, "csv")
    text = body_of(client.get(url)).removeprefix("\ufeff")
    rows = [row for row in csv.reader(io.StringIO(text)) if not row[0].startswith("#")]
    assert len(rows) == 7
    assert rows[1][5] == "Submitted"
    assert rows[1][8:] == ["4.00", *["4"] * 7]
    assert rows[2][5] == "Not begun"
    assert rows[2][8:] == [""] * 8
    assert "Zinnober" not in text
    asked = body_of(client.get(url, {"state": "submitted"}))
    assert asked.count("Casting") == 1
    assert client.get(stage_url("export_stage_reviews", judged, "pdf")).status_code == 404


def test_phases_are_moved_and_reviewers_reminded_on_pages(judged: Judged) -> None:
    client = officer_client()
    submitted(judged)
    reminded = client.post(stage_url("remind_reviewers", judged), follow=True)
    assert "3 reviewers are reminded." in body_of(reminded)
    url = stage_url("open_discussion", judged)
    assert "5 reviews are not submitted." in body_of(client.get(url))
    refused = client.post(url, {"why": ""})
    assert refused.status_code == 409
    assert "5 of the reviews of" in body_of(refused)
    opened = client.post(url, {"why": "Time."}, follow=True)
    assert "The discussion is open." in body_of(opened)
    assert "Discussion" in body_of(opened)
    closed = client.post(stage_url("close_reviewing", judged), {"why": "Over."}, follow=True)
    assert "The reviewing is closed." in body_of(closed)
    assert "Remind reviewers" not in body_of(closed)


def test_stage_without_reviews_says_so(server_clock: Clock) -> None:
    competition = make_open(template="four_stage", agencies=("DOC",))
    client = officer_client()
    page = client.get(reverse("reviewing:list_stage_reviews", args=[competition.key]))
    assert "No stage is reviewed yet" in body_of(page)
    judged = make_judged(reviewers=0)
    server_clock.now = judged.now
    shown = body_of(client.get(stage_url("show_stage_reviews", judged)))
    assert "Nobody is assigned to an application yet" in shown
    by_reviewer = client.get(stage_url("show_stage_reviews", judged), {"by": "reviewer"})
    assert "nobody sits on the panel" in body_of(by_reviewer)


def test_discussion_on_pages(judged: Judged) -> None:
    for reviewer in range(3):
        submitted(judged, 0, reviewer, word=f"Word{reviewer}")
    discussed(judged)
    client = client_of(judged.panel[0])
    assert "Discussion" in body_of(client.get(own("read_application", judged)))
    page = body_of(client.get(discussion(judged)))
    assert "3 reviews are submitted" in page
    assert "Word1 strength 1" in page
    assert "Word2 summary" in page
    assert "secret" not in page
    assert "Return this review" not in page
    assert "Record the consensus" not in page
    posted = client.post(discussion(judged), {"text": "I doubt the budget."}, follow=True)
    assert "I doubt the budget." in body_of(posted)
    assert client.post(discussion(judged), {"text": " "}).status_code == 422
    remark = DiscussionRemark.objects.get()
    fellow = client_of(judged.panel[1])
    shown = body_of(fellow.get(discussion(judged)))
    assert "I doubt the budget." in shown
    assert "Take it back" not in shown
    taken = discussion(judged, "withdraw_remark", remark.pk)
    assert fellow.post(taken).status_code == 404
    after = body_of(client.post(taken, follow=True))
    assert "Taken back by its author." in after
    assert "I doubt the budget." not in after
    officer = body_of(officer_client().get(discussion(judged)))
    assert "Post the remark" in officer
    assert "Word1 secret" in officer
    assert "Return this review" in officer
    auditor = make_user("Aud Auditor")
    make_grant(auditor, Role.AUDITOR)
    reader = client_of(auditor)
    read = body_of(reader.get(discussion(judged)))
    assert "Word1 summary" in read
    assert "Post the remark" not in read
    assert reader.post(discussion(judged), {"text": "So"}).status_code == 403


def test_chair_records_the_consensus_on_pages(judged: Judged) -> None:
    for reviewer in range(2):
        submitted(judged, 0, reviewer)
    submitted(judged, 0, 2)
    chair = client_of(judged.panel[2])
    assert "Panels that you chair" not in body_of(chair.get(reverse("reviewing:list_own_reviews")))
    discussed(judged)
    assert "Panels that you chair" in body_of(chair.get(reverse("reviewing:list_own_reviews")))
    work = reverse("reviewing:show_panel_work", args=[judged.stage.pk])
    listed = body_of(chair.get(work))
    assert "The panel discusses 2 applications" in listed
    assert "Casting 1" in listed
    url = discussion(judged, "record_consensus")
    assert "Who agreed" in body_of(chair.get(url))
    seats = [one.seat.pk for one in judged.panel[:2]]
    scores = {f"score-{one.number}": 3 for one in judged.stage.criteria.all()}
    assert chair.post(url, {"text": "", "seen": 0, **scores}).status_code == 422
    said = {"text": "We take it.", "seen": 0, "agreed": seats, **scores}
    assert chair.post(url, said).status_code == 302
    assert chair.post(url, said).status_code == 409
    again = said | {"text": "We doubt it.", "seen": 1}
    assert chair.post(url, again).status_code == 302
    shown = body_of(chair.get(discussion(judged)))
    assert "We doubt it." in shown
    assert "What was recorded before" in shown
    assert "3.00" in shown
    assert "We doubt it." in body_of(chair.get(url))
    assert Consensus.objects.count() == 2
    assert "Recorded" in body_of(chair.get(work))
    assert client_of(judged.panel[0]).get(url).status_code == 403
    back = discussion(judged, "return_review", Review.objects.earliest("pk").pk)
    assert "Return the review of" in body_of(chair.get(back))
    assert chair.post(back, {"why": "Thin"}).status_code == 302
    assert chair.get(discussion(judged, "return_review", 0)).status_code == 404
    assert client_of(judged.panel[1]).get(back).status_code == 404


def test_list_pages_take_as_many_queries_for_any_number(server_clock: Clock) -> None:
    counts: dict[str, list[int]] = {}
    client = officer_client()
    for size in (1, 3):
        judged = make_judged(applications=size, reviewers=size, chair=0)
        server_clock.now = judged.now
        for application in range(size):
            for reviewer in range(size):
                submitted(judged, application, reviewer)
        discussed(judged)
        services.post_remark(
            judged.panel[0].actor, judged.stage, judged.applications[0], "So", now=judged.now
        )
        url = stage_url("show_stage_reviews", judged)
        own_client = client_of(judged.panel[0])
        asks: dict[str, tuple[Client, str]] = {
            "applications": (client, url),
            "reviewers": (client, f"{url}?by=reviewer"),
            "reviews": (client, f"{url}?by=review"),
            "late": (client, f"{url}?state=late"),
            "export": (client, stage_url("export_stage_reviews", judged, "csv")),
            "discussion": (client, discussion(judged)),
            "own": (own_client, reverse("reviewing:list_own_reviews")),
            "read": (own_client, own("read_application", judged)),
            "write": (own_client, own("write_review", judged)),
            "panel": (own_client, reverse("reviewing:show_panel_work", args=[judged.stage.pk])),
            "api own": (own_client, reverse("api:list_own_reviews")),
            "api stage": (
                client,
                reverse("api:show_stage_reviews", args=[judged.competition.key, REVIEW]),
            ),
        }
        for name, (asking, address) in asks.items():
            body_of(asking.get(address))
            with CaptureQueriesContext(connection) as made:
                response = asking.get(address)
                assert response.status_code == 200, name
                body_of(response)
            counts.setdefault(name, []).append(len(made))
    assert {name: few == many for name, (few, many) in counts.items()} == dict.fromkeys(
        counts, True
    ), counts


def test_api_reads_and_writes_ones_own_review(judged: Judged) -> None:
    client = client_of(judged.panel[0])
    listed = client.get(reverse("api:list_own_reviews")).json()
    assert [one["title"] for one in listed["items"]] == ["Casting 0", "Casting 1"]
    url = reverse("api:read_application", args=[judged.assignment().pk])
    read = client.get(url).json()
    assert read["parts"]["terms"]["title"] == "Casting 0"
    assert (read["state"], read["phase"], read["revision"]) == ("not_begun", "alone", 0)
    assert len(read["lacking"]) == 15

    def post(address: str, payload: dict[str, Any] | None = None) -> Any:
        return client.post(address, json.dumps(payload or {}), content_type="application/json")

    remarks = [
        {"criterion": one.number, "score": 5, "strengths": "Clear"}
        for one in judged.stage.criteria.all()
    ]
    written = post(url, {"remarks": remarks, "summary": "Good", "seen": 0})
    assert written.json()["revision"] == 1
    assert written.json()["lacking"] == []
    assert post(url, {"remarks": remarks, "summary": "Other", "seen": 0}).status_code == 409
    post(url, {"confidential": "Hm."})
    kept = post(url, {"remarks": remarks[:1]}).json()
    assert (kept["summary"], kept["confidential"], kept["lacking"]) == ("Good", "Hm.", [])
    done = post(f"{url}/submit")
    assert (done.json()["state"], done.status_code) == ("submitted", 200)
    assert post(f"{url}/submit").status_code == 409
    _user, officer = make_officer()
    services.return_review(officer, judged.assignment(), why="More", now=judged.now)
    again = client.get(url).json()
    assert (again["why_returned"], again["submitted_at"]) == ("More", None)


def test_api_lists_the_reviews_of_a_stage(judged: Judged) -> None:
    submitted(judged, 0, 0, word="Zinnober")
    url = reverse("api:show_stage_reviews", args=[judged.competition.key, REVIEW])
    response = officer_client().get(url)
    items = response.json()["items"]
    assert len(items) == 6
    assert (items[0]["weighted_bp"], items[0]["state"]) == (40_000, "submitted")
    assert (items[1]["weighted_bp"], items[1]["submitted_at"]) == (None, None)
    assert "Zinnober" not in response.content.decode()
