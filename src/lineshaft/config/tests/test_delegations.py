from datetime import UTC, date, datetime

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.funding.rules import PERMISSIONS as OF_FUNDING
from lineshaft.apps.governance import rules, services
from lineshaft.apps.governance.models import Body, Delegation, Meeting
from lineshaft.apps.governance.queries import delegations_visible_to
from lineshaft.apps.governance.services import DelegationTerms
from lineshaft.apps.governance.tests.factories import NOW, SYSTEM, make_board
from lineshaft.apps.governance.tests.meetings import call, make_voter
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Institute, Person
from lineshaft.apps.network.rules import PersonRoleKind
from lineshaft.apps.network.tests.factories import make_institute
from lineshaft.config.actor import actor_of_user
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _platform(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IS_DEMONSTRATION = True
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: NOW)


@pytest.fixture
def institute() -> Institute:
    return make_institute("mxd", name="MxD")


@pytest.fixture
def board(institute: Institute) -> Body:
    return make_board(institute)


def signed(person: Person, on: date = TODAY) -> Actor:
    assert person.user is not None
    return actor_of_user(person.user, today=on, language="en")


def manager(institute: Institute) -> Actor:
    user = make_user("manager@example.org")
    make_grant(user, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, institute.key)
    return actor_of_user(user, today=TODAY, language="en")


def test_a_delegate_keeps_the_record_of_one_body_until_it_is_revoked(
    institute: Institute, board: Body, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ada, chief = make_voter("Ada"), manager(institute)
    with pytest.raises(NotPermitted, match="keeps the record"):
        call_as(signed(ada), board)
    terms = DelegationTerms(
        "call_meeting",
        TODAY,
        "She is its secretary.",
        ends_on=TODAY.replace(month=12),
        person=ada,
        body=board,
    )
    made = services.delegate(chief, terms, now=NOW)
    assert (made.institute, made.delegated_by) == (institute, chief.label)
    assert ada.user is not None
    with django_assert_num_queries(2):
        actor = actor_of_user(ada.user, today=TODAY, language="en")
    call_as(actor, board)
    assert AuditEvent.objects.filter(verb="call_meeting").get().changes["delegation"] == made.pk
    other = make_board(make_institute("lift", name="LIFT"))
    with pytest.raises(NotPermitted):
        call_as(actor, other)
    with pytest.raises(NotPermitted):
        call_as(signed(ada, TODAY.replace(month=12)), board)
    with pytest.raises(NotPermitted):
        services.cancel_meeting(actor, Meeting.objects.get(), reason="No", now=NOW)
    with pytest.raises(Refused, match="Say why"):
        services.revoke_delegation(chief, made, why=" ", now=NOW)
    services.revoke_delegation(chief, made, why="She left.", now=NOW)
    with pytest.raises(NotPermitted):
        call_as(signed(ada), board)
    with pytest.raises(Refused, match="over already"):
        services.revoke_delegation(chief, made, why="Again", now=NOW)


def call_as(actor: Actor, body: Body) -> Meeting:
    terms = services.MeetingTerms(rules.MeetingForm.IN_PERSON, NOW, place="Room 1")
    return services.call_meeting(actor, body, terms, now=NOW)


def test_a_delegation_to_a_role_reaches_whoever_holds_it_there(institute: Institute) -> None:
    user = make_user("finance@example.org")
    make_grant(user, Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, institute.key)
    finance = actor_of_user(user, today=TODAY, language="en")
    person = make_voter("Ada")
    terms = DelegationTerms(
        "appoint_person", TODAY, "Staff", role=Role.INSTITUTE_FINANCE, institute=institute
    )

    def appoint(actor: Actor) -> None:
        network.appoint_person(
            actor, person, kind=PersonRoleKind.STAFF, institute=institute, starts_on=TODAY, now=NOW
        )

    with pytest.raises(NotPermitted):
        appoint(finance)
    made = services.delegate(manager(institute), terms, now=NOW)
    appoint(actor_of_user(user, today=TODAY, language="en"))
    assert AuditEvent.objects.get(verb="appoint_person").changes["delegation"] == made.pk
    lift = make_institute("lift", name="LIFT")
    elsewhere = make_user("elsewhere@example.org")
    make_grant(elsewhere, Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, lift.key)
    assert actor_of_user(elsewhere, today=TODAY, language="en").delegations == frozenset()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"verb": "draft_policy"}, "cannot be delegated"),
        ({"person": None}, "Say to whom"),
        ({"role": Role.INSTITUTE_FINANCE}, "Say to whom"),
        ({"person": None, "role": Role.AUDITOR}, "not one that is held at an institute"),
        ({"up_to_minor": 0}, "more than nothing"),
    ],
)
def test_what_cannot_be_delegated_is_refused(
    institute: Institute, changed: dict[str, object], message: str
) -> None:
    given: dict[str, object] = {
        "verb": "call_meeting",
        "starts_on": TODAY,
        "reason": "Because",
        "person": make_voter("Ada"),
        "institute": institute,
    }
    terms = DelegationTerms(**(given | changed))  # type: ignore[arg-type]
    with pytest.raises(Refused, match=message):
        services.delegate(manager(institute), terms, now=NOW)


