import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lineshaft.apps.memberships import queries as memberships
from lineshaft.apps.network import services
from lineshaft.apps.network.tests.factories import NOW, make_organisation, make_person
from lineshaft.apps.reviewing.models import Reviewer
from lineshaft.apps.reviewing.tests.factories import make_invitation, make_reviewing_user
from lineshaft.config.actor import actor_of_user
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.web.navigation import navigation_for

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


def actor_at(user: User | None) -> Actor:
    assert user is not None
    return actor_of_user(user, today=NOW.date(), language="en")


@pytest.mark.database
def test_actor_says_who_reviews_or_was_ever_asked_to() -> None:
    active, retired, asked = (make_reviewing_user(name) for name in ("Ann", "Ben", "Cleo"))
    make_invitation(reviewer=asked)
    Reviewer.objects.exclude(pk=active.pk).update(is_active=False)
    other = make_person("Dora", user=make_user("Dora"))
    people = (active.person, retired.person, asked.person, other)
    assert [actor_at(one.user).is_reviewer for one in people] == [True, False, True, False]


def test_menu_offers_reviews_to_who_reviews_alone() -> None:
    def offered(actor: Actor) -> bool:
        return "/reviews/" in [one.url for one in navigation_for(actor, "/").workspace]

    assert offered(actor_at(make_reviewing_user().person.user))
    assert not offered(actor_at(make_user()))
    assert not offered(officer())


def test_who_reviews_is_read_with_what_is_granted() -> None:
    counts = []
    for user in (make_reviewing_user().person.user, make_person(user=make_user("Dora")).user):
        with CaptureQueriesContext(connection) as captured:
            actor_at(user)
        counts.append(len(captured))
    assert counts[0] == counts[1]
