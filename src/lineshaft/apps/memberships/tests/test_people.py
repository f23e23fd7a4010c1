"""Who belongs to an organisation: invitations, domains and removals, through the services."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.memberships import queries, services
from lineshaft.apps.memberships.models import Invitation, MailDomain, OrganisationPerson
from lineshaft.apps.network.models import Organisation, Person
from lineshaft.apps.network.tests.factories import NOW, make_organisation
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused
from lineshaft.plumbing.access.models import Grant, User
from lineshaft.plumbing.access.queries import verified_addresses_of
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
ORIGIN = "https://network.example/"
MAILS = "smtp://mail.example"


@pytest.fixture(autouse=True)
def _with_mail(settings: Settings) -> None:
    settings.MAIL_URL = MAILS


@pytest.fixture
def gears() -> Organisation:
    return make_organisation("Gears")


@pytest.fixture
def member(gears: Organisation) -> Actor:
    grant = RoleGrant(Role.MEMBER, ScopeKind.ORGANISATION, str(gears.pk))
    user = make_user("Member")
    return Actor(user.pk, "Member", frozenset({grant}), organisation_ids=frozenset({gears.pk}))


def colleague(email: str = "bob@gears.example", *, is_verified: bool = True) -> tuple[User, Actor]:
    user = User.objects.create_user(email=email, name="Bob")
    EmailAddress.objects.create(user=user, email=email, verified=is_verified, primary=True)
    return user, Actor(user.pk, "Bob")


def invite(actor: Actor, gears: Organisation, email: str, *, may_act: bool = False) -> Invitation:
    return services.invite_person(
        actor, gears, email=email, origin=ORIGIN, now=NOW, may_act=may_act
    )


def test_addresses_count_once_they_are_proved() -> None:
    user, _actor = colleague(is_verified=False)
    assert verified_addresses_of(user.pk) == frozenset()
    user.set_password("good-enough")
    user.save(update_fields=["password"])
    assert verified_addresses_of(user.pk) == {"bob@gears.example"}
    assert verified_addresses_of(0) == frozenset()


def test_an_invitation_opens_to_the_owner_of_its_address_alone(
    member: Actor, gears: Organisation
) -> None:
    invitation = invite(member, gears, " Bob@Gears.Example ", may_act=True)
    letter = OutboxMessage.objects.get()
    assert letter.is_secret
    link = re.search(r"https://network\.example/invitations/(\S+)/accept/", letter.body)
    assert link is not None
    secret = link[1]
    assert secret not in {invitation.secret_digest, ""}
    bob, actor = colleague()
    stranger = colleague("eve@gears.example")[1]
    assert queries.invitation_named(stranger, secret, now=NOW) == invitation
    with pytest.raises(Refused, match="for another address"):
        services.accept_invitation(stranger, invitation, now=NOW)
    with pytest.raises(NotPermitted):
        services.accept_invitation(Actor.public(), invitation, now=NOW)
    with pytest.raises(NotFound):
        queries.invitation_named(stranger, str(invitation.pk), now=NOW)
    with pytest.raises(NotFound):
        queries.invitation_named(actor, "unknown", now=NOW)
    assert queries.invitation_named(actor, str(invitation.pk), now=NOW) == invitation
    services.accept_invitation(actor, invitation, now=NOW)
    assert queries.organisation_ids_of_user(bob.pk) == {gears.pk}
    assert Grant.objects.get(user=bob).role == "member"
    assert AuditEvent.objects.latest("pk").changes == {"invitation": invitation.pk}
    with pytest.raises(Refused, match="has been accepted"):
        services.accept_invitation(actor, invitation, now=NOW)
    with pytest.raises(Refused, match="belongs to the organisation already"):
        invite(member, gears, "bob@gears.example")
    with pytest.raises(NotFound):
        services.accept_invitation(actor, Invitation(pk=10**9), now=NOW)


def test_a_demonstration_mails_nobody_and_who_acts_already_goes_on_acting(
    member: Actor, gears: Organisation
) -> None:
    invitation = services.invite_person(
        member,
        gears,
        email="bob@gears.example",
        origin=ORIGIN,
        now=NOW,
        may_act=True,
        is_demonstration=True,
    )
    assert not OutboxMessage.objects.exists()
    bob, actor = colleague()
    make_grant(bob, Role.MEMBER, ScopeKind.ORGANISATION, str(gears.pk))
    services.accept_invitation(actor, invitation, now=NOW)
    assert Grant.objects.filter(user=bob).count() == 1


def test_a_second_invitation_ends_the_first_and_an_old_one_is_over(
    member: Actor, gears: Organisation
) -> None:
    first, second = (invite(member, gears, "bob@gears.example") for _ in range(2))
    _bob, actor = colleague()
    assert list(queries.invitations_to(actor, now=NOW)) == [second]
    assert list(queries.invitations_of(gears, now=NOW)) == [second]
    with pytest.raises(Refused, match="is over"):
        services.accept_invitation(actor, first, now=NOW)
    with pytest.raises(Refused, match="is over"):
        services.accept_invitation(actor, second, now=NOW + timedelta(days=14))
    services.accept_invitation(actor, second, now=NOW)
    assert not Grant.objects.exists()


@pytest.mark.parametrize("email", ["bob", f"bob@{'a.' * 130}example"])
def test_invitation_to_what_is_no_address_is_invalid(
    member: Actor, gears: Organisation, email: str
) -> None:
    with pytest.raises(Invalid):
        invite(member, gears, email)


def test_only_who_acts_for_the_organisation_invites(gears: Organisation) -> None:
    belongs = Actor(make_user().pk, "x", organisation_ids=frozenset({gears.pk}))
    with pytest.raises(NotPermitted, match="acts for the organisation"):
        invite(belongs, gears, "bob@gears.example")


def code_mailed() -> str:
    found = re.search(r"\b\d{6}\b", OutboxMessage.objects.latest("created_at", "pk").body)
    assert found is not None
    return found[0]


def test_a_verified_domain_lets_its_verified_addresses_join(
    member: Actor, gears: Organisation
) -> None:
    bob, actor = colleague()
    with pytest.raises(Refused, match="None of your verified addresses"):
        services.join_organisation(actor, gears, now=NOW)
    with pytest.raises(Refused, match="public mail service"):
        services.verify_domain(member, gears, address="gears@gmail.com", now=NOW)
    with pytest.raises(NotPermitted):
        services.verify_domain(actor, gears, address="bob@gears.example", now=NOW)
    domain = services.verify_domain(member, gears, address="Post@Gears.Example", now=NOW)
    code = code_mailed()
    wrong = "000000" if code != "000000" else "111111"
    with pytest.raises(Refused, match="not the code"):
        services.confirm_domain(member, gears, domain, code=wrong, now=NOW)
    domain.refresh_from_db()
    assert domain.attempts == 1
    with pytest.raises(Refused, match="None of your verified addresses"):
        services.join_organisation(actor, gears, now=NOW)
    services.confirm_domain(member, gears, domain, code=f" {code} ", now=NOW)
    again = services.confirm_domain(member, gears, domain, code="", now=NOW)
    assert again.verified_at == NOW
    assert list(queries.organisations_to_join(actor)) == [gears]
    services.join_organisation(actor, gears, now=NOW)
    assert queries.organisation_ids_of_user(bob.pk) == {gears.pk}
    assert not Grant.objects.exists()
    unverified = colleague("eve@gears.example", is_verified=False)[1]
    with pytest.raises(Refused, match="None of your verified addresses"):
        services.join_organisation(unverified, gears, now=NOW)


def test_a_code_is_void_after_five_wrong_entries_or_a_day(
    member: Actor, gears: Organisation
) -> None:
    domain = services.verify_domain(member, gears, address="a@gears.example", now=NOW)
    code = code_mailed()
    with pytest.raises(Refused, match="is over or was entered"):
        services.confirm_domain(member, gears, domain, code=code, now=NOW + timedelta(days=1))
    MailDomain.objects.update(attempts=5)
    with pytest.raises(Refused, match="is over or was entered"):
        services.confirm_domain(member, gears, domain, code=code, now=NOW)
    domain.refresh_from_db()
    assert domain.attempts == 5
    asked_again = services.verify_domain(member, gears, address="a@gears.example", now=NOW)
    assert (asked_again.pk, asked_again.attempts) == (domain.pk, 0)


def test_a_domain_belongs_to_one_organisation(member: Actor, gears: Organisation) -> None:
    domain = services.verify_domain(member, gears, address="a@gears.example", now=NOW)
    code = code_mailed()
    other = make_organisation()
    MailDomain.objects.create(
        organisation=other, domain="gears.example", asked_at=NOW, verified_at=NOW
    )
    with pytest.raises(Refused, match="verified for another organisation"):
        services.verify_domain(member, gears, address="a@gears.example", now=NOW)
    with pytest.raises(Refused, match="verified for another organisation"):
        services.confirm_domain(member, gears, domain, code=code, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        MailDomain.objects.update(verified_at=NOW)
    with pytest.raises(NotFound):
        queries.domain_by_id(other, domain.pk)
    with pytest.raises(NotFound):
        services.confirm_domain(member, gears, MailDomain(pk=10**9), code=code, now=NOW)


def test_removing_somebody_closes_what_was_open(member: Actor, gears: Organisation) -> None:
    bob, actor = colleague()
    services.accept_invitation(
        actor, invite(member, gears, "bob@gears.example", may_act=True), now=NOW
    )
    MailDomain.objects.create(
        organisation=gears, domain="gears.example", asked_at=NOW, verified_at=NOW
    )
    Invitation.objects.create(
        organisation=gears,
        email="bob@gears.example",
        secret_digest="0",
        invited_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    services.remove_person(member, gears, bob, now=NOW, why="left the firm")
    assert not queries.invitations_to(actor, now=NOW).exists()
    assert not queries.organisations_to_join(actor).exists()
    assert queries.organisation_ids_of_user(bob.pk) == frozenset()
    assert Grant.objects.get(user=bob).ends_on == TODAY
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.why, event.changes) == (
        "remove_person",
        "left the firm",
        {"user": bob.pk},
    )
    with pytest.raises(NotFound):
        services.remove_person(member, gears, bob, now=NOW)
    services.accept_invitation(actor, invite(member, gears, "bob@gears.example"), now=NOW)
    assert OrganisationPerson.objects.filter(user=bob).count() == 2


def test_who_acted_by_a_role_alone_does_not_rejoin_by_the_domain_once_taken_off(
    member: Actor, gears: Organisation
) -> None:
    bob, actor = colleague()
    MailDomain.objects.create(
        organisation=gears, domain="gears.example", asked_at=NOW, verified_at=NOW
    )
    merged = make_organisation("Gears Inc")
    Organisation.objects.filter(pk=merged.pk).update(merged_into=gears)
    make_grant(bob, Role.MEMBER, ScopeKind.ORGANISATION, str(merged.pk))
    services.remove_person(member, gears, bob, now=NOW)
    assert not queries.people_of(gears, on=TODAY).exists()
    with pytest.raises(Refused, match="None of your verified addresses"):
        services.join_organisation(actor, gears, now=NOW)


def test_removing_oneself_or_whom_the_office_entered_is_refused(
    member: Actor, gears: Organisation
) -> None:
    registered = make_user()
    Person.objects.create(name="Grace", user=registered, organisation=gears)
    with pytest.raises(Refused, match="Another of the organisation's people"):
        services.remove_person(member, gears, User.objects.get(pk=member.own_id), now=NOW)
    with pytest.raises(Refused, match="programme office has entered"):
        services.remove_person(member, gears, registered, now=NOW)


@pytest.mark.parametrize("number", [1, 3])
def test_people_are_read_in_three_queries(
    number: int, gears: Organisation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        user = make_user(f"P{place}")
        OrganisationPerson.objects.create(
            organisation=gears, user=user, way="invitation", joined_at=NOW
        )
    with django_assert_num_queries(3):
        people = list(queries.people_of(gears, on=TODAY))
    ways = [one.own_ways[0].way for one in people]  # type: ignore[attr-defined] # prefetched
    assert ways == ["invitation"] * number
    stranger = Actor(99, "x")
    with pytest.raises(NotFound):
        queries.organisation_with_people(stranger, gears.pk)
    own = Actor(99, "x", organisation_ids=frozenset({gears.pk}))
    assert queries.organisation_with_people(own, gears.pk) == gears
