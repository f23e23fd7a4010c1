"""Overlaps of awards: found by a machine, decided by people."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.models import AwardOverlap, OutsideAward
from lineshaft.apps.network.rules import OverlapKind, OverlapState
from lineshaft.apps.network.tests.factories import NOW, make_agency
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

TEXT = "Gears are cut dry."
Verb = Callable[..., AwardOverlap]


@pytest.mark.parametrize(
    ("second", "passages", "code"),
    [
        pytest.param(1, [], "one_award", id="one award"),
        pytest.param(2, [(0, 5, 0, 5)], "", id="within both"),
        pytest.param(2, [(0, 11, 0, 11)], "no_such_passage", id="beyond the one"),
        pytest.param(2, [(0, 5, 7, 21)], "no_such_passage", id="beyond the other"),
        pytest.param(2, [(5, 5, 0, 5)], "no_such_passage", id="empty"),
        pytest.param(2, [(-1, 5, 0, 5)], "no_such_passage", id="before the beginning"),
        pytest.param(2, [(0, 1, 0, 1)] * 1001, "many_passages", id="too many"),
    ],
)
def test_evidence_lies_in_both_texts(second: int, passages: list[rules.Passage], code: str) -> None:
    refusal = rules.refuse_overlap(1, second, passages, lengths=(10, 20))
    assert (refusal.code if refusal else "") == code


@pytest.mark.parametrize(
    ("why", "is_taken"), [("The same gears", True), ("  ", False), ("x" * 301, False)]
)
def test_decision_has_its_reason(why: str, *, is_taken: bool) -> None:
    assert (rules.refuse_overlap_reason(why) is None) is is_taken


@pytest.fixture
def awards(db: None) -> tuple[OutsideAward, OutsideAward]:
    """One award of Defense's laboratory and one of the science foundation."""
    del db
    make_agency("NSF")
    make_agency("AFRL", parent=make_agency("DOD"))
    rows = [
        services.AwardRow("demo", agency, agency, "USD", title=agency, abstract=TEXT)
        for agency in ("AFRL", "NSF")
    ]
    services.register_outside_awards(Actor.system("test"), rows, now=NOW)
    first, second = OutsideAward.objects.order_by("pk")
    return first, second


def found(one: OutsideAward, other: OutsideAward, *, score_bp: int = 9000) -> services.FoundOverlap:
    return services.FoundOverlap(
        one.pk,
        other.pk,
        OverlapKind.SAME_WORK,
        score_bp=score_bp,
        share_first_bp=8000,
        share_second_bp=7000,
        facts=("lead",),
        passages=((0, 5, 6, 9),),
    )


def officer() -> Actor:
    return make_actor(Role.PROGRAMME_OFFICER, user_id=make_user().pk)


def sponsor(agency: str) -> Actor:
    return make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, agency, user_id=make_user().pk)


def recorded(awards: tuple[OutsideAward, OutsideAward]) -> AwardOverlap:
    services.record_overlaps(officer(), [found(*awards)], now=NOW)
    return AwardOverlap.objects.get()


@pytest.mark.database
def test_overlap_is_kept_once_whichever_award_comes_first(
    awards: tuple[OutsideAward, OutsideAward],
) -> None:
    first, second = awards
    actor = officer()
    assert services.record_overlaps(actor, [found(second, first)], now=NOW).created == 1
    row = AwardOverlap.objects.get()
    assert (row.first, row.second, row.kind, row.state) == (first, second, "same_work", "found")
    assert (row.share_first_bp, row.share_second_bp) == (7000, 8000)
    assert (row.facts, row.passages) == (["lead"], [[6, 9, 0, 5]])
    assert services.record_overlaps(actor, [found(second, first)], now=NOW).unchanged == 1
    again = services.record_overlaps(actor, [found(second, first, score_bp=9500)], now=NOW)
    assert (again.updated, AwardOverlap.objects.get().score_bp) == (1, 9500)
    events = AuditEvent.objects.filter(verb="record_overlaps").order_by("pk")
    assert [event.changes for event in events] == [
        {"created": 1, "updated": 0},
        {"created": 0, "updated": 1},
    ]


def test_evidence_beside_a_text_and_awards_that_are_not_there_are_refused(
    awards: tuple[OutsideAward, OutsideAward],
) -> None:
    first, second = awards
    OutsideAward.objects.filter(pk=second.pk).update(abstract="Short")
    with pytest.raises(Refused, match="does not lie in a text of 5 characters"):
        services.record_overlaps(officer(), [found(first, second)], now=NOW)
    second.pk += 1
    with pytest.raises(NotFound):
        services.record_overlaps(officer(), [found(first, second)], now=NOW)
    with pytest.raises(NotPermitted):
        services.record_overlaps(sponsor("DOD"), [found(first, second)], now=NOW)
    assert not AwardOverlap.objects.exists()


