from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from pytest_django import Settings

from lineshaft.apps.competitions import rules, services
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.services import AmendmentWords
from lineshaft.apps.competitions.tests.factories import (
    MILLION_MINOR,
    NOW,
    SYSTEM,
    after_deadline,
    make_call,
    make_draft,
    make_open,
    make_terms,
    stage_of,
)
from lineshaft.apps.network.models import Person
from lineshaft.apps.network.tests.factories import make_agency, make_institute
from lineshaft.kernel.competitions import CompetitionKind, StageKind
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.files.services import open_file
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.search.queries import search
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

WORDS = AmendmentWords("An outage of the portal.", "系统故障。")


@pytest.fixture(autouse=True)
def _files(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


def verbs() -> list[str]:
    """What the trail holds of competitions, the oldest first."""
    events = AuditEvent.objects.filter(subject_type="competitions.competition").order_by("pk")
    return list(events.values_list("verb", flat=True))


def code_of(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.code


# ----------------------------------------------------------------------------------------- drafts


def test_draft_has_the_stages_of_its_template_laid_out_from_the_opening() -> None:
    competition = make_draft("2026-NIST-01")
    stages = list(competition.stages.all())
    assert competition.key == "2026-nist-01"
    assert [(one.name, one.kind, one.days, one.gate) for one in stages] == [
        ("Concept paper", "submission", 45, "open"),
        ("Review of concept papers", "review", 30, "invited"),
        ("Full proposal", "submission", 51, "open"),
        ("Merit review", "review", 50, "open"),
        ("Selection", "selection", 21, "open"),
    ]
    # five in the afternoon in New York, in summer and in winter
    assert stages[0].ends_at == datetime(2026, 4, 16, 21, tzinfo=UTC)
    assert stages[1].starts_at == stages[0].ends_at
    assert stages[0].page_limit == 20
    assert list(stages[0].documents.values_list("kind", flat=True)) == ["narrative"]
    weights = list(stages[1].criteria.values_list("name", "weight_bp"))
    assert sum(weight for _name, weight in weights) == 10_000
    assert stages[1].criteria.get(number=1).anchors.count() == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"code": "x"}, "code", id="one letter"),
        pytest.param({"code": "2026 NIST"}, "code", id="a blank"),
        pytest.param({"code": "taken"}, "code", id="taken, in other letters"),
        pytest.param({"code": "searches"}, "code", id="a word of an address"),
        pytest.param({"template": "project_call"}, "template", id="another kind's template"),
        pytest.param({"title": " "}, "title", id="no title"),
        pytest.param({"zone": "Mars"}, "zone", id="no zone"),
        pytest.param({"agencies": ("DOE", "NASA")}, "agencies", id="no agency"),
        pytest.param({"areas": ("magic",)}, "areas", id="no area"),
        pytest.param({"level": "restricted"}, "level", id="no level"),
        pytest.param({"level": "institute"}, "level", id="an institute's level"),
        pytest.param({"floor_minor": -1}, "floor_minor", id="negative"),
        pytest.param({"floor_minor": 80 * MILLION_MINOR}, "ceiling_minor", id="floor above"),
        pytest.param({"awards_least": 2}, "awards_least", id="more at least than at most"),
        pytest.param({"awards_most": 0}, "awards_most", id="no awards"),
        pytest.param({"term_months_most": 50}, "term_months_most", id="term upside down"),
        pytest.param({"match_share_bp": 10_000}, "match_share_bp", id="all from others"),
        pytest.param({"late_policy": "grace"}, "grace_minutes", id="no grace"),
        pytest.param({"contact_email": "nobody"}, "contact_email", id="no address"),
        pytest.param({"information_link": "http://x"}, "information_link", id="no link"),
        pytest.param({"questions_until": NOW}, "questions_until", id="questions before"),
    ],
)
def test_draft_with_a_fault_names_the_field_and_stores_nothing(
    changes: dict[str, object], field: str
) -> None:
    make_draft("TAKEN")
    proposal = services.CompetitionProposal(
        code=str(changes.pop("code", "2026-9")),
        kind=CompetitionKind.INSTITUTE,
        template=str(changes.pop("template", "two_step")),
        terms=make_terms(**changes),
    )
    with pytest.raises(Invalid) as error:
        services.draft_competition(SYSTEM, proposal, now=NOW)
    assert field in {fault.field for fault in error.value.errors}
    assert Competition.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "scope_kind", "scope_id", "is_permitted"),
    [
        (Role.PROGRAMME_OFFICER, ScopeKind.NETWORK, "", True),
        (Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOE", True),
        (Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD", False),
        (Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift", False),
        (Role.MEMBER, ScopeKind.ORGANISATION, "1", False),
        (Role.AUDITOR, ScopeKind.NETWORK, "", False),
    ],
)
def test_institute_competition_is_drafted_by_the_office_and_its_agency(
    role: Role, scope_kind: ScopeKind, scope_id: str, *, is_permitted: bool
) -> None:
    make_draft()  # stores what the terms name
    actor = make_actor(role, scope_kind, scope_id)
    proposal = services.CompetitionProposal("2026-Z", "institute", "two_step", make_terms())
    if is_permitted:
        services.draft_competition(actor, proposal, now=NOW)
    else:
        with pytest.raises(NotPermitted):
            services.draft_competition(actor, proposal, now=NOW)
    assert Competition.objects.filter(code="2026-Z").exists() == is_permitted


def test_department_runs_what_its_office_sponsors() -> None:
    energy = make_agency("DOE")
    make_agency("AMMTO", parent=energy)
    competition = make_draft(agencies=("AMMTO",))
    sponsor = make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOE")
    edited = services.edit_competition(
        sponsor, competition, make_terms(agencies=("AMMTO",), title="Anew"), now=NOW
    )
    assert edited.title == "Anew"


def test_agency_does_not_leave_its_own_competition_without_it() -> None:
    competition = make_draft()
    make_agency("DOD")
    sponsor = make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOE")
    with pytest.raises(NotPermitted):
        services.edit_competition(sponsor, competition, make_terms(agencies=("DOD",)), now=NOW)
    assert [one.agency.key for one in competition.sponsors.all()] == ["DOE"]


def test_editing_lays_the_stages_out_anew() -> None:
    competition = make_draft()
    later = NOW + timedelta(days=10)
    services.edit_competition(SYSTEM, competition, make_terms(opens_at=later), now=NOW)
    assert stage_of(competition, 1).starts_at == later
    services.edit_competition(SYSTEM, competition, make_terms(opens_at=None), now=NOW)
    assert stage_of(competition, 1).ends_at is None


# ----------------------------------------------------------------------------- announcing, opening


def test_opening_prints_the_notice_in_both_languages_and_is_found() -> None:
    competition = services.announce_competition(SYSTEM, make_draft("2026-DOE-7"), now=NOW)
    assert competition.state == rules.ANNOUNCED
    opened = services.open_competition(SYSTEM, competition, now=NOW)
    assert (opened.state, opened.stage_number, opened.opened_at) == ("open", 1, NOW)
    assert stage_of(opened, 1).began_at == NOW
    notice = opened.notices.get()
    for stored in (notice.file_en, notice.file_zh):
        with open_file(stored) as content:
            assert content.read(5) == b"%PDF-"
    assert notice.file_en.level == SharingLevel.PUBLIC
    found = search(SYSTEM, "2026-DOE-7")
    assert [(hit.kind, hit.url) for hit in found.hits] == [
        ("competitions.competition", "/opportunities/2026-doe-7/")
    ]
    assert verbs() == ["draft_competition", "announce_competition", "open_competition"]


def test_draft_is_found_by_no_search() -> None:
    draft = make_draft("2026-HIDDEN")
    services.edit_competition(SYSTEM, draft, make_terms(title="Hidden"), now=NOW)
    assert search(SYSTEM, "2026-HIDDEN").total == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"summary": ""}, "no_summary", id="no summary"),
        pytest.param({"eligibility": ""}, "no_eligibility", id="who may apply"),
        pytest.param({"ceiling_minor": None}, "no_ceiling", id="no ceiling"),
        pytest.param({"opens_at": None}, "no_opening", id="no opening"),
        pytest.param({"agencies": ()}, "no_agency", id="nobody pays"),
        # law.md section 6, vector 5: terms of 4.99 and 7.01 years
        pytest.param({"term_months_least": 59}, "term_outside", id="4.9 years"),
        pytest.param({"term_months_most": 85}, "term_outside", id="7.1 years"),
        pytest.param({"match_share_bp": 4_999}, "match_low", id="less than half"),
        pytest.param({"match_share_bp": None}, "match_low", id="no match"),
        pytest.param({"opens_at": NOW - timedelta(days=60)}, "deadline_passed", id="over already"),
    ],
)
def test_opening_is_refused_with_its_reason(changes: dict[str, Any], code: str) -> None:
    draft = make_draft(**changes)
    with pytest.raises(Refused) as error:
        services.open_competition(SYSTEM, draft, now=NOW)
    assert code_of(error) == code
    assert Competition.objects.get().state == rules.DRAFT


