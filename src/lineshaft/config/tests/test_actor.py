import pytest

from lineshaft.apps.memberships import queries as memberships
from lineshaft.apps.network import services
from lineshaft.apps.network.tests.factories import NOW, make_organisation, make_person
from lineshaft.config.actor import actor_of_user
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db


def officer() -> Actor:
    return make_actor(Role.PROGRAMME_OFFICER, user_id=make_user().pk)


def test_somebody_of_a_merged_record_works_for_the_one_that_stays() -> None:
    stays, goes = make_organisation("Gears"), make_organisation("Gears Inc")
    other = make_organisation("Other")
    user = make_user()
    for organisation in (goes, other):
        make_grant(user, Role.MEMBER, ScopeKind.ORGANISATION, str(organisation.pk))
    make_person(user=user, organisation=goes)
    before = actor_of_user(user, today=NOW.date(), language="en")
    assert before.organisation_ids == {goes.pk, other.pk}
    pair = services.propose_merge(officer(), goes, stays, why="one address", now=NOW)
    services.merge_organisations(officer(), pair, now=NOW)
    actor = actor_of_user(user, today=NOW.date(), language="en")
    assert actor.organisation_ids == {stays.pk, goes.pk, other.pk}
    services.amend_organisation(actor, stays, changes={"city": "Kent"}, now=NOW)
    assert memberships.organisation_ids_of_user(user.pk) == {stays.pk, goes.pk}
    services.undo_merge(officer(), pair, why="two firms", now=NOW)
    assert actor_of_user(user, today=NOW.date(), language="en") == before
