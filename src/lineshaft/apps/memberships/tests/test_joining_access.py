"""Whom applying and admission let act for an organisation, and whom not."""

from dataclasses import replace

import pytest
from pytest_django import Settings

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.models import OrganisationPerson
from lineshaft.apps.memberships.tests.factories import make_agreement, make_application
from lineshaft.apps.memberships.tests.test_joining import SYSTEM, TODAY, approved, row_of, sign
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.tests.factories import NOW, make_institute, make_organisation
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.plumbing.access.models import Grant, User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings: Settings, tmp_path: object) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def institute() -> Institute:
    return make_institute()


@pytest.fixture
def gears() -> Organisation:
    return make_organisation("Gears")


@pytest.fixture
def user() -> User:
    return make_user(password="good-enough")


@pytest.fixture
def applicant(user: User) -> Actor:
    return Actor(user_id=user.pk, label=user.name)


@pytest.fixture
def manager() -> Actor:
    grant = RoleGrant(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "america-makes")
    return Actor(make_user("Manager").pk, "Manager", grants=frozenset({grant}))


def test_who_joined_by_a_domain_acts_for_nobody_by_applying(
    applicant: Actor, manager: Actor, institute: Institute, gears: Organisation, user: User
) -> None:
    application = approved(applicant, manager, institute, gears)
    OrganisationPerson.objects.create(
        organisation=gears, user=user, way=rules.Way.DOMAIN, joined_at=NOW
    )
    acting = make_grant(make_user(), Role.MEMBER, ScopeKind.ORGANISATION, str(gears.pk))
    belongs = replace(applicant, organisation_ids=frozenset({gears.pk}))
    with pytest.raises(NotPermitted):
        sign(belongs, manager, application)
    with pytest.raises(NotPermitted):
        services.withdraw_application(belongs, application, now=NOW)
    elsewhere = make_institute("mxd")
    with pytest.raises(Refused, match="Others act for Gears here"):
        services.apply_for_membership(
            belongs, elsewhere, replace(row_of(gears), institute_key="mxd"), now=NOW
        )
    signed = make_application(gears, elsewhere, contact=user, state="signed", dues_minor=0)
    services.admit_applicant(SYSTEM, signed, now=NOW)
    assert list(Grant.objects.filter(role=Role.MEMBER)) == [acting]


def test_who_was_taken_off_neither_reads_nor_goes_on(
    applicant: Actor, manager: Actor, institute: Institute, gears: Organisation, user: User
) -> None:
    application = approved(applicant, manager, institute, gears)
    assert queries.applies_for(applicant, gears.pk, institute)
    OrganisationPerson.objects.create(
        organisation=gears, user=user, way=rules.Way.DOMAIN, joined_at=NOW, removed_at=NOW
    )
    with pytest.raises(NotPermitted):
        services.withdraw_application(applicant, application, now=NOW)
    with pytest.raises(NotFound):
        queries.application_by_id(applicant, application.pk)
    assert not queries.applies_for(applicant, gears.pk, institute)


def test_admission_gives_no_hold_over_a_member_without_accounts_or_a_merged_one(
    institute: Institute, gears: Organisation, user: User
) -> None:
    make_agreement(gears, make_institute("mxd"))
    first = make_application(gears, institute, contact=user, state="signed", dues_minor=0)
    services.admit_applicant(SYSTEM, first, now=NOW)
    assert (Grant.objects.count(), OrganisationPerson.objects.count()) == (0, 0)
    assert not queries.opens_access(first, on=TODAY)
    merged = make_organisation("Cogs Inc")
    make_grant(make_user(), Role.MEMBER, ScopeKind.ORGANISATION, str(merged.pk))
    stands = make_organisation("Cogs")
    Organisation.objects.filter(pk=merged.pk).update(merged_into=stands)
    merged.refresh_from_db()
    for record in (merged, stands):
        assert queries.has_people(record, on=TODAY)
        assert queries.has_actors(record, on=TODAY)
    second = make_application(merged, institute, contact=user, state="signed", dues_minor=0)
    done = services.admit_applicant(SYSTEM, second, now=NOW)
    assert done.agreement is not None
    assert done.agreement.organisation == stands
    assert Grant.objects.count() == 1
