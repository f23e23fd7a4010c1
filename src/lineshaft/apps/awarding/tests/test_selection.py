from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection, connections
from pytest_django import Settings

from lineshaft.apps.awarding import queries, rules, services
from lineshaft.apps.awarding.models import (
    ApplicationMark,
    OverlapPair,
    SelectionChoice,
    SelectionRecord,
    SelectionScenario,
)
from lineshaft.apps.awarding.rules import Factor, FactorKind, PolicyMark
from lineshaft.apps.awarding.services import ChoiceTerms, ScenarioTerms
from lineshaft.apps.awarding.tests.selecting import (
    Selecting,
    choose,
    decided,
    make_selecting,
)
from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.rules import DECIDED, Outcome
from lineshaft.apps.competitions.tests.factories import MILLION_MINOR, SYSTEM
from lineshaft.apps.network.tests.factories import make_person
from lineshaft.engines.optimise import portfolio
from lineshaft.kernel.errors import (
    Invalid,
    LineshaftError,
    NotFound,
    NotPermitted,
    Refused,
    Stale,
    Unavailable,
)
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

SELECTED, WAITING, OUT = Outcome.SELECTED, Outcome.WAITLISTED, Outcome.NOT_SELECTED


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def world() -> Selecting:
    return make_selecting(states=("OH", "OH", "NY"))


def refused(code: str) -> "pytest.RaisesExc[Refused]":
    return pytest.raises(Refused, check=lambda error: error.code == code)


def scenario(world: Selecting, *factors: Factor, **changes: object) -> SelectionScenario:
    terms = ScenarioTerms("One", 140 * MILLION_MINOR, factors=factors)
    terms = replace(terms, **changes)  # type: ignore[arg-type] # fields of it
    return services.make_scenario(SYSTEM, world.competition, terms, now=world.now)


# ---------------------------------------------------------------------------- what is chosen among


def test_selection_follows_the_ranked_list_of_the_last_reviewed_stage(world: Selecting) -> None:
    selection = queries.selection_of(SYSTEM, world.competition)
    assert selection.judged == world.judged
    assert [one.application for one in selection.candidates] == list(world.applications)
    assert [one.ranked.rank if one.ranked else None for one in selection.candidates] == [1, 2, 3]
    assert {one.asked_minor for one in selection.candidates} == {70 * MILLION_MINOR}
    assert selection.candidates[0].name == "Anvils of Works 1"
    assert selection.candidates[0].name_zh == ""


def test_what_nobody_reviewed_stands_last_without_a_place() -> None:
    world = make_selecting((0, 4))
    selection = queries.selection_of(SYSTEM, world.competition)
    first, second = selection.candidates
    assert (first.application, second.application) == world.applications[::-1]
    assert second.ranked is None
    assert second.score(rules.Basis.MEAN) is None


def test_without_any_review_the_list_follows_the_numbers() -> None:
    world = make_selecting((0, 0))
    selection = queries.selection_of(SYSTEM, world.competition)
    assert selection.judged is None
    assert [one.application for one in selection.candidates] == list(world.applications)


def test_what_was_withdrawn_is_not_chosen_among(world: Selecting) -> None:
    ada = world.applicants[0]
    competitions.withdraw_from_competition(
        ada.actor, world.applications[0], why="A partner left", now=world.now
    )
    selection = queries.selection_of(SYSTEM, world.competition)
    assert [one.application for one in selection.candidates] == list(world.applications[1:])


def test_selection_is_read_by_who_runs_it_and_by_its_official(
    world: Selecting, programme_officer: Actor, institute_manager: Actor, agency_sponsor: Actor
) -> None:
    assert len(queries.selection_of(programme_officer, world.competition).candidates) == 3
    for stranger in (institute_manager, agency_sponsor, world.applicants[0].actor, Actor.public()):
        with pytest.raises(NotFound):
            queries.selection_of(stranger, world.competition)
        assert queries.scenarios_visible_to(stranger, world.competition) == []
    own = make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOC", user_id=900)
    assert len(queries.selection_of(own, world.competition).candidates) == 3


