from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.competitions.models import Application, Stage
from lineshaft.apps.network.tests.factories import make_organisation
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import Assignment, AssignmentRun, PanelSeat, Review
from lineshaft.apps.reviewing.tests.assigning import (
    TERMS,
    adopted,
    applications,
    assign,
    computed,
    later,
)
from lineshaft.apps.reviewing.tests.closed import close, close_to
from lineshaft.apps.reviewing.tests.panels import field, make_judged, make_panel, make_seat
from lineshaft.kernel.decisions import Refusal
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.worker import run_until_idle
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

TERMS_SENT = {
    "objective": "fair",
    "demand": "2",
    "load_least": "0",
    "sector_least": "0",
    "lead_sector_least": "0",
    "time_limit_s": "30",
}


@pytest.fixture(autouse=True)
def _demonstration(settings: Settings, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"


def client_for(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def client_in(role: Role, kind: ScopeKind = ScopeKind.NETWORK, key: str = "") -> Client:
    user = make_user(f"{role} {key}")
    make_grant(user, role, kind, key)
    return client_for(user)


def officer_with_user() -> tuple[Client, Actor]:
    user = make_user("Olga Officer")
    make_grant(user, Role.PROGRAMME_OFFICER)
    return client_for(user), Actor(user_id=user.pk, label=user.name)


def of(stage: Stage, name: str, *more: object) -> str:
    return reverse(f"reviewing:{name}", args=[stage.competition.key, stage.number, *more])


def body_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode(errors="replace"))


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: moment)


def test_assignment_is_proposed_compared_and_adopted_on_pages() -> None:
    stage = make_judged(2)
    make_panel(stage, 4)
    client = client_in(Role.PROGRAMME_OFFICER)
    page = body_of(client.get(of(stage, "show_assignment")))
    assert "Nobody reviews any of the applications yet: 2 wait" in page
    assert "Nothing was proposed yet." in page
    form = body_of(client.get(of(stage, "propose_assignment")))
    assert "Reviewers of an application" in form
    wrong = client.post(of(stage, "propose_assignment"), TERMS_SENT | {"demand": "0"})
    assert wrong.status_code == 422
    sent = client.post(of(stage, "propose_assignment"), TERMS_SENT)
    run = AssignmentRun.objects.get()
    assert sent.headers["Location"] == of(stage, "show_assignment_run", run.pk)
    waiting = body_of(client.get(sent.headers["Location"]))
    assert "A proposal is being computed" in waiting
    assert "hx-trigger" in waiting
    run_until_idle()
    shown = body_of(client.get(sent.headers["Location"]))
    assert "4 new, 0 taken back, 0 stay" in shown
    assert "The best there is, proven" in shown
    adopting = client.post(of(stage, "adopt_assignment", run.pk), follow=True)
    assert "Every application has its reviewers: 2 in all" in body_of(adopting)
    again = client.post(of(stage, "adopt_assignment", run.pk))
    assert again.status_code == 409
    later_run = body_of(client.get(of(stage, "show_assignment_run", run.pk)))
    assert "0 new, 0 taken back, 4 stay" in later_run


def test_page_without_a_number_shows_the_stage_that_judges_now() -> None:
    stage = make_judged(1)
    client = client_in(Role.PROGRAMME_OFFICER)
    url = reverse("reviewing:show_assignment", args=[stage.competition.key])
    page = client.get(url)
    assert page.status_code == 200
    assert "Initial review" in body_of(page) or stage.name in body_of(page)
    assert client.get(of_number(stage, 1)).status_code == 404
    assert client.get(of_number(stage, 3)).status_code == 200


def of_number(stage: Stage, number: int) -> str:
    return reverse("reviewing:show_assignment", args=[stage.competition.key, number])


