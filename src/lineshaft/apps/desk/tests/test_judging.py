"""What the desk says of judging: conflicts to decide, outcomes to tell, visits to go on."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from lineshaft.apps.awarding import services as awarding
from lineshaft.apps.awarding.models import SiteVisit
from lineshaft.apps.awarding.queries import own_visits_ahead
from lineshaft.apps.awarding.tests import factories as visiting
from lineshaft.apps.competitions import queries, services
from lineshaft.apps.competitions.models import Application, Competition, Conflict
from lineshaft.apps.competitions.rules import (
    APPLICATION_WITHDRAWN,
    CANCELLED,
    ConflictOrigin,
    ConflictOutcome,
    StageResult,
)
from lineshaft.apps.competitions.services import OutcomeTerms
from lineshaft.apps.competitions.tests.conflicting import Judge, make_judge
from lineshaft.apps.competitions.tests.factories import (
    SYSTEM,
    after_deadline,
    make_open,
    stage_of,
)
from lineshaft.apps.competitions.tests.judging import make_several
from lineshaft.apps.network.tests.factories import make_person
from lineshaft.apps.reviewing.tests.closed import close
from lineshaft.plumbing import clock
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db
MOMENT = visiting.MOMENT


@pytest.fixture(autouse=True)
def _demonstration(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path
    monkeypatch.setattr(clock, "now", lambda: MOMENT)
    monkeypatch.setattr(clock, "today", MOMENT.date)


def desk_of(who: Judge | visiting.Somebody) -> str:
    client = Client()
    client.force_login(who.user)
    response = client.get("/desk/")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def queries_of(who: Judge | visiting.Somebody) -> int:
    desk_of(who)  # what is looked up once
    with CaptureQueriesContext(connection) as captured:
        desk_of(who)
    return len(captured)


def judged(number: int) -> tuple[Competition, list[Application]]:
    """A competition in its first review, with so many applications."""
    call = make_open(agencies=("DOC",))
    made = [one.application for one in make_several(call, number)]
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    return call, made


def decide(call: Competition, some: list[Application]) -> None:
    terms = OutcomeTerms(StageResult.GOES_ON)
    ids = [one.pk for one in some]
    services.decide_stage_outcomes(
        SYSTEM, stage_of(call, 2), ids, terms, now=after_deadline(call, 2)
    )


# --------------------------------------------------------------------------------------- conflicts


@pytest.mark.database
def test_conflicts_wait_for_who_runs_the_competition_as_far_as_they_read_them() -> None:
    call, (first, second) = judged(2)
    officer, colleague = make_judge("Olga"), make_judge("Colleague")
    reviewer = make_person("Rita")
    for one in (first, second):
        close(one, reviewer)
    line = f"/competitions/{call.key}/conflicts/?outcome=open"
    html = desk_of(officer)
    assert "2 conflicts of interest wait for a decision" in html
    assert f'href="{line}"' in html
    close(first, officer.person)  # what is closed to her is counted no more, nor her own
    assert [one.count for one in queries.conflicts_to_decide(officer.actor)] == [1]
    assert [one.count for one in queries.conflicts_to_decide(colleague.actor)] == [3]
    assert "1 conflict of interest waits for a decision" in desk_of(officer)
    sponsor = make_judge("Other", Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")
    assert queries.conflicts_to_decide(sponsor.actor) == ()
    assert "conflicts of interest" not in desk_of(make_judge("Nobody", None))


@pytest.mark.database
def test_conflicts_wait_as_their_page_lists_them() -> None:
    call, (first, second) = judged(2)
    officer = make_judge("Olga")

    def counted() -> int:
        shown = queries.conflicts_visible_to(officer.actor, call)
        waiting = shown.filter(outcome=ConflictOutcome.OPEN, cleared_at__isnull=True).count()
        assert sum(one.count for one in queries.conflicts_to_decide(officer.actor)) == waiting
        return waiting

    found = [close(one, make_person(f"Rita {one.pk}")) for one in (first, second)]
    assert counted() == 2
    Conflict.objects.filter(pk=found[0].pk).update(cleared_at=MOMENT)
    assert counted() == 1
    later = stage_of(call, 3)  # the second call opens, and what is found from then on is sealed
    call.stages.filter(pk=later.pk).update(began_at=MOMENT)
    Competition.objects.filter(pk=call.pk).update(state="open", stage_number=3)
    call = Competition.objects.get(pk=call.pk)
    Conflict.objects.filter(pk=found[1].pk).update(
        origin=ConflictOrigin.COMPUTED, found_at=MOMENT + timedelta(hours=1)
    )
    assert counted() == 0
    Conflict.objects.filter(pk=found[1].pk).update(found_at=MOMENT - timedelta(hours=1))
    assert counted() == 1
    Competition.objects.filter(pk=call.pk).update(state=CANCELLED, why_cancelled="Snow")
    assert queries.conflicts_to_decide(officer.actor) == ()


# ---------------------------------------------------------------------------------------- outcomes


@pytest.mark.database
def test_outcomes_that_are_decided_wait_to_be_told() -> None:
    call, made = judged(2)
    officer = make_judge("Olga")
    assert queries.outcomes_to_tell(officer.actor) == ()
    decide(call, made)
    html = desk_of(officer)
    name = stage_of(call, 2).name
    assert f"2 outcomes of “{name}” are decided and not told" in html
    assert f'href="/competitions/{call.key}/outcomes/2/"' in html
    close(made[0], officer.person)
    assert f"1 outcome of “{name}” is decided and not told" in desk_of(officer)
    Application.objects.filter(pk=made[1].pk).update(state=APPLICATION_WITHDRAWN)
    made[1].submissions.update(withdrawn_at=MOMENT)
    assert queries.outcomes_to_tell(officer.actor) == ()
    (left,) = queries.outcomes_to_tell(make_judge("Colleague").actor)
    assert left.count == queries.count_at_gate(SYSTEM, stage_of(call, 2)).untold == 1
    services.tell_stage_outcomes(SYSTEM, stage_of(call, 2), now=after_deadline(call, 2))
    assert queries.outcomes_to_tell(make_judge("Third").actor) == ()
    sponsor = make_judge("Other", Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")
    assert queries.outcomes_to_tell(sponsor.actor) == ()


def test_conflicts_and_outcomes_take_the_same_queries_for_three_as_for_one() -> None:
    officer, counts = make_judge("Olga"), []
    for number in (1, 3):
        call, made = judged(number)
        decide(call, made)
        for one in made:
            close(one, make_person(f"Rita {one.pk}"))
        counts.append(queries_of(officer))
    assert counts[0] == counts[1]


# ------------------------------------------------------------------------------------------ visits


@pytest.mark.database
def test_visit_is_said_to_who_goes_on_it_until_it_is_over() -> None:
    shown = visiting.make_visited()
    visit = visiting.make_visit(shown)
    lead = visiting.make_seated(visit.stage, "Lea")
    visiting.send(visit, lead, is_lead=True)
    html = desk_of(lead)
    line = f"You go on the visit of application {visit.application.number}: {visit.place}"
    assert line in html
    assert f'href="{visit.get_absolute_url()}"' in html
    assert visit.application.title not in html
    at_home = visiting.make_seated(visit.stage, "Hanna")
    assert "You go on the visit" not in desk_of(at_home)
    assert list(own_visits_ahead(lead.actor, now=visit.ends_at)) == []
    close(visit.application, lead.person)
    assert "You go on the visit" not in desk_of(lead)


def test_visit_that_is_cancelled_or_of_what_was_withdrawn_is_not_said() -> None:
    shown = visiting.make_visited()
    first, second, third = (visiting.make_visit(shown) for _number in range(3))
    lead = visiting.make_seated(first.stage, "Lea")
    for visit in (first, second, third):
        visiting.send(visit, lead, is_lead=True)
    awarding.cancel_visit(SYSTEM, first, why="Snow", now=MOMENT)
    Application.objects.filter(pk=second.application_id).update(state=APPLICATION_WITHDRAWN)

    def ahead() -> list[SiteVisit]:
        return list(own_visits_ahead(lead.actor, now=MOMENT))

    assert ahead() == [third]
    Competition.objects.filter(pk=shown.pk).update(state=CANCELLED, why_cancelled="Snow")
    assert ahead() == []


def test_visits_take_the_same_queries_for_three_as_for_one() -> None:
    shown = visiting.make_visited()
    counts, made = [], [visiting.make_visit(shown)]
    lead = visiting.make_seated(made[0].stage, "Lea")
    visiting.send(made[0], lead, is_lead=True)
    counts.append(queries_of(lead))
    for _number in range(2):
        visiting.send(visiting.make_visit(shown), lead, is_lead=True)
    counts.append(queries_of(lead))
    assert counts[0] == counts[1]