def test_official_who_runs_nothing_reads_and_decides() -> None:
    user = make_user("Olga Official")
    official = make_person("Olga Official", user=user)
    world = make_selecting((5, 4), selecting_official=official)
    olga = make_actor(user_id=user.pk)
    selection = queries.selection_of(olga, world.competition)
    assert [one.ranked.rank for one in selection.candidates if one.ranked] == [1, 2]
    choose(world, SELECTED, OUT)
    with pytest.raises(NotPermitted):
        services.decide_selection(
            make_actor(Role.PROGRAMME_OFFICER, user_id=user.pk + 1),
            world.competition,
            "Mine.",
            now=world.now,
        )
    with pytest.raises(NotPermitted):
        services.record_selection_choice(
            olga, world.competition, world.applications[0], ChoiceTerms(OUT), now=world.now
        )
    services.decide_selection(olga, world.competition, "The first.", now=world.now)
    world.competition.refresh_from_db()
    assert world.competition.state == DECIDED


# ---------------------------------------------------------------------------------------- choices


def test_choice_is_kept_and_changed_until_the_decision(world: Selecting) -> None:
    one, call = world.applications[0], world.competition
    terms = ChoiceTerms(SELECTED, 60 * MILLION_MINOR, reason="First.", explanation="Well done.")
    first = services.record_selection_choice(SYSTEM, call, one, terms, seen=0, now=world.now)
    assert (first.revision, first.outcome, first.amount_minor) == (1, SELECTED, 60 * MILLION_MINOR)
    second = services.record_selection_choice(
        SYSTEM, call, one, ChoiceTerms(OUT), seen=1, now=world.now
    )
    assert (second.pk, second.revision, second.amount_minor) == (first.pk, 2, None)
    with pytest.raises(Stale):
        services.record_selection_choice(SYSTEM, call, one, terms, seen=1, now=world.now)
    choose(world, SELECTED, OUT, OUT)
    services.decide_selection(SYSTEM, call, "The first.", now=world.now)
    with refused("not_selecting"):
        services.record_selection_choice(SYSTEM, call, one, terms, now=world.now)


def test_choice_is_refused_by_amount_length_and_person(
    world: Selecting, agency_sponsor: Actor
) -> None:
    one, call = world.applications[0], world.competition
    with refused("above_asked"):
        services.record_selection_choice(
            SYSTEM, call, one, ChoiceTerms(SELECTED, 71 * MILLION_MINOR), now=world.now
        )
    with pytest.raises(Invalid):
        services.record_selection_choice(
            SYSTEM, call, one, ChoiceTerms(OUT, reason="x" * 4_001), now=world.now
        )
    with pytest.raises(NotPermitted):
        services.record_selection_choice(agency_sponsor, call, one, ChoiceTerms(OUT), now=world.now)
    with pytest.raises(NotFound):
        services.record_selection_choice(
            SYSTEM, Competition(pk=0), one, ChoiceTerms(OUT), now=world.now
        )
    other = make_selecting((3,))
    with pytest.raises(NotFound):
        services.record_selection_choice(
            SYSTEM, call, other.applications[0], ChoiceTerms(OUT), now=world.now
        )
    assert not SelectionChoice.objects.exists()


# ------------------------------------------------------------------------------------- the decision


def test_decision_gives_every_application_its_outcome(world: Selecting) -> None:
    records = decided(world, SELECTED, WAITING, OUT)
    assert [one.outcome for one in records] == [SELECTED, WAITING, OUT]
    assert [one.rank for one in records] == [1, 2, 3]
    assert [one.stage for one in records] == [world.judged] * 3
    outcomes = Application.objects.order_by("number").values_list("outcome", flat=True)
    assert list(outcomes) == [SELECTED, WAITING, OUT]
    world.competition.refresh_from_db()
    assert (world.competition.state, world.competition.decision) == (DECIDED, "As chosen.")
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"decide_selection", "decide_competition"} <= verbs


