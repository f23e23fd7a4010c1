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
from lineshaft.apps.memberships.services.decision_letters import make_decision_letters
from lineshaft.apps.memberships.tasks import LAPSE_JOB
from lineshaft.apps.memberships.tests.factories import (
    SYSTEM,
    make_agreement,
    make_approval,
    make_invoice,
    make_review,
    pay,
    take_back,
)
from lineshaft.apps.network.tests.factories import NOW, make_organisation
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.services import want_daily_jobs
from lineshaft.plumbing.jobs.worker import run_until_idle
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db


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
    (job,) = want_daily_jobs(now=NOW)
    assert (job.kind, job.requested_by_id, job.actor_label) == (LAPSE_JOB, None, "daily round")
    assert run_until_idle() == 1
    agreement.refresh_from_db()
    assert (agreement.ends_on, agreement.ended_reason) == (NOW.date(), "dues_unpaid")
    event = AuditEvent.objects.get(verb="lapse_memberships")
    assert (event.actor_user_id, event.actor_label, event.count) == (None, "daily round", 1)
    job.refresh_from_db()
    assert (job.state, job.note_params) == ("done", {"ended": 1})
    assert want_daily_jobs(now=NOW + timedelta(hours=1)) == []
    (following,) = want_daily_jobs(now=NOW + timedelta(days=1))
    assert run_until_idle() == 1
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
    assert run_until_idle() == 1
    for agreement in (looked_at, other):
        agreement.refresh_from_db()
    assert (looked_at.ended_reason, other.ended_reason) == ("", "dues_unpaid")
    assert services.lapse_memberships(SYSTEM, now=NOW) == (looked_at,)
