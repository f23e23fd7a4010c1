"""What a conflict of interest closes of a selection, of its letters and its awards."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from lineshaft.apps.awarding import queries, services
from lineshaft.apps.awarding.models import LetterSending, SelectionChoice, SelectionScenario
from lineshaft.apps.awarding.rules import SCENARIOS_MAX, LetterKind
from lineshaft.apps.awarding.services import ChoiceTerms, ScenarioTerms
from lineshaft.apps.awarding.tests.selecting import (
    Selecting,
    choose,
    make_selecting,
    published,
    with_letters,
)
from lineshaft.apps.competitions.models import Conflict
from lineshaft.apps.competitions.rules import Outcome
from lineshaft.apps.competitions.tests.factories import MILLION_MINOR, SYSTEM
from lineshaft.apps.network.models import Person
from lineshaft.apps.network.tests.factories import make_person
from lineshaft.apps.reviewing.tests.closed import close
from lineshaft.kernel.errors import Invalid, NotFound, Refused
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.audit.queries import events_of
from lineshaft.plumbing.audit.services import erase_event
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db

SELECTED, OUT = Outcome.SELECTED, Outcome.NOT_SELECTED


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True  # roles sign in without a second factor
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path


class Officer:
    """A programme officer at a browser, of whom a person is registered."""

    def __init__(self, name: str) -> None:
        self.user = make_user(name)
        make_grant(self.user, Role.PROGRAMME_OFFICER)
        self.person: Person = make_person(name, user=self.user)
        self.client = Client()
        self.client.force_login(self.user)
        self.actor: Actor = make_actor(Role.PROGRAMME_OFFICER, user_id=self.user.pk)

    def text_at(self, path: str) -> str:
        response: Any = self.client.get(path)
        assert response.status_code == 200, path
        return " ".join(response.content.decode().split())

    def rows_at(self, path: str) -> list[dict[str, Any]]:
        """The rows of a file in JSON."""
        response: Any = self.client.get(path)
        assert response.status_code == 200, path
        rows: list[dict[str, Any]] = json.loads(response.getvalue())["rows"]
        return rows


def plain(page: str) -> str:
    """The page without what differs from one asking to the next."""
    return re.sub(r'(value|nonce)="[^"]{20,}"', "", page)


def test_conflict_closes_the_place_the_sum_and_the_scenario() -> None:
    world = make_selecting()
    first = world.applications[0]
    paula, other = Officer("Paula"), Officer("Olaf")
    terms = ScenarioTerms("Over all", 140 * MILLION_MINOR)
    scenario = services.make_scenario(SYSTEM, world.competition, terms, now=world.now)
    choose(world, SELECTED, OUT, OUT)
    base = f"/competitions/{world.competition.key}/selection/"
    before = other.text_at(base)
    close(first, paula.person)
    selection = queries.selection_of(paula.actor, world.competition)
    assert [one.ranked.rank for one in selection.candidates if one.ranked] == [1, 2]
    assert selection.selected_minor == 0
    page = paula.text_at(base)
    assert "0 of 2 applications are selected" in page
    assert "Works 1" not in page
    assert "Over all" not in page
    api = paula.client.get(f"/api/v1{base.rstrip('/')}").json()
    assert [one["rank"] for one in api["candidates"]] == [1, 2]
    assert first.pk not in [one["application"] for one in api["candidates"]]
    for path in (
        f"scenarios/{scenario.pk}/",
        f"applications/{first.pk}/",
        f"applications/{first.pk}/marks/",
    ):
        assert paula.client.get(base + path).status_code == 404, path
    assert plain(other.text_at(base)) == plain(before)
    assert "1 of 3 applications is selected" in before


def test_name_and_number_of_scenarios_tell_nothing_of_one_that_is_hidden() -> None:
    world = make_selecting((5, 4))
    paula, other = Officer("Paula"), Officer("Olaf")
    call, now = world.competition, world.now
    terms = ScenarioTerms("Base case", 140 * MILLION_MINOR)
    hidden = services.make_scenario(other.actor, call, terms, now=now)
    stored = {field.attname: getattr(hidden, field.attname) for field in hidden._meta.fields[1:]}
    SelectionScenario.objects.bulk_create(
        SelectionScenario(**{**stored, "name": f"Case {number}"})
        for number in range(1, SCENARIOS_MAX)
    )
    with pytest.raises(Refused, check=lambda error: error.code == "too_many_scenarios"):
        services.make_scenario(other.actor, call, ScenarioTerms("More", 1), now=now)
    close(world.applications[0], paula.person)
    assert queries.scenarios_visible_to(paula.actor, call) == []
    own = services.make_scenario(paula.actor, call, terms, now=now)
    assert queries.scenarios_visible_to(paula.actor, call) == [own]
    with pytest.raises(Invalid) as caught:
        services.make_scenario(paula.actor, call, terms, now=now)
    assert "You have counted a scenario of this name" in caught.value.as_text()


def test_scenarios_of_one_name_are_told_apart_by_who_made_them() -> None:
    world = make_selecting((5, 4))
    paula, other = Officer("Paula"), Officer("Olaf")
    for officer, name in ((paula, "Base case"), (other, "Base case"), (other, "Rural first")):
        terms = ScenarioTerms(name, 140 * MILLION_MINOR)
        services.make_scenario(
            replace(officer.actor, label=officer.user.name), world.competition, terms, now=world.now
        )
    page = other.text_at(f"/competitions/{world.competition.key}/selection/")
    for name in ("Base case (Paula)", "Base case (Olaf)", "Rural first"):
        assert page.count(name) >= 2, name  # side by side, and application by application
    assert not re.search(r"Base case\s*<", page)


def test_scenarios_of_one_name_and_one_maker_are_told_apart_by_numbers() -> None:
    world = make_selecting((5, 4))
    paula, other = Officer("Paula"), Officer("Olaf")
    call, terms = world.competition, ScenarioTerms("Base case", 140 * MILLION_MINOR)
    for officer in (paula, other):
        actor = replace(officer.actor, label=officer.user.name)
        made = services.make_scenario(actor, call, terms, now=world.now)
    stored = {field.attname: getattr(made, field.attname) for field in made._meta.fields[1:]}
    of_earlier_release = {**stored, "made_by": "Paula", "made_by_user_id": None}
    SelectionScenario.objects.create(**of_earlier_release)
    page = other.text_at(f"/competitions/{call.key}/selection/")
    for name in ("Base case (Paula, number 1)", "Base case (Paula, number 2)", "Base case (Olaf)"):
        assert page.count(name) >= 2, name  # side by side, and application by application
    assert "Base case (Paula)" not in page


def test_conflict_closes_the_row_the_place_and_the_sum_in_the_file() -> None:
    world = make_selecting()
    paula, other = Officer("Paula"), Officer("Olaf")
    choose(world, SELECTED, OUT, OUT)
    base = f"/competitions/{world.competition.key}/selection/export.json"
    whole = other.rows_at(base)
    close(world.applications[0], paula.person)
    rows = paula.rows_at(base)
    assert [one["rank"] for one in rows] == [1, 2]
    assert [one["number"] for one in rows] == [one["number"] for one in whole[1:]]
    assert rows[0]["sum"] == rows[0]["asked"]
    assert whole[1]["sum"] != whole[1]["asked"]
    assert other.rows_at(base) == whole


def test_conflict_closes_the_verbs_on_the_application() -> None:
    world = make_selecting((5, 4))
    first, second = world.applications
    paula = Officer("Paula")
    close(first, paula.person)
    call, actor, now = world.competition, paula.actor, world.now
    with pytest.raises(NotFound):
        services.record_selection_choice(actor, call, first, ChoiceTerms(OUT), now=now)
    with pytest.raises(NotFound):
        services.set_policy_marks(actor, call, first, {}, now=now)
    with pytest.raises(NotFound):
        services.note_overlap(actor, call, (first.pk, second.pk), reason="x", now=now)
    own = services.make_scenario(actor, call, ScenarioTerms("Mine", 1), now=now)
    assert own.applications == [second.pk]
    assert not SelectionChoice.objects.exists()


def test_conflicted_official_does_not_decide_and_is_told_who_does() -> None:
    world = make_selecting((5, 4))
    choose(world, SELECTED, OUT)
    paula, other = Officer("Paula"), Officer("Olaf")
    close(world.applications[1], paula.person)
    with pytest.raises(Refused) as caught:
        services.decide_selection(paula.actor, world.competition, "Mine.", now=world.now)
    assert caught.value.code == "conflicted"
    assert "Another of those who run the competition decides" in str(caught.value)
    assert "Works 2" not in str(caught.value)
    sent: Any = paula.client.post(
        f"/competitions/{world.competition.key}/selection/decide/", {"decision": "Mine."}
    )
    assert sent.status_code == 409
    services.decide_selection(other.actor, world.competition, "Ours.", now=world.now)


def test_conflicted_official_who_is_named_gets_no_places() -> None:
    user = make_user("Olga Official")
    person = make_person("Olga Official", user=user)
    world = make_selecting((5, 4), selecting_official=person)
    choose(world, SELECTED, OUT)
    olga = make_actor(user_id=user.pk)
    close(world.applications[0], person)
    selection = queries.selection_of(olga, world.competition)
    assert [one.application for one in selection.candidates] == [world.applications[1]]
    assert selection.candidates[0].ranked is None
    with pytest.raises(Refused) as caught:
        services.decide_selection(olga, world.competition, "Mine.", now=world.now)
    assert "names another selecting official" in str(caught.value)


def test_conflict_closes_letters_and_awards() -> None:
    world: Selecting = with_letters(published((5, 4)))
    first = world.applications[0]
    paula = Officer("Paula")
    close(first, paula.person)
    base = f"/competitions/{world.competition.key}"
    assert "Works 1" not in paula.text_at(f"{base}/letters/")
    assert "Works 1" not in paula.text_at(f"{base}/awards/")
    for path in (f"letters/{first.pk}/decision/en/", f"awards/{first.pk}/"):
        assert paula.client.get(f"{base}/{path}").status_code == 404, path
    assert paula.client.get(f"/api/v1{base}/awards").json() == []
    call, now = world.competition, world.now
    assert services.send_letters(paula.actor, call, LetterKind.DECISION, now=now) == 1
    assert [one.application for one in LetterSending.objects.all()] == [world.applications[1]]
    with pytest.raises(NotFound):
        services.open_agreement(paula.actor, call, first, services.AwardTerms(), now=now)
    assert services.send_letters(SYSTEM, call, LetterKind.DECISION, now=now) == 1


def test_conflicted_job_prints_what_is_open_alone() -> None:
    world = published((5, 4))
    paula = Officer("Paula")
    close(world.applications[0], paula.person)
    made = services.print_missing_letters(paula.actor, world.competition, now=world.now)
    assert made == 4


def test_trail_tells_nobody_over_how_many_applications_a_verb_went() -> None:
    world = with_letters(published((5, 4)))
    call, now = world.competition, world.now
    assert services.send_letters(SYSTEM, call, LetterKind.DECISION, now=now) == 2
    events = AuditEvent.objects.filter(verb__in=["decide_selection", "send_letters"])
    assert [(one.verb, one.count, one.changes) for one in events.order_by("pk")] == [
        ("decide_selection", 1, {}),
        ("send_letters", 1, {}),
    ]


def test_official_whose_conflict_nobody_had_looked_for_does_not_decide() -> None:
    world = make_selecting((5, 4))
    choose(world, SELECTED, OUT)
    late = Officer("Lena")
    late.person.organisation = world.applications[0].lead
    late.person.save(update_fields=["organisation"])
    assert not Conflict.objects.filter(person=late.person).exists()
    with pytest.raises(Refused) as caught:
        services.decide_selection(late.actor, world.competition, "Mine.", now=world.now)
    assert caught.value.code == "conflicted"
    assert Conflict.objects.filter(person=late.person, application=world.applications[0]).exists()


def test_trail_tells_the_conflicted_nothing_of_an_award_or_an_overlap() -> None:
    world = make_selecting((5, 4))
    first, second = world.applications
    paula, other = Officer("Paula"), Officer("Olaf")
    pair = services.note_overlap(
        SYSTEM, world.competition, (first.pk, second.pk), reason="Alike", now=world.now
    )
    assert events_of(paula.actor, pair).count() == 1
    close(first, paula.person)
    assert events_of(paula.actor, pair).count() == 0
    assert events_of(other.actor, pair).count() == 1


def test_trail_tells_the_conflicted_nothing_of_an_overlap_that_was_taken_back() -> None:
    world = make_selecting()
    first, second, third = world.applications
    paula, other = Officer("Paula"), Officer("Olaf")
    call, now = world.competition, world.now
    kept = services.note_overlap(SYSTEM, call, (second.pk, third.pk), reason="Alike", now=now)
    gone = services.note_overlap(SYSTEM, call, (third.pk, first.pk), reason="Alike", now=now)
    pk = gone.pk
    services.remove_overlap(SYSTEM, call, gone, now=now)

    def told(officer: Officer) -> list[tuple[str, str]]:
        api = officer.client.get("/api/v1/audit-events").json()["items"]
        of_pairs = [one for one in api if one["subject_type"] == "awarding.overlappair"]
        assert all(f"/audit/{one['id']}/" in officer.text_at("/audit/") for one in of_pairs)
        return [(one["verb"], one["subject_id"]) for one in of_pairs]

    on_gone = [("remove_overlap", str(pk)), ("note_overlap", str(pk))]
    assert told(paula) == [*on_gone, ("note_overlap", str(kept.pk))]
    close(first, paula.person)
    assert told(paula) == [("note_overlap", str(kept.pk))]
    assert told(other) == [*on_gone, ("note_overlap", str(kept.pk))]
    event = AuditEvent.objects.get(verb="remove_overlap")
    assert event.changes == {"application": first.pk, "other_application": third.pk}
    assert paula.client.get(f"/audit/{event.pk}/").status_code == 404
    assert paula.client.get(f"/api/v1/audit-events/{event.pk}").status_code == 404


def test_erased_event_of_an_overlap_is_withheld_from_whoever_has_a_conflict() -> None:
    world = make_selecting()
    first, second, third = world.applications
    paula, other = Officer("Paula"), Officer("Olaf")
    call, now = world.competition, world.now
    pair = services.note_overlap(SYSTEM, call, (first.pk, second.pk), reason="Alike", now=now)
    close(third, paula.person)
    assert events_of(paula.actor, pair).count() == 1
    administrator = make_actor(Role.ADMINISTRATOR, user_id=other.user.pk)
    event = AuditEvent.objects.get(verb="note_overlap")
    erase_event(administrator, event.pk, now=now, why="Asked for")
    assert events_of(paula.actor, pair).count() == 0
    assert events_of(other.actor, pair).count() == 1


def test_trail_tells_the_conflicted_nothing_of_scenarios_of_the_competition() -> None:
    world = make_selecting((5, 4))
    paula, other = Officer("Paula"), Officer("Olaf")
    terms = ScenarioTerms("Over all", 1)
    made = services.make_scenario(SYSTEM, world.competition, terms, now=world.now)
    assert events_of(paula.actor, made).count() == 1
    close(world.applications[0], paula.person)
    assert events_of(paula.actor, made).count() == 0
    assert events_of(other.actor, made).count() == 1
