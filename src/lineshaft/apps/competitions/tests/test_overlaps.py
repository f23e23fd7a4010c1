"""Topics that overlap: what is compared for whom, and a person's judgement of it."""

from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.competitions import rules, services
from lineshaft.apps.competitions.models import Competition, Submission, TopicJudgement
from lineshaft.apps.competitions.rules import OverlapOf
from lineshaft.apps.competitions.services import JudgementTerms, TopicOverlap
from lineshaft.apps.competitions.tests.applicants import Applicant, make_applicant
from lineshaft.apps.competitions.tests.factories import (
    NOW,
    SYSTEM,
    after_deadline,
    make_draft,
    make_open,
)
from lineshaft.apps.competitions.tests.judging import make_submitted
from lineshaft.apps.competitions.tests.test_applying_pages import (
    Clock,
    body_of,
    client_in,
    client_of,
)
from lineshaft.apps.competitions.tests.test_outcome_pages import queries_of
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.rules import InstituteStatus
from lineshaft.apps.network.tests.factories import (
    make_institute,
    make_institute_fact,
    make_technology_area,
)
from lineshaft.apps.network.tests.works import GEARS, YARN, store
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.tests.factories import make_actor
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

SECRET = "Zylinderkopf"


@pytest.fixture(autouse=True)
def server_clock(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    clock = Clock()
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: clock.now)
    return clock


@pytest.fixture
def ada() -> Applicant:
    return make_applicant()


@pytest.fixture
def call() -> Competition:
    return make_open(template="four_stage", agencies=("DOC",))


@pytest.fixture
def handed_in(ada: Applicant, call: Competition) -> Submission:
    """An application about gears that was handed in, opened by the review."""
    made = submitted(call, ada, GEARS, title="Gears")
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    return made


def submitted(call: Competition, who: Applicant, abstract: str, *, title: str) -> Submission:
    return make_submitted(call, who, title=title, abstract=abstract)


def make_focus(key: str, text: str, area: str = "photonics", **columns: Any) -> Institute:
    institute = make_institute(key, areas=(area,), **columns)
    make_institute_fact(institute, text=text)
    return institute


def found_of(found: tuple[TopicOverlap, ...], of: OverlapOf) -> list[str]:
    return [one.name for one in found if one.of is of]


@pytest.mark.parametrize(
    ("likeness", "share", "shares_area", "score", "is_shown"),
    [
        (400, 0, False, 400, False),
        (500, 0, False, 500, True),
        (0, 600, False, 600, True),
        (0, 0, True, 1000, True),
        (9500, 9800, True, 10000, True),
    ],
)
def test_nearness_is_by_words_by_passages_and_by_area(
    likeness: int, share: int, *, shares_area: bool, score: int, is_shown: bool
) -> None:
    assert rules.overlap_score_bp(likeness, share, shares_area=shares_area) == score
    assert rules.is_overlap_shown(likeness, share, shares_area=shares_area) is is_shown


@pytest.mark.database
def test_topic_is_compared_with_all_that_there_is(
    handed_in: Submission, programme_officer: Actor
) -> None:
    make_focus("gear-works", "Large gears of wind turbines, restored in place")
    make_focus("robots", "Robots", "robotics")
    make_focus("far-away", "Biopharmaceuticals")
    make_focus("over", "Large gears of wind turbines", status=InstituteStatus.TERMINATED)
    other = make_open(title="Gears anew", text=GEARS)
    make_draft(title="Gears in a drawer", text=GEARS)
    award = store("1")
    found = services.topic_overlaps(programme_officer, handed_in, now=NOW)
    assert [one.score_bp for one in found] == sorted((one.score_bp for one in found), reverse=True)
    institutes = found_of(found, OverlapOf.INSTITUTE)
    assert institutes[0] == "Gear Works"
    assert set(institutes) == {"Gear Works", "Robots"}
    (competition,) = [one for one in found if one.of is OverlapOf.COMPETITION]
    assert (competition.other_id, competition.name) == (other.pk, "Gears anew")
    assert competition.share_bp > 5000
    assert found_of(found, OverlapOf.AWARD) == [award.title]
    topic = services.topic_of_submission(handed_in)
    for one in found:
        for start, end, there, until in one.passages:
            words = topic.text[start:end].lower().split()
            assert words == one.text[there:until].lower().split()