def test_term_of_law_is_quoted_where_it_keeps_from_opening() -> None:
    with pytest.raises(Refused) as error:
        services.open_competition(SYSTEM, make_draft(term_months_least=48), now=NOW)
    assert error.value.citation == "15 U.S.C. 278s(e)(2)(A), (B)"


def test_defense_is_not_bound_by_the_term_of_law() -> None:
    draft = make_draft(agencies=("DOD",), term_months_least=48, match_share_bp=None)
    assert services.open_competition(SYSTEM, draft, now=NOW).state == rules.OPEN


def test_stages_out_of_order_keep_from_opening() -> None:
    draft = make_draft()
    services.remove_stage(SYSTEM, stage_of(draft, 5), now=NOW)
    with pytest.raises(Refused) as error:
        services.open_competition(SYSTEM, draft, now=NOW)
    assert code_of(error) == "no_selection"


def test_what_is_open_is_not_edited() -> None:
    opened = make_open()
    for attempt in (
        lambda: services.edit_competition(SYSTEM, opened, make_terms(title="X"), now=NOW),
        lambda: services.remove_stage(SYSTEM, stage_of(opened, 2), now=NOW),
        lambda: services.set_criteria(SYSTEM, stage_of(opened, 2), (), now=NOW),
    ):
        with pytest.raises(Refused) as error:
            attempt()
        assert code_of(error) == "competition_open"


