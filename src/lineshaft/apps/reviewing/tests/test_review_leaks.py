"""Who must not read a review, an application under review, or how many there are, asks for it on
every page, download and operation of the API, with data that could leak.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.competitions.models import ApplicationDocument, Conflict
from lineshaft.apps.competitions.services import decide_conflict, declare_conflict
from lineshaft.apps.competitions.tests.factories import SYSTEM
from lineshaft.apps.network.models import Person
from lineshaft.apps.network.tests.factories import make_person
from lineshaft.apps.reviewing import services
from lineshaft.apps.reviewing.models import Assignment, DiscussionRemark, Review
from lineshaft.apps.reviewing.tests.judged import (
    REVIEW,
    Judged,
    discussed,
    make_judged,
    make_sitting,
    submitted,
)
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

WORD = "Zinnober"
"""Stands in a review, its confidential note and a remark alone."""

STRANGERS = (
    "public",
    "member",
    "applicant",
    "rival",
    "unassigned reviewer",
    "reviewer of another application",
    "reviewer who left",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A stage in discussion whose first application is reviewed by the first of the panel."""

    judged: Judged
    users: dict[str, User | None]
    urls: dict[str, tuple[str, str]]


@pytest.fixture
def case(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Case:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    judged = make_judged(applications=2, reviewers=3, documents=[("narrative", "plan.pdf")])
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: judged.now)
    first, _other = judged.applications
    # Who comes second reviews the other application alone, from who comes third it was taken back.
    judged.assignment(0, 1).delete()
    Assignment.objects.filter(pk=judged.assignment(0, 2).pk).update(removed_at=judged.now)
    review = submitted(judged, 0, 0, word=WORD)
    discussed(judged)
    services.post_remark(judged.panel[0].actor, judged.stage, first, f"{WORD} said", now=judged.now)
    member = make_user("Mia Member")
    make_grant(
        member, Role.MEMBER, ScopeKind.ORGANISATION, str(judged.applicants[1].organisation.pk)
    )
    return Case(
        judged,
        {
            "public": None,
            "member": member,
            "applicant": judged.applicants[0].user,
            "rival": judged.applicants[1].user,
            "unassigned reviewer": make_sitting(judged.stage).user,
            "reviewer of another application": judged.panel[1].user,
            "reviewer who left": judged.panel[2].user,
        },
        addresses(judged, review),
    )


def addresses(judged: Judged, review: Review) -> dict[str, tuple[str, str]]:
    """Method and address of everything that a review or its application is read or changed by."""
    own = [judged.assignment().pk]
    thread = [judged.stage.pk, judged.applications[0].pk]
    stage = [judged.competition.key, REVIEW]
    document = ApplicationDocument.objects.filter(application=judged.applications[0]).get()
    remark = DiscussionRemark.objects.get()
    rows = (
        ("GET", "read_application", own),
        ("GET", "download_reviewed", [*own, document.pk]),
        ("GET", "write_review", own),
        ("POST", "write_review", own),
        ("GET", "submit_review", own),
        ("POST", "submit_review", own),
        ("POST", "reopen_review", own),
        ("GET", "show_panel_work", [judged.stage.pk]),
        ("GET", "show_discussion", thread),
        ("POST", "show_discussion", thread),
        ("POST", "withdraw_remark", [*thread, remark.pk]),
        ("GET", "record_consensus", thread),
        ("POST", "record_consensus", thread),
        ("GET", "return_review", [*thread, review.pk]),
        ("POST", "return_review", [*thread, review.pk]),
        ("GET", "list_stage_reviews", [judged.competition.key]),
        ("GET", "show_stage_reviews", stage),
        ("GET", "export_stage_reviews", [*stage, "csv"]),
        ("GET", "open_discussion", stage),
        ("POST", "open_discussion", stage),
        ("GET", "close_reviewing", stage),
        ("POST", "close_reviewing", stage),
        ("POST", "remind_reviewers", stage),
    )
    found = {
        f"{method} {name}": (method, reverse(f"reviewing:{name}", args=args))
        for method, name, args in rows
    }
    for method, name, args in (
        ("GET", "read_application", own),
        ("POST", "write_review", own),
        ("POST", "submit_review", own),
        ("GET", "show_stage_reviews", stage),
    ):
        found[f"API {method} {name}"] = (method, reverse(f"api:{name}", args=args))
    return found


