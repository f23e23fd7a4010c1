from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import Application, Competition, Submission
from lineshaft.apps.competitions.tests.applicants import (
    TERMS,
    Applicant,
    fill,
    letter_of,
    make_applicant,
    make_application,
    pdf_of,
)
from lineshaft.apps.competitions.tests.factories import (
    NOW,
    SYSTEM,
    after_deadline,
    make_open,
    stage_of,
)
from lineshaft.apps.competitions.tests.judging import let_on
from lineshaft.kernel.errors import Refused
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def ada() -> Applicant:
    return make_applicant()


@pytest.fixture
def call() -> Competition:
    return make_open(template="four_stage", agencies=("DOC",))


def test_cancelling_before_the_deadline_opens_nothing(
    ada: Applicant, call: Competition, programme_officer: Actor
) -> None:
    made = fill(ada.actor, make_application(call, ada))
    services.submit_application(ada.actor, made, now=NOW)
    services.cancel_competition(SYSTEM, call, why="No money.", now=NOW + timedelta(days=1))
    assert queries.submissions_visible_to(programme_officer, call).count() == 0
    services.withdraw_from_competition(
        ada.actor, made, why="It is off", now=NOW + timedelta(days=2)
    )
    assert Submission.objects.get().withdrawn_at == NOW + timedelta(days=2)


def test_cancelling_after_the_deadline_leaves_open_what_was(
    ada: Applicant, call: Competition, programme_officer: Actor
) -> None:
    made = fill(ada.actor, make_application(call, ada))
    services.submit_application(ada.actor, made, now=NOW)
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    services.cancel_competition(SYSTEM, call, why="No money.", now=after_deadline(call))
    assert queries.submissions_visible_to(programme_officer, call).count() == 1


def in_the_second_call(call: Competition) -> datetime:
    """Move a competition of two steps on to its second call; a moment in it."""
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    now = let_on(call)
    services.call_applications(SYSTEM, call, now=now)
    return now + timedelta(minutes=1)


def attach_what_the_second_call_asks_for(
    actor: Actor, application: Application, *, now: datetime
) -> None:
    for document in application.competition.stages.get(number=3).documents.all():
        services.attach_document(
            actor, application, document.kind, pdf_of(1), name=f"{document.kind}.pdf", now=now
        )


def test_application_resumed_in_the_second_call_goes_on(
    ada: Applicant, programme_officer: Actor
) -> None:
    call = make_open(agencies=("DOC",))  # two steps
    made = fill(ada.actor, make_application(call, ada))
    services.submit_application(ada.actor, made, now=NOW)
    now = in_the_second_call(call)
    services.withdraw_from_competition(ada.actor, made, why="A partner left", now=now)
    assert queries.submissions_visible_to(programme_officer, call).count() == 0
    services.resume_application(ada.actor, made, now=now)
    assert queries.submissions_visible_to(programme_officer, call).count() == 1
    attach_what_the_second_call_asks_for(ada.actor, made, now=now)
    assert services.submit_application(ada.actor, made, now=now).stage.number == 3


def test_what_was_withdrawn_before_its_deadline_does_not_come_back(ada: Applicant) -> None:
    call = make_open(agencies=("DOC",))  # two steps
    made = fill(ada.actor, make_application(call, ada))
    services.submit_application(ada.actor, made, now=NOW)
    services.withdraw_from_competition(ada.actor, made, why="A partner left", now=NOW)
    now = in_the_second_call(call)
    services.resume_application(ada.actor, made, now=now)
    attach_what_the_second_call_asks_for(ada.actor, made, now=now)
    with pytest.raises(Refused) as caught:
        services.submit_application(ada.actor, made, now=now)
    assert caught.value.code == "left_out_stage"


@pytest.mark.parametrize(("policy", "minutes"), [("grace", 10), ("refused", 0), ("marked", 0)])
def test_stage_is_not_ended_within_the_minutes_of_grace(
    ada: Applicant, programme_officer: Actor, policy: str, minutes: int
) -> None:
    call = make_open(template="four_stage", agencies=("DOC",), late_policy=policy, grace_minutes=10)
    made = make_application(call, ada)
    ends_at = stage_of(call, 1).ends_at
    assert ends_at is not None
    closed = ends_at + timedelta(minutes=minutes)
    before = closed - timedelta(seconds=1)
    assert list(queries.applications_due(ada.actor, now=before)) == [made]
    assert list(queries.stages_over(programme_officer, now=before)) == []
    with pytest.raises(Refused) as caught:
        services.begin_review(SYSTEM, call, now=before)
    assert caught.value.code == "deadline_ahead"
    assert f"{closed:%H:%M} UTC" in str(caught.value)
    assert list(queries.applications_due(ada.actor, now=closed)) == []
    assert [one.number for one in queries.stages_over(programme_officer, now=closed)] == [1]
    assert services.begin_review(SYSTEM, call, now=closed).state == rules.IN_REVIEW


def test_colleague_outside_the_team_learns_no_title(ada: Applicant, call: Competition) -> None:
    make_application(call, ada, title="Secret castings")
    ids = frozenset({ada.organisation.pk})
    user = make_user("Carl Colleague")
    carl = Actor(user_id=user.pk, label="Carl Colleague", organisation_ids=ids)
    for who, is_told in ((carl, False), (ada.actor, True)):
        with pytest.raises(Refused) as caught:
            services.start_application(who, call, ada.organisation, title="x", now=NOW)
        assert caught.value.code == "leads_already"
        assert "Anvil Works" in str(caught.value)
        assert ("Secret castings" in str(caught.value)) is is_told


def test_number_is_told_once_the_first_call_is_over(ada: Applicant, call: Competition) -> None:
    make_application(call, make_applicant("Rival", "Rust Works"))
    made = make_application(call, ada)
    client = Client()
    client.force_login(ada.user)
    address = f"/api/v1/competition-applications/{made.pk}"
    for number in (None, 2):
        assert client.get(address).json()["number"] == number
        (listed,) = client.get("/api/v1/competition-applications").json()["items"]
        assert listed["number"] == number
        page = client.get(made.get_absolute_url()).content.decode()
        assert ("<dt>Application</dt>" in page) is (number is not None)
        if number is None:
            services.begin_review(SYSTEM, call, now=after_deadline(call))


def test_handing_in_costs_the_same_for_any_number_of_letters(ada: Applicant) -> None:
    counts = []
    for letters in (1, 4):
        call = make_open(template="four_stage", agencies=("DOC",))
        made = fill(ada.actor, make_application(call, ada))
        for _more in range(letters):
            services.add_commitment(ada.actor, made, letter_of(500), now=NOW)
        with CaptureQueriesContext(connection) as captured:
            services.submit_application(ada.actor, made, now=NOW)
        reads = [one["sql"] for one in captured if one["sql"].startswith("SELECT")]
        assert len([sql for sql in reads if "competitions_budgetline" in sql]) == 1
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_term_does_not_become_shorter_than_the_plan_of_revenue(
    ada: Applicant, call: Competition
) -> None:
    made = fill(ada.actor, make_application(call, ada))
    for source in rules.Source:
        services.set_budget(ada.actor, made, source, {}, now=NOW)
    with pytest.raises(Refused) as caught:  # the plan has money in its sixth year
        services.edit_application(ada.actor, made, replace(TERMS, term_months=36), now=NOW)
    assert caught.value.code == "revenue_left"
    made.refresh_from_db()
    assert made.term_months == 60
    services.edit_application(ada.actor, made, replace(TERMS, term_months=37), now=NOW)