def test_page_lists_what_lacks_in_the_order_asked_for() -> None:
    stage = make_judged(3)
    seat = make_seat(stage, text=field(1))
    one, _two, three = applications(stage)
    services.count_affinities(stage, now=later(stage))
    for place in range(3):
        assign(stage, one, make_seat(stage, f"R{place}"))
    for place in range(4):
        assign(stage, three, make_seat(stage, f"S{place}"))
    client = client_in(Role.PROGRAMME_OFFICER)
    page = body_of(client.get(of(stage, "show_assignment"), {"lacking": 1}))
    assert "Of 3 applications, 1 lack reviewers" in page
    assert "lacks 3" in page
    assert "2. Application 2" in page
    assert "1. Application 1" not in page
    every = body_of(client.get(of(stage, "show_assignment"), {"sort": "-assigned"}))
    assert every.index("3. Application 3") < every.index("1. Application 1")
    assert "more than wanted" in every
    loads = body_of(client.get(of(stage, "list_loads")))
    assert "Rita Reviewer" in loads
    assert "has room" in loads
    PanelSeat.objects.exclude(pk=seat.pk).update(load_most=1)
    assert "full" in body_of(client.get(of(stage, "list_loads")))


def test_overloaded_reviewer_stands_on_the_pages() -> None:
    stage = make_judged(2)
    seat = make_seat(stage, load_most=1)
    for one in applications(stage):
        assign(stage, one, seat)
    client = client_in(Role.PROGRAMME_OFFICER)
    assert "more than they take" in body_of(client.get(of(stage, "list_loads")))
    check = body_of(client.get(of(stage, "check_assignment")))
    assert "Rita Reviewer has 2 applications, at most 1." in check
    assert "1. Application 1 has 1 of 3 reviewers." in check


def test_assignment_that_holds_says_so() -> None:
    stage = make_judged(1)
    make_panel(stage, 2)
    adopted(stage)
    page = body_of(client_in(Role.PROGRAMME_OFFICER).get(of(stage, "check_assignment")))
    assert "The assignment holds" in page


def test_reviewer_is_assigned_and_taken_back_on_pages() -> None:
    stage = make_judged(1)
    firm = make_organisation("Anvil Works")
    ann = make_seat(stage, "Ann", text=field(1), employer=firm)
    bob = make_seat(stage, "Bob", employer=firm)
    one = applications(stage)[0]
    services.count_affinities(stage, now=later(stage))
    client = client_in(Role.PROGRAMME_OFFICER)
    candidates = body_of(client.get(of(stage, "show_candidates", one.pk)))
    assert "“Application 1” has 0 reviewers" in candidates
    assert candidates.index("Ann") < candidates.index("Bob")
    url = of(stage, "assign_reviewer", one.pk, ann.pk)
    form = client.get(url)
    assert "It breaks nothing that is asked." in body_of(form)
    seen = form.context["form"].initial["seen"]
    assert client.post(url, {"seen": "0" * 64}).status_code == 409
    assert client.post(url, {"seen": seen}).status_code == 302
    assert client.get(url).status_code == 409
    second = body_of(client.get(of(stage, "assign_reviewer", one.pk, bob.pk)))
    assert "1. Application 1 has 2 reviewers of Anvil Works, not 1." in second
    made = Assignment.objects.get()
    back = of(stage, "unassign_reviewer", made.pk)
    assert "What does not hold afterwards" in body_of(client.get(back))
    assert client.post(back, {"why": ""}).status_code == 422
    assert client.post(back, {"why": "Ill"}).status_code == 302
    made.refresh_from_db()
    assert made.why_removed == "Ill"
    assert client.get(back).status_code == 404
    assert ">reviews it<" not in body_of(client.get(of(stage, "show_candidates", one.pk)))


def test_change_that_mends_is_shown_and_the_rest_settled_around_it() -> None:
    stage = make_judged(1)
    ann = make_seat(stage, "Ann")
    bob = make_seat(stage, "Bob", sector=rules.Sector.GOVERNMENT)
    adopted(stage)
    made = Assignment.objects.get(seat=ann)
    services.unassign_reviewer(Actor.system("test"), made, why="Ill", now=later(stage))
    client = client_in(Role.PROGRAMME_OFFICER)
    pair = f"{made.application_id}:{ann.pk}"
    page = body_of(client.get(of(stage, "assign_reviewer", made.application_id, ann.pk)))
    assert "What holds afterwards" in page
    assert pair in page
    sent = client.post(of(stage, "settle_change"), {"added": pair, "removed": ["x", "1:y"]})
    run = AssignmentRun.objects.latest("pk")
    assert sent.headers["Location"] == of(stage, "show_assignment_run", run.pk)
    assert run.terms.forced == ((made.application_id, ann.pk),)
    run_until_idle()
    form = body_of(client.get(f"{of(stage, 'propose_assignment')}?from={run.pk}"))
    assert "Ann with 1. Application 1" in form
    kept = client.post(
        f"{of(stage, 'propose_assignment')}?from={run.pk}", TERMS_SENT | {"forced": pair}
    )
    assert kept.status_code == 302
    assert AssignmentRun.objects.latest("pk").terms.forced == run.terms.forced
    assert client.get(f"{of(stage, 'propose_assignment')}?from=0").status_code == 200
    assert bob.pk


