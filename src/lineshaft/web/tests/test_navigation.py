"""The way to a page that names none itself."""

import pytest

from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.web.navigation import navigation_for

OFFICER = Actor(
    user_id=1,
    label="Officer",
    grants=frozenset({RoleGrant(Role.PROGRAMME_OFFICER, ScopeKind.NETWORK)}),
)


@pytest.mark.parametrize(
    ("path", "trail"),
    [
        pytest.param("/desk/", [], id="the desk itself"),
        pytest.param("/jobs/", ["My desk"], id="an entry of the workspace"),
        pytest.param("/jobs/7/", ["My desk", "Jobs"], id="a page under it"),
        pytest.param("/institutes/", [], id="a main entry"),
        pytest.param("/organisations/register/", ["Organisations"], id="a page under a main entry"),
        pytest.param("/", [], id="home"),
    ],
)
def test_trail_leads_from_the_desk_through_the_entry(path: str, trail: list[str]) -> None:
    assert [crumb.label for crumb in navigation_for(OFFICER, path).trail] == trail


def test_groups_have_headings_and_are_left_out_where_empty() -> None:
    headings = ["", "Members", "Competing", "Money", "Governing", "Network", "Administration"]
    assert [group.label for group in navigation_for(OFFICER, "/").groups] == headings
    learner = Actor(user_id=2, label="Learner")
    found = navigation_for(learner, "/meetings/3/")
    assert [group.label for group in found.groups] == [
        "",
        "Members",
        "Competing",
        "Governing",
        "Network",
        "Administration",
    ]
    assert all(group.links for group in found.groups)
    assert [link.label for link in found.workspace if link.is_current] == ["Meetings"]
