from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import (
    Competition,
    Conflict,
    ConflictSubject,
)
from lineshaft.apps.competitions.services import PartnerRow, TeamRow, UnwantedRow
from lineshaft.apps.competitions.tasks import run_check_all_conflicts
from lineshaft.apps.competitions.tests.applicants import (
    Applicant,
    make_applicant,
    make_application,
)
from lineshaft.apps.competitions.tests.conflicting import (
    Judge,
    close_call,
    found_of,
    make_handed_in,
    make_judge,
)
from lineshaft.apps.competitions.tests.factories import (
    NOW,
    SYSTEM,
    TODAY,
    after_deadline,
    make_call,
    make_draft,
    make_open,
    make_terms,
)
from lineshaft.apps.competitions.tests.judging import let_on
from lineshaft.apps.governance.tests.factories import make_board, seat
from lineshaft.apps.memberships.models import MailDomain
from lineshaft.apps.network.models import Organisation, PersonRole, PersonTie
from lineshaft.apps.network.rules import PersonTieKind
from lineshaft.apps.network.tests.factories import (
    make_institute,
    make_organisation,
    make_person,
    make_person_role,
)
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused
from lineshaft.plumbing.access.tests.factories import make_grant
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.jobs.context import JobContext, Progress
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

WHY = "As told"


