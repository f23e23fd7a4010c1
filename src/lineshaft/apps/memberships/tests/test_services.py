from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from lineshaft.apps.memberships import rules, services
from lineshaft.apps.memberships.models import MemberAgreement
from lineshaft.apps.memberships.rules import EndReason
from lineshaft.apps.memberships.services import MemberRow
from lineshaft.apps.memberships.tests.factories import make_agreement
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.tests.factories import NOW, make_institute, make_organisation
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.triggers import missing_triggers

pytestmark = pytest.mark.django_db


@pytest.fixture
def institute() -> Institute:
    return make_institute()


@pytest.fixture
def gears() -> Organisation:
    return make_organisation("Gears")


def row_of(organisation: Organisation, institute: Institute) -> MemberRow:
    return MemberRow(organisation.pk, institute.key, "sme", date(2022, 1, 1))


def test_admit_member_stores_agreement_and_event(
    institute_manager: Actor, institute: Institute, gears: Organisation
) -> None:
    row = replace(row_of(gears, institute), signed_on=date(2021, 12, 1))
    agreement = services.admit_member(institute_manager, row, now=NOW, why="signed paper")
    event = AuditEvent.objects.get()
    assert (agreement.organisation, agreement.institute, agreement.tier) == (
        gears,
        institute,
        "sme",
    )
    assert (event.verb, event.institute, event.why) == (
        "admit_member",
        "america-makes",
        "signed paper",
    )
    assert event.changes["organisation"] == gears.pk
    assert agreement.admitted_in == event


def test_admit_member_again_changes_nothing(
    institute_manager: Actor, institute: Institute, gears: Organisation
) -> None:
    row = row_of(gears, institute)
    first = services.admit_member(institute_manager, row, now=NOW)
    assert services.admit_member(institute_manager, row, now=NOW) == first
    outcome = services.admit_members(institute_manager, [row, row], now=NOW)
    assert (outcome.created, outcome.updated, outcome.unchanged) == (0, 0, 2)
    assert AuditEvent.objects.count() == 1


def test_admit_members_row_with_an_end_ends_the_open_agreement(
    institute_manager: Actor, institute: Institute, gears: Organisation
) -> None:
    row = row_of(gears, institute)
    ended = replace(row, ends_on=date(2022, 6, 1), ended_reason=EndReason.LEFT)
    first = services.admit_member(institute_manager, row, now=NOW)
    outcome = services.admit_members(institute_manager, [ended], now=NOW)
    assert (outcome.created, outcome.updated) == (0, 1)
    first.refresh_from_db()
    assert (first.ends_on, first.ended_reason) == (date(2022, 6, 1), "left")
    again = replace(row, starts_on=date(2022, 6, 1))
    outcome = services.admit_members(institute_manager, [ended, again], now=NOW)
    assert (outcome.created, outcome.unchanged) == (1, 1)


def test_admit_members_within_one_list_extend_each_other(
    institute_manager: Actor, institute: Institute, gears: Organisation
) -> None:
    row = row_of(gears, institute)
    rows = [row, replace(row, ends_on=date(2022, 6, 1)), replace(row, starts_on=date(2022, 6, 1))]
    outcome = services.admit_members(institute_manager, rows, now=NOW)
    assert (outcome.created, outcome.updated) == (2, 1)
    spans = MemberAgreement.objects.order_by("starts_on").values_list("starts_on", "ends_on")
    assert list(spans) == [
        (date(2022, 1, 1), date(2022, 6, 1)),
        (date(2022, 6, 1), None),
    ]


def test_admit_member_overlapping_is_invalid_with_the_other_span(
    institute_manager: Actor, institute: Institute, gears: Organisation
) -> None:
    make_agreement(gears, institute, starts_on=date(2021, 1, 1))
    with pytest.raises(Invalid) as raised:
        services.admit_member(institute_manager, row_of(gears, institute), now=NOW)
    fault = raised.value.errors[0]
    assert (fault.field, fault.params["starts_on"]) == ("starts_on", "2021-01-01")
    other = replace(row_of(gears, institute), tier="industry")
    with pytest.raises(Invalid):
        services.admit_members(institute_manager, [other], now=NOW)