def test_area_above_or_below_is_the_same_and_a_sister_is_not(
    handed_in: Submission, programme_officer: Actor
) -> None:
    robots = make_technology_area("robotics")
    below, sister = make_technology_area("grippers"), make_technology_area("photonics")
    below.parent = robots
    below.save()
    sister.parent = make_technology_area("light")
    sister.save()
    make_focus("grips", "Elsewhere", "grippers")
    make_focus("lamps", "Elsewhere", "photonics")
    found = services.topic_overlaps(programme_officer, handed_in, now=NOW)
    assert found_of(found, OverlapOf.INSTITUTE) == ["Grips"]
    assert [one.shares_area for one in found if one.of is OverlapOf.INSTITUTE] == [True]


def test_institute_whose_call_it_is_is_not_compared(ada: Applicant) -> None:
    institute = make_focus("gear-works", "Large gears of wind turbines")
    call = make_open(agencies=("DOC",))
    made = submitted(call, ada, GEARS, title="Gears")
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    Competition.objects.filter(pk=call.pk).update(kind="project_call", institute=institute)
    made = Submission.objects.get(pk=made.pk)
    found = services.topic_overlaps(SYSTEM, made, now=NOW)
    assert found_of(found, OverlapOf.INSTITUTE) == []


@pytest.mark.database
def test_officer_sees_rival_applications_that_are_open_to_them(
    ada: Applicant, call: Competition, programme_officer: Actor
) -> None:
    own = submitted(call, ada, GEARS, title="Gears")
    rival = submitted(call, make_applicant("Rival", "Rust Works"), GEARS, title=SECRET)
    gone = submitted(call, make_applicant("Gone", "Gone Works"), GEARS, title="Gone")
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    services.withdraw_from_competition(SYSTEM, gone.application, why="x", now=NOW)
    found = services.topic_overlaps(programme_officer, own, now=NOW)
    (seen,) = [one for one in found if one.of is OverlapOf.APPLICATION]
    assert (seen.name, seen.other_id) == (SECRET, rival.application_id)
    assert seen.share_bp > 5000


@pytest.mark.database
def test_titles_that_look_like_numbers_stay_texts(
    ada: Applicant, call: Competition, programme_officer: Actor
) -> None:
    own = submitted(call, ada, GEARS, title="Gears")
    submitted(call, make_applicant("Rival", "Rust Works"), GEARS, title="2026")
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    found = services.topic_overlaps(programme_officer, own, now=NOW)
    assert found_of(found, OverlapOf.APPLICATION) == ["2026"]


def test_team_sees_what_is_public_and_no_rival(ada: Applicant, call: Competition) -> None:
    own = submitted(call, ada, GEARS, title="Gears")
    submitted(call, make_applicant("Rival", "Rust Works"), GEARS, title=SECRET)
    store("1", level=SharingLevel.NETWORK)
    store("2")
    make_open(title="For the network", text=GEARS, level=SharingLevel.NETWORK)
    make_focus("gear-works", "Large gears of wind turbines")
    found = services.public_overlaps(ada.actor, own.application, now=NOW)
    assert found_of(found, OverlapOf.INSTITUTE) == ["Gear Works"]
    assert found_of(found, OverlapOf.AWARD) == ["Work 2"]
    assert found_of(found, OverlapOf.COMPETITION) == []
    assert found_of(found, OverlapOf.APPLICATION) == []
    page = client_of(ada).get(reverse("competitions:show_own_overlaps", args=[own.application_id]))
    body = body_of(page)
    assert page.status_code == 200
    assert "The topic overlaps with" in body
    assert "Judge this overlap" not in body
    for absent in (SECRET, "Work 1", "For the network"):
        assert absent not in body
    stranger = client_of(make_applicant("Cora", "Copper Works"))
    address = reverse("competitions:show_own_overlaps", args=[own.application_id])
    assert stranger.get(address).status_code == 404
    assert client_in(Role.PROGRAMME_OFFICER).get(address).status_code == 404


