"""Searching the registry for records of one organisation, and what of the decisions comes back."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.models import Organisation, OrganisationPair
from lineshaft.apps.network.rules import Likelihood, LinkRule, PairState
from lineshaft.apps.network.services import OrganisationRow, resolving
from lineshaft.apps.network.tasks import JOBS
from lineshaft.apps.network.tests.factories import NOW, make_organisation
from lineshaft.kernel.errors import NotPermitted, Refused
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.jobs.context import JobContext, JobStopped, Progress
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db

ROW = OrganisationRow(
    name="Brevilan Composites Inc.", kind="industry_sme", city="Akron", region="OH"
)


def officer() -> Actor:
    return make_actor(Role.PROGRAMME_OFFICER, user_id=make_user().pk)


def register(actor: Actor, name: str, **columns: Any) -> Organisation:
    row = replace(ROW, name=name, **columns)
    return services.register_organisation(actor, row, is_new=True, now=NOW)


@pytest.fixture
def three(system: Actor) -> list[Organisation]:
    """Three spellings of one organisation, and one that is another."""
    register(system, "Halaker Robotics", city="Reno", region="NV")
    names = (ROW.name, "Brevilam Composites LLC", "Brevilan Composite Works")
    return [register(system, name) for name in names]


def pairs() -> dict[tuple[int, int], OrganisationPair]:
    return {(one.first_id, one.second_id): one for one in OrganisationPair.objects.all()}


def merged(survivor: Organisation, goes: Organisation) -> OrganisationPair:
    pair = services.propose_merge(officer(), goes, survivor, why="one address", now=NOW)
    return services.merge_organisations(officer(), pair, now=NOW)


# ----------------------------------------------------------------------------------- searching


def test_search_records_how_likely_two_are_one_and_why(
    system: Actor, three: list[Organisation]
) -> None:
    outcome = services.resolve_organisations(system, now=NOW)

    found = pairs()
    first, second, third = (one.pk for one in three)
    assert outcome.found == len(found) >= 2
    pair = found[first, second]
    assert pair.state == PairState.FOUND
    assert pair.probability_bp > 9_000
    assert [row[:2] for row in pair.evidence] == [
        ["name", "misspelt"],
        ["city", "same"],
        ["placed", "more"],
    ]
    assert pair.weight_centibits is not None
    assert pair.weight_centibits - sum(row[2] for row in pair.evidence) == -264
    assert pair.weighed_names == [three[0].name, three[1].name]
    assert pair.cluster == first
    assert {one.pk for one in Organisation.objects.filter(pk__in=(first, second, third))} >= {
        pk for two in found for pk in two
    }
    event = AuditEvent.objects.get(verb="resolve_organisations")
    assert event.changes["found"] == outcome.found


def test_search_again_changes_nothing_and_keeps_the_ids(
    system: Actor, three: list[Organisation]
) -> None:
    services.find_lookalikes(system, now=NOW)
    services.resolve_organisations(system, now=NOW)
    before = list(OrganisationPair.objects.order_by("pk").values())
    assert any(row["score_bp"] and row["probability_bp"] for row in before)
    services.find_lookalikes(system, now=NOW)
    services.resolve_organisations(system, now=NOW)
    assert list(OrganisationPair.objects.order_by("pk").values()) == before
    assert three[0].pk == before[0]["first_id"]


def test_either_search_lets_go_what_neither_finds(system: Actor, three: list[Organisation]) -> None:
    services.find_lookalikes(system, now=NOW)
    services.resolve_organisations(system, now=NOW)
    strange = make_organisation("Unlike Anything")
    services.index_organisations([strange.pk])
    kept = {"score_bp": 8_700, "reasons": "spelling", "found_at": NOW}
    by_name = OrganisationPair.objects.create(first=three[0], second=strange, **kept)
    by_weight = OrganisationPair.objects.create(
        first=three[1], second=strange, probability_bp=6_000, found_at=NOW
    )

    services.resolve_organisations(system, now=NOW)
    assert not OrganisationPair.objects.filter(pk=by_weight.pk).exists()
    by_name.refresh_from_db()
    assert (by_name.probability_bp, by_name.weight_centibits, by_name.weighed_at) == (0, None, NOW)
    services.find_lookalikes(system, now=NOW)
    assert not OrganisationPair.objects.filter(pk=by_name.pk).exists()
    likely = OrganisationPair.objects.filter(probability_bp__gte=rules.RECORDED_FROM_BP)
    likely.update(score_bp=1, reasons="spelling")
    Organisation.objects.filter(pk=three[1].pk).update(merged_into=strange)
    services.find_lookalikes(system, now=NOW)
    assert not OrganisationPair.objects.filter(second=three[1], score_bp__gt=0).exists()


def test_aliases_and_chinese_names_are_weighed_too(system: Actor) -> None:
    one = register(system, "Orrery Lamp Works", name_zh="凌峰精密机械有限公司")
    services.add_organisation_alias(system, one, "Tordeval Fasteners", now=NOW)
    other = register(system, "Tordevall Fasteners", city="")
    zh = register(system, "凌峰精密机械股份有限公司")

    services.resolve_organisations(system, now=NOW)

    found = pairs()
    assert found[one.pk, other.pk].weighed_names == ["Tordeval Fasteners", "Tordevall Fasteners"]
    assert found[one.pk, zh.pk].weighed_names == ["凌峰精密机械有限公司", zh.name]


def test_a_name_that_tells_nothing_is_nobody(system: Actor) -> None:
    for _time in range(2):
        make_organisation("Inc.")
    outcome = services.resolve_organisations(system, now=NOW)
    assert outcome == services.ResolveOutcome(0, 0, 0)


def test_job_reports_stops_and_runs_twice(system: Actor, three: list[Organisation]) -> None:
    said: list[tuple[int, int, str]] = []
    progress = Progress()
    context = JobContext(
        Job(kind=services.RESOLVE_ORGANISATIONS_JOB),
        system,
        progress,
        lambda: said.append((progress.done, progress.total, progress.note)),
    )
    run = JOBS[services.RESOLVE_ORGANISATIONS_JOB]
    run(context)
    run(context)
    assert (three[0].pk, three[1].pk) in pairs()
    assert said
    progress.is_stop_wanted = True
    OrganisationPair.objects.all().delete()
    with pytest.raises(JobStopped):
        run(context)
    assert pairs() == {}


def test_search_is_the_offices(institute_manager: Actor) -> None:
    for verb in (services.resolve_organisations, services.request_resolution):
        with pytest.raises(NotPermitted):
            verb(institute_manager, now=NOW)


# ----------------------------------------------------------------------------------- decisions


def test_what_was_decided_is_a_rule_for_the_next_search(
    system: Actor, three: list[Organisation]
) -> None:
    stays, goes, third = three
    merged(stays, goes)
    services.keep_apart(officer(), stays, third, why="two founders", now=NOW)
    assert queries.link_rules() == {
        LinkRule.MUST_LINK: ((stays.pk, goes.pk),),
        LinkRule.CANNOT_LINK: ((stays.pk, third.pk),),
    }
    before = list(OrganisationPair.objects.order_by("pk").values())

    services.find_lookalikes(system, now=NOW)
    services.resolve_organisations(system, now=NOW)

    assert list(OrganisationPair.objects.order_by("pk").values()) == before


def test_what_is_like_a_merged_record_is_brought_up_with_the_one_that_stands(
    system: Actor, three: list[Organisation]
) -> None:
    stays, goes, third = three
    Organisation.objects.filter(pk=stays.pk).update(name="Tordeval", city="Reno", region="NV")
    merged(stays, goes)
    OrganisationPair.objects.create(first=goes, second=third, found_at=NOW, probability_bp=5_000)
    fourth = register(system, "Brevilam Composite")

    services.resolve_organisations(system, now=NOW)

    found = pairs()
    assert (goes.pk, third.pk) not in found
    assert (goes.pk, fourth.pk) not in found
    pair = found[stays.pk, fourth.pk]
    assert pair.weighed_names == [goes.name, fourth.name]
    assert pair.cluster == stays.pk


def test_a_proposed_pair_is_weighed_once_and_keeps_its_state(
    system: Actor, three: list[Organisation]
) -> None:
    pair = services.propose_merge(officer(), three[1], three[0], why="one address", now=NOW)
    services.resolve_organisations(system, now=NOW)
    pair.refresh_from_db()
    assert (pair.state, pair.weighed_at) == (PairState.PROPOSED, NOW)
    weight = pair.weight_centibits
    Organisation.objects.filter(pk=three[1].pk).update(city="Reno", region="NV")
    services.resolve_organisations(system, now=NOW)
    pair.refresh_from_db()
    assert pair.weight_centibits == weight


def test_reopened_pair_waits_again_and_says_nothing_to_a_search(
    three: list[Organisation],
) -> None:
    one, other, _third = three
    pair = services.keep_apart(officer(), one, other, why="two founders", now=NOW)
    again = services.reopen_pair(officer(), pair, why="one founder after all", now=NOW)
    assert (again.state, again.why) == (PairState.FOUND, "one founder after all")
    assert queries.link_rules()[LinkRule.CANNOT_LINK] == ()
    pair = services.propose_merge(officer(), other, one, why="one address", now=NOW)
    again = services.reopen_pair(officer(), pair, why="not sure", now=NOW)
    assert (again.survivor, again.proposed_by_id) == (None, None)
    with pytest.raises(Refused):
        services.reopen_pair(officer(), again, why="again", now=NOW)
    with pytest.raises(Refused) as refused:
        services.reopen_pair(officer(), again, why=" ", now=NOW)
    assert refused.value.code == "no_reason"


def test_a_merge_is_refused_that_would_join_what_was_kept_apart(
    three: list[Organisation],
) -> None:
    stays, goes, third = three
    services.keep_apart(officer(), goes, third, why="two founders", now=NOW)
    merged(stays, goes)
    with pytest.raises(Refused) as refused:
        services.propose_merge(officer(), third, stays, why="one address", now=NOW)
    assert refused.value.code == "kept_apart"
    assert "(two founders)" in str(refused.value)
    assert goes.name in str(refused.value)


def test_decisions_that_contradict_each_other_end_the_search_in_one_sentence(
    system: Actor, three: list[Organisation]
) -> None:
    stays, goes, third = three
    merged(stays, goes)
    OrganisationPair.objects.create(
        first=stays, second=third, survivor=stays, state=PairState.MERGED, found_at=NOW
    )
    OrganisationPair.objects.create(
        first=goes, second=third, state=PairState.KEPT_APART, found_at=NOW
    )
    with pytest.raises(Refused) as refused:
        services.resolve_organisations(system, now=NOW)
    assert str(refused.value) == (
        f"“{goes.name}” and “{third.name}” were said to be two organisations, but are one by other "
        f"decisions: “{stays.name}” = “{goes.name}”, “{stays.name}” = “{third.name}”. Take one of "
        "these decisions back."
    )


# --------------------------------------------------------------------------------------- reads


def make_pairs(number: int) -> list[OrganisationPair]:
    made = []
    for place in range(number):
        first, second = (make_organisation(f"Pair {place} {side}") for side in "ab")
        made.append(
            OrganisationPair.objects.create(
                first=first, second=second, found_at=NOW, probability_bp=9_500 - 4_500 * place
            )
        )
    return made


def test_queue_is_sorted_by_probability_and_narrowed(programme_officer: Actor) -> None:
    likely, in_doubt, unlikely = made = make_pairs(3)
    waiting = queries.pairs_waiting(programme_officer)
    assert list(waiting) == made
    for word, pair in zip(Likelihood, (likely, in_doubt, unlikely), strict=True):
        assert list(queries.pairs_filtered(waiting, likelihood=word)) == [pair]
    assert list(queries.pairs_filtered(waiting, q="pair 1 b")) == [in_doubt]
    Organisation.objects.filter(pk=unlikely.second_id).update(region="NV")
    assert list(queries.pairs_filtered(waiting, region="NV")) == [unlikely]
    Organisation.objects.filter(pk=likely.first_id).update(merged_into=in_doubt.first)
    assert list(waiting.all()) == [in_doubt, unlikely]


def test_after_a_pair_comes_the_next_that_the_reviewer_may_decide() -> None:
    reviewer = officer()
    first, second, third = make_pairs(3)
    rows = queries.pairs_waiting(reviewer)
    assert queries.pair_after(reviewer, first, rows) == second
    assert queries.pair_after(reviewer, third, rows) == first
    twin = OrganisationPair.objects.create(
        first=first.first, second=second.second, found_at=NOW, probability_bp=5_000, score_bp=10
    )
    assert queries.pair_after(reviewer, first, rows) == twin
    services.propose_merge(reviewer, second.second, second.first, why="x", now=NOW)
    assert queries.pair_after(reviewer, twin, rows) == third
    assert queries.pair_after(officer(), twin, queries.pairs_waiting(officer())) == second
    assert queries.pair_after(Actor.system("x"), twin, rows) == second
    OrganisationPair.objects.exclude(pk=first.pk).delete()
    assert queries.pair_after(reviewer, first, rows) is None


def test_pairs_to_decide_leaves_out_what_is_another_persons_work(
    django_assert_num_queries: DjangoAssertNumQueries, institute_manager: Actor
) -> None:
    proposer, other = officer(), officer()
    first, *_rest = make_pairs(3)
    services.propose_merge(proposer, first.second, first.first, why="x", now=NOW)
    with django_assert_num_queries(1):
        assert queries.pairs_to_decide(proposer) == queries.PairsToDecide(in_doubt=2, proposed=0)
    assert queries.pairs_to_decide(other) == queries.PairsToDecide(in_doubt=2, proposed=1)
    assert queries.pairs_to_decide(institute_manager) == queries.PairsToDecide()


def test_neighbours_are_the_pairs_with_a_record_in_common_or_in_one_group(
    programme_officer: Actor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    pair, in_group, stranger = make_pairs(3)
    sharing = OrganisationPair.objects.create(
        first=pair.second, second=stranger.second, found_at=NOW, probability_bp=100
    )
    apart = OrganisationPair.objects.create(
        first=pair.first, second=stranger.second, found_at=NOW, state=PairState.KEPT_APART
    )
    for one in (pair, in_group):
        one.cluster = 7
        one.save()
    with django_assert_num_queries(1):
        found = queries.neighbours_of(programme_officer, pair)
    assert found == (in_group, sharing)
    pair.cluster = None
    assert queries.neighbours_of(programme_officer, pair) == (sharing,)
    assert apart not in found


def test_decisions_and_records_are_for_network_staff(
    three: list[Organisation], programme_officer: Actor, institute_manager: Actor
) -> None:
    merged(three[0], three[1])
    services.keep_apart(officer(), three[0], three[2], why="two founders", now=NOW)
    make_pairs(1)
    said = queries.decisions(queries.pairs_visible_to(programme_officer).order_by("pk"))
    assert [(one.one, one.other, one.rule, one.why) for one in said] == [
        (three[0], three[1], LinkRule.MUST_LINK, "one address"),
        (three[0], three[2], LinkRule.CANNOT_LINK, "two founders"),
    ]
    assert queries.decided_pairs(programme_officer).count() == 2
    assert three[1] in queries.records_visible_to(programme_officer)
    assert not queries.decided_pairs(institute_manager).exists()
    assert not queries.records_visible_to(institute_manager).exists()


@pytest.mark.parametrize(
    ("probability", "bp"), [(0.0, 0), (0.123456, 1234), (0.99999, 9999), (1.0, 9999)]
)
def test_probability_is_never_certain(probability: float, bp: int) -> None:
    assert rules.probability_bp(probability) == bp


# --------------------------------------------------------------------------- beside a reviewer


@pytest.mark.database
@pytest.mark.parametrize("search", ["find_lookalikes", "resolve_organisations"])
def test_pair_that_a_reviewer_decides_in_the_same_moment_stands(
    search: str, system: Actor, three: list[Organisation], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = three[:2]

    def decide(gone: Iterable[OrganisationPair]) -> None:
        assert list(gone) == []
        services.keep_apart(officer(), first, second, why="two firms", now=NOW)

    monkeypatch.setattr(resolving, "_delete", decide)  # called after the stored pairs were read
    getattr(services, search)(system, now=NOW)
    assert pairs()[first.pk, second.pk].state == PairState.KEPT_APART


@pytest.mark.database
def test_reviewer_locks_two_records_and_lets_their_pairs_be_stored(
    three: list[Organisation],
) -> None:
    with CaptureQueriesContext(connection) as queried:
        services.keep_apart(officer(), three[0], three[1], why="two firms", now=NOW)
    (locked,) = [
        one["sql"]
        for one in queried
        if one["sql"].startswith("SELECT")
        and 'FROM "network_organisation" WHERE "network_organisation"."id" IN' in one["sql"]
    ]
    assert ("FOR NO KEY UPDATE" in locked) is connection.features.has_select_for_update


@pytest.mark.django_db(transaction=True)
def test_names_are_compared_with_progress_and_outside_a_transaction(
    system: Actor, three: list[Organisation]
) -> None:
    told: list[tuple[int, str]] = []

    def report(done: int, total: int, note: str) -> None:
        assert total >= 1
        assert not connection.in_atomic_block
        told.append((done, note))
        merged(three[0], three[1])

    assert services.find_lookalikes(system, now=NOW, report=report) == 1
    assert told == [(0, "comparing names")]
    found = [two for two, one in pairs().items() if one.state == PairState.FOUND]
    assert found == [(three[0].pk, three[2].pk)]  # no pair of the one that was merged meanwhile
