import pytest

from lineshaft.kernel.errors import NotPermitted
from lineshaft.plumbing.access.tests.factories import make_actor
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import Permission, may, permissions, permit
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
