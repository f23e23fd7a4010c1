from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from lineshaft.apps.competitions import services
from lineshaft.apps.competitions.forms.fields import MomentField
from lineshaft.apps.competitions.models import Criterion
from lineshaft.apps.competitions.services import AmendmentWords, CriterionTerms, StageTerms
from lineshaft.apps.competitions.services.stages import STAGE_COLUMNS
from lineshaft.apps.competitions.tests.factories import (
    MILLION_MINOR,
    NOW,
    SYSTEM,
    ZONE,
    after_deadline,
    make_draft,
    make_open,
    make_terms,
    stage_of,
)
from lineshaft.apps.competitions.views.changes import change_lines
from lineshaft.kernel.errors import Invalid, NotFound, Refused

pytestmark = pytest.mark.django_db

WORDS = AmendmentWords("An outage of the portal.", "系统故障。")


@pytest.fixture(autouse=True)
def _files(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


def code_of(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.code


# ----------------------------------------------------------------------------------------- stages


def test_stages_are_added_edited_and_removed_without_a_gap() -> None:
    competition = make_draft()
    visit = StageTerms("visit", "Site visit", 20, documents=())
    services.add_stage(SYSTEM, competition, visit, after=4, now=NOW)
    services.remove_stage(SYSTEM, stage_of(competition, 2), now=NOW)
    rows = list(competition.stages.values_list("number", "name"))
    assert rows == [
        (1, "Concept paper"),
        (2, "Full proposal"),
        (3, "Merit review"),
        (4, "Site visit"),
        (5, "Selection"),
    ]
    assert stage_of(competition, 2).starts_at == stage_of(competition, 1).ends_at
    edited = services.edit_stage(
        SYSTEM,
        stage_of(competition, 3),
        StageTerms("reply", "Replies", 7, page_limit=3, documents=("reply_letter",)),
        now=NOW,
    )
    assert (edited.criteria.count(), edited.documents.get().kind) == (0, "reply_letter")
    with pytest.raises(Invalid):
        services.edit_stage(SYSTEM, edited, StageTerms("review", "", 7), now=NOW)


def test_stage_that_judges_on_keeps_its_criteria_when_edited() -> None:
    stage = stage_of(make_draft(), 2)
    edited = services.edit_stage(SYSTEM, stage, StageTerms("review", "Another", 9), now=NOW)
    assert (edited.name, edited.criteria.count()) == ("Another", 3)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (StageTerms("magic", "Stage", 3), "kind"),
        (StageTerms("review", "", 3), "name"),
        (StageTerms("review", "Stage", 0), "days"),
        (StageTerms("review", "Stage", 3, page_limit=0), "page_limit"),
        (StageTerms("review", "Stage", 3, gate="ajar"), "gate"),
        (StageTerms("submission", "Stage", 3, gate="invited"), "gate"),
        (StageTerms("review", "Stage", 3, documents=("poem",)), "documents"),
    ],
)
def test_stage_with_a_fault_is_not_stored(terms: StageTerms, field: str) -> None:
    competition = make_draft()
    with pytest.raises(Invalid) as error:
        services.add_stage(SYSTEM, competition, terms, after=0, now=NOW)
    assert [fault.field for fault in error.value.errors] == [field]
    assert competition.stages.count() == 5


def test_criteria_are_set_whole_and_keep_their_anchors() -> None:
    stage = stage_of(make_draft(), 2)
    (first, *_others) = stage.criteria.all()
    services.set_criteria(
        SYSTEM,
        stage,
        (CriterionTerms("New", 2_500), CriterionTerms("Need", 7_500, number=1)),
        now=NOW,
    )
    rows = list(stage.criteria.values_list("number", "name", "weight_bp", "profile_key"))
    assert rows == [(1, "New", 2_500, ""), (2, "Need", 7_500, "need")]
    assert Criterion.objects.get(pk=first.pk).anchors.count() == 3
    services.set_anchors(
        SYSTEM,
        stage.criteria.get(number=1),
        (services.AnchorTerms(1, "Bad"), services.AnchorTerms(5, " ")),
        now=NOW,
    )
    assert list(stage.criteria.get(number=1).anchors.values_list("score", "text")) == [(1, "Bad")]


@pytest.mark.parametrize("weights", [(5_000, 4_999), (10_000, 0), (10_001,)])
def test_weights_that_are_no_whole_are_refused(weights: tuple[int, ...]) -> None:
    stage = stage_of(make_draft(), 2)
    before = list(stage.criteria.values_list("name", "weight_bp"))
    criteria = tuple(CriterionTerms(f"C{n}", weight) for n, weight in enumerate(weights))
    with pytest.raises(Invalid):
        services.set_criteria(SYSTEM, stage, criteria, now=NOW)
    assert list(stage.criteria.values_list("name", "weight_bp")) == before