@pytest.mark.database
@pytest.mark.parametrize(
    ("verb", "state"),
    [
        (services.confirm_same_work, OverlapState.SAME_WORK),
        (services.confirm_continuation, OverlapState.CONTINUATION),
        (services.confirm_collaboration, OverlapState.COLLABORATION),
        (services.keep_awards_apart, OverlapState.KEPT_APART),
    ],
)
def test_decision_stays_until_it_is_taken_up_again(
    awards: tuple[OutsideAward, OutsideAward], verb: Verb, state: OverlapState
) -> None:
    overlap, actor = recorded(awards), officer()
    assert queries.overlaps_to_decide(actor).count() == 1
    decided = verb(actor, overlap, why=" Read side by side ", now=NOW)
    assert (decided.state, decided.why, decided.decided_by_id) == (
        state,
        "Read side by side",
        actor.user_id,
    )
    assert not queries.overlaps_to_decide(actor)
    event = AuditEvent.objects.latest("pk")
    assert (event.subject_id, event.why) == (str(overlap.pk), "Read side by side")
    assert event.changes["state"] == ["found", state]
    services.record_overlaps(actor, [found(*awards, score_bp=100)], now=NOW)
    assert queries.overlap_by_id(actor, overlap.pk).score_bp == 9000
    with pytest.raises(Refused):
        verb(actor, overlap, why="Again", now=NOW)
    services.reopen_overlap(actor, overlap, why="A new report", now=NOW)
    assert queries.overlap_by_id(actor, overlap.pk).state == OverlapState.FOUND


def test_decision_without_reason_is_refused(awards: tuple[OutsideAward, OutsideAward]) -> None:
    overlap = recorded(awards)
    with pytest.raises(Refused, match="Say why"):
        services.keep_awards_apart(officer(), overlap, why=" ", now=NOW)


@pytest.mark.parametrize("agency", ["AFRL", "DOD", "NSF"])
def test_sponsor_of_either_award_decides(
    awards: tuple[OutsideAward, OutsideAward], agency: str
) -> None:
    overlap = recorded(awards)
    decided = services.confirm_continuation(sponsor(agency), overlap, why="Phase II", now=NOW)
    assert decided.state == OverlapState.CONTINUATION


@pytest.mark.parametrize("role", [Role.AGENCY_SPONSOR, Role.INSTITUTE_MANAGER])
def test_overlap_is_hidden_from_whom_it_does_not_concern(
    awards: tuple[OutsideAward, OutsideAward], role: Role
) -> None:
    overlap = recorded(awards)
    scope = ScopeKind.AGENCY if role is Role.AGENCY_SPONSOR else ScopeKind.NETWORK
    actor = make_actor(role, scope, "DOE" if role is Role.AGENCY_SPONSOR else "")
    with pytest.raises(NotFound):
        queries.overlap_by_id(actor, overlap.pk)
    with pytest.raises(NotFound):
        services.keep_awards_apart(actor, overlap, why="Two", now=NOW)


def test_overlap_with_an_award_that_is_not_shared_is_hidden_from_the_sponsor(
    awards: tuple[OutsideAward, OutsideAward],
) -> None:
    overlap = recorded(awards)
    OutsideAward.objects.filter(pk=awards[1].pk).update(level=SharingLevel.RESTRICTED)
    with pytest.raises(NotFound):
        queries.overlap_by_id(sponsor("DOD"), overlap.pk)
    auditor = make_actor(Role.AUDITOR)
    assert queries.overlap_by_id(auditor, overlap.pk) == overlap
    with pytest.raises(NotPermitted):
        services.keep_awards_apart(auditor, overlap, why="Two", now=NOW)


def test_recording_overlaps_that_lost_a_race_is_stale(
    awards: tuple[OutsideAward, OutsideAward], monkeypatch: pytest.MonkeyPatch
) -> None:
    def collide(*_args: object, **_kwargs: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(AwardOverlap.objects, "bulk_create", collide)
    with pytest.raises(Stale):
        services.record_overlaps(officer(), [found(*awards)], now=NOW)


@pytest.mark.database
def test_awards_are_locked_in_order_while_their_overlap_is_kept(
    awards: tuple[OutsideAward, OutsideAward],
) -> None:
    first, second = awards
    found = services.FoundOverlap(first.pk, second.pk, OverlapKind.SAME_WORK, 9000, 9000, 9000)
    with CaptureQueriesContext(connection) as queried:
        services.record_overlaps(Actor.system("test"), [found], now=NOW)
    (read,) = [one["sql"] for one in queried if "LENGTH" in one["sql"]]
    assert "ORDER BY" in read
    assert ("FOR NO KEY UPDATE" in read) is connection.features.has_select_for_update