# ---------------------------------------------------------------------------------------- running


def test_competition_runs_through_its_stages_to_its_results() -> None:
    competition = make_open()
    services.begin_review(SYSTEM, competition, now=after_deadline(competition))
    services.call_applications(SYSTEM, competition, now=after_deadline(competition, 2))
    competition.refresh_from_db()
    assert (competition.state, competition.stage_number) == (rules.OPEN, 3)
    services.begin_review(SYSTEM, competition, now=after_deadline(competition, 3))
    services.begin_selection(SYSTEM, competition, now=after_deadline(competition, 4))
    end = after_deadline(competition, 5)
    services.decide_competition(SYSTEM, competition, "Team 2.", now=end)
    published = services.publish_results(SYSTEM, competition, now=end)
    assert (published.state, published.decision) == (rules.PUBLISHED, "Team 2.")
    assert all(one.ended_at for one in competition.stages.all())
    assert verbs()[2:] == [
        "begin_review",
        "call_applications",
        "begin_review",
        "begin_selection",
        "decide_competition",
        "publish_results",
    ]


def test_review_does_not_begin_before_the_deadline() -> None:
    opened = make_open()
    with pytest.raises(Refused) as error:
        services.begin_review(SYSTEM, opened, now=NOW)
    assert code_of(error) == "deadline_ahead"
    assert error.value.citation == "15 U.S.C. 278s(e)(4)(B)(ii)"