def test_trail_says_nothing_of_what_was_chosen(world: Selecting) -> None:
    decided(world, OUT, SELECTED, OUT, reasons=("", "The only castings.", ""))
    said = [
        f"{one.why} {one.changes} {one.institute}"
        for one in AuditEvent.objects.filter(
            verb__in=["record_selection_choice", "decide_selection", "decide_competition"]
        )
    ]
    assert not [text for text in said if "selected" in text or "castings" in text]


def test_departure_from_the_rank_needs_its_reason(world: Selecting) -> None:
    choose(world, OUT, SELECTED, SELECTED)
    with pytest.raises(Refused) as caught:
        services.decide_selection(SYSTEM, world.competition, "The others.", now=world.now)
    assert caught.value.code == "unexplained"
    assert "2, 3" in str(caught.value)
    assert "278s(e)(4)(A)(i)" in (caught.value.citation or "")
    records = decided(world, OUT, SELECTED, SELECTED, reasons=("", "Castings.", "Geography."))
    assert [(one.is_departure, one.reason) for one in records] == [
        (False, ""),
        (True, "Castings."),
        (True, "Geography."),
    ]


def test_decision_is_refused_beyond_money_and_number(world: Selecting) -> None:
    choose(world, SELECTED, SELECTED, SELECTED)
    with refused("too_many_awards"):
        services.decide_selection(SYSTEM, world.competition, "All.", now=world.now)
    Competition.objects.update(awards_most=3)
    with refused("above_total"):
        services.decide_selection(SYSTEM, world.competition, "All.", now=world.now)
    assert not Application.objects.exclude(outcome="").exists()
    assert not SelectionRecord.objects.exists()


def test_decision_waits_for_every_choice_and_for_words(world: Selecting) -> None:
    with refused("open_choices"):
        services.decide_selection(SYSTEM, world.competition, "None.", now=world.now)
    choose(world, OUT, OUT, OUT)
    with refused("no_decision"):
        services.decide_selection(SYSTEM, world.competition, " ", now=world.now)
    assert len(services.decide_selection(SYSTEM, world.competition, "None.", now=world.now)) == 3


def test_decision_on_what_has_changed_since_is_stale(world: Selecting) -> None:
    choose(world, SELECTED, OUT, OUT)
    seen = queries.selection_of(SYSTEM, world.competition).digest
    choose(world, OUT, OUT, OUT)
    with pytest.raises(Stale):
        services.decide_selection(SYSTEM, world.competition, "It.", seen=seen, now=world.now)
    seen = queries.selection_of(SYSTEM, world.competition).digest
    services.decide_selection(SYSTEM, world.competition, "It.", seen=seen, now=world.now)
    with refused("not_selecting"):
        services.decide_selection(SYSTEM, world.competition, "It.", seen=seen, now=world.now)


def test_decision_in_words_alone_leaves_nobody_without_an_outcome(world: Selecting) -> None:
    with refused("no_outcomes"):
        competitions.decide_competition(SYSTEM, world.competition, "The first.", now=world.now)
    first = world.applications[0].pk
    with refused("no_outcomes"):
        competitions.decide_competition(
            SYSTEM, world.competition, "x", outcomes={first: SELECTED}, now=world.now
        )


def test_competition_without_applications_is_decided_in_words() -> None:
    world = make_selecting(())
    assert services.decide_selection(SYSTEM, world.competition, "Nobody.", now=world.now) == []


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_officers_who_decide_at_once_decide_once(world: Selecting) -> None:
    choose(world, SELECTED, OUT, OUT)
    users = [make_user("First Officer").pk, make_user("Second Officer").pk]

    def decide(number: int) -> str:
        officer = make_actor(Role.PROGRAMME_OFFICER, user_id=users[number - 1])
        try:
            services.decide_selection(
                officer, world.competition, f"Decided by {number}.", now=world.now
            )
        except LineshaftError as error:
            return error.code
        finally:
            connections.close_all()
        return f"Decided by {number}."

    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = sorted(pool.map(decide, [1, 2]))
    world.competition.refresh_from_db()
    assert answers == [world.competition.decision, "not_selecting"]
    assert SelectionRecord.objects.count() == 3
    assert AuditEvent.objects.filter(verb="decide_selection").count() == 1


