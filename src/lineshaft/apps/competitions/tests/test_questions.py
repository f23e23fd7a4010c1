from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError
from pytest_django import Settings

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import Question, SavedSearch
from lineshaft.apps.competitions.queries import Search
from lineshaft.apps.competitions.services import SearchTerms
from lineshaft.apps.competitions.tasks import (
    run_alert_saved_searches,
    run_alert_saved_searches_of_user,
)
from lineshaft.apps.competitions.tests.factories import (
    NOW,
    SYSTEM,
    after_deadline,
    make_call,
    make_draft,
    make_open,
)
from lineshaft.apps.network.tests.factories import make_agency, make_institute
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs.context import JobContext, Progress
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _platform(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: LATER)


@pytest.fixture
def user() -> User:
    return make_user("Ada")


@pytest.fixture
def ada(user: User) -> Actor:
    """Somebody who has signed in and belongs to nothing."""
    return make_actor(user_id=user.pk)


# -------------------------------------------------------------------------------------- questions


def test_question_is_numbered_answered_once_and_told(ada: Actor, user: User) -> None:
    opened = make_open("2026-Q")
    asked = services.ask_question(ada, opened, " May we? ", now=NOW)
    assert (asked.number, asked.text, asked.asked_by) == (1, "May we?", user)
    answered = services.answer_question(SYSTEM, asked, "You may.", is_public=True, now=NOW)
    assert (answered.answer, answered.is_public) == ("You may.", True)
    message = OutboxMessage.objects.get()
    assert (message.recipient, message.subject) == (
        user.email,
        "Your question on 2026-Q is answered",
    )
    assert "May we?" not in message.body
    with pytest.raises(Refused) as error:
        services.answer_question(SYSTEM, asked, "No.", is_public=False, now=NOW)
    assert error.value.code == "answered_already"


def test_question_is_seen_by_whom_it_concerns(ada: Actor) -> None:
    opened = make_open()
    own = services.ask_question(ada, opened, "Mine", now=NOW)
    other = services.ask_question(
        make_actor(user_id=make_user("Bo").pk), opened, "Another's", now=NOW
    )
    public = services.ask_question(SYSTEM, opened, "For all", now=NOW)
    services.answer_question(SYSTEM, public, "Yes.", is_public=True, now=NOW)
    services.answer_question(SYSTEM, other, "Only you.", is_public=False, now=NOW)

    def numbers(actor: Actor) -> list[int]:
        return [one.number for one in queries.questions_visible_to(actor, opened)]

    assert numbers(Actor.public()) == [public.number]
    assert numbers(ada) == [public.number, own.number]
    assert numbers(make_actor(Role.PROGRAMME_OFFICER)) == [3, 2, 1]
    with pytest.raises(NotFound):
        queries.question_by_number(ada, opened, other.number)


def test_questions_have_a_deadline(ada: Actor) -> None:
    early = make_open(questions_until=NOW + timedelta(days=3))
    with pytest.raises(Refused) as error:
        services.ask_question(ada, early, "Still?", now=NOW + timedelta(days=3))
    assert error.value.code == "questions_over"
    other = make_open()
    with pytest.raises(Refused) as error:
        services.ask_question(ada, other, "Still?", now=after_deadline(other))
    assert error.value.code == "questions_over"


def test_nobody_asks_of_what_they_may_not_see(ada: Actor) -> None:
    with pytest.raises(NotFound):
        services.ask_question(ada, make_draft(), "What?", now=NOW)
    with pytest.raises(NotPermitted):
        services.ask_question(Actor.public(), make_open(), "What?", now=NOW)
    with pytest.raises(Invalid):
        services.ask_question(ada, make_open(), " ", now=NOW)


def test_stranger_answers_nothing(ada: Actor) -> None:
    asked = services.ask_question(ada, make_open(), "May we?", now=NOW)
    with pytest.raises(NotPermitted):
        services.answer_question(ada, asked, "Yes!", is_public=True, now=NOW)


# --------------------------------------------------------------------------------------- searches


def keep(actor: Actor, name: str = "All", **search: str) -> SavedSearch:
    return services.save_search(actor, SearchTerms(name, Search(**search)), now=NOW)