def test_stage_begins_by_the_verb_of_its_kind_alone() -> None:
    opened = make_open()
    late = after_deadline(opened)
    services.begin_review(SYSTEM, opened, now=late)
    for verb in (services.begin_review, services.begin_selection):
        with pytest.raises(Refused) as error:
            verb(SYSTEM, opened, now=late)
        assert code_of(error) == "another_stage_next"


def selecting(**changes: Any) -> Competition:
    call = make_call(**changes)
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    return services.begin_selection(SYSTEM, call, now=after_deadline(call, 2))


def test_named_official_decides_and_nobody_else() -> None:
    user = make_user("Official")
    official = Person.objects.create(name="Official", email="o@example.org", user=user)
    call = selecting(selecting_official=official)
    end = after_deadline(call, 3)
    officer = make_actor(Role.PROGRAMME_OFFICER, user_id=user.pk + 1)
    with pytest.raises(NotPermitted):
        services.decide_competition(officer, call, "None.", now=end)
    decided = services.decide_competition(make_actor(user_id=user.pk), call, "None.", now=end)
    assert (decided.state, decided.decided_by) == (rules.DECIDED, "Ada Example")


def test_trail_of_a_decision_does_not_tell_it_before_it_is_published() -> None:
    decided = services.decide_competition(SYSTEM, selecting(), "Award to Anvil Works.", now=NOW)
    event = AuditEvent.objects.get(verb="decide_competition")
    assert "Anvil" not in f"{event.why} {event.changes}"
    assert decided.decision == "Award to Anvil Works."


def test_decision_without_words_is_refused() -> None:
    with pytest.raises(Refused) as error:
        services.decide_competition(SYSTEM, selecting(), " ", now=NOW)
    assert code_of(error) == "no_decision"


def test_cancelled_competition_gives_its_reason_and_ends_its_stage() -> None:
    opened = make_open()
    with pytest.raises(Refused):
        services.cancel_competition(SYSTEM, opened, why=" ", now=NOW)
    cancelled = services.cancel_competition(SYSTEM, opened, why="No money.", now=NOW)
    assert (cancelled.state, cancelled.why_cancelled) == (rules.CANCELLED, "No money.")
    assert stage_of(opened, 1).ended_at == NOW
    with pytest.raises(Refused):
        services.cancel_competition(SYSTEM, opened, why="Again.", now=NOW)


@pytest.mark.parametrize(
    ("key", "error"), [("america-makes", None), ("lift", NotFound)], ids=["own", "another"]
)
def test_manager_runs_the_calls_of_the_own_institute(
    key: str, error: type[Exception] | None
) -> None:
    call = make_call(make_institute("america-makes"))
    manager = make_actor(
        Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, key, institute_keys=frozenset({key})
    )
    if error is None:
        assert services.cancel_competition(manager, call, why="x", now=NOW).state == "cancelled"
    else:
        with pytest.raises(error):
            services.cancel_competition(manager, call, why="x", now=NOW)


def test_kinds_of_stages_are_each_begun_by_one_verb() -> None:
    begun = [kind for kinds in rules.KINDS_BEGUN.values() for kind in kinds]
    assert sorted(begun) == sorted(StageKind)


# ------------------------------------------------------------------------------- what is left over


def test_two_drafts_of_one_number_in_one_moment_are_stale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def collide(*_args: object, **_kwargs: object) -> None:
        raise IntegrityError

    make_draft()
    monkeypatch.setattr(Competition, "save", collide)
    with pytest.raises(Stale):
        make_draft()


