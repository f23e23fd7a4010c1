from dataclasses import replace
from typing import Any

import pytest

from lineshaft.kernel.errors import NotPermitted
from lineshaft.plumbing.access.tests.factories import make_actor
from lineshaft.plumbing.actor import Actor, DelegatedPower
from lineshaft.plumbing.permit import (
    Permission,
    declared_permissions,
    may,
    permissions,
    permit,
    used_delegation,
)
from lineshaft.plumbing.roles import Role, ScopeKind

ROLES = frozenset({Role.INSTITUTE_FINANCE, Role.PROGRAMME_OFFICER, Role.AGENCY_SPONSOR})
RECORD = Permission("record", "Only the finance office may record.", roles=ROLES)


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        pytest.param(Actor.public(), False, id="public"),
        pytest.param(Actor.system("load"), True, id="the program"),
        pytest.param(make_actor(Role.PROGRAMME_OFFICER), True, id="network role covers all"),
        pytest.param(
            make_actor(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "lift"), True, id="own scope"
        ),
        pytest.param(
            make_actor(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "mxd"), False, id="foreign"
        ),
        pytest.param(
            make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD"), True, id="one of agencies"
        ),
        pytest.param(
            make_actor(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift"), False, id="role"
        ),
        pytest.param(
            make_actor(Role.PROGRAMME_OFFICER, token_scopes=frozenset({"read"})),
            False,
            id="reading token",
        ),
        pytest.param(
            make_actor(Role.PROGRAMME_OFFICER, token_scopes=frozenset({"read", "write"})),
            True,
            id="writing token",
        ),
    ],
)
def test_may_by_role_and_scope(actor: Actor, expected: bool) -> None:
    assert may(actor, RECORD, institute="lift", agencies=["DOD", "DOE"]) is expected


def test_may_open_to_signed_in_or_to_anyone() -> None:
    signed_in = Permission("x", "Sign in.", is_for_signed_in=True)
    anyone = Permission("x", "", is_for_anyone=True)
    assert may(make_actor(), signed_in) is True
    assert may(Actor.public(), signed_in) is False
    assert may(Actor.public(), anyone) is True


def test_permit_quotes_who_may() -> None:
    with pytest.raises(NotPermitted, match="Only the finance office may record") as raised:
        permit(Actor.public(), RECORD, institute="lift")
    assert raised.value.code == "not_permitted"
    permit(Actor.system("load"), RECORD)


def test_permissions_with_a_verb_twice_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="twice"):
        permissions(RECORD, RECORD)


DELEGABLE = Permission("record", "Only the finance office may record.", ROLES, is_delegable=True)
OVER_LIFT = DelegatedPower(1, "record", "lift", "", 100, "USD")
OF_BOARD = DelegatedPower(2, "record", "lift", "board")
OF_NETWORK = DelegatedPower(3, "record")
OF_AGENCY = DelegatedPower(4, "record", "lift", agency="DOD")


@pytest.mark.parametrize(
    ("power", "scope", "expected"),
    [
        pytest.param(OVER_LIFT, {"institute": "lift", "amount_minor": 100}, True, id="up to it"),
        pytest.param(OVER_LIFT, {"institute": "lift", "amount_minor": 101}, False, id="above it"),
        pytest.param(OVER_LIFT, {"institute": "lift"}, False, id="amount not told"),
        pytest.param(OVER_LIFT, {"institute": "mxd", "amount_minor": 1}, False, id="elsewhere"),
        pytest.param(OF_BOARD, {"institute": "lift", "body": "board"}, True, id="its body"),
        pytest.param(OF_BOARD, {"institute": "lift"}, False, id="no body"),
        pytest.param(OF_BOARD, {"institute": "lift", "body": "other"}, False, id="other body"),
        pytest.param(OF_NETWORK, {"institute": "mxd", "amount_minor": 9}, True, id="everywhere"),
        pytest.param(OF_AGENCY, {"institute": "lift", "agency": "DOD"}, True, id="its agency"),
        pytest.param(OF_AGENCY, {"institute": "lift", "agencies": ["DOD"]}, True, id="one of them"),
        pytest.param(OF_AGENCY, {"institute": "lift", "agency": "DOE"}, False, id="other agency"),
        pytest.param(OF_AGENCY, {"institute": "lift"}, False, id="no agency"),
    ],
)
def test_a_delegation_covers_what_it_says(
    power: DelegatedPower, scope: dict[str, Any], expected: bool
) -> None:
    actor = replace(make_actor(Role.LEARNER), delegations=frozenset({power}))
    assert may(actor, DELEGABLE, **scope) is expected
    assert may(actor, RECORD, **scope) is False
    if expected:
        assert permit(actor, DELEGABLE, **scope) == power
        assert used_delegation(power) == {"delegation": power.id}
    reading = replace(actor, token_scopes=frozenset({"read"}))
    assert may(reading, DELEGABLE, **scope) is False


def test_permit_says_where_a_delegation_ends() -> None:
    actor = replace(make_actor(Role.LEARNER), delegations=frozenset({OVER_LIFT}))
    with pytest.raises(NotPermitted) as raised:
        permit(actor, DELEGABLE, institute="lift", amount_minor=101)
    assert raised.value.code == "above_delegation"
    with pytest.raises(NotPermitted, match="Only the finance office"):
        permit(actor, DELEGABLE, institute="mxd", amount_minor=101)
    assert used_delegation(None) == {}


def test_who_may_by_role_uses_no_delegation() -> None:
    officer = replace(make_actor(Role.PROGRAMME_OFFICER), delegations=frozenset({OF_NETWORK}))
    assert permit(officer, DELEGABLE) is None
    assert "call_meeting" in declared_permissions()
