from datetime import date

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.urls import reverse

from lineshaft.apps.memberships import queries, services
from lineshaft.apps.memberships.facts import FACTS
from lineshaft.apps.memberships.models import MailDomain
from lineshaft.apps.memberships.services import MemberRow
from lineshaft.apps.memberships.tests.factories import make_agreement, make_application
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.tests.factories import NOW, make_institute, make_organisation
from lineshaft.kernel.errors import Invalid, NotFound, Refused
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db


def officer() -> Actor:
    return make_actor(Role.PROGRAMME_OFFICER, user_id=make_user().pk)


def counted(actor: Actor, profile: JurisdictionProfile) -> tuple[int, int, int]:
    """Members of the network, memberships, and members as the fact that the figure reads has."""
    period = profile.fiscal_year(2022)
    with connection.cursor() as cursor:
        cursor.execute(FACTS[0].sql)
        place = [column[0] for column in cursor.description].index("organisation")
        in_fact = len({row[place] for row in cursor.fetchall()})
    members = queries.members_counted(actor, period)
    assert members.total == members.rows.count()
    return members.total, queries.memberships_counted(actor, period).total, in_fact


def test_merged_member_counts_once_until_the_merge_is_undone(
    client: Client, public: Actor, profile: JurisdictionProfile
) -> None:
    mxd, lift = make_institute("mxd", name="MxD"), make_institute("lift")
    stays, goes = make_organisation("Gears"), make_organisation("Gears Inc")
    make_agreement(stays, lift, ends_on=date(2022, 5, 1))
    make_agreement(goes, lift, starts_on=date(2022, 5, 1))
    held = make_agreement(goes, mxd)
    make_agreement(make_organisation("Cogs"), mxd)
    assert counted(public, profile) == (3, 4, 3)
    pair = network.propose_merge(officer(), goes, stays, why="one address", now=NOW)
    pair = network.merge_organisations(officer(), pair, now=NOW)
    assert counted(public, profile) == (2, 3, 2)
    assert queries.memberships_of(public, stays).count() == 3
    assert "Gears Inc" not in client.get("/institutes/mxd/members/").content.decode()
    shown = client.get(reverse("memberships:show_member", args=[held.pk])).content.decode()
    assert reverse("network:show_organisation", args=[stays.pk]) in shown
    row = MemberRow(stays.pk, "mxd", "sme", date(2022, 6, 1))
    with pytest.raises(Invalid) as refused:
        services.admit_member(officer(), row, now=NOW)
    assert "is a member of MxD from" in str(refused.value)
    network.undo_merge(officer(), pair, why="two firms", now=NOW)
    assert counted(public, profile) == (3, 4, 3)


def test_members_of_one_institute_on_one_day_are_not_merged() -> None:
    mxd = make_institute("mxd", name="MxD")
    one: tuple[Organisation, Organisation] = make_organisation("A"), make_organisation("B")
    for organisation in one:
        make_agreement(organisation, mxd)
    with pytest.raises(Refused) as refused:
        network.propose_merge(officer(), *one, why="one address", now=NOW)
    assert str(refused.value) == (
        "“A” and “B” are both members of MxD on a day between 2022-01-01 and further notice. End "
        "one of the two agreements first, or keep them apart."
    )


def test_people_domains_and_applications_follow_a_merge() -> None:
    mxd = make_institute("mxd")
    stays, goes = make_organisation("Gears"), make_organisation("Gears Inc")
    make_application(goes, mxd)
    domain = services.verify_domain(officer_of(goes), goes, address="a@gears.example", now=NOW)
    MailDomain.objects.update(verified_at=NOW)
    invitation = services.invite_person(
        officer(), goes, email="b@gears.example", origin="https://a.example", now=NOW
    )
    joiner, invited = with_address("c@gears.example"), with_address("b@gears.example")
    Organisation.objects.filter(pk=goes.pk).update(merged_into=stays)
    goes.refresh_from_db()
    for record in (stays, goes):
        assert queries.has_open_application(mxd, record)
        assert list(queries.domains_of(record)) == [domain]
        assert list(queries.invitations_of(record, now=NOW)) == [invitation]
        assert not queries.is_taken("gears.example", record)
    assert queries.is_taken("gears.example", make_organisation("Cogs"))
    again = services.verify_domain(officer_of(stays), stays, address="d@gears.example", now=NOW)
    assert again.pk == domain.pk
    assert list(queries.organisations_to_join(joiner)) == [stays]
    assert services.join_organisation(joiner, stays, now=NOW).organisation == stays
    person = services.accept_invitation(invited, invitation, now=NOW)
    assert person.organisation == stays
    with pytest.raises(NotFound):
        services.confirm_domain(
            officer_of(mine := make_organisation("Own")), mine, domain, code="1", now=NOW
        )


def test_a_domain_that_both_merged_records_asked_for_is_verified_once() -> None:
    stays, goes = make_organisation("Gears"), make_organisation("Gears Inc")
    waiting, verified = (
        services.verify_domain(officer_of(one), one, address="a@gears.example", now=NOW)
        for one in (stays, goes)
    )
    MailDomain.objects.filter(pk=verified.pk).update(verified_at=NOW)
    Organisation.objects.filter(pk=goes.pk).update(merged_into=stays)
    actor = officer_of(stays)
    assert services.confirm_domain(actor, stays, waiting, code="1", now=NOW) == verified
    assert MailDomain.objects.get(pk=waiting.pk).verified_at is None
    again = services.verify_domain(actor, stays, address="d@gears.example", now=NOW)
    assert again == verified


def officer_of(organisation: Organisation) -> Actor:
    """Somebody who acts for the organisation."""
    grant = RoleGrant(Role.MEMBER, ScopeKind.ORGANISATION, str(organisation.pk))
    return Actor(make_user().pk, "Ada", frozenset({grant}))


def with_address(address: str) -> Actor:
    """Somebody whose address is verified."""
    user = make_user()
    EmailAddress.objects.create(user=user, email=address, verified=True)
    return Actor(user.pk, "Grace")