# -------------------------------------------------------------------------------------- scenarios


def test_scenario_funds_the_most_valuable_within_the_budget(world: Selecting) -> None:
    made = scenario(world)
    first, second, third = (one.pk for one in world.applications)
    assert made.applications == [first, second, third]
    assert made.result["funded"] == [first, second]
    assert made.result["by_rank"] == [first, second]
    assert made.result["cost_minor"] == 140 * MILLION_MINOR
    candidates = queries.selection_of(SYSTEM, world.competition).candidates
    best = sum(one.ranked.estimate for one in candidates[:2] if one.ranked)
    assert made.result["value"] == pytest.approx(float(best))
    assert made.result["is_optimal"]
    assert [one["factor"] for one in made.result["prices"]] == ["awards"]


def test_scenario_prices_each_factor(world: Selecting) -> None:
    made = scenario(world, Factor(FactorKind.STATE_MOST), basis=rules.Basis.MEAN)
    first, second, third = (one.pk for one in world.applications)
    assert made.result["funded"] == [first, third]
    price = made.result["prices"][1]
    assert price["factor"] == "state_most:"
    assert price["value"] == pytest.approx(1.0)
    assert (price["gained"], price["lost"]) == ([second], [third])


def test_scenario_names_what_cannot_all_hold(world: Selecting) -> None:
    made = scenario(world, Factor(FactorKind.STATE_LEAST, 2, "NY"))
    assert made.result == {"impossible": [{"factor": "state_least:NY", "group": "NY"}]}


def test_scenario_holds_to_pairs_and_marks(world: Selecting) -> None:
    first, second, third = (one.pk for one in world.applications)
    call = world.competition
    services.note_overlap(SYSTEM, call, (second, first), reason="Same line.", now=world.now)
    assert scenario(world, Factor(FactorKind.OVERLAP_ONCE)).result["funded"] == [first, third]
    services.set_policy_marks(
        SYSTEM, call, world.applications[2], {PolicyMark.RURAL: "Of 2,000 souls."}, now=world.now
    )
    made = scenario(world, Factor(FactorKind.RURAL_LEAST), name="Two")
    assert third in made.result["funded"]


def test_scenario_is_refused_by_its_terms(world: Selecting, agency_sponsor: Actor) -> None:
    scenario(world)
    with pytest.raises(Invalid):
        scenario(world)  # the name is taken
    with pytest.raises(Invalid):
        scenario(world, name=" ")
    with pytest.raises(Invalid):
        scenario(world, name="Two", budget_minor=-1)
    with refused("no_number"):
        scenario(world, Factor(FactorKind.STATE_MOST, 0), name="Two")
    with pytest.raises(NotPermitted):
        services.make_scenario(
            agency_sponsor, world.competition, ScenarioTerms("Two", 1), now=world.now
        )
    decided(world, OUT, OUT, OUT)
    with refused("not_selecting"):
        scenario(world, name="Two")


def test_scenario_over_nothing_is_refused() -> None:
    with refused("nothing_to_choose"):
        scenario(make_selecting(()))


def test_scenario_over_what_nobody_reviewed_is_worth_nothing() -> None:
    world = make_selecting((0, 0))
    made = scenario(world)
    assert made.stage.kind == "selection"
    assert made.result["value"] == 0


def test_scenario_out_of_time_says_so(world: Selecting) -> None:
    terms = ScenarioTerms("One", 140 * MILLION_MINOR)
    with pytest.raises(Unavailable):
        services.make_scenario(SYSTEM, world.competition, terms, now=world.now, time_limit_s=0.0)
    assert not SelectionScenario.objects.exists()