def test_stage_that_judges_nothing_has_no_criteria() -> None:
    with pytest.raises(Refused) as error:
        services.set_criteria(
            SYSTEM, stage_of(make_draft(), 1), (CriterionTerms("Need", 10_000),), now=NOW
        )
    assert code_of(error) == "stage_not_judged"


# ------------------------------------------------------------------------------------- amendments


def test_amendment_is_numbered_says_what_changed_and_prints_the_notice_anew() -> None:
    opened = make_open()
    made = services.amend_competition(
        SYSTEM,
        opened,
        make_terms(ceiling_minor=75 * MILLION_MINOR, agencies=("DOE", "DOD")),
        AmendmentWords(" More money. "),
        now=NOW,
    )
    assert (made.number, made.summary) == (1, "More money.")
    assert made.changes == [["ceiling_minor", 70 * MILLION_MINOR, 75 * MILLION_MINOR]]
    assert [one.agency.key for one in opened.sponsors.all()] == ["DOE"]
    assert list(opened.notices.values_list("number", flat=True)) == [0, 1]


@pytest.mark.parametrize(
    ("changes", "summary", "code"),
    [
        ({}, "Nothing", "nothing_changed"),
        ({"title": "Another"}, " ", "no_summary_of_change"),
        ({"match_share_bp": 4_000}, "Less", "match_low"),
    ],
)
def test_amendment_that_is_none_is_refused(
    changes: dict[str, object], summary: str, code: str
) -> None:
    opened = make_open()
    with pytest.raises(Refused) as error:
        services.amend_competition(
            SYSTEM, opened, make_terms(**changes), AmendmentWords(summary), now=NOW
        )
    assert code_of(error) == code
    opened.refresh_from_db()
    assert (opened.title, opened.amendments.count(), opened.notices.count()) == (
        "Smart manufacturing institute",
        0,
        1,
    )


def test_deadline_is_put_off_with_all_that_comes_behind() -> None:
    opened = make_open()
    before = [one.ends_at for one in opened.stages.all()]
    until = datetime(2026, 4, 23, 21, tzinfo=UTC)
    late = after_deadline(opened)  # an extension after the fact, since nothing was opened yet
    made = services.extend_deadline(SYSTEM, stage_of(opened, 1), until, WORDS, now=late)
    after = [one.ends_at for one in opened.stages.order_by("number")]
    assert [new - old for old, new in zip(before, after, strict=True) if old and new] == [
        timedelta(days=7)
    ] * 5
    assert made.changes == [["ends_at", "2026-04-16T21:00:00+00:00", "2026-04-23T21:00:00+00:00"]]
    assert (made.stage, made.stage_zh) == ("Concept paper", "项目概念书")


def test_stages_behind_keep_their_hour_over_a_change_of_summer_time() -> None:
    opened = make_open()
    place = ZoneInfo(ZONE)
    until = datetime(2026, 10, 30, 22, tzinfo=UTC)  # 18:00; summer time ends on 1 November
    services.extend_deadline(SYSTEM, stage_of(opened, 1), until, WORDS, now=NOW)
    first, *behind = opened.stages.order_by("number")
    assert first.ends_at == until
    starts_at = until
    for one in behind:
        assert one.starts_at == starts_at
        assert one.ends_at is not None
        assert f"{one.ends_at.astimezone(place):%H:%M}" == "17:00"
        starts_at = one.ends_at
    assert behind[0].ends_at == datetime(2026, 11, 29, 22, tzinfo=UTC)


def test_deadline_in_a_year_that_can_only_be_mistyped_is_not_stored() -> None:
    opened = make_open()
    stage = stage_of(opened, 1)
    with pytest.raises(Invalid, match="2206"):
        services.extend_deadline(
            SYSTEM, stage, datetime(2206, 4, 23, 21, tzinfo=UTC), WORDS, now=NOW
        )
    with pytest.raises(ValidationError):
        MomentField().clean("9999-12-31T23:59")
    assert stage_of(opened, 1).ends_at == stage.ends_at


@pytest.mark.parametrize(
    ("number", "until", "code"),
    [
        (1, datetime(2026, 4, 16, 21, tzinfo=UTC), "not_later"),
        (2, datetime(2026, 9, 1, tzinfo=UTC), "no_deadline"),
    ],
)
def test_deadline_is_not_put_off(number: int, until: datetime, code: str) -> None:
    opened = make_open()
    with pytest.raises(Refused) as error:
        services.extend_deadline(SYSTEM, stage_of(opened, number), until, WORDS, now=NOW)
    assert code_of(error) == code