def test_topic_that_says_nothing_overlaps_with_nothing(ada: Applicant, call: Competition) -> None:
    made = services.start_application(ada.actor, call, ada.organisation, title="Gears", now=NOW)
    make_focus("gear-works", "Large gears")
    assert services.public_overlaps(ada.actor, made, now=NOW) == ()
    address = reverse("competitions:show_own_overlaps", args=[made.pk])
    assert "Nothing overlaps with the topic" in body_of(client_of(ada).get(address))


# --------------------------------------------------------------------------------------- judging


@pytest.mark.database
def test_judgement_stays_and_a_later_one_stands_beside_it(
    handed_in: Submission, programme_officer: Actor
) -> None:
    institute = make_focus("gear-works", "Large gears of wind turbines")
    terms = JudgementTerms("institute", institute.pk, "unclear", "Ask them.")
    first = services.judge_topic_overlap(programme_officer, handed_in, terms, seen=0, now=NOW)
    with pytest.raises(Stale):
        services.judge_topic_overlap(programme_officer, handed_in, terms, seen=0, now=NOW)
    later = JudgementTerms("institute", institute.pk, "distinct", "Other gears.")
    second = services.judge_topic_overlap(
        programme_officer, handed_in, later, seen=first.pk, now=NOW
    )
    (seen,) = [
        one
        for one in services.topic_overlaps(programme_officer, handed_in, now=NOW)
        if one.of is OverlapOf.INSTITUTE
    ]
    assert seen.judgement == second
    assert second.other_name == "Gear Works"
    for change in (
        lambda: TopicJudgement.objects.update(reason="x"),
        lambda: TopicJudgement.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    event = AuditEvent.objects.filter(verb="judge_topic_overlap").latest("pk")
    assert (event.changes, event.institute) == ({"of": "institute"}, "")


def test_judging_names_each_kind_of_thing(
    handed_in: Submission, call: Competition, programme_officer: Actor
) -> None:
    other, award = make_open(title="Gears anew"), store("1")
    for of, pk, name in (
        ("competition", other.pk, "Gears anew"),
        ("award", award.pk, award.title),
    ):
        made = services.judge_topic_overlap(
            programme_officer, handed_in, JudgementTerms(of, pk, "duplicate", "Same."), now=NOW
        )
        assert made.other_name == name
    for of, pk in (
        ("institute", 0),
        ("competition", call.pk),
        ("award", 0),
        ("application", handed_in.application_id),
        ("sermon", 1),
    ):
        with pytest.raises(NotFound):
            services.judge_topic_overlap(
                programme_officer, handed_in, JudgementTerms(of, pk, "unclear", "x"), now=NOW
            )


def test_judging_a_rival_application(
    ada: Applicant, call: Competition, programme_officer: Actor
) -> None:
    own = submitted(call, ada, GEARS, title="Gears")
    rival = submitted(call, make_applicant("Rival", "Rust Works"), YARN, title=SECRET)
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    terms = JudgementTerms("application", rival.application_id, "distinct", "Yarn.")
    made = services.judge_topic_overlap(programme_officer, own, terms, now=NOW)
    assert made.other_name == SECRET


@pytest.mark.parametrize(
    ("judgement", "reason", "error"),
    [
        ("maybe", "x", Invalid),
        ("unclear", "x" * (rules.ADVICE_MAX + 1), Invalid),
        ("unclear", " ", Refused),
    ],
)
def test_judgement_needs_a_word_of_the_list_and_a_reason(
    handed_in: Submission, judgement: str, reason: str, error: type[Exception]
) -> None:
    institute = make_focus("gear-works", "Large gears")
    terms = JudgementTerms("institute", institute.pk, judgement, reason)
    with pytest.raises(error):
        services.judge_topic_overlap(SYSTEM, handed_in, terms, now=NOW)
    assert TopicJudgement.objects.count() == 0


def test_only_who_runs_the_competition_judges_what_is_open(
    ada: Applicant, call: Competition, programme_officer: Actor
) -> None:
    institute = make_focus("gear-works", "Large gears")
    made = submitted(call, ada, GEARS, title="Gears")
    terms = JudgementTerms("institute", institute.pk, "unclear", "x")
    with pytest.raises(NotFound):  # the call is open still
        services.judge_topic_overlap(programme_officer, made, terms, now=NOW)
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    for actor in (ada.actor, make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")):
        with pytest.raises(NotPermitted):
            services.judge_topic_overlap(actor, made, terms, now=NOW)


def test_officer_reads_and_judges_on_pages(handed_in: Submission, call: Competition) -> None:
    institute = make_focus("gear-works", "Large gears of wind turbines")
    other = make_open(title="Gears anew", text=GEARS)
    award = store("1")
    officer = client_in(Role.PROGRAMME_OFFICER)
    args = [call.key, handed_in.pk]
    address = reverse("competitions:show_topic_overlaps", args=args)
    opened = reverse("competitions:show_submission", args=args)
    assert address in body_of(officer.get(opened))
    page = body_of(officer.get(address))
    for url in (
        reverse("network:show_institute", args=[institute.key]),
        other.get_absolute_url(),
        reverse("network:show_outside_award", args=[award.pk]),
    ):
        assert url in page
    judge = reverse("competitions:judge_topic_overlap", args=[*args, "institute", institute.pk])
    assert judge in page
    form = body_of(officer.get(judge))
    assert "15 U.S.C. 278s(e)(4)(A)(ii)" in form
    sent = {"judgement": "duplicate", "reason": "The same gears.", "seen": 0}
    assert officer.post(judge, {**sent, "reason": ""}).status_code == 422
    assert officer.post(judge, sent).status_code == 302
    assert officer.post(judge, sent).status_code == 409
    assert "The same gears." in body_of(officer.get(judge))
    page = body_of(officer.get(address))
    assert "The same gears." in page
    assert "Duplicate" in page


def test_overlaps_with_a_rival_lead_to_what_it_handed_in(ada: Applicant, call: Competition) -> None:
    own = submitted(call, ada, GEARS, title="Gears")
    rival = submitted(call, make_applicant("Rival", "Rust Works"), GEARS, title=SECRET)
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    officer = client_in(Role.PROGRAMME_OFFICER)
    page = body_of(
        officer.get(reverse("competitions:show_topic_overlaps", args=[call.key, own.pk]))
    )
    assert reverse("competitions:show_submission", args=[call.key, rival.pk]) in page


def test_overlaps_are_closed_to_everybody_but_who_runs_the_competition(
    ada: Applicant, call: Competition, handed_in: Submission
) -> None:
    institute = make_focus("gear-works", "Large gears")
    args = [call.key, handed_in.pk]
    listed = reverse("competitions:show_topic_overlaps", args=args)
    judge = reverse("competitions:judge_topic_overlap", args=[*args, "institute", institute.pk])
    for client, code in (
        (client_of(ada), 403),
        (client_of(make_applicant("Rival", "Rust Works")), 403),
        (client_in(Role.REVIEWER), 403),
        (client_in(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD"), 403),
    ):
        assert client.get(listed).status_code == 404
        assert client.get(judge).status_code == code
        assert client.post(judge, {"judgement": "unclear", "reason": "x"}).status_code == code
    assert Client().get(listed).status_code == 302
    assert TopicJudgement.objects.count() == 0


@pytest.mark.parametrize("number", [1, 3])
def test_overlaps_cost_the_same_for_any_number_of_things(
    number: int,
    ada: Applicant,
    call: Competition,
) -> None:
    own = submitted(call, ada, GEARS, title="Gears")
    for place in range(number):
        rival = make_applicant(f"Rival {place}", f"Rust Works {place}")
        submitted(call, rival, GEARS, title=f"Rival {place}")
        make_focus(f"gears-{place}", "Large gears of wind turbines")
        make_open(title=f"Gears {place}", text=GEARS)
        store(str(place))
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    for _judged in range(number):
        terms = JudgementTerms("institute", Institute.objects.earliest("pk").pk, "unclear", "x")
        services.judge_topic_overlap(SYSTEM, own, terms, now=NOW)
    officer, client = client_in(Role.PROGRAMME_OFFICER), client_of(ada)
    listed = reverse("competitions:show_topic_overlaps", args=[call.key, own.pk])
    shown = reverse("competitions:show_own_overlaps", args=[own.application_id])
    counts = queries_of(officer, [listed]) | queries_of(client, [shown])
    assert counts == {listed: 22, shown: 32}