@pytest.mark.parametrize(
    ("kind", "template", "has_institute", "field"),
    [
        ("none", "two_step", False, "kind"),
        ("project_call", "project_call", False, "institute"),
        ("institute", "two_step", True, "institute"),
    ],
)
def test_kind_and_institute_fit_each_other(
    kind: str, template: str, field: str, *, has_institute: bool
) -> None:
    make_draft()
    institute = make_institute("lift") if has_institute else None
    proposal = services.CompetitionProposal("2026-K", kind, template, make_terms(), institute)
    with pytest.raises(Invalid) as error:
        services.draft_competition(SYSTEM, proposal, now=NOW)
    assert field in {fault.field for fault in error.value.errors}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"total_minor": 1}, "total_minor"),
        ({"late_policy": "never"}, "late_policy"),
        ({"term_months_least": 0}, "term_months_least"),
        ({"opens_at": datetime(1, 1, 1, tzinfo=UTC)}, "opens_at"),
    ],
)
def test_terms_with_a_fault_are_not_stored(changes: dict[str, Any], field: str) -> None:
    draft = make_draft()
    with pytest.raises(Invalid) as error:
        services.edit_competition(SYSTEM, draft, make_terms(**changes), now=NOW)
    assert field in {fault.field for fault in error.value.errors}


def test_terms_that_are_the_same_are_not_written_again() -> None:
    draft = make_draft()
    same = services.terms_of(draft)
    services.edit_competition(SYSTEM, draft, same, now=NOW + timedelta(days=1))
    assert Competition.objects.get().changed_at == NOW
    assert verbs() == ["draft_competition"]


def test_announcement_wants_a_title_and_a_summary() -> None:
    with pytest.raises(Refused) as error:
        services.announce_competition(SYSTEM, make_draft(summary=""), now=NOW)
    assert code_of(error) == "no_summary"


def test_words_too_long_decide_and_cancel_nothing() -> None:
    opened = make_open()
    with pytest.raises(Invalid):
        services.cancel_competition(SYSTEM, opened, why="x" * 1_001, now=NOW)
    with pytest.raises(Invalid):
        services.decide_competition(SYSTEM, opened, "x" * 40_001, now=NOW)
    with pytest.raises(NotFound):
        services.decide_competition(SYSTEM, Competition(pk=0), "x", now=NOW)


def test_notice_tells_amounts_terms_and_amendments_of_every_shape() -> None:
    call = make_call(
        floor_minor=None,
        total_minor=None,
        term_months_least=None,
        term_months_most=18,
        awards_least=2,
        awards_most=2,
        match_share_bp=None,
        late_policy="grace",
        grace_minutes=30,
        listing_number="11.619",
        information_at=NOW + timedelta(days=2),
        questions_until=NOW + timedelta(days=3),
        contact="Desk",
    )
    assert services.amount_range(call) == "up to $70,000,000"
    assert services.term_range(call) == "18 months"
    assert services.award_range(call) == "2"
    assert services.late_text(call) == "Taken up to 30 minutes after the deadline, marked late"
    services.amend_competition(
        SYSTEM,
        call,
        replace(services.terms_of(call), text="", contact="", term_months_most=None),
        WORDS,
        now=NOW,
    )
    call.refresh_from_db()
    assert services.term_range(call) == services.moment_in("UTC", None) == "–"
    assert call.notices.count() == 2
    draft = make_draft(ceiling_minor=None, floor_minor=1, total_minor=None)
    assert services.amount_range(draft) == "–"
    draft = make_draft(floor_minor=MILLION_MINOR)
    assert services.amount_range(draft) == "$1,000,000 to $70,000,000"
    assert services.award_range(draft) == "0 to 1"


def test_amendment_names_the_official_and_a_notice_may_ask_for_no_documents() -> None:
    draft = make_draft(template="four_stage")
    plain = services.StageTerms("submission", "Solicitation", 90)
    services.edit_stage(SYSTEM, stage_of(draft, 1), plain, now=NOW)
    opened = services.open_competition(SYSTEM, draft, now=NOW)
    official = Person.objects.create(name="Official", email="o@example.org")
    made = services.amend_competition(
        SYSTEM,
        opened,
        make_terms(selecting_official=official),
        services.AmendmentWords("Who decides."),
        now=NOW,
    )
    assert made.changes == [["selecting_official", None, "Official"]]