def test_closed_pair_meets_its_conflict() -> None:
    stage = make_judged(1)
    seat = make_seat(stage)
    one = applications(stage)[0]
    made = assign(stage, one, seat)
    close(one, seat.reviewer.person)
    client = client_in(Role.PROGRAMME_OFFICER)
    page = body_of(client.get(of(stage, "show_assignment")))
    assert "Take 1 assignment back that a conflict closes" in page
    assert "closed by a conflict" in body_of(client.get(of(stage, "show_candidates", one.pk)))
    assert "Rita Reviewer may not review 1. Application 1." in body_of(
        client.get(of(stage, "check_assignment"))
    )
    refused = client.get(of(stage, "assign_reviewer", one.pk, seat.pk))
    assert refused.status_code == 409
    assert "15 U.S.C. 278s(e)(4)(B)(ii)" in body_of(refused)
    assert client.post(of(stage, "take_back_conflicted")).status_code == 302
    made.refresh_from_db()
    assert made.removed_at is not None


def test_infeasible_is_explained_in_words_with_its_ways_out() -> None:
    stage = make_judged(2)
    make_seat(stage, load_most=1)
    run = computed(stage, replace(TERMS, demand=1, load_most=1))
    client = client_in(Role.PROGRAMME_OFFICER)
    page = body_of(client.get(of(stage, "show_assignment_run", run.pk)))
    assert "No assignment holds all that is asked" in page
    assert "1 reviewers each for: 1. Application 1" in page
    assert "Rita Reviewer" in page
    assert f"from={run.pk}&amp;load_most=2" in page
    assert f"/panel/{stage.number}/" in page
    prefilled = body_of(
        client.get(of(stage, "propose_assignment"), {"from": run.pk, "load_most": 2})
    )
    assert 'name="load_most" value="2"' in prefilled


def terms_of(kind: str, one: Application, seat: PanelSeat) -> rules.AssignmentTerms:
    match kind:
        case "half":
            return replace(TERMS, sector_least=1)
        case "employer":
            return replace(TERMS, demand=3, employer_most=1)
        case "lead":
            return replace(TERMS, lead_sector_least=2)
        case "least":
            return replace(TERMS, load_least=2)
        case "closed":
            return replace(TERMS, demand=3)
        case "forbidden":
            return replace(TERMS, demand=3, forbidden=((one.pk, seat.pk),))
        case _:
            return replace(TERMS, demand=1, forced=((one.pk, seat.pk),))


@pytest.mark.parametrize(
    ("kind", "said", "way"),
    [
        ("half", "of the public half", "Ask for fewer of each half"),
        ("employer", "of Anvil Works", "Let any number be of one employer"),
        ("lead", "of the lead", "Do not ask for the lead"),
        ("least", "at least 2 applications each for", "Lower the least load to 1"),
        ("forced", "the pair that must be: Ann with", "Choose the pairs anew"),
        ("closed", "3 reviewers each for: 1. Application 1", "Decide the conflict"),
        ("forbidden", "3 reviewers each for: 1. Application 1", "Choose the pairs anew"),
    ],
)
def test_each_fault_is_told_with_its_way_out(kind: str, said: str, way: str) -> None:
    stage = make_judged(1)
    firm = make_organisation("Anvil Works")
    sector = rules.Sector.ACADEMIA if kind == "lead" else rules.Sector.INDUSTRY
    seats = [make_seat(stage, name, employer=firm, sector=sector) for name in ("Ann", "Bob", "Cid")]
    one = applications(stage)[0]
    if kind in {"forced", "closed"}:
        close(one, seats[0].reviewer.person)
    run = computed(stage, terms_of(kind, one, seats[0]))
    assert run.state == rules.INFEASIBLE
    page = body_of(client_in(Role.ADMINISTRATOR).get(of(stage, "show_assignment_run", run.pk)))
    assert said in page
    assert way in page


