"""The API of topics that overlap: the same as the pages, for the same people."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from lineshaft.apps.competitions import rules, services
from lineshaft.apps.competitions.models import (
    Application,
    Competition,
    Conflict,
    Submission,
    TopicJudgement,
)
from lineshaft.apps.competitions.services import JudgementTerms, PartnerRow, TeamRow
from lineshaft.apps.competitions.tests.applicants import Applicant, make_applicant
from lineshaft.apps.competitions.tests.conflicting import make_judge
from lineshaft.apps.competitions.tests.factories import NOW, SYSTEM, after_deadline, make_open
from lineshaft.apps.competitions.tests.judging import make_submitted
from lineshaft.apps.competitions.tests.test_applying_pages import (
    Clock,
    body_of,
    client_for,
    client_in,
    client_of,
)
from lineshaft.apps.competitions.tests.test_outcome_pages import queries_of
from lineshaft.apps.network.models import Institute, Person
from lineshaft.apps.network.tests.factories import make_institute, make_institute_fact
from lineshaft.apps.network.tests.works import GEARS, store
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

SECRET = "Zylinderkopf"
CHINESE = "齿轮创新中心"


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
def rival() -> Applicant:
    return make_applicant("Rival", "Rust Works")


@pytest.fixture
def handed_in(ada: Applicant, rival: Applicant, call: Competition) -> Submission:
    """An application about gears, beside a rival about the same, opened by the review."""
    made = make_submitted(call, ada, title="Gears", abstract=GEARS)
    make_submitted(call, rival, title=SECRET, abstract=GEARS)
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    return made


def make_focus() -> Institute:
    institute = make_institute("gear-works", areas=("photonics",), name_zh=CHINESE)
    make_institute_fact(institute, text="Large gears of wind turbines, restored in place")
    return institute


def listed_at(submission: Submission) -> str:
    key = submission.application.competition.key
    return f"/api/v1/opportunities/{key}/submissions/{submission.pk}/overlaps"


def own_at(application: Application) -> str:
    return f"/api/v1/competition-applications/{application.pk}/overlaps"


def judge(client: Client, submission: Submission, **said: Any) -> Any:
    url = f"{listed_at(submission)}/judge"
    return client.post(url, said, content_type="application/json")


def refused(response: Any) -> tuple[int, str]:
    """The status and the code of a problem that is told as such."""
    assert response["Content-Type"].startswith("application/problem+json")
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_overlaps_are_the_same_as_on_the_page_with_their_passages(
    handed_in: Submission, language: str
) -> None:
    institute, other, award = make_focus(), make_open(title="Gears anew", text=GEARS), store("1")
    officer = client_in(Role.PROGRAMME_OFFICER)
    headers = {"Accept-Language": language}
    found = officer.get(listed_at(handed_in), headers=headers).json()
    overlaps = found["overlaps"]
    assert [one["nearness_bp"] for one in overlaps] == sorted(
        (one["nearness_bp"] for one in overlaps), reverse=True
    )
    rival = Application.objects.get(title=SECRET)
    assert {(one["of"], one["other"], one["name"]) for one in overlaps} == {
        ("institute", institute.pk, "Gear Works"),
        ("competition", other.pk, "Gears anew"),
        ("award", award.pk, award.title),
        ("application", rival.pk, SECRET),
    }
    assert [one["is_same_area"] for one in overlaps if one["of"] == "institute"] == [False]
    passages = 0
    for one in overlaps:
        for each in one["passages"]:
            passages += 1
            words = found["topic"][each["topic_start"] : each["topic_end"]].lower().split()
            said = one["text"][each["other_start"] : each["other_end"]].lower().split()
            assert words == said
    assert passages > 2
    assert {one["judgement"] for one in overlaps} == {None}


def test_other_system_judges_an_overlap_and_reads_it_back(handed_in: Submission) -> None:
    institute = make_focus()
    officer = client_in(Role.PROGRAMME_OFFICER)
    said = {"of": "institute", "other": institute.pk, "judgement": "duplicate", "reason": "Same."}
    made = judge(officer, handed_in, **said, seen=0)
    assert made.status_code == 200
    kept = TopicJudgement.objects.get()
    assert made.json() == {
        "id": kept.pk,
        "of": "institute",
        "other": institute.pk,
        "name": "Gear Works",
        "judgement": "duplicate",
        "reason": "Same.",
        "judged_by": kept.judged_by,
        "judged_at": "2026-03-02T14:00:00Z",
    }
    found = officer.get(listed_at(handed_in)).json()["overlaps"]
    assert [one["judgement"] for one in found if one["of"] == "institute"] == [made.json()]
    assert judge(officer, handed_in, **said, seen=0).status_code == 409
    assert refused(judge(officer, handed_in, **said | {"reason": " "})) == (
        409,
        "no_reason_of_judgement",
    )
    assert refused(judge(officer, handed_in, **said | {"other": 2**31 - 1})) == (404, "no_overlap")
    for wrong in ({"judgement": "maybe"}, {"of": "sermon"}):
        assert judge(officer, handed_in, **said | wrong).status_code == 422
    assert TopicJudgement.objects.count() == 1


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_judgement_keeps_the_name_as_it_was_first_written(
    handed_in: Submission, language: str
) -> None:
    institute, officer = make_focus(), client_in(Role.PROGRAMME_OFFICER)
    url = f"{listed_at(handed_in)}/judge"
    said = {"of": "institute", "other": institute.pk, "judgement": "unclear", "reason": "Ask."}
    headers = {"Accept-Language": language}
    made = officer.post(url, said, content_type="application/json", headers=headers).json()
    assert made["name"] == "Gear Works"
    assert TopicJudgement.objects.get().other_name == "Gear Works"


def test_who_only_reads_the_competition_reads_no_judgement_and_judges_none(
    handed_in: Submission,
) -> None:
    institute, reader = make_focus(), client_in(Role.AUDITOR)
    terms = JudgementTerms("institute", institute.pk, "unclear", "Ask them.")
    services.judge_topic_overlap(SYSTEM, handed_in, terms, now=NOW)
    found = reader.get(listed_at(handed_in)).json()["overlaps"]
    assert {one["judgement"] for one in found} == {None}
    said = {"of": "institute", "other": institute.pk, "judgement": "distinct", "reason": "x"}
    assert judge(reader, handed_in, **said).status_code == 403
    assert TopicJudgement.objects.count() == 1


def make_partner(ada: Applicant, application: Application) -> Applicant:
    """Somebody of a partner to whom the lead shares no part."""
    partner = make_applicant("Pia Partner", "Pewter Works")
    row = PartnerRow(organisation_id=partner.organisation.pk)
    services.add_partner(ada.actor, application, row, now=NOW)
    invited = TeamRow("Pia", rules.TeamRole.READER, partner.user.email, partner.organisation.pk)
    member = services.invite_to_team(ada.actor, application, invited, now=NOW)
    services.join_team(partner.actor, member, now=NOW)
    return partner


def test_overlaps_are_closed_to_everybody_but_who_runs_the_competition(
    ada: Applicant, rival: Applicant, call: Competition, handed_in: Submission
) -> None:
    said = {
        "of": "institute",
        "other": make_focus().pk,
        "judgement": "distinct",
        "reason": "x",
    }
    for client in (
        client_of(ada),
        client_of(rival),
        client_in(Role.REVIEWER),
        client_in(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD"),
    ):
        assert refused(client.get(listed_at(handed_in))) == (404, "no_application")
        assert refused(judge(client, handed_in, **said))[0] == 403
    assert Client().get(listed_at(handed_in)).status_code == 404
    assert judge(Client(), handed_in, **said).status_code == 401
    assert TopicJudgement.objects.count() == 0


def test_nothing_of_an_application_that_is_closed_by_a_conflict_is_told_or_judged(
    handed_in: Submission,
) -> None:
    hidden = Submission.objects.get(application__title=SECRET)
    olga = make_judge("Olga Officer")
    services.declare_conflict(
        SYSTEM,
        hidden.application,
        kind="financial",
        evidence="Shares",
        person=Person.objects.get(pk=olga.person.pk),
        now=after_deadline(handed_in.application.competition),
    )
    assert Conflict.objects.filter(person=olga.person, application=hidden.application).exists()
    client = client_for(olga.user)
    body = body_of(client.get(listed_at(handed_in)))
    assert SECRET not in body
    absent = Submission(pk=2**31 - 1, application=hidden.application)
    assert refused(client.get(listed_at(hidden))) == refused(client.get(listed_at(absent)))
    said = {"of": "application", "judgement": "distinct", "reason": "x"}
    assert judge(client, hidden, **said, other=handed_in.application_id).status_code == 404
    answers = [
        refused(judge(client, handed_in, **said, other=pk))
        for pk in (hidden.application_id, 2**31 - 1)
    ]
    assert answers == [(404, "no_overlap")] * 2
    assert TopicJudgement.objects.count() == 0


def test_team_reads_what_its_topic_overlaps_with_in_public(
    ada: Applicant, rival: Applicant, handed_in: Submission
) -> None:
    institute, hidden = make_focus(), store("1", level=SharingLevel.NETWORK)
    terms = JudgementTerms("institute", institute.pk, "duplicate", SECRET)
    services.judge_topic_overlap(SYSTEM, handed_in, terms, now=NOW)
    url = own_at(handed_in.application)
    answer = client_of(ada).get(url)
    found = answer.json()
    assert GEARS in found["topic"]
    assert [(one["of"], one["name"], one["judgement"]) for one in found["overlaps"]] == [
        ("institute", "Gear Works", None)
    ]
    assert SECRET not in body_of(answer)
    assert hidden.title not in body_of(answer)
    for client in (client_of(rival), client_in(Role.PROGRAMME_OFFICER), client_in(Role.REVIEWER)):
        assert refused(client.get(url)) == (404, "no_application")


def test_partner_without_shares_has_only_the_open_parts_compared(
    ada: Applicant, call: Competition
) -> None:
    made = make_submitted(call, ada, title="Gears", abstract=GEARS).application
    partner = make_partner(ada, made)
    assert "About need." in client_of(ada).get(own_at(made)).json()["topic"]
    assert client_for(partner.user).get(own_at(made)).json()["topic"] == GEARS


@pytest.mark.parametrize("number", [1, 3])
def test_overlaps_cost_the_same_for_any_number_of_things(
    number: int, ada: Applicant, call: Competition
) -> None:
    own = make_submitted(call, ada, title="Gears", abstract=GEARS)
    for place in range(number):
        who = make_applicant(f"Rival {place}", f"Rust Works {place}")
        make_submitted(call, who, title=f"Rival {place}", abstract=GEARS)
        make_open(title=f"Gears {place}", text=GEARS)
        store(str(place))
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    officer, client = client_in(Role.PROGRAMME_OFFICER), client_of(ada)
    listed, shown = listed_at(own), own_at(own.application)
    counts = queries_of(officer, [listed]) | queries_of(client, [shown])
    assert counts == {listed: 20, shown: 30}
