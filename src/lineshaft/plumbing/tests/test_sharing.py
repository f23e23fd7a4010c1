from datetime import UTC, datetime

import pytest

from lineshaft.plumbing.access.tests.factories import make_actor
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel, level_is_visible, visible_q

ALL = set(SharingLevel)
PUBLIC = {SharingLevel.PUBLIC}
NETWORK = {SharingLevel.PUBLIC, SharingLevel.NETWORK}
MEMBERS = NETWORK | {SharingLevel.INSTITUTE}
CASES = [
    pytest.param(Actor.public(), PUBLIC, id="public"),
    pytest.param(make_actor(Role.LEARNER), PUBLIC, id="learner"),
    pytest.param(make_actor(institute_keys=frozenset({"mxd"})), NETWORK, id="member elsewhere"),
    pytest.param(make_actor(institute_keys=frozenset({"lift"})), MEMBERS, id="member"),
    pytest.param(make_actor(Role.REVIEWER, ScopeKind.COMPETITION, "1"), NETWORK, id="reviewer"),
    pytest.param(
        make_actor(
            Role.INSTITUTE_FINANCE,
            ScopeKind.INSTITUTE,
            "lift",
            institute_keys=frozenset({"lift"}),
        ),
        ALL,
        id="own staff",
    ),
    pytest.param(
        make_actor(
            Role.AGENCY_SPONSOR,
            ScopeKind.AGENCY,
            "DOD",
            overseen_institute_keys=frozenset({"lift"}),
        ),
        ALL,
        id="sponsor",
    ),
    pytest.param(make_actor(Role.PROGRAMME_OFFICER), ALL, id="programme office"),
    pytest.param(make_actor(Role.MEMBER, organisation_ids=frozenset({7})), PUBLIC, id="other org"),
]


@pytest.mark.parametrize(("actor", "levels"), CASES)
def test_level_is_visible_by_who_reads(actor: Actor, levels: set[SharingLevel]) -> None:
    seen = {level for level in ALL if level_is_visible(actor, level=level, institute="lift")}
    assert seen == levels


@pytest.mark.django_db
@pytest.mark.parametrize(("actor", "levels"), CASES)
def test_visible_q_agrees_with_the_decision_for_one_row(
    actor: Actor, levels: set[SharingLevel]
) -> None:
    for level in ALL:
        StoredFile.objects.create(
            sha256="0" * 64,
            size_bytes=1,
            name=level,
            media_type="text/csv",
            level=level,
            institute="lift",
            uploaded_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    rows = StoredFile.objects.filter(visible_q(actor, institute="institute"))
    assert set(rows.values_list("level", flat=True)) == levels


def test_level_is_visible_to_the_own_organisation() -> None:
    actor = make_actor(organisation_ids=frozenset({7}))
    assert level_is_visible(actor, level=SharingLevel.RESTRICTED, organisation_id=7) is True
    assert level_is_visible(actor, level=SharingLevel.RESTRICTED, organisation_id=8) is False