@pytest.mark.parametrize("is_forced", [False, True])
def test_begun_reviews_that_make_it_impossible_are_taken_back_where_they_are_assigned(
    *, is_forced: bool
) -> None:
    stage = make_judged(2)
    seat = make_seat(stage, load_most=1)
    make_seat(stage, "Other")
    first, second = applications(stage)
    for one in (first, second):
        Review.objects.create(assignment=assign(stage, one, seat), changed_at=later(stage))
    forced = ((first.pk, seat.pk),) if is_forced else ()
    run = computed(stage, replace(TERMS, demand=1, forced=forced))
    assert run.state == rules.INFEASIBLE
    page = body_of(client_in(Role.ADMINISTRATOR).get(of(stage, "show_assignment_run", run.pk)))
    assert "Do not force Rita Reviewer" in page
    assert ("Choose the pairs anew" in page) is is_forced
    assert all(of(stage, "show_candidates", one.pk) in page for one in (first, second))


def test_pairs_of_who_left_are_offered_no_more() -> None:
    stage = make_judged(1)
    gone, stays = make_seat(stage, "Gone"), make_seat(stage, "Stays")
    one = applications(stage)[0]
    pairs = tuple((one.pk, seat.pk) for seat in (gone, stays))
    run = computed(stage, replace(TERMS, demand=2, forced=pairs))
    PanelSeat.objects.filter(pk=gone.pk).update(state=rules.LEFT)
    page = body_of(
        client_in(Role.ADMINISTRATOR).get(of(stage, "propose_assignment"), {"from": run.pk})
    )
    assert "Stays with" in page
    assert "Gone with" not in page


def test_many_at_fault_are_counted() -> None:
    stage = make_judged(10)
    make_seat(stage, load_most=1)
    run = computed(stage, replace(TERMS, demand=1))
    page = body_of(client_in(Role.ADMINISTRATOR).get(of(stage, "show_assignment_run", run.pk)))
    assert "No assignment holds all that is asked" in page
    AssignmentRun.objects.filter(pk=run.pk).update(
        explanation=run.explanation | {"applications": [one.pk for one in applications(stage)]}
    )
    page = body_of(client_in(Role.ADMINISTRATOR).get(of(stage, "show_assignment_run", run.pk)))
    assert "and 2 more" in page


def test_panel_that_is_wrong_is_told_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = make_judged(1)
    fault = Refusal("political_appointee", "One sits here.", rules.BOTH_SECTORS)
    monkeypatch.setattr(queries, "panel_faults", lambda _stage: (fault,))
    page = body_of(client_in(Role.PROGRAMME_OFFICER).get(of(stage, "show_assignment")))
    assert "One sits here." in page
    assert "15 U.S.C. 278s(e)(4)(A)(i)" in page


def test_proposal_is_stopped_and_laid_aside_on_pages() -> None:
    stage = make_judged(1)
    make_panel(stage, 2)
    client = client_in(Role.PROGRAMME_OFFICER)
    client.post(of(stage, "propose_assignment"), TERMS_SENT)
    run = AssignmentRun.objects.get()
    assert client.post(of(stage, "stop_proposal", run.pk)).status_code == 302
    page = body_of(client.get(of(stage, "show_assignment_run", run.pk)))
    assert "The proposal was stopped before anything came out" in page
    assert client.post(of(stage, "discard_proposal", run.pk)).status_code == 302
    page = body_of(client.get(of(stage, "show_assignment_run", run.pk)))
    assert "Proposal of an assignment" in page
    assert "Lay it aside" not in page


def test_proposal_whose_job_failed_says_so() -> None:
    stage = make_judged(1)
    make_panel(stage, 2)
    client = client_in(Role.PROGRAMME_OFFICER)
    client.post(of(stage, "propose_assignment"), TERMS_SENT)
    run = AssignmentRun.objects.get()
    assert run.job is not None
    Job.objects.filter(pk=run.job.pk).update(state="failed", note="half way")
    page = body_of(client.get(of(stage, "show_assignment_run", run.pk)))
    assert "Its job ended without an answer." in page


