from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.test import Client

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import Endorsement, Topic
from lineshaft.apps.competitions.tests.factories import (
    NOW,
    SYSTEM,
    make_draft,
    make_open,
    make_topic,
)
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.tests.factories import make_agency, make_institute, make_organisation
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.search.queries import search
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm() -> Organisation:
    return make_organisation("Anvil Works")


@pytest.fixture
def member(firm: Organisation) -> Actor:
    """Speaks for the firm, which is a member of an institute."""
    return make_actor(
        Role.MEMBER,
        ScopeKind.ORGANISATION,
        str(firm.pk),
        user_id=make_user("Member").pk,
        organisation_ids=frozenset({firm.pk}),
        institute_keys=frozenset({"lift"}),
    )


def endorsed(topic: Topic) -> int:
    row = queries.with_endorsements(Topic.objects.filter(pk=topic.pk)).get()
    return int(row.endorsed)  # type: ignore[attr-defined] # annotated


def test_member_proposes_for_the_own_organisation(member: Actor, firm: Organisation) -> None:
    proposal = services.TopicProposal(" Bonding ", "Why.\n\nHow.", organisation=firm)
    topic = services.propose_topic(member, proposal, now=NOW)
    assert (topic.title, topic.proposer, topic.organisation, topic.state) == (
        "Bonding",
        "Ada Example",
        firm,
        rules.PROPOSED,
    )
    assert [hit.title for hit in search(SYSTEM, "bonding").hits] == ["Bonding"]


def test_stranger_proposes_nothing(member: Actor) -> None:
    proposal = services.TopicProposal("Bonding", "Why.")
    for actor in (make_actor(Role.LEARNER), Actor.public()):
        with pytest.raises(NotPermitted):
            services.propose_topic(actor, proposal, now=NOW)
    other = make_organisation("Bolt & Co")
    with pytest.raises(NotPermitted) as error:
        services.propose_topic(
            member, services.TopicProposal("Bonding", "Why.", organisation=other), now=NOW
        )
    assert error.value.code == "not_theirs"
    assert not Topic.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"text": ""}, "text"),
        ({"level": "restricted"}, "level"),
        ({"areas": ("magic",)}, "areas"),
        ({"title": "x" * 201}, "title"),
    ],
)
def test_topic_with_a_fault_is_not_stored(changes: dict[str, str], field: str) -> None:
    given = {"title": "Bonding", "text": "Why."} | changes
    with pytest.raises(Invalid) as error:
        services.propose_topic(SYSTEM, services.TopicProposal(**given), now=NOW)  # type: ignore[arg-type]
    assert [fault.field for fault in error.value.errors] == [field]


def test_organisation_endorses_once_and_may_take_it_back(member: Actor, firm: Organisation) -> None:
    topic = make_topic()
    made = services.endorse_topic(member, topic, firm, remark=" A line. ", now=NOW)
    assert (made.remark, endorsed(topic)) == ("A line.", 1)
    with pytest.raises(Refused) as error:
        services.endorse_topic(member, topic, firm, now=NOW)
    assert error.value.code == "endorsed_already"
    services.withdraw_endorsement(member, made, now=NOW)
    assert endorsed(topic) == 0
    services.endorse_topic(member, topic, firm, now=NOW)
    assert (endorsed(topic), Endorsement.objects.count()) == (1, 2)


def test_endorsement_for_another_organisation_is_not_permitted(member: Actor) -> None:
    with pytest.raises(NotPermitted):
        services.endorse_topic(member, make_topic(), make_organisation("Other"), now=NOW)


def test_records_of_one_organisation_count_once(firm: Organisation) -> None:
    topic, twin = make_topic(), make_organisation("Anvil Works Inc.")
    services.endorse_topic(SYSTEM, topic, firm, now=NOW)
    services.endorse_topic(SYSTEM, topic, twin, now=NOW)
    Organisation.objects.filter(pk=twin.pk).update(merged_into=firm)
    assert endorsed(topic) == 1


def test_merged_topic_keeps_its_endorsements_which_count_for_the_other(
    firm: Organisation,
) -> None:
    first, second, third = make_topic("First"), make_topic("Second"), make_topic("Third")
    services.endorse_topic(SYSTEM, first, firm, now=NOW)
    services.endorse_topic(SYSTEM, second, make_organisation("Bolt & Co"), now=NOW)
    services.merge_topics(SYSTEM, first, second, why="The same.", now=NOW)
    services.merge_topics(SYSTEM, second, third, why="The same.", now=NOW)
    first.refresh_from_db()
    assert (first.state, first.merged_into) == (rules.MERGED, third)
    assert (endorsed(third), first.endorsements.count()) == (2, 1)
    again = services.endorse_topic(SYSTEM, first, make_organisation("Cam"), now=NOW)
    assert again.topic == third
    with pytest.raises(Refused):
        services.endorse_topic(SYSTEM, first, firm, now=NOW)