@pytest.fixture(autouse=True)
def _files(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def call() -> Competition:
    return make_open(template="four_stage", agencies=("DOC",))


@pytest.fixture
def ada() -> Applicant:
    return make_applicant()


def refused(code: str) -> AbstractContextManager[pytest.ExceptionInfo[Refused]]:
    return pytest.raises(Refused, check=lambda error: error.code == code)


def decide(judge: Judge, conflict: Conflict, outcome: str = "waiver", **more: object) -> Conflict:
    said = {"reason": WHY, "measure": "Abstains", "now": NOW} | more
    return services.decide_conflict(judge.actor, conflict, outcome, **said)  # type: ignore[arg-type] # a test's words


# ------------------------------------------------------------------------------- what is found


def test_employer_is_found_by_merged_records_aliases_and_grants(
    ada: Applicant, call: Competition
) -> None:
    made = make_application(call, ada)
    merged = make_organisation("Anvil Co", region="PA")
    Organisation.objects.filter(pk=merged.pk).update(merged_into=ada.organisation)
    namesake = make_organisation("Gears", aliases=("The Anvil Works Inc",))
    role_of = make_judge("By role", None)
    PersonRole.objects.create(
        person=role_of.person, kind="staff", organisation=ada.organisation, starts_on=TODAY
    )
    granted = make_judge("By grant", None)
    make_grant(granted.user, Role.MEMBER, ScopeKind.ORGANISATION, str(ada.organisation.pk))
    people = [
        make_person("Same", organisation=ada.organisation),
        make_person("Merged", organisation=merged),
        make_person("Alias", organisation=namesake),
        role_of.person,
        granted.person,
    ]
    other = make_person("Other", organisation=make_organisation("Rust Works"))
    assert services.watch_people(SYSTEM, call, [*people, other], now=NOW) == 5
    for person in people:
        assert found_of(person) == [(made.pk, "employer")], person
    assert found_of(other) == []
    conflict = Conflict.objects.get(person=people[1])
    assert conflict.evidence == {"organisation": "Anvil Co"}


def test_employer_of_former_days_is_no_conflict(ada: Applicant, call: Competition) -> None:
    make_application(call, ada)
    person = make_person("Former")
    PersonRole.objects.create(
        person=person,
        kind="staff",
        organisation=ada.organisation,
        starts_on=date(2020, 1, 1),
        ends_on=TODAY,
    )
    assert services.watch_people(SYSTEM, call, [person], now=NOW) == 0


def test_domain_is_found_by_web_site_address_and_verified_domain(
    ada: Applicant, call: Competition
) -> None:
    Organisation.objects.filter(pk=ada.organisation.pk).update(website="https://www.anvil.edu/a")
    partner = make_organisation("Brass Works")
    MailDomain.objects.create(
        organisation=partner,
        domain="brass.org",
        address="x@brass.org",
        code_digest="x",
        asked_at=NOW,
        verified_at=NOW,
    )
    made = make_application(call, ada)
    services.add_partner(ada.actor, made, PartnerRow(organisation_id=partner.pk), now=NOW)
    invited = TeamRow("Cora", rules.TeamRole.READER, "cora@lab.copper.ac.uk")
    services.invite_to_team(ada.actor, made, invited, now=NOW)
    people = [
        make_person("By site", email="a@cs.anvil.edu"),
        make_person("By domain", email="b@brass.org"),
        make_person("By address", email="c@copper.ac.uk"),
    ]
    verified = make_judge("Verified", None)
    EmailAddress.objects.create(user=verified.user, email="v@Anvil.edu", verified=True)
    strangers = [
        make_person("Public", email="d@gmail.com"),
        make_person("Documentation", email="e@example.org"),
        make_person("Other", email="f@oxide.ac.uk"),
    ]
    services.watch_people(SYSTEM, call, [*people, verified.person, *strangers], now=NOW)
    for person in (*people, verified.person):
        assert found_of(person) == [(made.pk, "email_domain")], person
    for person in strangers:
        assert found_of(person) == [], person


def test_employer_covers_its_own_domain_and_no_other(ada: Applicant, call: Competition) -> None:
    Organisation.objects.filter(pk=ada.organisation.pk).update(website="anvil.edu")
    made = make_application(call, ada)
    own = make_person("Own", organisation=ada.organisation, email="a@cs.anvil.edu")
    partner = make_organisation("Brass Works")
    Organisation.objects.filter(pk=partner.pk).update(website="brass.org")
    services.add_partner(ada.actor, made, PartnerRow(organisation_id=partner.pk), now=NOW)
    other = make_person("Other", organisation=ada.organisation, email="b@brass.org")
    services.watch_people(SYSTEM, call, [own, other], now=NOW)
    assert found_of(own) == [(made.pk, "employer")]
    assert found_of(other) == [(made.pk, "email_domain"), (made.pk, "employer")]


@pytest.mark.parametrize("website", ["", "http://[", "no site", "https://user:pass@10.0.0.1/"])
def test_web_site_that_names_no_domain_ties_nobody(
    website: str, ada: Applicant, call: Competition
) -> None:
    Organisation.objects.filter(pk=ada.organisation.pk).update(website=website)
    make_application(call, ada)
    person = make_person("Somebody", email="a@anvil.edu")
    assert services.watch_people(SYSTEM, call, [person], now=NOW) == 0


def test_role_seat_and_grant_in_an_institute_that_the_team_leads(
    ada: Applicant, call: Competition
) -> None:
    made = make_application(call, ada)
    led = make_institute("forge")
    led.lead = ada.organisation
    led.save(update_fields=["lead"])
    other = make_institute("rust")
    staff, seated = make_person("Staff"), make_person("Seated")
    make_person_role(staff, led)
    seat(make_board(led), 1, seated)
    manager = make_judge("Manager", Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "forge")
    elsewhere = make_person("Elsewhere")
    make_person_role(elsewhere, other)
    people = [staff, seated, manager.person]
    services.watch_people(SYSTEM, call, [*people, elsewhere], now=NOW)
    for person in people:
        assert found_of(person) == [(made.pk, "institute")], person
    assert found_of(elsewhere) == []


def test_members_of_the_institute_of_a_project_call_are_no_conflict_by_that_alone() -> None:
    call = make_call(agencies=())
    judge = make_judge("Staff", None)
    assert call.institute is not None
    make_person_role(judge.person, call.institute)
    assert services.watch_people(SYSTEM, call, [judge.person], now=NOW) == 0


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("co_author", "co_author"),
        ("advisor", "advisor"),
        ("shared_project", "shared_project"),
        ("other", "other_tie"),
    ],
)
def test_tie_is_found_in_both_directions_while_it_counts(
    kind: str, found: str, ada: Applicant, call: Competition
) -> None:
    made = make_application(call, ada)
    own = make_person("Ada", user=ada.user)
    judges = [make_person(name) for name in ("First", "Second", "Past", "Long ago")]
    first, second, past, long_ago = judges
    for one, other, year_to in (
        (first, own, None),
        (own, second, TODAY.year),
        (past, own, TODAY.year - 3),
        (long_ago, own, TODAY.year - 4),
    ):
        PersonTie.objects.create(
            person=one,
            other=other,
            kind=PersonTieKind(kind),
            year_from=2015,
            year_to=year_to,
            source="a paper",
            recorded_at=NOW,
        )
    services.watch_people(SYSTEM, call, judges, now=NOW)
    for person in (first, second, past):
        assert found_of(person) == [(made.pk, found)], person
    assert found_of(long_ago) == []
    evidence = Conflict.objects.get(person=first).evidence
    assert evidence == {"person": "Ada", "year_from": "2015", "year_to": ""}