def test_file_holds_who_reviews_what() -> None:
    stage = make_judged(2)
    make_panel(stage, 4)
    adopted(stage)
    client = client_in(Role.PROGRAMME_OFFICER)
    file = body_of(client.get(of(stage, "export_assignment", "csv")))
    assert file.count("Application 1") == 2
    assert "Solver" in file
    assert client.get(of(stage, "export_assignment", "pdf")).status_code == 404


# ------------------------------------------------------------------------------------- closed doors


def test_officer_with_a_closed_door_sees_neither_row_nor_share() -> None:
    stage = make_judged(2)
    make_panel(stage, 4)
    run = computed(stage)
    services.adopt_assignment(Actor.system("test"), run, now=later(stage))
    one = applications(stage)[0]
    client, actor = officer_with_user()
    close_to(actor, one)
    page = body_of(client.get(of(stage, "show_assignment")))
    assert "Every application has its reviewers: 1 in all" in page
    assert "is closed to you by a conflict of interest" in page
    assert one.title not in page
    shown = body_of(client.get(of(stage, "show_assignment_run", run.pk)))
    assert "0 new, 0 taken back, 2 stay" in shown
    assert one.title not in shown
    assert "Might still be better by" not in shown
    assert client.get(of(stage, "show_candidates", one.pk)).status_code == 404
    seat = PanelSeat.objects.earliest("pk")
    assert client.get(of(stage, "assign_reviewer", one.pk, seat.pk)).status_code == 404
    made = Assignment.objects.filter(application=one).earliest("pk")
    assert client.get(of(stage, "unassign_reviewer", made.pk)).status_code == 404
    assert one.title not in body_of(client.get(of(stage, "export_assignment", "csv")))
    assert one.title not in body_of(client.get(of(stage, "check_assignment")))
    loads = queries.seats_loaded(actor, stage)
    assert sum(seat.load for seat in loads) == 2  # type: ignore[attr-defined]
    api = f"/api/v1/competitions/{stage.competition.key}/stages/{stage.number}"
    rows = client.get(f"{api}/assignments").json()["items"]
    assert {row["application_number"] for row in rows} == {2}
    proposals = client.get(f"{api}/assignment-proposals").json()["items"]
    assert [(row["total"], row["is_withheld"]) for row in proposals] == [(None, True)]


def test_explanation_of_a_closed_application_is_withheld() -> None:
    stage = make_judged(2)
    seat = make_seat(stage, load_most=1)
    one, two = applications(stage)
    run = computed(stage, replace(TERMS, demand=1, forced=((one.pk, seat.pk), (two.pk, seat.pk))))
    client, actor = officer_with_user()
    close_to(actor, one)
    page = body_of(client.get(of(stage, "show_assignment_run", run.pk)))
    assert "has to do with an application that is closed to you" in page
    assert one.title not in page
    form = body_of(client.get(of(stage, "propose_assignment"), {"from": run.pk}))
    assert one.title not in form
    assert two.title in form


def test_least_loads_counted_over_a_closed_application_are_withheld() -> None:
    stage = make_judged(2)
    make_panel(stage, 2)
    run = computed(stage, replace(TERMS, demand=1, load_least=2))
    client, actor = officer_with_user()
    address, said = of(stage, "show_assignment_run", run.pk), "2 less in all as the least of"
    assert said in body_of(client.get(address))
    close_to(actor, applications(stage)[0])
    page = body_of(client.get(address))
    assert "has to do with an application that is closed to you" in page
    assert said not in page
    assert "Lower the least load" not in page