def client_for(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def ask(client: Client, method: str, url: str) -> Any:
    if method == "GET":
        return client.get(url)
    if "/api/" in url:
        return client.post(url, "{}", content_type="application/json")
    return client.post(url, {"text": "x", "why": "x"})


def body_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode(errors="replace"))


@pytest.mark.parametrize("who", STRANGERS)
def test_stranger_to_an_application_gets_nothing_of_its_review(case: Case, who: str) -> None:
    client = client_for(case.users[who])
    before = list(Review.objects.values_list("state", "revision", "summary"))
    expected = {302, 401, 404} if who == "public" else {404}
    found = {}
    for name, (method, url) in case.urls.items():
        response = ask(client, method, url)
        assert WORD not in body_of(response), name
        if response.status_code not in expected:
            found[name] = response.status_code
    assert found == {}
    assert list(Review.objects.values_list("state", "revision", "summary")) == before
    assert DiscussionRemark.objects.count() == 1


@pytest.mark.parametrize("who", STRANGERS[1:])
def test_lists_of_a_stranger_hold_nothing_of_it(case: Case, who: str) -> None:
    client = client_for(case.users[who])
    page = body_of(client.get(reverse("reviewing:list_own_reviews")))
    assert "Casting 0" not in page
    assert WORD not in page
    listed = client.get(reverse("api:list_own_reviews")).json()["items"]
    own = {"reviewer of another application": ["Casting 1"], "reviewer who left": ["Casting 1"]}
    assert [one["title"] for one in listed] == own.get(who, [])


def test_reviewer_alone_learns_nothing_of_others_not_even_how_many(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    judged = make_judged(applications=1, reviewers=2)
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: judged.now)
    client = client_for(judged.panel[0].user)
    own = [judged.assignment().pk]
    urls = [
        reverse("reviewing:list_own_reviews"),
        *(
            reverse(f"reviewing:{name}", args=own)
            for name in ("read_application", "write_review", "submit_review")
        ),
        reverse("api:list_own_reviews"),
        reverse("api:read_application", args=own),
    ]
    submitted(judged, 0, 0)
    before = [plain(client, url) for url in urls]
    submitted(judged, 0, 1, score=1, word=WORD)
    assert [plain(client, url) for url in urls] == before
    thread = [judged.stage.pk, judged.applications[0].pk]
    assert client.get(reverse("reviewing:show_discussion", args=thread)).status_code == 404
    Assignment.objects.filter(pk=judged.assignment(0, 1).pk).update(removed_at=judged.now)
    assert [plain(client, url) for url in urls] == before


def plain(client: Client, url: str) -> str:
    """The page without what is drawn anew each time."""
    page = body_of(client.get(url))
    return "\n".join(
        line
        for line in page.splitlines()
        if "csrfmiddlewaretoken" not in line and 'name="window"' not in line
    )


def test_confidential_note_is_read_by_its_author_and_whoever_runs_it(case: Case) -> None:
    judged = case.judged
    submitted(judged, 1, 1, word="Own")
    officer = make_user("Olga Officer")
    make_grant(officer, Role.PROGRAMME_OFFICER)
    thread = reverse("reviewing:show_discussion", args=[judged.stage.pk, judged.applications[0].pk])
    own = reverse("reviewing:write_review", args=[judged.assignment().pk])
    assert f"{WORD} secret" in body_of(client_for(officer).get(thread))
    assert f"{WORD} secret" in body_of(client_for(judged.panel[0].user).get(own))
    assert f"{WORD} secret" not in body_of(client_for(judged.panel[0].user).get(thread))


# -------------------------------------------------------------------------- conflicts of interest