def test_merging_is_refused_where_it_makes_no_sense() -> None:
    first, second = make_topic("First"), make_topic("Second")
    with pytest.raises(Refused) as error:
        services.merge_topics(SYSTEM, first, first, why="x", now=NOW)
    assert error.value.code == "merge_into_itself"
    services.withdraw_topic(SYSTEM, second, why="Done elsewhere.", now=NOW)
    with pytest.raises(Refused) as error:
        services.merge_topics(SYSTEM, first, second, why="x", now=NOW)
    assert error.value.code == "merge_into_closed"


def test_topic_taken_up_is_linked_both_ways_and_stands_open_again_after_a_cancellation() -> None:
    topic, draft = make_topic(), make_draft()
    use = services.take_up_topic(SYSTEM, topic, draft, now=NOW)
    assert list(queries.topics_of(SYSTEM, draft)) == [topic]
    assert [one.competition for one in queries.topic_by_id(SYSTEM, topic.pk).uses.all()] == [draft]
    services.cancel_competition(SYSTEM, draft, why="No money.", now=NOW)
    topic.refresh_from_db()
    assert (topic.state, list(topic.uses.all())) == (rules.PROPOSED, [use])
    services.take_up_topic(SYSTEM, topic, make_draft(), now=NOW)
    assert topic.uses.count() == 2


def test_topic_is_not_taken_up_in_what_is_open(tmp_path: object, settings: object) -> None:
    settings.FILES_DIR = tmp_path  # type: ignore[attr-defined]
    with pytest.raises(Refused) as error:
        services.take_up_topic(SYSTEM, make_topic(), make_open(), now=NOW)
    assert error.value.code == "competition_over"


def test_draft_that_took_a_topic_up_is_not_told_to_those_who_may_not_know(
    member: Actor,
) -> None:
    topic = make_topic()
    services.take_up_topic(SYSTEM, topic, make_draft(), now=NOW)
    assert list(queries.topic_by_id(member, topic.pk).uses.all()) == []


def test_topic_is_withdrawn_by_its_proposer_or_the_office(member: Actor) -> None:
    own = services.propose_topic(member, services.TopicProposal("Own", "Why."), now=NOW)
    other = make_topic("Another's")
    with pytest.raises(NotPermitted):
        services.withdraw_topic(member, other, why="x", now=NOW)
    assert services.withdraw_topic(member, own, why="x", now=NOW).state == rules.WITHDRAWN
    officer = make_actor(Role.PROGRAMME_OFFICER)
    assert services.withdraw_topic(officer, other, why="x", now=NOW).state == rules.WITHDRAWN


def test_sponsor_merges_and_a_member_does_not(member: Actor) -> None:
    first, second = make_topic("First"), make_topic("Second")
    with pytest.raises(NotPermitted):
        services.merge_topics(member, first, second, why="x", now=NOW)
    make_agency("DOE")
    sponsor = Actor(
        user_id=1,
        label="Sponsor",
        grants=make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOE").grants,
        overseen_institute_keys=frozenset({"iacmi"}),
    )
    assert services.merge_topics(sponsor, first, second, why="x", now=NOW).state == rules.MERGED


def test_topic_of_the_network_is_unknown_to_strangers() -> None:
    hidden, shown = make_topic("Hidden"), make_topic("Shown", level=SharingLevel.PUBLIC)
    assert list(queries.topics_visible_to(Actor.public())) == [shown]
    assert list(queries.topics_listed(Actor.public())) == [shown]
    with pytest.raises(NotFound):
        queries.topic_by_id(Actor.public(), hidden.pk)
    assert search(Actor.public(), "Hidden").total == 0
    stranger = make_actor(Role.LEARNER, user_id=make_user().pk)
    with pytest.raises(NotPermitted):
        services.endorse_topic(stranger, hidden, make_organisation(), now=NOW)


