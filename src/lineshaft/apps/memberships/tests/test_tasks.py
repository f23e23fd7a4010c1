"""What runs in the background: the daily lapse, and the letters of decisions."""

import hashlib
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.memberships import services
from lineshaft.apps.memberships.models import DecisionLetter
from lineshaft.apps.memberships.rules import Conditions
from lineshaft.apps.memberships.services.decision_letters import (
    clauses_of,
    make_decision_letters,
)
from lineshaft.apps.memberships.tasks import DAILY_JOBS, LAPSE_JOB, MISSING_LETTERS_JOB
from lineshaft.apps.memberships.tests.factories import (
    SYSTEM,
    make_agreement,
    make_approval,
    make_invoice,
    make_review,
    pay,
    take_back,
)
from lineshaft.apps.network.tests.factories import NOW, make_institute, make_organisation
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.services import want_daily_jobs
from lineshaft.plumbing.jobs.worker import run_until_idle
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _daily_jobs_of_memberships(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what every day wants, what memberships want."""
    monkeypatch.setattr("lineshaft.plumbing.jobs.services.daily_kinds", lambda: DAILY_JOBS)


def test_letters_of_a_decision_are_made_once_in_each_language(
    settings: Settings, tmp_path: object
) -> None:
    settings.FILES_DIR, settings.IS_DEMONSTRATION = tmp_path, True
    review = make_review(make_organisation("Getriebe", ownership_country="DE"))
    limits = Conditions(files_up_to="institute", may_export=False, projects=("P-1",))
    decision = services.approve_participation_with_conditions(
        SYSTEM, review, make_approval(review), limits, now=NOW
    )
    sponsor = client_with(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")
    address = reverse("memberships:download_decision_letter", args=[decision.pk])
    assert "None yet" in sponsor.get(review.get_absolute_url()).content.decode()
    assert sponsor.get(address).status_code == 404
    assert run_until_idle() == 1
    letters = list(DecisionLetter.objects.order_by("language"))
    assert [one.language for one in letters] == ["en", "zh-hans"]
    assert letters[0].sha256 != letters[1].sha256
    content = b"".join(sponsor.get(address))
    assert content.startswith(b"%PDF-")
    assert hashlib.sha256(content).hexdigest() == letters[0].sha256
    sponsor.cookies["django_language"] = "zh-hans"
    chinese = b"".join(sponsor.get(address))
    assert hashlib.sha256(chinese).hexdigest() == letters[1].sha256
    sponsor.cookies["django_language"] = "en"
    assert letters[0].sha256 in sponsor.get(review.get_absolute_url()).content.decode()
    others = (
        client_with(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd"),
        client_with(Role.MEMBER, ScopeKind.ORGANISATION, str(make_organisation().pk)),
        Client(),
    )
    assert [one.get(address).status_code for one in others] == [404, 404, 404]
    own = client_with(Role.MEMBER, ScopeKind.ORGANISATION, str(review.organisation_id))
    assert b"".join(own.get(address)) == content
    assert make_decision_letters(SYSTEM, decision, now=NOW) == ()
    with pytest.raises(DatabaseError), transaction.atomic():
        DecisionLetter.objects.update(sha256="0" * 64)


def test_each_day_the_letters_that_are_missing_are_made(
    settings: Settings, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILES_DIR, settings.IS_DEMONSTRATION = tmp_path, True
    monkeypatch.setattr(clock, "now", lambda: NOW)
    decisions, institute = [], make_institute()
    for name in ("Getriebe", "Zahnrad"):
        review = make_review(make_organisation(name, ownership_country="DE"), institute)
        decisions.append(
            services.deny_participation(
                SYSTEM, review, seen_sheet=review.sheet_id, why="letter 1", now=NOW
            )
        )
    Job.objects.all().delete()  # the jobs of the decisions are lost
    assert run_until_idle() == 0
    make_decision_letters(SYSTEM, decisions[0], now=NOW)
    first = list(DecisionLetter.objects.order_by("pk").values())
    want_daily_jobs(now=NOW)
    assert run_until_idle() == 3
    job = Job.objects.get(kind=MISSING_LETTERS_JOB)
    assert (job.state, job.note_params) == ("done", {"asked": 1})
    found = list(DecisionLetter.objects.order_by("pk").values())
    assert found[:2] == first
    assert {one["decision_id"] for one in found[2:]} == {decisions[1].pk}
    events = AuditEvent.objects.filter(verb="make_decision_letters").order_by("pk")
    assert [one.count for one in events] == [2, 2]
    assert events[1].changes == {"decision": 1, "languages": ["en", "zh-hans"]}
    want_daily_jobs(now=NOW + timedelta(days=1))
    assert run_until_idle() == 2
    assert DecisionLetter.objects.count() == 4


def test_letters_that_are_missing_are_made_by_the_page(
    settings: Settings, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILES_DIR, settings.IS_DEMONSTRATION = tmp_path, True
    monkeypatch.setattr(clock, "now", lambda: NOW)
    review = make_review(make_organisation("Getriebe", ownership_country="DE"))
    decision = services.deny_participation(
        SYSTEM, review, seen_sheet=review.sheet_id, why="letter 1", now=NOW
    )
    make = reverse("memberships:make_decision_letters", args=[decision.pk])
    sponsor = client_with(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")
    own = client_with(Role.MEMBER, ScopeKind.ORGANISATION, str(review.organisation_id))
    assert make in sponsor.get(review.get_absolute_url()).content.decode()
    assert "in each language" in sponsor.get(make).content.decode()
    assert [own.post(make).status_code, Client().post(make).status_code] == [403, 404]
    said = sponsor.post(make, follow=True).content.decode()
    assert "2 letters are made." in said
    assert make not in said
    assert "0 letters are made." in sponsor.post(make, follow=True).content.decode()
    assert AuditEvent.objects.filter(verb="make_decision_letters").count() == 1


def test_letter_says_the_grounds_and_each_rule_once(settings: Settings, tmp_path: object) -> None:
    settings.FILES_DIR, settings.IS_DEMONSTRATION = tmp_path, True
    review = make_review(make_organisation("Getriebe", ownership_country="CN"))
    approval = make_approval(review, grounds=("technical_and_mission_need",))
    limits = Conditions(may_search=False)
    decision = services.approve_participation_with_conditions(
        SYSTEM, review, approval, limits, now=NOW
    )
    assert len(decision.citations) > len(set(decision.citations))
    said = dict(clauses_of(decision))
    assert said["Grounds of waiver"] == "Severity of technical and mission need"
    assert said["Rules"] == "; ".join(dict.fromkeys(decision.citations))
    assert said["Limits"] == "Searches find what is public only."
    decision.citations = []
    assert "Rules" not in dict(clauses_of(decision))


def client_with(role: Role, kind: ScopeKind, scope_id: str) -> Client:
    user = make_user()
    make_grant(user, role, kind, scope_id)
    client = Client()
    client.force_login(user)
    return client


def test_each_day_one_job_lapses_memberships_as_the_program_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    agreement = make_agreement()
    make_invoice(agreement, due_on=NOW.date() - timedelta(days=60))
    job, _letters = want_daily_jobs(now=NOW)
    assert (job.kind, job.requested_by_id, job.actor_label) == (LAPSE_JOB, None, "daily round")
    assert run_until_idle() == 2
    agreement.refresh_from_db()
    assert (agreement.ends_on, agreement.ended_reason) == (NOW.date(), "dues_unpaid")
    event = AuditEvent.objects.get(verb="lapse_memberships")
    assert (event.actor_user_id, event.actor_label, event.count) == (None, "daily round", 1)
    job.refresh_from_db()
    assert (job.state, job.note_params) == ("done", {"ended": 1})
    assert want_daily_jobs(now=NOW + timedelta(hours=1)) == []
    following, _letters = want_daily_jobs(now=NOW + timedelta(days=1))
    assert run_until_idle() == 2
    assert Job.objects.get(pk=following.pk).note_params == {"ended": 0}
    assert AuditEvent.objects.filter(verb="lapse_memberships").count() == 1


@pytest.mark.parametrize("amount_minor", [65_00, None])
def test_the_daily_job_leaves_what_was_taken_back_in_the_books_to_a_person(
    amount_minor: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    before = NOW - timedelta(days=90)
    looked_at = make_agreement()
    other = make_agreement(make_organisation("Cogs"), looked_at.institute)
    for agreement in (looked_at, other):
        make_invoice(agreement, due_on=before.date())
    reopened = make_invoice(looked_at, due_on=before.date())
    take_back(pay(reopened), amount_minor, now=before)
    want_daily_jobs(now=NOW)
    assert run_until_idle() == 2
    for agreement in (looked_at, other):
        agreement.refresh_from_db()
    assert (looked_at.ended_reason, other.ended_reason) == ("", "dues_unpaid")
    assert services.lapse_memberships(SYSTEM, now=NOW) == (looked_at,)
