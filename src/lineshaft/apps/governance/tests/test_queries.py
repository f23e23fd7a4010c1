from datetime import date

import pytest
from django.db.models import QuerySet
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from lineshaft.apps.governance import queries, services
from lineshaft.apps.governance.models import CommonPolicy
from lineshaft.apps.governance.queries import Piece
from lineshaft.apps.governance.rules import PositionKind, Standing
from lineshaft.apps.governance.tests.factories import (
    NOW,
    SYSTEM,
    TODAY,
    adopt,
    make_adopted,
    make_draft,
    revise,
)
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.apps.network.tests.factories import make_institute
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.sharing import SharingLevel

OUTSIDE = Actor.public()


def keys(rows: QuerySet[CommonPolicy]) -> list[str]:
    return sorted(rows.values_list("key", flat=True))


@pytest.mark.django_db
def test_policies_are_read_as_their_level_says(institute_manager: Actor) -> None:
    make_adopted("Open")
    make_draft("Planned")
    adopt(make_draft("Inside", level=SharingLevel.NETWORK))
    assert keys(queries.policies_visible_to(OUTSIDE)) == ["open"]
    within = Actor(
        user_id=5,
        label="within",
        grants=institute_manager.grants,
        institute_keys=frozenset({"america-makes"}),
    )
    assert keys(queries.policies_visible_to(within)) == ["inside", "open", "planned"]
    assert queries.policy_by_key(OUTSIDE, "open").title == "Open"
    for key in ("inside", "planned", "nothing"):
        with pytest.raises(NotFound):
            queries.policy_by_key(OUTSIDE, key)
        with pytest.raises(NotFound):
            queries.policy_standing(OUTSIDE, key, today=TODAY)


@pytest.mark.django_db
def test_drafts_comments_and_attestations_stay_in_the_network() -> None:
    version = make_adopted()
    draft = revise(version)
    services.comment_on_policy(SYSTEM, draft, "Rates?", now=NOW)
    assert [one.number for one in queries.versions_visible_to(OUTSIDE)] == [1]
    assert [one.number for one in queries.versions_visible_to(SYSTEM)] == [2, 1]
    with pytest.raises(NotFound):
        queries.version_by_number(OUTSIDE, version.policy.key, 2)
    assert not queries.comments_on(OUTSIDE, draft)
    assert [one.text for one in queries.comments_on(SYSTEM, draft)] == ["Rates?"]
    assert not queries.attestations_of(OUTSIDE, version.policy)
    standing = queries.policy_standing(OUTSIDE, version.policy.key, today=TODAY)
    assert standing.draft is None


def state(version: object, institute: Institute, kind: PositionKind, reason: str = "") -> None:
    services.state_position(
        SYSTEM,
        version,  # type: ignore[arg-type]
        institute=institute.key,
        kind=kind,
        reason=reason,
        now=NOW,
    )


@pytest.mark.django_db
def test_policy_standing_tells_each_institute_at_work() -> None:
    one, two, three, _silent = (make_institute(key) for key in ("a", "b", "c", "d"))
    make_institute("gone", status="terminated")
    first = make_adopted()
    state(first, three, PositionKind.ADOPTS)
    second = adopt(revise(first), date(2022, 3, 1))
    state(second, one, PositionKind.DEVIATES, "no test bed")
    state(second, one, PositionKind.ADOPTS)
    state(second, two, PositionKind.DEVIATES, "no test bed")
    found = queries.policy_standing(SYSTEM, first.policy.key, today=TODAY)
    assert found.in_force == second
    assert [(each.institute.key, each.standing) for each in found.institutes] == [
        ("a", Standing.ADOPTS),
        ("b", Standing.DEVIATES),
        ("c", Standing.BEHIND),
        ("d", Standing.SILENT),
    ]
    assert found.number(Standing.BEHIND, Standing.SILENT) == 2
    before = queries.policy_standing(SYSTEM, first.policy.key, today=date(2021, 1, 1))
    assert before.in_force is None


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_policy_standings_takes_four_queries(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        version = make_adopted(f"Policy {place}")
        state(version, make_institute(f"i{place}"), PositionKind.ADOPTS)
        revise(version)
    with django_assert_num_queries(4):
        found = queries.policy_standings(SYSTEM, today=TODAY)
        assert sum(one.number(Standing.ADOPTS) for one in found) == number
        assert [one.draft.number for one in found if one.draft] == [2] * number


@pytest.mark.django_db
def test_policies_waiting_are_positions_then_attestations(
    institute_manager: Actor, programme_officer: Actor
) -> None:
    year = profile_in_use().fiscal_year(2022)
    after = date(2022, 11, 1)
    institute = make_institute()

    def waiting(actor: Actor) -> list[tuple[str, int, int | None]]:
        found = queries.policies_waiting_for(actor, today=after, year_over=year)
        return [(one.policy.key, one.version.number, one.fiscal_year) for one in found]

    version = make_adopted("Fees")
    make_draft("Planned")
    assert waiting(programme_officer) == []
    assert waiting(institute_manager) == [("fees", 1, None)]
    state(version, institute, PositionKind.ADOPTS)
    assert waiting(institute_manager) == [("fees", 1, 2022)]
    services.attest_policy(
        SYSTEM,
        version.policy,
        institute=institute.key,
        fiscal_year=2022,
        is_kept=True,
        now=NOW.replace(month=11),
    )
    assert waiting(institute_manager) == []
    later = make_adopted("Later", on=date(2022, 9, 1))
    assert waiting(institute_manager) == [("later", 1, None)]
    services.state_position(
        SYSTEM,
        later,
        institute=institute.key,
        kind=PositionKind.ADOPTS,
        now=NOW.replace(month=10, day=1),
    )
    assert waiting(institute_manager) == []
    assert queries.policies_in_force(SYSTEM, on=after) == 2


TEXTS = st.text(alphabet="ab ,.\n各中心", max_size=40)


@given(TEXTS, TEXTS)
def test_differences_hold_both_texts_whole(before: str, after: str) -> None:
    pieces = queries.differences(before, after)
    assert "".join(one.text for one in pieces if one.change != "added") == before
    assert "".join(one.text for one in pieces if one.change != "removed") == after


def test_differences_are_told_by_words_and_characters() -> None:
    assert queries.differences("Each lab opens.", "Each test bed opens.") == (
        Piece("same", "Each "),
        Piece("removed", "lab "),
        Piece("added", "test bed "),
        Piece("same", "opens."),
    )
    assert queries.differences("SME各中心开放", "SME各机构开放") == (
        Piece("same", "SME各"),
        Piece("removed", "中心"),
        Piece("added", "机构"),
        Piece("same", "开放"),
    )
    assert queries.differences("same", "same") == (Piece("same", "same"),)


def test_differences_of_paragraphs_that_are_very_long_are_told_whole() -> None:
    before, after = "a " * 2_000, "b " * 2_000
    assert queries.differences(f"Same.\n\n{before}", f"Same.\n\n{after}") == (
        Piece("same", "Same.\n\n"),
        Piece("removed", before),
        Piece("added", after),
    )