def told(actor: Actor, user: User) -> list[str]:
    OutboxMessage.objects.all().delete()
    services.tell_of_new(actor, user, now=LATER)
    return [message.subject for message in OutboxMessage.objects.order_by("subject")]


def test_search_tells_once_of_what_is_new_and_seen(ada: Actor, user: User) -> None:
    make_open("2026-OLD")
    keep(ada)
    make_draft("2026-DRAFT")
    make_call(make_institute("lift"))  # for the members of the institute alone
    new = make_draft("2026-NEW")
    services.announce_competition(SYSTEM, new, now=NOW + timedelta(hours=1))
    assert told(ada, user) == ["1 new opportunity for “All”"]
    body = OutboxMessage.objects.get().body
    assert "2026-NEW, Announced: Smart manufacturing institute" in body
    assert new.get_absolute_url() in body
    assert told(ada, user) == []
    services.open_competition(SYSTEM, new, now=LATER + timedelta(hours=1))
    OutboxMessage.objects.all().delete()
    services.tell_of_new(ada, user, now=LATER + timedelta(days=1))
    assert "2026-NEW, Open: Smart manufacturing" in OutboxMessage.objects.get().body


def test_what_is_opened_while_a_round_goes_on_is_told_by_the_next(ada: Actor, user: User) -> None:
    keep(ada)
    draft = make_draft("2026-LATE")
    assert told(ada, user) == []
    services.open_competition(SYSTEM, draft, now=LATER - timedelta(minutes=1))  # seen only now
    assert told(ada, user) == []
    services.tell_of_new(ada, user, now=LATER + timedelta(days=1))
    services.tell_of_new(ada, user, now=LATER + timedelta(days=2))
    assert [one.subject for one in OutboxMessage.objects.all()] == ["1 new opportunity for “All”"]


def test_search_is_narrowed_by_all_that_it_names(ada: Actor, user: User) -> None:
    make_agency("DOD")
    for name, search in {
        "fits": {"words": "smart", "kind": "institute", "agency": "DOE", "area": "robotics"},
        "words": {"words": "photonics"},
        "kind": {"kind": "project_call"},
        "agency": {"agency": "DOD"},
    }.items():
        make_draft()
        keep(ada, name, **search)
    opened = make_draft()
    services.open_competition(SYSTEM, opened, now=NOW + timedelta(hours=1))
    assert told(ada, user) == ["1 new opportunity for “fits”"]


@pytest.mark.parametrize(
    ("name", "search", "field"),
    [
        ("", {}, "name"),
        ("Kept", {}, "name"),
        ("New", {"agency": "NONE"}, "agency"),
        ("New", {"kind": "none"}, "kind"),
        ("New", {"area": "none"}, "area"),
    ],
)
def test_search_with_a_fault_is_not_kept(
    ada: Actor, name: str, search: dict[str, str], field: str
) -> None:
    keep(ada, "Kept")
    with pytest.raises(Invalid) as error:
        keep(ada, name, **search)
    assert [fault.field for fault in error.value.errors] == [field]


def test_search_is_its_owners_alone(ada: Actor) -> None:
    saved = keep(ada)
    other = make_actor(Role.PROGRAMME_OFFICER, user_id=make_user("Bo").pk)
    with pytest.raises(NotFound):
        queries.search_by_id(other, saved.pk)
    with pytest.raises(NotFound):
        services.delete_search(other, saved, now=NOW)
    services.delete_search(ada, saved, now=NOW)
    assert not SavedSearch.objects.exists()


def context(actor: Actor, **payload: object) -> JobContext:
    return JobContext(Job(payload=payload), actor, Progress(), lambda: None)


def test_daily_round_asks_for_one_job_each_and_each_tells(ada: Actor, user: User) -> None:
    keep(ada)
    make_user("Without a search")
    services.announce_competition(SYSTEM, make_draft(), now=NOW + timedelta(hours=1))
    run_alert_saved_searches(context(SYSTEM, day="2026-03-03"))
    run_alert_saved_searches(context(SYSTEM, day="2026-03-03"))
    job = Job.objects.get(kind="alert_saved_searches_of_user")
    assert (job.payload, job.requested_by_id) == ({"user": user.pk, "day": "2026-03-03"}, user.pk)
    run_alert_saved_searches_of_user(context(ada, **job.payload))
    run_alert_saved_searches_of_user(context(ada, **job.payload))
    assert OutboxMessage.objects.count() == 1