def test_nobody_delegates_what_is_not_theirs(institute: Institute, board: Body) -> None:
    ada = make_voter("Ada")
    lift = make_institute("lift", name="LIFT")
    chief = manager(institute)
    given = DelegationTerms("call_meeting", TODAY, "x", person=ada, institute=lift)
    with pytest.raises(NotPermitted):
        services.delegate(chief, given, now=NOW)
    sponsor_verb = DelegationTerms(
        "accept_large_contribution", TODAY, "x", person=ada, institute=institute
    )
    finance = Actor(
        user_id=None,
        label="Finance",
        grants=frozenset({RoleGrant(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, institute.key)}),
        is_system=False,
    )
    with pytest.raises(NotPermitted):
        services.delegate(Actor.public(), sponsor_verb, now=NOW)
    user = make_user("finance@example.org")
    make_grant(user, Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, institute.key)
    finance = actor_of_user(user, today=TODAY, language="en")
    with pytest.raises(Refused, match="only what you may do by your own role"):
        services.delegate(finance, sponsor_verb, now=NOW)
    with pytest.raises(NotFound, match="nothing called"):
        services.delegate(chief, DelegationTerms("fly", TODAY, "x", person=ada), now=NOW)
    with pytest.raises(Refused, match="A role is held at an institute"):
        services.delegate(
            SYSTEM,
            DelegationTerms("call_meeting", TODAY, "x", role=Role.INSTITUTE_FINANCE),
            now=NOW,
        )
    with pytest.raises(Refused, match="not one of that institute"):
        services.delegate(
            SYSTEM,
            DelegationTerms("call_meeting", TODAY, "x", person=ada, institute=lift, body=board),
            now=NOW,
        )
    idle = Person.objects.create(name="Idle")
    with pytest.raises(Refused, match="Idle has no user"):
        services.delegate(
            chief,
            DelegationTerms("call_meeting", TODAY, "x", person=idle, institute=institute),
            now=NOW,
        )
    for wrong in (
        DelegationTerms("call_meeting", TODAY, "x", ends_on=TODAY, person=ada, body=board),
        DelegationTerms("call_meeting", TODAY, " ", person=ada, body=board),
        DelegationTerms("call_meeting", TODAY, "x", person=ada, body=board, up_to_minor=10**16),
    ):
        with pytest.raises(Invalid):
            services.delegate(chief, wrong, now=NOW)
    made = services.delegate(
        SYSTEM,
        DelegationTerms("accept_large_contribution", TODAY, "x", person=ada, institute=institute),
        now=NOW,
    )
    with pytest.raises(NotPermitted):
        services.revoke_delegation(finance, made, why="x", now=NOW)
    assert list(delegations_visible_to(chief)) == [made]
    assert list(delegations_visible_to(Actor.public())) == []