def test_team_is_found_by_person_user_and_address(ada: Applicant, call: Competition) -> None:
    made = make_application(call, ada)
    own = make_person("Ada", user=ada.user)
    invited = make_person("Bea", email="bea@brass.example")
    row = TeamRow("Bea", rules.TeamRole.READER, "Bea@brass.example")
    services.invite_to_team(ada.actor, made, row, now=NOW)
    services.watch_people(SYSTEM, call, [own, invited], now=NOW)
    assert found_of(own) == [(made.pk, "on_team")]
    assert found_of(invited) == [(made.pk, "on_team")]


def test_unwanted_reviewer_is_found_by_name_or_address_and_freed_again(
    ada: Applicant, call: Competition
) -> None:
    made = make_application(call, ada)
    by_name, by_address = make_person("Lee, Bo"), make_person("Somebody", email="x@brass.example")
    services.watch_people(SYSTEM, call, [by_name, by_address], now=NOW)
    first = services.name_unwanted_reviewer(
        ada.actor, made, UnwantedRow("Dr. Bo  Lee", "A rival"), now=NOW
    )
    services.name_unwanted_reviewer(
        ada.actor, made, UnwantedRow("Any", "A rival", "X@brass.example", "Brass"), now=NOW
    )
    assert first.name == "Dr. Bo Lee"
    assert found_of(by_name) == found_of(by_address) == [(made.pk, "unwanted")]
    with refused("unwanted_named"):
        services.name_unwanted_reviewer(ada.actor, made, UnwantedRow("Dr. Bo Lee", "x"), now=NOW)
    services.remove_unwanted_reviewer(ada.actor, made, first, now=NOW)
    assert found_of(by_name) == []
    with pytest.raises(NotFound):
        services.remove_unwanted_reviewer(ada.actor, made, first, now=NOW)
    assert Conflict.objects.get(person=by_name).cleared_at == NOW


def test_unwanted_reviewers_are_named_by_who_leads_while_the_call_is_open(
    ada: Applicant, call: Competition
) -> None:
    made = make_application(call, ada)
    row = UnwantedRow("Bo Lee", WHY)
    bea = make_applicant("Bea", "Brass Works")
    member = services.invite_to_team(
        ada.actor, made, TeamRow("Bea", rules.TeamRole.EDITOR, bea.user.email), now=NOW
    )
    services.join_team(bea.actor, member, now=NOW)
    with pytest.raises(NotPermitted):
        services.name_unwanted_reviewer(bea.actor, made, row, now=NOW)
    with pytest.raises(NotFound):
        services.name_unwanted_reviewer(make_judge("Rival", None).actor, made, row, now=NOW)
    for wrong, field in (
        (UnwantedRow(" ", WHY), "name"),
        (UnwantedRow("Bo", " "), "why"),
        (UnwantedRow("Bo", WHY, "no address"), "email"),
        (UnwantedRow("Bo", WHY, organisation="x" * 201), "organisation"),
    ):
        with pytest.raises(Invalid) as error:
            services.name_unwanted_reviewer(ada.actor, made, wrong, now=NOW)
        assert [one.field for one in error.value.errors] == [field]
    with refused("too_late"):
        services.name_unwanted_reviewer(ada.actor, made, row, now=after_deadline(call))


# ------------------------------------------------------------------------------ who is checked


