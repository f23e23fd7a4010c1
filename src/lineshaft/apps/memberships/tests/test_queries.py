from datetime import date

import pytest

from lineshaft.apps.memberships import queries
from lineshaft.apps.memberships.tests.factories import make_agreement
from lineshaft.apps.network.tests.factories import make_institute, make_organisation
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.plumbing.access.tests.factories import make_actor
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db


def test_members_visible_to_hides_by_level_of_agreement_and_organisation() -> None:
    makes, lift = make_institute(), make_institute("lift")
    hidden_one = make_organisation("Hidden", level=SharingLevel.RESTRICTED)
    open_one = make_agreement(institute=makes)
    inside = make_agreement(institute=makes, level=SharingLevel.INSTITUTE)
    elsewhere = make_agreement(institute=lift, level=SharingLevel.INSTITUTE)
    hidden = make_agreement(hidden_one, makes)

    def seen(actor: Actor) -> set[object]:
        return set(queries.members_visible_to(actor))

    manager = make_actor(
        Role.INSTITUTE_MANAGER,
        ScopeKind.INSTITUTE,
        "america-makes",
        institute_keys=frozenset({"america-makes"}),
    )
    member = make_actor(
        organisation_ids=frozenset({open_one.organisation_id}),
        institute_keys=frozenset({"america-makes"}),
    )
    own = make_actor(organisation_ids=frozenset({hidden_one.pk}))
    assert seen(Actor.public()) == {open_one}
    assert seen(member) == {open_one, inside}
    assert seen(manager) == {open_one, inside, hidden}
    assert seen(own) == {open_one, hidden}
    assert seen(make_actor(Role.AUDITOR)) == {open_one, inside, elsewhere, hidden}
    with pytest.raises(NotFound):
        queries.member_agreement_by_id(Actor.public(), hidden.pk)
    assert queries.member_agreement_by_id(own, hidden.pk) == hidden


def test_members_of_counts_the_day_half_open(public: Actor) -> None:
    institute = make_institute()
    agreement = make_agreement(
        institute=institute, starts_on=date(2022, 1, 1), ends_on=date(2022, 7, 1)
    )
    days = {
        date(2021, 12, 31): [],
        date(2022, 1, 1): [agreement],
        date(2022, 6, 30): [agreement],
        date(2022, 7, 1): [],
    }
    for day, expected in days.items():
        assert list(queries.members_of(public, institute, on=day)) == expected, day


def test_members_counted_counts_what_it_withholds(
    public: Actor, programme_officer: Actor, profile: JurisdictionProfile
) -> None:
    makes, lift = make_institute(), make_institute("lift")
    both = make_organisation("Both")
    hidden = make_organisation("Hidden", level=SharingLevel.RESTRICTED)
    make_agreement(both, makes)
    make_agreement(both, lift)
    make_agreement(hidden, makes)
    make_agreement(
        make_organisation("Past"), makes, starts_on=date(2020, 1, 1), ends_on=date(2021, 10, 1)
    )
    make_agreement(make_organisation("Later"), makes, starts_on=date(2022, 10, 1))
    year = profile.fiscal_year(2022)
    counted = queries.members_counted(public, year)
    assert ([one.name for one in counted.rows], counted.total, counted.withheld) == (["Both"], 2, 1)
    counted = queries.members_counted(programme_officer, year, institute="lift")
    assert ([one.name for one in counted.rows], counted.total, counted.withheld) == (["Both"], 1, 0)
    counted = queries.members_counted(public, year, kinds={"university"})
    assert ([*counted.rows], counted.total, counted.withheld) == ([], 0, 0)


def test_memberships_counted_counts_a_pair_once(
    public: Actor, profile: JurisdictionProfile
) -> None:
    makes, organisation = make_institute(), make_organisation()
    make_agreement(organisation, makes, ends_on=date(2022, 3, 1))
    make_agreement(organisation, makes, starts_on=date(2022, 5, 1))
    make_agreement(organisation, make_institute("lift"))
    hidden = make_organisation(level=SharingLevel.RESTRICTED)
    make_agreement(hidden, makes)
    counted = queries.memberships_counted(public, profile.fiscal_year(2022))
    assert (len(counted.rows), counted.total, counted.withheld) == (3, 3, 1)
    counted = queries.memberships_counted(
        public, profile.fiscal_year(2022), institute="america-makes"
    )
    assert (len(counted.rows), counted.total, counted.withheld) == (2, 2, 1)


def test_terms_are_read_by_institute_organisation_and_network() -> None:
    manager = make_actor(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "mxd")
    member = make_actor(organisation_ids=frozenset({7}))
    for actor, expected in (
        (Actor.public(), False),
        (make_actor(institute_keys=frozenset({"mxd"})), False),
        (manager, True),
        (member, True),
        (make_actor(Role.AUDITOR), True),
    ):
        assert queries.may_read_terms(actor, institute="mxd", organisation_id=7) == expected