def close_to(case: Case, user: User, name: str = "") -> None:
    """A conflict of that user with the first application, declared by whoever runs it."""
    person = Person.objects.filter(user=user).first() or make_person(name or user.name, user=user)
    declare_conflict(
        SYSTEM,
        case.judged.applications[0],
        kind="financial",
        evidence="Holds shares.",
        now=case.judged.now,
        person=person,
    )


def test_reviewer_whose_conflict_arises_later_meets_closed_doors(case: Case) -> None:
    judged = case.judged
    ada = judged.panel[0].user
    client = client_for(ada)
    own = case.urls["GET read_application"][1]
    assert client.get(own).status_code == 200
    assert client.get(case.urls["GET show_discussion"][1]).status_code == 200
    close_to(case, ada)
    answers = {name: ask(client, method, url) for name, (method, url) in case.urls.items()}
    assert {name: one.status_code for name, one in answers.items() if one.status_code != 404} == {}
    assert [name for name, one in answers.items() if WORD in body_of(one)] == []
    assert "Casting 0" not in body_of(client.get(reverse("reviewing:list_own_reviews")))
    titles = [one["title"] for one in client.get(reverse("api:list_own_reviews")).json()["items"]]
    assert titles == ["Casting 1"]
    assert "Casting 1" in body_of(
        client.get(reverse("reviewing:read_application", args=[judged.assignment(1, 0).pk]))
    )


def test_conflicted_officer_sees_no_review_no_row_and_no_share_of_a_number(case: Case) -> None:
    judged = case.judged
    users = {name: make_user(name) for name in ("Olga Officer", "Otto Officer")}
    for user in users.values():
        make_grant(user, Role.PROGRAMME_OFFICER)
    olga, otto = (client_for(user) for user in users.values())
    stage = [judged.competition.key, REVIEW]
    dashboard = reverse("reviewing:show_stage_reviews", args=stage)
    lists = (dashboard, f"{dashboard}?by=reviewer", f"{dashboard}?by=review")
    before = [plain(otto, url) for url in lists]
    close_to(case, users["Olga Officer"])
    title = body_of(olga.get(dashboard))
    assert "0 of 3 reviews are submitted" in title
    export = reverse("reviewing:export_stage_reviews", args=[*stage, "csv"])
    api = reverse("api:show_stage_reviews", args=stage)
    for url in (*lists, export, api):
        assert "Casting 0" not in body_of(olga.get(url)), url
    assert {one["application_number"] for one in olga.get(api).json()["items"]} == {2}
    for name in ("GET show_discussion", "POST show_discussion", "GET return_review"):
        method, url = case.urls[name]
        assert ask(olga, method, url).status_code == 404, name
    assert [plain(otto, url) for url in lists] == before


def test_conflicted_chair_neither_reads_nor_records(case: Case) -> None:
    judged = case.judged
    chair = make_sitting(judged.stage, is_chair=True)
    client = client_for(chair.user)
    thread = case.urls["GET show_discussion"][1]
    work = reverse("reviewing:show_panel_work", args=[judged.stage.pk])
    assert WORD in body_of(client.get(thread))
    assert "Casting 0" in body_of(client.get(work))
    close_to(case, chair.user)
    assert client.get(thread).status_code == 404
    assert client.get(case.urls["GET record_consensus"][1]).status_code == 404
    assert "Casting 0" not in body_of(client.get(work))


def test_reminder_counts_nothing_that_a_conflict_closes(case: Case) -> None:
    judged = case.judged
    services.reopen_review(judged.panel[0].actor, judged.assignment(), now=judged.now)
    close_to(case, judged.panel[0].user)
    services.remind_reviewers(SYSTEM, judged.stage, now=judged.now)
    told = OutboxMessage.objects.get(recipient=judged.panel[0].user.email)
    assert "1 review is still" in told.subject


def test_notes_and_counts_stand_after_a_waiver(case: Case) -> None:
    judged = case.judged
    ada = judged.panel[0].user
    close_to(case, ada)
    conflict = Conflict.objects.get(person__user=ada)
    decide_conflict(SYSTEM, conflict, "waiver", reason="A few shares.", now=judged.now)
    assert client_for(ada).get(case.urls["GET read_application"][1]).status_code == 200