def test_scenario_is_counted_before_anything_is_locked(
    world: Selecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    best, open_before = portfolio.best_portfolio, len(connection.savepoint_ids)
    changed: list[int] = []

    def solve(choice: portfolio.Choice, *, time_limit_s: float) -> object:
        assert len(connection.savepoint_ids) == open_before  # in no transaction of the verb
        if not changed:
            first, second = world.applications[0].pk, world.applications[1].pk
            note_overlap(world, first, second)
            changed.append(first)
        return best(choice, time_limit_s=time_limit_s)

    monkeypatch.setattr(portfolio, "best_portfolio", solve)
    with pytest.raises(Stale):
        scenario(world, Factor(FactorKind.OVERLAP_ONCE))
    assert not SelectionScenario.objects.exists()
    assert scenario(world, Factor(FactorKind.OVERLAP_ONCE)).result["funded"] != []


def note_overlap(world: Selecting, first: int, second: int) -> OverlapPair:
    return services.note_overlap(
        SYSTEM, world.competition, (first, second), reason="Same line.", now=world.now
    )


def test_scenario_is_found_by_whoever_runs_the_competition(world: Selecting) -> None:
    made = scenario(world)
    assert queries.scenario_by_id(SYSTEM, world.competition, made.pk) == made
    with pytest.raises(NotFound):
        queries.scenario_by_id(SYSTEM, world.competition, made.pk + 1)


# -------------------------------------------------------------------------------- marks and pairs


def test_marks_are_set_changed_and_taken_off_together(world: Selecting) -> None:
    one, call = world.applications[0], world.competition

    def set_marks(**reasons: str) -> dict[str, str]:
        said = {PolicyMark(name): text for name, text in reasons.items()}
        services.set_policy_marks(SYSTEM, call, one, said, now=world.now)
        return dict(ApplicationMark.objects.values_list("mark", "reason"))

    assert set_marks(rural="Small.", low_income="Poor.") == {
        "rural": "Small.",
        "low_income": "Poor.",
    }
    assert set_marks(rural="Small.", low_income="Poorer.")["low_income"] == "Poorer."
    assert set_marks(rural="Small.") == {"rural": "Small."}
    with pytest.raises(Invalid):
        set_marks(rural=" ")
    assert set_marks() == {}
    decided(world, OUT, OUT, OUT)
    with refused("not_selecting"):
        set_marks(rural="Small.")


def test_marks_that_changed_since_they_were_seen_are_kept(world: Selecting) -> None:
    one, call = world.applications[0], world.competition
    seen = queries.selection_of(SYSTEM, call).candidate(one.pk).marks_digest
    rural, poor = {PolicyMark.RURAL: "Small."}, {PolicyMark.LOW_INCOME: "Poor."}
    services.set_policy_marks(SYSTEM, call, one, rural, seen=seen, now=world.now)
    with pytest.raises(Stale):
        services.set_policy_marks(SYSTEM, call, one, poor, seen=seen, now=world.now)
    assert ApplicationMark.objects.get().mark == PolicyMark.RURAL


def test_pair_is_noted_once_and_taken_back(world: Selecting) -> None:
    call = world.competition
    first, second = world.applications[0].pk, world.applications[1].pk
    pair = services.note_overlap(SYSTEM, call, (second, first), reason="Both.", now=world.now)
    assert (pair.first_id, pair.second_id) == (first, second)
    with refused("pair_stands"):
        services.note_overlap(SYSTEM, call, (first, second), reason="Both.", now=world.now)
    with refused("same_application"):
        services.note_overlap(SYSTEM, call, (first, first), reason="Both.", now=world.now)
    with pytest.raises(Invalid):
        services.note_overlap(SYSTEM, call, (first, second), reason=" ", now=world.now)
    with pytest.raises(NotFound):
        services.note_overlap(SYSTEM, call, (first, 0), reason="Both.", now=world.now)
    services.remove_overlap(SYSTEM, call, pair, now=world.now)
    assert not OverlapPair.objects.exists()
    with pytest.raises(NotFound):
        services.remove_overlap(SYSTEM, call, pair, now=world.now)
    again = services.note_overlap(SYSTEM, call, (first, second), reason="Both.", now=world.now)
    decided(world, OUT, OUT, OUT)
    with refused("not_selecting"):
        services.note_overlap(SYSTEM, call, (first, second), reason="Both.", now=world.now)
    with refused("not_selecting"):
        services.remove_overlap(SYSTEM, call, again, now=world.now)