@pytest.mark.parametrize("who", ["public", "member", "reviewer", "sponsor of another"])
def test_nobody_else_sees_any_of_it(who: str) -> None:
    stage = make_judged(1)
    rita = make_user("Rita")
    seat = make_seat(stage, "Rita", user=rita)
    one = applications(stage)[0]
    run = computed(stage, replace(TERMS, demand=1))
    made = assign(stage, one, seat)
    clients: dict[str, Callable[[], Client]] = {
        "public": Client,
        "member": lambda: client_in(Role.MEMBER, ScopeKind.ORGANISATION, str(one.lead_id)),
        "reviewer": lambda: client_for(rita),
        "sponsor of another": lambda: client_in(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOE"),
    }
    client = clients[who]()
    pages = [
        of(stage, "show_assignment"),
        of(stage, "list_loads"),
        of(stage, "check_assignment"),
        of(stage, "export_assignment", "csv"),
        of(stage, "propose_assignment"),
        of(stage, "show_candidates", one.pk),
        of(stage, "assign_reviewer", one.pk, seat.pk),
        of(stage, "unassign_reviewer", made.pk),
        of(stage, "show_assignment_run", run.pk),
    ]
    for address in pages:
        response = client.get(address)
        expected = {302, 404} if who == "public" else {404}
        assert response.status_code in expected, address
    posts = ("settle_change", "take_back_conflicted")
    for name in posts:
        assert client.post(of(stage, name)).status_code == 404
    for name in ("adopt_assignment", "discard_proposal", "stop_proposal"):
        assert client.post(of(stage, name, run.pk)).status_code == 404
    api = f"/api/v1/competitions/{stage.competition.key}/stages/{stage.number}"
    assert client.get(f"{api}/assignments").status_code == 404
    assert client.get(f"{api}/assignment-proposals").status_code == 404


def test_sponsor_of_the_competition_runs_it_and_support_only_reads() -> None:
    stage = make_judged(1)
    make_panel(stage, 2)
    sponsor = client_in(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOC")
    assert sponsor.get(of(stage, "propose_assignment")).status_code == 200
    reader = client_in(Role.AUDITOR)
    assert reader.get(of(stage, "show_assignment")).status_code == 200
    assert "Propose an assignment" not in body_of(reader.get(of(stage, "show_assignment")))
    assert reader.get(of(stage, "propose_assignment")).status_code == 403


# ----------------------------------------------------------------------------------------- the API


def test_other_system_proposes_and_adopts() -> None:
    stage = make_judged(2)
    make_panel(stage, 4)
    client = client_in(Role.PROGRAMME_OFFICER)
    api = f"/api/v1/competitions/{stage.competition.key}/stages/{stage.number}"
    said = {"objective": "sum", "demand": 2}
    headers = {"Idempotency-Key": "one"}
    asked = client.post(
        f"{api}/assignment-proposals", said, content_type="application/json", headers=headers
    )
    assert asked.status_code == 202
    assert asked.json()["state"] == "computing"
    twice = client.post(
        f"{api}/assignment-proposals", said, content_type="application/json", headers=headers
    )
    assert twice.json() == asked.json()
    run_until_idle()
    run = asked.json()["id"]
    done = client.post(f"{api}/assignment-proposals/{run}/adopt", content_type="application/json")
    assert (done.status_code, done.json()["state"]) == (200, "adopted")
    rows = client.get(f"{api}/assignments").json()["items"]
    assert len(rows) == 4
    assert {row["reviewer"] for row in rows} <= {f"Reviewer {place}" for place in range(4)}
    wrong = client.post(
        f"{api}/assignment-proposals", {"demand": 0}, content_type="application/json"
    )
    assert wrong.status_code == 422
    assert client.get(f"{api}9/assignments").status_code == 404


# ------------------------------------------------------------------------------------------- costs


@pytest.mark.parametrize("number", [1, 3])
def test_pages_of_an_assignment_cost_the_same_for_any_number_of_records(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    stage = make_judged(number)
    for place in range(2 * number):
        sector = (rules.Sector.GOVERNMENT, rules.Sector.INDUSTRY)[place % 2]
        employer = make_organisation()
        make_seat(stage, f"R{place}", employer=employer, text=field(place), sector=sector)
    run = adopted(stage, replace(TERMS, demand=2, sector_least=0, employer_most=1))
    for _place in range(number - 1):
        computed(stage)
    client = client_in(Role.PROGRAMME_OFFICER)
    one = applications(stage)[0]
    made = Assignment.objects.earliest("pk")
    api = f"/api/v1/competitions/{stage.competition.key}/stages/{stage.number}"
    costs = {
        of(stage, "show_assignment"): 18,
        of(stage, "list_loads"): 10,
        of(stage, "check_assignment"): 15,
        of(stage, "show_candidates", one.pk): 12,
        of(stage, "show_assignment_run", run.pk): 13,
        of(stage, "unassign_reviewer", made.pk): 19,
        of(stage, "export_assignment", "csv"): 9,
        f"{api}/assignments": 8,
        f"{api}/assignment-proposals": 9,
    }
    for address, count in costs.items():
        client.get(address)
        with django_assert_num_queries(count):
            assert body_of(client.get(address))