# ---------------------------------------------------------------------------------- opportunities


def test_opportunities_are_found_by_status_and_what_they_hold() -> None:
    coming = services.announce_competition(SYSTEM, make_draft(title="Photonics"), now=NOW)
    opened = make_open(agencies=("DOD",), match_share_bp=None)
    over = services.cancel_competition(SYSTEM, make_open(), why="x", now=NOW)
    make_draft("2026-DRAFT")

    def found(**search: str) -> set[str]:
        return {one.code for one in queries.opportunities_found(Actor.public(), Search(**search))}

    assert found() == {coming.code, opened.code}
    assert found(status="posted") == {opened.code}
    assert found(status="archived") == {over.code}
    assert found(status="all") == {coming.code, opened.code, over.code}
    assert found(words="PHOTON") == {coming.code}
    assert found(words="智能制造", status="posted") == {opened.code}
    assert found(agency="DOD") == {opened.code}
    assert found(area="robotics") == {coming.code, opened.code}
    assert found(kind="project_call") == set()
    officer = make_actor(Role.PROGRAMME_OFFICER)
    assert not {one.code for one in queries.opportunities_found(officer, Search(status="all"))} & {
        "2026-DRAFT"
    }


def test_deadline_shown_is_the_one_that_comes_next() -> None:
    opened = make_open()
    first, third = (opened.stages.get(number=number).ends_at for number in (1, 3))

    def closes_at() -> object:
        row = queries.with_deadlines(queries.competitions_visible_to(SYSTEM)).get(pk=opened.pk)
        return row.closes_at  # type: ignore[attr-defined] # annotated

    assert closes_at() == first
    services.begin_review(SYSTEM, opened, now=after_deadline(opened))
    assert closes_at() == third
    assert queries.status_of(rules.DRAFT) is None


def test_searches_are_few_and_a_long_message_counts_the_rest(
    ada: Actor, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = keep(ada)
    for _place in range(21):
        services.announce_competition(SYSTEM, make_draft(), now=NOW + timedelta(hours=1))
    assert told(ada, user) == ["21 new opportunities for “All”"]
    assert "And 1 more." in OutboxMessage.objects.get().body
    for place in range(19):
        keep(ada, f"Search {place}")
    with pytest.raises(Invalid):
        keep(ada, "One more")
    services.delete_search(ada, saved, now=NOW)

    def collide(*_args: object, **_kwargs: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(SavedSearch.objects, "create", collide)
    with pytest.raises(Stale):
        keep(ada, "In one moment")


def test_who_has_no_address_is_told_nothing(ada: Actor, user: User) -> None:
    keep(ada)
    asked = services.ask_question(ada, make_open(), "May we?", now=NOW)
    User.objects.filter(pk=user.pk).update(email="")
    user.refresh_from_db()
    services.announce_competition(SYSTEM, make_draft(), now=NOW + timedelta(hours=1))
    assert told(ada, user) == []
    services.answer_question(SYSTEM, asked, "Yes.", is_public=False, now=NOW)
    assert not OutboxMessage.objects.exists()


def test_questions_that_are_none_or_gone(ada: Actor) -> None:
    opened = make_open()
    asked = services.ask_question(ada, opened, "May we?", now=NOW)
    with pytest.raises(Invalid):
        services.answer_question(SYSTEM, asked, " ", is_public=True, now=NOW)
    gone = Question(pk=0, competition=opened)
    with pytest.raises(NotFound):
        services.answer_question(SYSTEM, gone, "Yes.", is_public=True, now=NOW)
    services.cancel_competition(SYSTEM, opened, why="x", now=NOW)
    with pytest.raises(Refused) as error:
        services.ask_question(ada, opened, "Why?", now=NOW)
    assert error.value.code == "no_questions"