def test_stage_to_come_is_amended_and_one_that_has_begun_is_not() -> None:
    opened = make_open()
    terms = StageTerms("review", "Review of concept papers", 99, reviewers_least=4)
    criteria = (CriterionTerms("Need", 6_000, number=1), CriterionTerms("Plan", 4_000, number=2))
    made = services.amend_stage(SYSTEM, stage_of(opened, 2), terms, criteria, WORDS, now=NOW)
    assert [change[0] for change in made.changes] == [
        "name_zh",
        "gate",
        "reviewers_least",
        "criteria",
        "criteria_text",
    ]
    assert stage_of(opened, 2).days == 30
    services.begin_review(SYSTEM, opened, now=after_deadline(opened))
    with pytest.raises(Refused) as error:
        services.amend_stage(
            SYSTEM, stage_of(opened, 2), terms, criteria, WORDS, now=after_deadline(opened)
        )
    assert code_of(error) == "stage_begun"
    with pytest.raises(Refused) as error:
        services.extend_deadline(
            SYSTEM,
            stage_of(opened, 1),
            after_deadline(opened) + timedelta(days=1),
            WORDS,
            now=after_deadline(opened),
        )
    assert code_of(error) == "stage_over"


def test_change_of_the_text_of_a_criterion_is_an_amendment() -> None:
    opened = make_open()
    held = stage_of(opened, 2)
    terms = StageTerms(
        **{name: getattr(held, name) for name in STAGE_COLUMNS},
        documents=tuple(held.documents.values_list("kind", flat=True)),
    )
    first, *others = (
        CriterionTerms(one.name, one.weight_bp, one.name_zh, one.text, one.text_zh, one.number)
        for one in held.criteria.order_by("number")
    )
    with pytest.raises(Refused) as error:
        services.amend_stage(SYSTEM, held, terms, (first, *others), WORDS, now=NOW)
    assert code_of(error) == "nothing_changed"
    reworded = replace(first, text="It fills a gap that nobody else fills.")
    made = services.amend_stage(SYSTEM, held, terms, (reworded, *others), WORDS, now=NOW)
    assert [change[0] for change in made.changes] == ["criteria_text"]
    assert made.changes[0][2][0][1] == "It fills a gap that nobody else fills."
    assert change_lines(made, opened) == ["Texts of the criteria: changed; the notices show both"]


def test_no_more_stages_than_a_competition_has() -> None:
    draft = make_draft()
    for place in range(7):
        services.add_stage(SYSTEM, draft, StageTerms("visit", f"V{place}", 1), after=4, now=NOW)
    for after in (4, 99):
        with pytest.raises(Invalid):
            services.add_stage(SYSTEM, draft, StageTerms("visit", "V", 1), after=after, now=NOW)
    assert draft.stages.count() == 12


def test_what_was_removed_meanwhile_is_not_found() -> None:
    draft = make_draft()
    stage = stage_of(draft, 2)
    criterion = stage.criteria.get(number=1)
    with pytest.raises(NotFound):
        services.set_criteria(SYSTEM, stage, (CriterionTerms("Need", 10_000, number=99),), now=NOW)
    with pytest.raises(Invalid):
        services.set_anchors(SYSTEM, criterion, (services.AnchorTerms(9, "x"),), now=NOW)
    services.remove_stage(SYSTEM, stage, now=NOW)
    with pytest.raises(NotFound):
        services.edit_stage(SYSTEM, stage, StageTerms("review", "R", 3), now=NOW)
    with pytest.raises(NotFound):
        services.set_anchors(SYSTEM, criterion, (), now=NOW)


def test_stage_without_criteria_and_terms_with_faults_are_amended_or_not() -> None:
    opened = make_open()
    reply = StageTerms("submission", "Full proposals", 51, documents=("narrative",))
    made = services.amend_stage(SYSTEM, stage_of(opened, 3), reply, (), WORDS, now=NOW)
    assert "documents" in {change[0] for change in made.changes}
    faults = StageTerms("submission", "", 51)
    with pytest.raises(Invalid):
        services.amend_stage(SYSTEM, stage_of(opened, 3), faults, (), WORDS, now=NOW)
    with pytest.raises(Invalid):
        services.amend_competition(SYSTEM, opened, make_terms(title=""), WORDS, now=NOW)
    long = AmendmentWords("x" * 1_001)
    with pytest.raises(Invalid):
        services.amend_competition(SYSTEM, opened, make_terms(title="T"), long, now=NOW)
    with pytest.raises(Refused) as error:
        services.amend_stage(
            SYSTEM,
            stage_of(opened, 2),
            StageTerms("review", "Review", 30),
            (),
            WORDS,
            now=NOW,
        )
    assert code_of(error) == "no_criteria"
    with pytest.raises(Refused) as error:
        services.amend_competition(SYSTEM, make_draft(), make_terms(title="T"), WORDS, now=NOW)
    assert code_of(error) == "not_running"


def test_new_deadline_lies_ahead() -> None:
    opened = make_open()
    with pytest.raises(Refused) as error:
        services.extend_deadline(
            SYSTEM,
            stage_of(opened, 1),
            after_deadline(opened),
            WORDS,
            now=after_deadline(opened) + timedelta(days=1),
        )
    assert code_of(error) == "in_the_past"