def test_pages_list_make_and_revoke_delegations(
    institute: Institute,
    board: Body,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = make_user("manager@example.org")
    make_grant(user, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, institute.key)
    client = Client()
    client.force_login(user)
    ada = make_voter("Ada")
    entered = {
        "verb": "accept_large_contribution",
        "institute": institute.key,
        "person": "ada@example.org",
        "amount": "250000",
        "starts_on": "2022-09-01",
        "reason": "She knows the labs.",
    }
    page = client.post("/delegations/delegate/", {**entered, "person": "no@example.org"})
    assert "Nobody, or more than one" in page.content.decode()
    page = client.post("/delegations/delegate/", {**entered, "amount": "much"})
    assert page.status_code == 422
    page = client.post("/delegations/delegate/", entered, follow=True)
    text = page.content.decode()
    assert ("1 delegation is in force" in text, "$250,000" in text) == (True, True)
    (made,) = Delegation.objects.all()
    assert (made.person, made.up_to_minor) == (ada, 25_000_000)
    (row,) = client.get("/api/v1/delegations").json()["items"]
    assert (row["verb"], row["up_to_minor"]) == ("accept_large_contribution", 25_000_000)
    for _more in range(2):
        Delegation.objects.create(
            verb="call_meeting",
            person=ada,
            body=board,
            institute=institute,
            starts_on=TODAY,
            ends_on=None if _more else datetime(2022, 9, 30, tzinfo=UTC).date(),
            delegated_at=timezone.make_aware(datetime(2022, 1, 1), UTC),  # noqa: DTZ001 -- made so
        )
    with django_assert_num_queries(8):
        client.get("/delegations/")
    (given,) = user.grants.all()
    given.ends_on = TODAY
    given.save()
    officer = Client()
    officer_user = make_user("officer@example.org")
    make_grant(officer_user, Role.PROGRAMME_OFFICER)
    officer.force_login(officer_user)
    text = officer.get("/delegations/").content.decode()
    assert ("Without effect" in text, "no longer holds the role" in text) == (True, True)
    upheld = [row["is_upheld"] for row in officer.get("/api/v1/delegations").json()["items"]]
    assert upheld == [True, True, False]
    given.ends_on = None
    given.save()
    page = client.post(f"/delegations/{made.pk}/revoke/", {"reason": "Done"}, follow=True)
    assert "Revoked" in page.content.decode()
    public = Client()
    assert "Nothing is delegated" in public.get("/delegations/").content.decode()
    assert public.get("/delegations/delegate/").status_code in {302, 403}
    assert public.get(f"/delegations/{made.pk}/revoke/").status_code == 404


def test_a_token_that_only_reads_uses_no_delegation(institute: Institute, board: Body) -> None:
    ada = make_voter("Ada")
    terms = DelegationTerms("call_meeting", TODAY, "x", person=ada, body=board)
    services.delegate(manager(institute), terms, now=NOW)
    assert ada.user is not None
    permission = rules.PERMISSIONS["call_meeting"]
    for scopes, expected in ((frozenset({"read"}), False), (frozenset({"read", "write"}), True)):
        actor = actor_of_user(ada.user, today=TODAY, language="en", token_scopes=scopes)
        assert may(actor, permission, institute=institute.key, body=board.key) is expected
    assert call(board).number == 1


LARGE = OF_FUNDING["accept_large_contribution"]


def granted(name: str, role: Role, scope_kind: ScopeKind, scope_id: str) -> User:
    user = make_user(name)
    make_grant(user, role, scope_kind, scope_id)
    return user


def test_a_sponsors_delegation_covers_only_what_is_its_agencys() -> None:
    mxd = make_institute("mxd", sponsors=("DOD", "DOE"))
    user = granted("Sponsor", Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")
    sponsor = actor_of_user(user, today=TODAY, language="en")
    ada = make_voter("Ada")
    terms = DelegationTerms(LARGE.verb, TODAY, "x", person=ada, institute=mxd)
    services.delegate(sponsor, terms, now=NOW)
    for agency, expected in (("DOD", True), ("DOE", False), (None, False)):
        is_hers = may(signed(ada), LARGE, institute=mxd.key, agency=agency)
        assert (agency, is_hers) == (agency, expected)
    make_grant(user, Role.AGENCY_SPONSOR)
    sponsor = actor_of_user(user, today=TODAY, language="en")
    bo = make_voter("Bo")
    terms = DelegationTerms(LARGE.verb, TODAY, "x", person=bo, institute=mxd)
    services.delegate(sponsor, terms, now=NOW)
    assert may(signed(bo), LARGE, institute=mxd.key, agency="DOE") is True


def test_a_delegation_ends_with_the_grant_of_who_gave_it(institute: Institute) -> None:
    user = granted("Chief", Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, institute.key)
    make_grant(user, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")
    chief = actor_of_user(user, today=TODAY, language="en")
    ada = make_voter("Ada")
    terms = DelegationTerms("call_meeting", TODAY, "x", person=ada, institute=institute)
    made = services.delegate(chief, terms, now=NOW)
    assert (made.giver, made.giver_role) == (user, Role.INSTITUTE_MANAGER)
    assert len(signed(ada).delegations) == 1
    user.is_active = False
    user.save()
    assert not signed(ada).delegations
    user.is_active = True
    user.save()
    assert len(signed(ada).delegations) == 1
    grants = user.grants.filter(scope_id=institute.key)
    grants.update(is_waiting=True)
    assert not signed(ada).delegations
    grants.update(is_waiting=False, ends_on=TODAY)
    assert not signed(ada).delegations
    with pytest.raises(NotPermitted):
        services.delegate(actor_of_user(user, today=TODAY, language="en"), terms, now=NOW)


def test_a_token_that_only_reads_delegates_nothing(institute: Institute) -> None:
    user = granted("Chief", Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, institute.key)
    for scopes, expected in (({"read"}, False), ({"read", "write"}, True)):
        actor = actor_of_user(user, today=TODAY, language="en", token_scopes=frozenset(scopes))
        assert ("call_meeting" in services.may_delegate(actor, institute)) is expected


def test_what_wants_a_second_factor_wants_it_of_the_delegate_too(
    settings: Settings, institute: Institute, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    finance = granted("Finance", Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, institute.key)
    chief = granted("Chief", Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, institute.key)
    ada = make_voter("Ada")
    assert ada.user is not None
    for giver in (
        actor_of_user(finance, today=TODAY, language="en"),
        actor_of_user(chief, today=TODAY, language="en"),
        SYSTEM,
    ):
        terms = DelegationTerms("accept_contribution", TODAY, "x", person=ada, institute=institute)
        services.delegate(giver, terms, now=NOW)
    settings.IS_DEMONSTRATION = False
    with django_assert_num_queries(3):
        actor = actor_of_user(ada.user, today=TODAY, language="en")
    assert {one.role for one in actor.delegations} == {Role.INSTITUTE_MANAGER}
    TOTP.activate(ada.user, generate_totp_secret())
    assert len(signed(ada).delegations) == 3