def test_who_runs_a_competition_is_checked_from_its_draft_on() -> None:
    judges = {
        "officer": make_judge("Officer"),
        "auditor": make_judge("Auditor", Role.AUDITOR),
        "sponsor": make_judge("Sponsor", Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOC"),
    }
    others = [
        make_judge("Other sponsor", Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD"),
        make_judge("Manager", Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "forge"),
        make_judge("Reviewer", Role.REVIEWER),
    ]
    official = make_person("Official")
    draft = make_draft(template="four_stage", agencies=("DOC",))
    watched = {one.person.name for one in queries.subjects_of(draft)}
    assert watched == {one.person.name for one in judges.values()}
    terms = replace(make_terms(agencies=("DOC",)), title="Other", selecting_official=official)
    services.edit_competition(SYSTEM, draft, terms, now=NOW)
    late = make_judge("Late officer")
    opened = services.open_competition(SYSTEM, draft, now=NOW)
    watched = {one.person.name for one in queries.subjects_of(opened)}
    assert {"Official", "Late officer"} <= watched
    assert not watched & {one.person.name for one in others}
    assert late.person in queries.running_people(opened, on=TODAY)


def test_manager_of_the_institute_is_checked_in_its_call() -> None:
    institute = make_institute("forge")
    manager = make_judge("Manager", Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "forge")
    call = make_call(institute)
    assert [one.person for one in queries.subjects_of(call)] == [manager.person]
    assert queries.is_subject(manager.actor, call)
    assert not queries.is_subject(make_judge("Other", None).actor, call)


def test_runners_without_a_person_are_named_for_who_must_enter_them() -> None:
    call = make_open(template="four_stage", agencies=("DOC",))
    judge = make_judge("Unknown")
    assert list(queries.runners_without_person(call, on=TODAY)) == []
    judge.person.delete()
    assert list(queries.runners_without_person(call, on=TODAY)) == [judge.user]


def test_checking_twice_changes_nothing_and_clears_what_is_gone(
    ada: Applicant, call: Competition
) -> None:
    made = make_application(call, ada)
    person = make_person("Same", organisation=ada.organisation)
    assert services.watch_people(SYSTEM, call, [person], now=NOW) == 1
    later = NOW + timedelta(hours=1)
    assert services.check_conflicts(SYSTEM, call, now=later) == 0
    conflict = Conflict.objects.get(person=person)
    assert (conflict.found_at, conflict.cleared_at) == (NOW, None)
    assert ConflictSubject.objects.get(person=person).checked_at == later
    Organisation.objects.filter(pk=ada.organisation.pk).update(name="Anvil Works Inc")
    services.check_conflicts(SYSTEM, call, now=later)
    conflict.refresh_from_db()
    assert conflict.evidence == {"organisation": "Anvil Works Inc"}
    person.organisation = None
    person.save(update_fields=["organisation"])
    assert services.check_conflicts(SYSTEM, call, now=later) == 0
    conflict.refresh_from_db()
    assert (conflict.cleared_at, queries.is_closed(person.pk, made.pk)) == (later, False)
    person.organisation = ada.organisation
    person.save(update_fields=["organisation"])
    again = later + timedelta(hours=1)
    assert services.check_conflicts(SYSTEM, call, now=again) == 1
    conflict.refresh_from_db()
    assert (conflict.found_at, conflict.cleared_at) == (again, None)
    assert Conflict.objects.count() == 1


def test_what_was_decided_is_not_cleared_and_withdrawn_ones_are_not_compared(
    ada: Applicant, call: Competition
) -> None:
    made = make_handed_in(call, ada)
    judge, officer = make_judge("Judge", None, organisation=ada.organisation), make_judge()
    services.watch_people(SYSTEM, call, [judge.person], now=NOW)
    call = close_call(call)
    decide(officer, Conflict.objects.get(person=judge.person), "recusal")
    judge.person.organisation = None
    judge.person.save(update_fields=["organisation"])
    services.check_conflicts(SYSTEM, call, now=after_deadline(call))
    assert Conflict.objects.get().cleared_at is None
    assert queries.is_closed(judge.person.pk, made.pk)
    services.withdraw_from_competition(ada.actor, made, why=WHY, now=after_deadline(call))
    other = make_person("Other", organisation=ada.organisation)
    assert services.watch_people(SYSTEM, call, [other], now=NOW) == 0


def test_team_that_changes_is_compared_at_once(ada: Applicant, call: Competition) -> None:
    brass = make_organisation("Brass Works")
    person = make_person("Brass man", organisation=brass)
    made = make_application(call, ada)
    services.watch_people(SYSTEM, call, [person], now=NOW)
    partner = services.add_partner(ada.actor, made, PartnerRow(organisation_id=brass.pk), now=NOW)
    assert found_of(person) == [(made.pk, "employer")]
    services.remove_partner(ada.actor, made, partner, now=NOW)
    assert found_of(person) == []
    lead = make_person("Anvil man", organisation=ada.organisation)
    services.watch_people(SYSTEM, call, [lead], now=NOW)
    services.withdraw_from_competition(ada.actor, made, why=WHY, now=NOW)
    late = make_person("Late man", organisation=ada.organisation)
    services.watch_people(SYSTEM, call, [late], now=NOW)
    assert found_of(late) == []
    services.resume_application(ada.actor, made, now=NOW)
    assert found_of(late) == [(made.pk, "employer")]


def test_second_call_clears_nothing_of_what_was_read_before_and_seals_what_is_new(
    ada: Applicant,
) -> None:
    call = make_open(agencies=("DOC",))  # two steps
    brass = make_organisation("Brass Works")
    officer = make_judge()
    person = make_person("Brass man", organisation=brass)
    made = make_handed_in(call, ada)
    partner = services.add_partner(ada.actor, made, PartnerRow(organisation_id=brass.pk), now=NOW)
    services.watch_people(SYSTEM, call, [person], now=NOW)
    call = close_call(call)
    seen = queries.conflicts_visible_to(officer.actor, call)
    assert [one.person for one in seen] == [person]
    call = services.call_applications(SYSTEM, call, now=let_on(call))
    now = after_deadline(call, 2) + timedelta(minutes=1)
    services.remove_partner(ada.actor, made, partner, now=now)
    assert [one.cleared_at for one in seen.all()] == [None]
    rust = make_organisation("Rust Works")
    late = make_person("Rust man", organisation=rust)
    services.watch_people(SYSTEM, call, [late], now=now)
    services.add_partner(ada.actor, made, PartnerRow(organisation_id=rust.pk), now=now)
    assert queries.is_closed(late.pk, made.pk)
    call.refresh_from_db()
    assert [one.person for one in queries.conflicts_visible_to(officer.actor, call)] == [person]
    services.begin_review(SYSTEM, call, now=after_deadline(call, 3))
    call.refresh_from_db()
    seen = queries.conflicts_visible_to(officer.actor, call).filter(cleared_at__isnull=True)
    assert [one.person for one in seen] == [late]


def test_daily_job_checks_every_competition_that_is_not_over(
    ada: Applicant, call: Competition
) -> None:
    make_application(call, ada)
    over = make_open(template="four_stage", agencies=("DOC",))
    officer = make_judge(organisation=ada.organisation)
    services.cancel_competition(SYSTEM, over, why=WHY, now=NOW)
    run_check_all_conflicts(JobContext(Job(), SYSTEM, Progress(), lambda: None))
    assert len(found_of(officer.person)) == 1
    assert not ConflictSubject.objects.filter(competition=over, person=officer.person).exists()


def test_check_is_for_who_runs_it_and_until_it_is_over(call: Competition) -> None:
    with pytest.raises(NotPermitted):
        services.check_conflicts(make_judge("Reviewer", Role.REVIEWER).actor, call, now=NOW)
    services.check_conflicts(make_judge().actor, call, now=NOW)
    event = AuditEvent.objects.get(verb="check_conflicts")
    assert event.changes == {"people": 1}
    services.cancel_competition(SYSTEM, call, why=WHY, now=NOW)
    with refused("competition_is_over"):
        services.check_conflicts(SYSTEM, call, now=NOW)


@pytest.mark.parametrize("number", [1, 3])
def test_check_costs_the_same_for_any_number_of_people_and_applications(
    number: int, call: Competition, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        who = make_applicant(f"A{place}", f"Firm {place}")
        make_application(call, who)
        person = make_person(f"P{place}", organisation=who.organisation)
        services.watch_people(SYSTEM, call, [person], now=NOW)
        make_judge(f"J{place}", organisation=who.organisation)
    with django_assert_num_queries(35):
        services.check_conflicts(SYSTEM, call, now=NOW)
    assert Conflict.objects.count() == 2 * number


def test_team_of_a_call_in_which_nobody_is_checked_costs_one_query(
    ada: Applicant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    call = make_open(template="four_stage", agencies=("DOC",))
    made = make_application(call, ada)
    assert not queries.subjects_of(call).exists()
    with django_assert_num_queries(1):
        assert services.check_application(made, now=NOW) == 0