def test_admit_members_row_with_another_end_than_the_stored_one_is_invalid(
    institute_manager: Actor, institute: Institute, gears: Organisation
) -> None:
    make_agreement(gears, institute, ends_on=date(2022, 6, 1))
    other = replace(row_of(gears, institute), ends_on=date(2022, 7, 1))
    with pytest.raises(Invalid):
        services.admit_members(institute_manager, [other], now=NOW)


def test_admit_member_that_law_bars_is_refused_with_its_citation(
    institute_manager: Actor, institute: Institute
) -> None:
    company = make_organisation(ownership_country="CN")
    row = replace(row_of(company, institute), starts_on=date(2022, 10, 1))
    with pytest.raises(Refused) as raised:
        services.admit_member(institute_manager, row, now=NOW)
    assert (raised.value.code, raised.value.citation) == ("waiver_needed", "42 U.S.C. 18972")
    waived = replace(row, ends_on=NOW.date(), waiver_reference=" W-7 ")
    assert services.admit_member(institute_manager, waived, now=NOW).waiver_reference == "W-7"


def test_admit_member_to_a_planned_institute_is_refused(
    programme_officer: Actor, gears: Organisation
) -> None:
    row = row_of(gears, make_institute("planned", status="planned"))
    with pytest.raises(Refused) as raised:
        services.admit_member(programme_officer, row, now=NOW)
    assert raised.value.code == "institute_not_open"


def test_admit_members_names_every_fault_and_writes_nothing(
    programme_officer: Actor, institute: Institute, gears: Organisation
) -> None:
    good = row_of(gears, institute)
    rows = [
        replace(good, number=2),
        replace(good, ends_on=date(2022, 1, 1), number=3),
        replace(good, ended_reason="left", number=4),
        replace(good, signed_on=date(2023, 1, 1), ends_on=date(2022, 2, 1), number=5),
        replace(good, institute_key="nowhere", number=6),
        replace(good, organisation_id=999_999, number=7),
        replace(good, tier="academic", number=8),
        replace(good, starts_on=date(2022, 3, 1), number=9),
    ]
    with pytest.raises(Invalid) as raised:
        services.admit_members(programme_officer, rows, now=NOW)
    assert [(fault.field, fault.row) for fault in raised.value.errors] == [
        ("ends_on", 3),
        ("ended_reason", 4),
        ("signed_on", 5),
        ("institute", 6),
        ("organisation", 7),
        ("tier", 8),
        ("starts_on", 9),
    ]
    assert MemberAgreement.objects.count() == AuditEvent.objects.count() == 0


def test_admit_members_of_another_institute_is_not_permitted(
    institute_manager: Actor, institute: Institute, gears: Organisation
) -> None:
    rows = [row_of(gears, institute), row_of(gears, make_institute("lift"))]
    with pytest.raises(NotPermitted):
        services.admit_members(institute_manager, rows, now=NOW)
    with pytest.raises(NotPermitted):
        services.admit_member(Actor.public(), rows[0], now=NOW)


