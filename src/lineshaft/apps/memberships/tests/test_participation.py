"""Screening, deciding, and what a decision leaves of the actor and of an admission."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.models import (
    OwnerLink,
    ParticipationCommitment,
    ParticipationDecision,
    ParticipationReview,
    ScreeningSheet,
)
from lineshaft.apps.memberships.rules import Conditions, Standing
from lineshaft.apps.memberships.services import MemberRow, ScreeningRow
from lineshaft.apps.memberships.tests.factories import (
    ANSWERS,
    SYSTEM,
    make_agreement,
    make_approval,
    make_review,
)
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.tests.factories import NOW, make_institute, make_organisation
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.tests.factories import make_actor
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
OWN = {"incorporated_in": "US", "foreign_control": "no", "concern_ties": "no", "works_in": "US"}
CONDITIONS = Conditions("network", may_export=False)


@pytest.fixture
def review() -> ParticipationReview:
    return make_review()


def code_of(raised: pytest.ExceptionInfo[Refused]) -> str:
    return raised.value.code


def test_screening_of_a_domestic_firm_leaves_a_sheet_and_no_review() -> None:
    sheet = services.screen_organisation(
        SYSTEM, make_organisation(), make_institute(), ScreeningRow(OWN), now=NOW
    )
    assert (sheet.is_review_needed, sheet.findings, sheet.countries) == (False, [], [])
    assert not ParticipationReview.objects.exists()
    event = AuditEvent.objects.get(verb="screen_organisation")
    assert (event.subject_type, event.institute) == ("memberships.screeningsheet", "america-makes")


def test_screening_of_a_foreign_firm_asks_for_a_review_and_says_why() -> None:
    review = make_review()
    assert (review.state, review.waits_since, review.reference) == (
        "requested",
        TODAY,
        f"FP-{review.pk}",
    )
    assert [one["code"] for one in review.sheet.findings] == [
        "foreign_country",
        "foreign_owner",
        "said_yes",
        "registered_abroad",
    ]
    assert review.sheet.countries == ["DE"]
    again = services.screen_organisation(
        SYSTEM, review.organisation, review.institute, ScreeningRow(OWN), now=NOW
    )
    review.refresh_from_db()
    assert (review.sheet, ScreeningSheet.objects.count()) == (again, 2)


def test_screening_names_every_fault_and_is_for_those_concerned(
    institute_manager: Actor, learner: Actor
) -> None:
    organisation, institute = make_organisation(), make_institute()
    wrong = ScreeningRow(
        {"incorporated_in": "Germany"}, (rules.OwnerRow(1, "", "DE", 1),), why="x" * 2_001
    )
    with pytest.raises(Invalid) as caught:
        services.screen_organisation(institute_manager, organisation, institute, wrong, now=NOW)
    assert [fault.field for fault in caught.value.errors] == [
        "incorporated_in",
        "foreign_control",
        "concern_ties",
        "works_in",
        "owners",
        "why",
    ]
    own = make_actor(Role.MEMBER, ScopeKind.ORGANISATION, str(organisation.pk))
    services.screen_organisation(own, organisation, institute, ScreeningRow(OWN), now=NOW)
    assert ScreeningSheet.objects.count() == 1
    other = make_actor(Role.MEMBER, ScopeKind.ORGANISATION, str(organisation.pk + 1))
    for actor in (learner, other):
        with pytest.raises(NotPermitted):
            services.screen_organisation(actor, organisation, institute, ScreeningRow(OWN), now=NOW)


def test_sponsor_approves_with_commitments_and_an_end(
    agency_sponsor: Actor, review: ParticipationReview
) -> None:
    decision = services.approve_participation(
        agency_sponsor, review, make_approval(review), now=NOW
    )
    review.refresh_from_db()
    assert (review.state, review.waits_since, review.recheck_on, review.decision) == (
        "approved",
        None,
        date(2023, 11, 1),
        decision,
    )
    assert (decision.reference, decision.starts_on, decision.ends_on) == (
        f"FP-{review.pk}.1",
        TODAY,
        date(2024, 11, 1),
    )
    assert decision.citations[-1] == "42 U.S.C. 18972"
    assert decision.commitments.get().text == "A line in Ohio"
    event = AuditEvent.objects.get(verb="approve_participation")
    assert (event.changes["state"], event.why) == (["requested", "approved"], "letter 1")


def test_sponsor_alone_decides_and_the_office_where_there_is_none(
    programme_officer: Actor,
    institute_manager: Actor,
    agency_sponsor: Actor,
    review: ParticipationReview,
) -> None:
    approval = make_approval(review)
    for actor in (programme_officer, institute_manager, Actor.public()):
        with pytest.raises(NotPermitted):
            services.approve_participation(actor, review, approval, now=NOW)
    lone = make_review(institute=make_institute("lone", sponsors=()))
    with pytest.raises(NotPermitted):
        services.approve_participation(agency_sponsor, lone, make_approval(lone), now=NOW)
    made = services.approve_participation(programme_officer, lone, make_approval(lone), now=NOW)
    assert made.kind == "approved"
    assert queries.may_decide(agency_sponsor, review.institute) is True
    assert queries.may_decide(programme_officer, review.institute) is False


def test_approval_names_what_is_wrong(review: ParticipationReview) -> None:
    bad = (
        services.Commitment("songs", " ", date(2023, 11, 1)),
        services.Commitment("jobs_at_home", "Ten", TODAY),
        services.Commitment("jobs_at_home", "Ten", date(22, 1, 1)),
    )
    wrong = make_approval(review, ends_on=date(2922, 1, 1), commitments=bad)
    with pytest.raises(Invalid) as caught:
        services.approve_participation(SYSTEM, review, wrong, now=NOW)
    assert [fault.field for fault in caught.value.errors] == ["ends_on"] + ["commitments"] * 4
    cases: dict[str, dict[str, object]] = {
        "no_reason": {"why": ""},
        "ends_late": {"ends_on": date(2028, 1, 1)},
        "unknown_ground": {"grounds": ("charm",)},
        "commitment_needed": {"commitments": ()},
    }
    for code, changes in cases.items():
        with pytest.raises(Refused) as refused:
            services.approve_participation(
                SYSTEM, review, make_approval(review, **changes), now=NOW
            )
        assert code_of(refused) == code
    with pytest.raises(Stale):
        services.approve_participation(
            SYSTEM, review, make_approval(review, seen_sheet=review.sheet_id - 1), now=NOW
        )
    assert not ParticipationDecision.objects.exists()


def test_bar_is_lifted_only_on_a_ground_of_waiver() -> None:
    review = make_review(make_organisation(ownership_country="CN"))
    with pytest.raises(Refused) as refused:
        services.approve_participation(SYSTEM, review, make_approval(review), now=NOW)
    assert (code_of(refused), refused.value.citation) == ("ground_needed", "42 U.S.C. 18972")
    with pytest.raises(Refused) as refused:
        services.approve_participation_with_conditions(
            SYSTEM, review, make_approval(review), Conditions(), now=NOW
        )
    assert code_of(refused) == "no_condition"
    decision = services.approve_participation_with_conditions(
        SYSTEM,
        review,
        make_approval(review, grounds=("emergency",)),
        CONDITIONS,
        now=NOW,
    )
    assert (decision.kind, decision.grounds, decision.conditions) == (
        "conditional",
        ["emergency"],
        CONDITIONS,
    )


def test_review_moves_by_its_verbs_and_keeps_every_decision(review: ParticipationReview) -> None:
    services.approve_participation(SYSTEM, review, make_approval(review), now=NOW)
    later = NOW + timedelta(days=400)
    checked = services.recheck_participation(SYSTEM, review, why="still so", now=later)
    review.refresh_from_db()
    assert review.recheck_on == checked.next_on == date(2024, 12, 6)
    with pytest.raises(Refused, match="decision on this organisation stands"):
        services.screen_organisation(
            SYSTEM, review.organisation, review.institute, ScreeningRow(ANSWERS), now=later
        )
    changed = ScreeningRow(OWN, why="sold to a firm in Ohio")
    with pytest.raises(Refused, match="Write the reason"):
        services.report_ownership_change(SYSTEM, review, replace(changed, why=""), now=later)
    Organisation.objects.filter(pk=review.organisation_id).update(ownership_country="US")
    review = services.report_ownership_change(SYSTEM, review, changed, now=later)
    assert (review.state, review.recheck_on, review.sheet.is_review_needed) == (
        "reopened",
        None,
        False,
    )
    with pytest.raises(Refused) as refused:
        services.approve_participation(
            SYSTEM, review, make_approval(review, commitments=()), now=later
        )
    assert code_of(refused) == "nothing_to_decide"
    services.close_participation_review(
        SYSTEM, review, seen_sheet=review.sheet_id, why="not foreign", now=later
    )
    review.refresh_from_db()
    assert review.state == "closed"
    assert list(review.decisions.order_by("number").values_list("number", "kind")) == [
        (1, "approved"),
        (2, "closed"),
    ]
    with pytest.raises(Refused, match="not possible"):
        services.recheck_participation(SYSTEM, review, why="again", now=later)
    with pytest.raises(NotFound):
        services.recheck_participation(
            SYSTEM, ParticipationReview(pk=999_999, sheet_id=1), why="x", now=later
        )


def test_denial_ends_an_approval_the_same_day(review: ParticipationReview) -> None:
    services.approve_participation(SYSTEM, review, make_approval(review), now=NOW)
    services.deny_participation(
        SYSTEM, review, seen_sheet=review.sheet_id, why="broke a commitment", now=NOW
    )
    review = queries.review_by_id(SYSTEM, review.pk)
    assert queries.standing_of(review, on=TODAY).standing is Standing.DENIED
    other = make_review(institute=make_institute("lift"))
    with pytest.raises(Refused, match="Write the reason"):
        services.deny_participation(SYSTEM, other, seen_sheet=other.sheet_id, why="", now=NOW)
    with pytest.raises(Refused, match="calls for a decision"):
        services.close_participation_review(
            SYSTEM, other, seen_sheet=other.sheet_id, why="x", now=NOW
        )


def test_commitment_is_met_once_with_evidence(
    institute_manager: Actor, learner: Actor, review: ParticipationReview
) -> None:
    services.approve_participation(SYSTEM, review, make_approval(review), now=NOW)
    commitment = ParticipationCommitment.objects.get()
    given = {"met_on": TODAY, "evidence": "visit of 1 November", "now": NOW}
    with pytest.raises(NotPermitted):
        services.fulfil_commitment(learner, commitment, **given)  # type: ignore[arg-type]
    for wrong in ({"evidence": ""}, {"met_on": date(2023, 1, 1)}, {"met_on": date(1, 1, 1)}):
        with pytest.raises(Invalid):
            services.fulfil_commitment(institute_manager, commitment, **(given | wrong))  # type: ignore[arg-type]
    met = services.fulfil_commitment(institute_manager, commitment, **given)  # type: ignore[arg-type]
    assert (met.met_on, met.evidence) == (TODAY, "visit of 1 November")
    with pytest.raises(Invalid, match="already"):
        services.fulfil_commitment(institute_manager, commitment, **given)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        services.fulfil_commitment(SYSTEM, ParticipationCommitment(pk=9_999), **given)  # type: ignore[arg-type]
    assert queries.commitment_by_id(institute_manager, met.pk) == met
    with pytest.raises(NotFound):
        queries.commitment_by_id(learner, met.pk)


@pytest.mark.database
def test_database_keeps_what_was_answered_and_decided(review: ParticipationReview) -> None:
    services.approve_participation(SYSTEM, review, make_approval(review), now=NOW)
    commitment = ParticipationCommitment.objects.get()
    for change in (
        lambda: ScreeningSheet.objects.update(is_review_needed=False),
        lambda: OwnerLink.objects.all().delete(),
        lambda: ParticipationDecision.objects.update(may_export=False),
        lambda: ParticipationCommitment.objects.update(text="nothing"),
        lambda: ParticipationReview.objects.update(waits_since=TODAY),
        lambda: ParticipationReview.objects.update(decision=None),
        lambda: ParticipationCommitment.objects.update(met_on=TODAY),
    ):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            change()
    ParticipationCommitment.objects.update(met_on=TODAY, evidence="a visit")
    with pytest.raises(DatabaseError), transaction.atomic():
        ParticipationCommitment.objects.update(met_on=TODAY + timedelta(days=1))
    commitment.refresh_from_db()
    assert commitment.met_on == TODAY


# -------------------------------------------------------------------- admission and the actor


def row_of(organisation: Organisation, institute: Institute) -> MemberRow:
    return MemberRow(organisation.pk, institute.key, "industry", TODAY)


def test_admission_is_held_until_the_sponsor_has_decided() -> None:
    firm, institute = make_organisation(ownership_country="DE"), make_institute()
    row = row_of(firm, institute)
    with pytest.raises(Refused) as refused:
        services.admit_member(SYSTEM, row, now=NOW)
    assert (code_of(refused), refused.value.citation) == ("review_needed", "42 U.S.C. 18972")
    review = make_review(firm, institute)
    with pytest.raises(Refused) as refused:
        services.admit_member(SYSTEM, replace(row, waiver_reference="W-1"), now=NOW)
    assert code_of(refused) == "participation_not_open"
    services.approve_participation_with_conditions(
        SYSTEM, review, make_approval(review), CONDITIONS, now=NOW
    )
    assert services.admit_member(SYSTEM, row, now=NOW).organisation == firm
    running = replace(row, starts_on=date(2022, 9, 1), waiver_reference="W-1")
    other = make_organisation(ownership_country="DE")
    with pytest.raises(Refused) as refused:
        services.admit_member(SYSTEM, replace(running, organisation_id=other.pk), now=NOW)
    assert code_of(refused) == "review_needed"
    over = replace(
        row, starts_on=date(2022, 9, 1), ends_on=date(2022, 10, 1), waiver_reference="W-1"
    )
    assert services.admit_member(SYSTEM, over, now=NOW).waiver_reference == "W-1"


def test_participation_ends_with_its_span_and_no_job(review: ParticipationReview) -> None:
    make_agreement(review.organisation, review.institute, starts_on=date(2020, 1, 1))
    ids = {review.organisation_id}
    held = queries.participation_of(ids, on=TODAY)
    assert (held.institute_keys, [one.is_shut for one in held.limits]) == (frozenset(), [True])
    services.approve_participation(SYSTEM, review, make_approval(review), now=NOW)
    for day, keys in (
        (TODAY, {"america-makes"}),
        (date(2024, 10, 31), {"america-makes"}),
        (date(2024, 11, 1), set()),
    ):
        found = queries.participation_of(ids, on=day)
        assert found.institute_keys == keys
    assert [one.standing for one in found.limits] == [Standing.EXPIRED]
    Organisation.objects.filter(pk__in=ids).update(ownership_country="CN")
    found = queries.participation_of(ids, on=TODAY)
    assert [one.standing for one in found.limits] == [Standing.OWNERSHIP_CHANGED]
    assert found.limits[0].citation is not None


def test_member_owned_abroad_without_decision_is_shut_and_on_the_list(
    agency_sponsor: Actor, programme_officer: Actor, institute_manager: Actor, public: Actor
) -> None:
    institute = make_institute()
    firm = make_organisation(ownership_country="FR")
    make_agreement(firm, institute)
    referred = make_agreement(make_organisation(ownership_country="FR"), institute)
    referred.waiver_reference = "W-3"
    referred.save(update_fields=["waiver_reference"])
    make_agreement(make_organisation(ownership_country="US"), institute)
    abroad = make_agreement(make_organisation(ownership_country="US"), institute)
    Organisation.objects.filter(pk=abroad.organisation_id).update(country="FR", name="Z abroad")
    found = queries.participation_of({firm.pk}, on=TODAY)
    assert (found.institute_keys, [one.standing for one in found.limits]) == (
        frozenset(),
        ["not_screened"],
    )
    kept = queries.participation_of({referred.organisation_id}, on=TODAY)
    assert (kept.institute_keys, len(kept.limits)) == (frozenset(), 1)
    for actor in (agency_sponsor, programme_officer, institute_manager):
        rows = queries.members_to_screen(actor, on=TODAY, institute="america-makes")
        assert {one.organisation for one in rows} == {
            firm,
            referred.organisation,
            abroad.organisation,
        }
    assert not queries.members_to_screen(public, on=TODAY).exists()
    assert not queries.members_to_screen(SYSTEM, on=date(2022, 8, 8)).exists()


def test_first_request_of_no_member_limits_nothing(review: ParticipationReview) -> None:
    found = queries.participation_of({review.organisation_id}, on=TODAY)
    assert (found.institute_keys, found.limits) == (frozenset(), ())
    services.deny_participation(SYSTEM, review, seen_sheet=review.sheet_id, why="no", now=NOW)
    found = queries.participation_of({review.organisation_id}, on=TODAY)
    assert [(one.standing, one.is_shut) for one in found.limits] == [("denied", True)]


def test_two_organisations_at_one_institute_are_under_the_narrower() -> None:
    review = make_review()
    free = make_organisation(ownership_country="US")
    for organisation in (review.organisation, free):
        make_agreement(organisation, review.institute)
    services.approve_participation_with_conditions(
        SYSTEM, review, make_approval(review), CONDITIONS, now=NOW
    )
    found = queries.participation_of({review.organisation_id, free.pk}, on=TODAY)
    assert found.institute_keys == {"america-makes"}
    assert [one.may_export for one in found.limits] == [False]


@pytest.mark.parametrize("number", [1, 3])
def test_participation_takes_two_queries(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    reviews = [make_review(institute=make_institute(f"i{place}")) for place in range(number)]
    for one in reviews:
        make_agreement(one.organisation, one.institute)
    with django_assert_num_queries(2):
        found = queries.participation_of({one.organisation_id for one in reviews}, on=TODAY)
    assert len(found.limits) == number


def test_reviews_are_read_by_those_concerned_and_wait_for_who_decides(
    agency_sponsor: Actor,
    programme_officer: Actor,
    institute_manager: Actor,
    learner: Actor,
    review: ParticipationReview,
) -> None:
    other = make_review(institute=make_institute("lift", sponsors=("DOE",)))
    lone = make_review(institute=make_institute("lone", sponsors=()))
    own = make_actor(organisation_ids=frozenset({other.organisation_id}))
    seen = {
        actor.label: list(queries.reviews_visible_to(actor).order_by("pk"))
        for actor in (agency_sponsor, institute_manager, learner, own)
    }
    assert list(seen.values()) == [[review], [review], [], [other]]
    assert list(queries.reviews_listed(SYSTEM, institute="lift", on=TODAY)) == [other]
    assert not queries.reviews_listed(SYSTEM, state="denied", on=TODAY).exists()
    assert [one.review for one in queries.own_participation(own, on=TODAY)] == [other]
    assert list(queries.reviews_waiting_for(agency_sponsor, on=TODAY)) == [review]
    assert list(queries.reviews_waiting_for(programme_officer, on=TODAY)) == [lone]
    assert not queries.reviews_waiting_for(institute_manager, on=TODAY).exists()
    services.approve_participation(SYSTEM, review, make_approval(review), now=NOW)
    assert not queries.reviews_waiting_for(agency_sponsor, on=TODAY).exists()
    standing = queries.standing_of(queries.review_by_id(SYSTEM, review.pk), on=date(2023, 11, 1))
    assert (standing.is_recheck_due, standing.waits, standing.limits) == (True, True, None)
    assert list(queries.reviews_waiting_for(agency_sponsor, on=date(2023, 11, 1))) == [review]
    Organisation.objects.filter(pk=review.organisation_id).update(ownership_country="CN")
    assert list(queries.reviews_waiting_for(agency_sponsor, on=TODAY)) == [review]
    with pytest.raises(NotFound):
        queries.review_by_id(learner, review.pk)
    assert not queries.uses_of(review).exists()
    assert datetime(2022, 11, 1, 12, tzinfo=UTC) == NOW


def test_organisation_of_a_foreign_country_is_screened_whatever_its_owners_field_says() -> None:
    firm, institute = make_organisation(ownership_country="US"), make_institute()
    Organisation.objects.update(country="FR")
    firm.refresh_from_db()
    with pytest.raises(Refused) as refused:
        services.admit_member(SYSTEM, row_of(firm, institute), now=NOW)
    assert code_of(refused) == "review_needed"
    sheet = services.screen_organisation(SYSTEM, firm, institute, ScreeningRow(OWN), now=NOW)
    assert (sheet.is_review_needed, sheet.countries) == (True, ["FR"])


def test_review_of_what_the_registry_says_is_foreign_is_not_closed(
    review: ParticipationReview,
) -> None:
    Organisation.objects.update(ownership_country="US")
    sheet = services.screen_organisation(
        SYSTEM, review.organisation, review.institute, ScreeningRow(OWN), now=NOW
    )
    Organisation.objects.update(ownership_country="RU")
    review.refresh_from_db()
    assert (review.sheet, sheet.is_review_needed) == (sheet, False)
    assert queries.is_decision_needed(review, on=TODAY)
    with pytest.raises(Refused) as refused:
        services.close_participation_review(
            SYSTEM, review, seen_sheet=sheet.pk, why="domestic", now=NOW
        )
    assert code_of(refused) == "decision_needed"


def test_organisation_itself_never_lowers_what_is_to_be_decided(
    institute_manager: Actor, review: ParticipationReview
) -> None:
    Organisation.objects.update(ownership_country="US")
    own = make_actor(Role.MEMBER, ScopeKind.ORGANISATION, str(review.organisation_id))
    before = review.sheet
    for answers, actor, is_kept in (
        (OWN, own, True),
        (OWN | {"foreign_control": "yes"}, own, True),
        (OWN | {"incorporated_in": "DE", "concern_ties": "yes"}, own, False),
        (OWN, institute_manager, False),
    ):
        sheet = services.screen_organisation(
            actor, review.organisation, review.institute, ScreeningRow(answers), now=NOW
        )
        review.refresh_from_db()
        assert review.sheet == (before if is_kept else sheet)


def test_approval_is_extended_without_a_gap_but_not_beyond_a_new_owner(
    review: ParticipationReview,
) -> None:
    services.approve_participation(SYSTEM, review, make_approval(review), now=NOW)
    later = NOW + timedelta(days=300)
    commitment = services.Commitment("jobs_at_home", "Ten", date(2024, 1, 1))
    longer = make_approval(review, ends_on=date(2025, 3, 1), commitments=(commitment,))
    second = services.approve_participation_with_conditions(
        SYSTEM, review, longer, CONDITIONS, now=later
    )
    review.refresh_from_db()
    assert (second.number, second.starts_on, review.state) == (2, later.date(), "conditional")
    Organisation.objects.update(ownership_country="FR")
    with pytest.raises(Refused) as refused:
        services.approve_participation(SYSTEM, review, longer, now=later)
    assert code_of(refused) == "ownership_changed"


def test_denial_on_a_merged_record_counts_for_the_one_that_stands() -> None:
    institute = make_institute()
    stands, merged = (make_organisation(ownership_country="DE") for _ in range(2))
    allowed, denied = make_review(stands, institute), make_review(merged, institute)
    services.approve_participation(SYSTEM, allowed, make_approval(allowed), now=NOW)
    services.deny_participation(SYSTEM, denied, seen_sheet=denied.sheet_id, why="no", now=NOW)
    make_agreement(merged, institute, ends_on=date(2022, 3, 1))
    row = row_of(stands, institute)
    Organisation.objects.filter(pk=merged.pk).update(merged_into=stands)
    with pytest.raises(Refused) as refused:
        services.admit_member(SYSTEM, row, now=NOW)
    assert code_of(refused) == "participation_not_open"
    make_agreement(stands, institute)
    for ids in ({stands.pk}, {merged.pk}, {stands.pk, merged.pk}):
        found = queries.participation_of(ids, on=TODAY)
        assert found.institute_keys == frozenset()
        assert [one.standing for one in found.limits] == ["denied"]
    for record in (stands, merged):
        assert queries.review_of(record.pk, institute.pk) == denied
    assert not queries.members_to_screen(SYSTEM, on=TODAY).exists()
    with pytest.raises(Refused, match="decision on this organisation stands"):
        services.screen_organisation(SYSTEM, stands, institute, ScreeningRow(OWN), now=NOW)
    Organisation.objects.filter(pk=stands.pk).update(ownership_country="CN")
    denied.refresh_from_db()
    assert denied.ownership_country == "CN"
