import pytest

from lineshaft.apps.competitions.tests.factories import make_open
from lineshaft.config.scopes import scope_exists
from lineshaft.plumbing.roles import ScopeKind

pytestmark = pytest.mark.django_db


def test_role_over_a_competition_needs_one() -> None:
    call = make_open("2026-X")
    assert scope_exists(ScopeKind.COMPETITION, call.key)
    for wrong in ("2026-y", "", call.key.upper() + "-1"):
        assert not scope_exists(ScopeKind.COMPETITION, wrong)