@pytest.mark.parametrize("number", [1, 300])
def test_admit_members_needs_no_more_queries_for_more_rows(
    institute_manager: Actor,
    institute: Institute,
    number: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    rows = [row_of(make_organisation(), institute) for _place in range(number)]
    with django_assert_max_num_queries(10):
        outcome = services.admit_members(institute_manager, rows, now=NOW)
    assert outcome.created == number


def test_end_membership_shortens_and_records(
    institute_manager: Actor, institute: Institute, gears: Organisation
) -> None:
    agreement = make_agreement(gears, institute)
    ended = services.end_membership(
        institute_manager,
        agreement,
        ends_on=date(2022, 12, 1),
        reason=EndReason.DUES_UNPAID,
        now=NOW,
        why="letter",
    )
    assert (ended.ends_on, ended.ended_reason) == (date(2022, 12, 1), "dues_unpaid")
    event = AuditEvent.objects.get()
    assert event.changes == {"ends_on": [None, "2022-12-01"], "ended_reason": "dues_unpaid"}


def test_end_membership_is_refused_by_rule_and_person(
    institute_manager: Actor, institute: Institute, gears: Organisation
) -> None:
    later = date(2022, 12, 1)
    agreement = make_agreement(gears, institute, starts_on=later)
    with pytest.raises(Refused, match="so it cannot end on 2022-12-01"):
        services.end_membership(
            institute_manager, agreement, ends_on=later, reason=EndReason.LEFT, now=NOW
        )
    with pytest.raises(Invalid):
        services.end_membership(
            institute_manager,
            agreement,
            ends_on=later,
            reason=EndReason.NOT_ENDED,
            now=NOW,
        )
    other = make_agreement(gears, make_institute("lift"))
    with pytest.raises(NotPermitted):
        services.end_membership(
            institute_manager, other, ends_on=later, reason=EndReason.LEFT, now=NOW
        )
    with pytest.raises(NotFound):
        services.end_membership(
            institute_manager,
            MemberAgreement(pk=999_999, institute=institute),
            ends_on=later,
            reason=EndReason.LEFT,
            now=NOW,
        )
    assert AuditEvent.objects.count() == 0


@pytest.mark.database
@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_refused"),
    [
        pytest.param(date(2021, 1, 1), date(2022, 1, 1), False, id="touches before"),
        pytest.param(date(2022, 7, 1), None, False, id="touches after"),
        pytest.param(date(2021, 1, 1), date(2022, 1, 2), True, id="first day"),
        pytest.param(date(2022, 6, 30), None, True, id="last day"),
        pytest.param(date(2021, 1, 1), None, True, id="around"),
        pytest.param(date(2022, 2, 1), date(2022, 3, 1), True, id="within"),
    ],
)
def test_database_refuses_agreements_that_share_a_day(
    institute: Institute,
    gears: Organisation,
    starts_on: date,
    ends_on: date | None,
    is_refused: bool,
) -> None:
    make_agreement(gears, institute, ends_on=date(2022, 7, 1))
    other = make_agreement(make_organisation(), institute, starts_on=starts_on, ends_on=ends_on)
    if not is_refused:
        make_agreement(gears, institute, starts_on=starts_on, ends_on=ends_on)
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        make_agreement(gears, institute, starts_on=starts_on, ends_on=ends_on)
    with pytest.raises(IntegrityError), transaction.atomic():
        MemberAgreement.objects.filter(pk=other.pk).update(organisation=gears)


@pytest.mark.database
def test_admit_member_that_loses_a_race_is_stale(
    institute_manager: Actor,
    institute: Institute,
    gears: Organisation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_agreement(gears, institute)
    # As if the other agreement had come in after this one was checked.
    monkeypatch.setattr(rules, "refuse_overlap", lambda *_args, **_kwargs: None)
    row = replace(row_of(gears, institute), starts_on=date(2022, 3, 1))
    with pytest.raises(Stale):
        services.admit_member(institute_manager, row, now=NOW)
    assert AuditEvent.objects.count() == 0


@pytest.mark.database
def test_overlap_is_held_by_the_database_in_use() -> None:
    assert missing_triggers() == []
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(
            cursor, "memberships_memberagreement"
        )
    held = "memberships_agreement_no_overlap" in constraints
    assert held == (connection.vendor == "postgresql")


@pytest.mark.database
def test_admit_member_locks_the_agreement_that_it_may_end(
    institute_manager: Actor, institute: Institute, gears: Organisation
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time and no row locks; this runs on PostgreSQL")
    stored = make_agreement(gears, institute)
    row = replace(row_of(gears, institute), starts_on=stored.starts_on, ends_on=date(2023, 1, 1))
    with CaptureQueriesContext(connection) as queries:
        services.admit_member(institute_manager, row, now=NOW)
    read = [one["sql"] for one in queries if 'FROM "memberships_memberagreement"' in one["sql"]]
    assert "FOR NO KEY UPDATE" in read[0]
    merging = [one["sql"] for one in queries if 'FROM "network_organisation"' in one["sql"]]
    assert merging[0].endswith('FOR NO KEY UPDATE OF "network_organisation"')
