"""Overlaps found among stored awards: what is compared, kept, withdrawn, and what stays."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.models import (
    AwardKey,
    AwardOverlap,
    CommonPhrases,
    FormerAwardText,
    OutsideAward,
)
from lineshaft.apps.network.rules import OverlapScope, OverlapState
from lineshaft.apps.network.services import awards, comparing, finding
from lineshaft.apps.network.tasks import DAILY_JOBS, JOBS
from lineshaft.apps.network.tests.factories import NOW, make_agency
from lineshaft.apps.network.tests.works import GEARS, RETOLD, SYSTEM, YARN, store
from lineshaft.kernel.errors import NotPermitted, Stale
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.jobs.context import JobContext, JobStopped, Progress
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.worker import run_until_idle
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)


def officer() -> Actor:
    return make_actor(Role.PROGRAMME_OFFICER, user_id=make_user().pk)


def find(scope: OverlapScope = OverlapScope.CHANGED, **more: Any) -> services.FindOutcome:
    return services.find_overlaps(SYSTEM, scope, **{"now": NOW} | more)


def pairs() -> list[tuple[str, str]]:
    rows = AwardOverlap.objects.order_by("first__number", "second__number")
    return list(rows.values_list("first__number", "second__number"))


@pytest.fixture
def two() -> tuple[OutsideAward, OutsideAward]:
    """Two awards for one work, with one for another between them."""
    first = store("1", GEARS)
    store("2", YARN)
    return first, store("3", RETOLD, agency_name="DOE")


@pytest.mark.database
@pytest.mark.parametrize("scope", OverlapScope)
def test_awards_that_share_text_are_found_and_again_the_same(
    two: tuple[OutsideAward, OutsideAward], scope: OverlapScope
) -> None:
    assert find(scope) == services.FindOutcome(3, 1, 0, 0, 0)
    row = AwardOverlap.objects.get()
    assert (row.first, row.second, row.kind, row.is_outdated) == (*two, "same_work", False)
    for a, b, c, d in row.passages:
        assert GEARS[a:b].split() == RETOLD[c:d].split()
    events = AuditEvent.objects.count()
    assert find(OverlapScope.ALL) == services.FindOutcome(3, 0, 0, 1, 0)
    assert find() == services.FindOutcome(0, 0, 0, 0, 0)
    assert AuditEvent.objects.count() == events


@pytest.mark.usefixtures("two")
def test_new_award_is_compared_with_all_others_by_stored_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "CHANGED_SHARE_MAX", 1)
    find(OverlapScope.ALL)
    store("4", GEARS.upper())
    store("5", "An unrelated text of a few words")
    assert find() == services.FindOutcome(2, 2, 0, 0, 0)
    assert pairs() == [("1", "3"), ("1", "4"), ("3", "4")]
    by_keys = list(AwardOverlap.objects.order_by("pk").values_list("score_bp", "passages", "kind"))
    AwardOverlap.objects.all().delete()
    find(OverlapScope.ALL)
    together = AwardOverlap.objects.order_by("first__number", "second__number")
    assert sorted(map(str, together.values_list("score_bp", "passages", "kind"))) == sorted(
        map(str, by_keys)
    )


@pytest.mark.usefixtures("two")
def test_title_and_party_find_what_shares_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "CHANGED_SHARE_MAX", 1)
    find(OverlapScope.ALL)
    told = {"title": "Spinning of recycled yarn", "investigator": "A. Example"}
    store("4", YARN, **told, recipient="One")
    store("5", "", **told, recipient="Two")
    find()
    row = AwardOverlap.objects.get(first__number="4")
    assert (row.second.number, row.facts, row.passages) == (
        "5",
        ["reissued", "same_title", "same_party"],
        [],
    )


def test_everything_is_compared_where_nothing_or_much_is_new(
    two: tuple[OutsideAward, OutsideAward],
) -> None:
    assert find().compared == 3
    assert queries.overlap_basis() is not None
    store("1", YARN)
    assert find().compared == 3
    basis = CommonPhrases.objects.get()
    assert (basis.awards, bytes(basis.shingles)) == (3, b"")
    assert len(comparing.common_phrases()) == 0
    del two


def test_phrases_of_many_awards_are_common_and_make_no_pair() -> None:
    boilerplate = " ".join(f"word{n}" for n in range(40))
    for number in range(32):
        own = " ".join(f"own{number}x{n}" for n in range(40))
        store(str(number), f"{boilerplate}. {own}.")
    assert find().created == 0
    assert len(comparing.common_phrases()) == 36
    work = services.WorkDescribed(text=f"{boilerplate}. Something else altogether.")
    assert services.overlaps_with(SYSTEM, work, NOW) == ()


def test_overlap_that_is_not_found_again_goes_unless_it_was_decided(
    two: tuple[OutsideAward, OutsideAward],
) -> None:
    find()
    store("3", YARN)
    outcome = find(now=LATER)
    assert (outcome.created, outcome.withdrawn, pairs()) == (1, 1, [("2", "3")])
    event = AuditEvent.objects.get(verb="find_overlaps")
    assert event.changes == {"withdrawn": 1}
    row = AwardOverlap.objects.get()
    services.keep_awards_apart(officer(), row, why="Two yarns", now=NOW)
    store("3", GEARS)
    assert find(now=LATER).withdrawn == 0
    assert pairs() == [("1", "3"), ("2", "3")]
    del two


@pytest.mark.database
def test_decision_stays_with_the_texts_that_it_was_made_of(
    two: tuple[OutsideAward, OutsideAward],
) -> None:
    find()
    row = AwardOverlap.objects.get()
    decided = services.confirm_same_work(officer(), row, why="Word for word", now=NOW)
    passages, score = decided.passages, decided.score_bp
    corrected = GEARS.replace("wire", "powder").replace("camera", "pyrometer")
    store("1", corrected)
    store("1", corrected, title="Powder")
    assert find(now=LATER) == services.FindOutcome(3, 0, 0, 1, 0)
    row = queries.overlap_by_id(SYSTEM, row.pk)
    assert (row.state, row.passages, row.score_bp, row.is_outdated) == (
        OverlapState.SAME_WORK,
        passages,
        score,
        True,
    )
    assert queries.former_texts(row) == {two[0].pk: GEARS}
    assert list(queries.overlaps_filtered(SYSTEM, is_outdated=True)) == [row]
    services.reopen_overlap(officer(), row, why="Corrected", now=NOW)
    assert find(now=LATER).updated == 1
    row = queries.overlap_by_id(SYSTEM, row.pk)
    assert (row.is_outdated, row.passages != passages, row.score_bp < score) == (False, True, True)


@pytest.mark.database
def test_reopened_overlap_whose_corrected_text_is_another_goes(
    two: tuple[OutsideAward, OutsideAward],
) -> None:
    find()
    row = AwardOverlap.objects.get()
    services.confirm_same_work(officer(), row, why="Word for word", now=NOW)
    store("3", "Something quite different")
    services.reopen_overlap(officer(), row, why="Corrected", now=NOW)
    assert find(now=LATER).withdrawn == 1
    assert not AwardOverlap.objects.exists()
    assert find(now=LATER) == services.FindOutcome(0, 0, 0, 0, 0)
    assert AuditEvent.objects.filter(verb="reopen_overlap", subject_id=str(row.pk)).exists()
    del two


def test_reopened_overlap_of_unchanged_texts_stays(
    two: tuple[OutsideAward, OutsideAward], monkeypatch: pytest.MonkeyPatch
) -> None:
    find()
    services.confirm_same_work(officer(), AwardOverlap.objects.get(), why="Same", now=NOW)
    row = services.reopen_overlap(officer(), AwardOverlap.objects.get(), why="Oh", now=NOW)
    monkeypatch.setattr(finding, "_found_of", lambda *_given: iter(()))
    assert find(OverlapScope.ALL, now=LATER).withdrawn == 0
    assert AwardOverlap.objects.get() == row
    del two


def test_correction_of_what_is_no_text_keeps_the_text_and_the_keys(
    two: tuple[OutsideAward, OutsideAward],
) -> None:
    find()
    keys = set(AwardKey.objects.values_list("key", "award_id"))
    store("1", GEARS, amount_minor=5)
    assert not FormerAwardText.objects.exists()
    assert not AwardOverlap.objects.get().is_outdated
    assert set(AwardKey.objects.values_list("key", "award_id")) == keys
    store("2", GEARS)
    assert not FormerAwardText.objects.exists()  # nothing points into it
    assert AwardKey.objects.filter(award__number="2").count() == (
        AwardKey.objects.filter(award=two[0]).count()
    )


def test_award_corrected_while_it_is_compared_is_compared_again(
    two: tuple[OutsideAward, OutsideAward],
) -> None:
    is_done: list[bool] = []

    def correct(_done: int, _total: int, note: str) -> None:
        if note == "comparing" and not is_done:
            is_done.append(True)
            store("3", YARN)

    find(report=correct)
    again = OutsideAward.objects.exclude(compared_digest="").values_list("number", flat=True)
    assert sorted(again) == ["1", "2"]
    find(now=LATER)
    assert pairs() == [("2", "3")]
    del two


def test_overlap_of_a_text_corrected_since_is_left_out(
    two: tuple[OutsideAward, OutsideAward],
) -> None:
    first, second = two
    found = services.FoundOverlap(
        first.pk, second.pk, rules.OverlapKind.SAME_WORK, 9000, 9000, 9000, first_digest="0" * 64
    )
    outcome = services.record_overlaps(SYSTEM, [found], now=NOW)
    assert (outcome, AwardOverlap.objects.exists()) == (
        services.OverlapOutcome(0, 0, 0, outdated=1),
        False,
    )
    whole = replace(found, first_digest=first.text_digest)
    assert services.record_overlaps(SYSTEM, [whole], now=NOW).created == 1


def test_only_the_office_has_awards_compared() -> None:
    make_agency("NSF")
    sponsor = make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "NSF")
    for actor in (sponsor, make_actor(Role.AUDITOR), Actor.public()):
        with pytest.raises(NotPermitted):
            services.find_overlaps(actor, OverlapScope.ALL, now=NOW)
        with pytest.raises(NotPermitted):
            services.request_overlaps(actor, OverlapScope.ALL, now=NOW)


def test_no_award_at_all_is_compared_without_fault() -> None:
    assert find(OverlapScope.ALL) == services.FindOutcome(0, 0, 0, 0, 0)


# ------------------------------------------------------------------------------------------ the job


def context(progress: Progress, **payload: object) -> JobContext:
    job = Job(kind=services.FIND_OVERLAPS_JOB, payload=payload)
    return JobContext(job, SYSTEM, progress, lambda: None)


@pytest.mark.usefixtures("two")
def test_job_compares_with_progress_and_again_harmlessly() -> None:
    progress = Progress()
    JOBS[services.FIND_OVERLAPS_JOB](context(progress))
    assert (progress.note, pairs()) == ("comparing", [("1", "3")])
    JOBS[services.FIND_OVERLAPS_JOB](context(progress, scope="all"))
    assert pairs() == [("1", "3")]
    assert services.FIND_OVERLAPS_JOB in DAILY_JOBS


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("scope", ["all", "changed"])
def test_job_stops_when_wanted_and_then_finds_the_same(scope: str) -> None:
    if scope == "changed":
        for number in range(20):
            store(f"more {number}", " ".join(f"w{number}x{n}" for n in range(30)))
        find()
        AwardOverlap.objects.all().delete()
        store("4", GEARS)
    with pytest.raises(JobStopped):
        JOBS[services.FIND_OVERLAPS_JOB](context(Progress(is_stop_wanted=True), scope=scope))
    assert pairs() == []
    JOBS[services.FIND_OVERLAPS_JOB](context(Progress(), scope=scope))
    assert pairs() == ([("1", "3")] if scope == "all" else [("1", "4"), ("3", "4")])


@pytest.mark.usefixtures("two")
def test_overlap_that_another_job_records_in_the_same_moment_is_no_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record, asked = services.record_overlaps, []

    def beaten_once(*given: Any, **more: Any) -> services.OverlapOutcome:
        asked.append(given)
        if len(asked) == 1:
            record(*given, **more)
            raise Stale
        return record(*given, **more)

    monkeypatch.setattr(finding, "record_overlaps", beaten_once)
    assert find() == services.FindOutcome(3, 0, 0, 1, 0)


@pytest.mark.usefixtures("two")
def test_request_waits_once() -> None:
    actor = officer()
    first = services.request_overlaps(actor, OverlapScope.CHANGED, now=NOW)
    second = services.request_overlaps(actor, OverlapScope.CHANGED, now=NOW)
    assert first.pk == second.pk


# --------------------------------------------------------------------------------------- in batches


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "READ_BATCH", 1)
    monkeypatch.setattr(comparing, "LOOKUP_BATCH", 2)
    for name in ("RECORD_BATCH", "_PART_AWARDS", "_PART_PAIRS"):
        monkeypatch.setattr(finding, name, 1)


@pytest.mark.usefixtures("two", "small_batches")
def test_result_does_not_depend_on_the_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find(OverlapScope.ALL).created == 1
    monkeypatch.setattr(rules, "CHANGED_SHARE_MAX", 1)
    store("4", GEARS)
    assert find().created == 2


@pytest.mark.parametrize("number", [1, 3])
def test_recording_an_award_takes_as_many_queries_for_many(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [
        services.AwardRow("demo", str(n), "NSF", "USD", abstract=f"{GEARS} {n}")
        for n in range(number)
    ]
    with django_assert_num_queries(22):
        services.register_outside_awards(SYSTEM, rows, now=NOW)


def test_keys_of_many_awards_are_entered_by_the_job_and_not_with_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(awards, "KEYS_AT_ONCE", 2)
    rows = [
        services.AwardRow("demo", str(n), "NSF", "USD", abstract=f"{GEARS} {n}") for n in range(5)
    ]
    make_agency("NSF")
    sponsor = make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "NSF", user_id=make_user().pk)
    services.register_outside_awards(sponsor, rows[:2], now=NOW)
    assert set(AwardKey.objects.values_list("award__number", flat=True)) == {"0", "1"}
    assert not Job.objects.exists()
    services.register_outside_awards(sponsor, rows, now=NOW)
    job = Job.objects.get()
    assert (job.kind, job.payload) == (services.FIND_OVERLAPS_JOB, {"scope": "changed"})
    assert AwardKey.objects.filter(award__number__gte="2").count() == 0
    run_until_idle()
    job.refresh_from_db()
    assert job.state == "done"
    assert AwardKey.objects.values("award").distinct().count() == 5
    assert AwardOverlap.objects.exists()