def test_topic_of_the_network_is_not_named_where_a_public_one_was_merged_into_it(
    client: Client,
) -> None:
    public = make_topic("Casting", level=SharingLevel.PUBLIC)
    hidden = make_topic("Hidden bonding", level=SharingLevel.NETWORK)
    services.merge_topics(SYSTEM, public, hidden, why="x", now=NOW)
    page = client.get(f"/topics/{public.pk}/").content.decode()
    assert ("Casting" in page, "Merged into" in page, "Hidden" in page) == (True, False, False)
    told = client.get(f"/api/v1/topics/{public.pk}").json()
    assert (told["state"], told["merged_into"]) == ("merged", None)
    assert queries.topic_by_id(Actor.public(), public.pk).merged_into is None
    assert queries.topic_by_id(SYSTEM, public.pk).merged_into == hidden
    Topic.objects.filter(pk=hidden.pk).update(level=SharingLevel.PUBLIC)
    assert "Hidden bonding" in client.get(f"/topics/{public.pk}/").content.decode()
    assert client.get(f"/api/v1/topics/{public.pk}").json()["merged_into"] == hidden.pk


def test_topics_are_listed_by_endorsements_and_narrowed(firm: Organisation) -> None:
    first, second = make_topic("Bonding of metals"), make_topic("Casting")
    services.endorse_topic(SYSTEM, second, firm, now=NOW)
    assert list(queries.topics_listed(SYSTEM)) == [second, first]
    assert list(queries.topics_listed(SYSTEM, words="metals")) == [first]
    assert list(queries.topics_listed(SYSTEM, area="robotics")) == [second, first]
    assert list(queries.topics_listed(SYSTEM, area="none")) == []
    services.merge_topics(SYSTEM, first, second, why="x", now=NOW)
    assert list(queries.topics_listed(SYSTEM)) == [second]
    assert list(queries.topics_listed(SYSTEM, state=rules.MERGED)) == [first]


def test_manager_and_sponsor_propose_for_their_own_alone() -> None:
    lift, iacmi = make_institute("lift"), make_institute("iacmi")
    energy, defense = make_agency("DOE"), make_agency("DOD")
    manager = make_actor(
        Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift", institute_keys=frozenset({"lift"})
    )
    sponsor = make_actor(
        Role.AGENCY_SPONSOR,
        ScopeKind.AGENCY,
        "DOE",
        overseen_institute_keys=frozenset({"iacmi"}),
    )
    for actor, own, other in (
        (manager, {"institute": lift}, {"institute": iacmi}),
        (sponsor, {"agency": energy}, {"agency": defense}),
    ):
        speaking = replace(actor, user_id=make_user().pk)
        proposal = services.TopicProposal("Own", "Why.", **own)
        topic = services.propose_topic(speaking, proposal, now=NOW)
        assert {topic.institute, topic.agency} - {None} == set(own.values())
        with pytest.raises(NotPermitted):
            services.propose_topic(
                speaking,
                services.TopicProposal("Other", "Why.", **other),
                now=NOW,
            )


def test_second_of_two_endorsements_in_one_moment_is_stale(
    firm: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = make_topic()

    def collide(*_args: object, **_kwargs: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(Endorsement.objects, "create", collide)
    with pytest.raises(Stale):
        services.endorse_topic(SYSTEM, topic, firm, now=NOW)


def test_words_that_are_missing_or_too_long_change_nothing(firm: Organisation) -> None:
    first, second = make_topic("First"), make_topic("Second")
    with pytest.raises(Invalid):
        services.merge_topics(SYSTEM, first, second, why=" ", now=NOW)
    with pytest.raises(Invalid):
        services.withdraw_topic(SYSTEM, first, why="", now=NOW)
    with pytest.raises(Invalid):
        services.endorse_topic(SYSTEM, first, firm, remark="x" * 1_001, now=NOW)
    services.withdraw_topic(SYSTEM, first, why="x", now=NOW)
    with pytest.raises(Refused) as error:
        services.endorse_topic(SYSTEM, first, firm, now=NOW)
    assert error.value.code == "topic_not_open"
    made = services.endorse_topic(SYSTEM, second, firm, now=NOW)
    services.withdraw_endorsement(SYSTEM, made, now=NOW)
    again = services.withdraw_endorsement(SYSTEM, made, now=NOW + timedelta(days=1))
    assert again.withdrawn_at == NOW


def test_what_one_may_not_know_is_not_found_by_a_verb() -> None:
    hidden = make_topic("Hidden")
    stranger = make_actor(Role.LEARNER, user_id=make_user().pk)
    with pytest.raises(NotFound):
        services.withdraw_topic(stranger, hidden, why="x", now=NOW)
