"""What reviewing decides of reviews, phases and what is hidden, without a database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.rules import CriterionOutline, Masks, Named, Remarks
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.competitions import Blindness

CRITERIA = [CriterionOutline(1, "Need", 6_000), CriterionOutline(2, "Team", 4_000)]
ENDS_AT = datetime(2026, 5, 1, 21, tzinfo=UTC)
MASKS = Masks("[lead]", "[partner {}]", "[person {}]", "[giver {}]", "[withheld]", "document-{}")


def content(**parts: Any) -> dict[str, Any]:
    """An application of one partner, one person and one letter."""
    return {
        "terms": {
            "title": "Anvil Works casts",
            "title_zh": "安维尔公司铸造",
            "abstract": "With Brass\nWorks and Ada Smith.",
            "abstract_zh": "",
            "waiver_reason": "",
            "lead": "Anvil Works",
        },
        "partners": {"partners": [["Brass Works", "The line of Brass Works"]]},
        "team": {"people": [["Ada Smith", "Brass Works", "Leads for Anvil Works"]]},
        "budget": {"lines": [["federal", "other", 1, 5]]},
        "revenue": {"lines": []},
        "commitments": {
            "letters": [
                {
                    "giver": "Copper Bank",
                    "kind": "cash",
                    "signatory": "Cora Copper",
                    "signed_on": "2026-02-01",
                    "is_federal": False,
                    "conditions": "If Anvil Works wins",
                    "amounts": [[1, 100]],
                }
            ]
        },
        "documents": {
            "documents": [
                {"id": 1, "kind": "resumes", "name": "ada-smith.pdf", "sha256": "a", "pages": 1},
                {"id": 2, "kind": "narrative", "name": "anvil.PDF", "sha256": "b", "pages": 9},
            ]
        },
        "need": {"text": "ANVIL WORKS, Anvil Worksmen, Copper Bank and Cora Copper."},
        **parts,
    }


def test_whole_review_lacks_nothing() -> None:
    remarks = {1: Remarks(4, "Clear", ""), 2: Remarks(1, "", "Thin")}
    assert rules.lacking_in(CRITERIA, remarks, "Fund it.") == ()


def test_review_lacks_scores_remarks_and_the_summary_in_the_order_of_the_form() -> None:
    found = rules.lacking_in(CRITERIA, {2: Remarks(None, "Good", "")}, "")
    assert [(one.criterion, one.refusal.code) for one in found] == [
        (1, "no_score"),
        (1, "no_remark"),
        (2, "no_score"),
        (0, "no_summary"),
    ]
    assert found[0].refusal.as_text() == "Score “Need”."


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({1: 4, 2: 3}, 36_000),
        ({1: 5, 2: 5}, 50_000),
        ({1: 4}, None),
        ({1: 4, 2: None}, None),
    ],
    ids=["weighted", "best", "one missing", "one empty"],
)
def test_weighted_score(scores: dict[int, int | None], expected: int | None) -> None:
    assert rules.weighted_bp(CRITERIA, scores) == expected


def test_stage_without_criteria_has_no_weighted_score() -> None:
    assert rules.weighted_bp([], {}) is None


@given(
    st.lists(st.tuples(st.integers(1, BASIS_POINTS), st.integers(1, 5)), min_size=1, max_size=12)
)
def test_weighted_score_lies_between_the_least_and_the_largest(
    rows: list[tuple[int, int]],
) -> None:
    total = sum(weight for weight, _score in rows)
    criteria = [CriterionOutline(place, "", weight) for place, (weight, _) in enumerate(rows)]
    found = rules.weighted_bp(criteria, {place: score for place, (_, score) in enumerate(rows)})
    assert found is not None
    scores = [score for _weight, score in rows]
    assert total * min(scores) <= found <= total * max(scores)


@pytest.mark.parametrize(
    ("score_bp", "hundredths"), [(37_500, 375), (37_549, 375), (37_550, 376), (50_000, 500)]
)
def test_hundredths_are_rounded_half_up(score_bp: int, hundredths: int) -> None:
    assert rules.hundredths_of(score_bp) == hundredths


def test_scores_outside_the_scale_and_of_no_criterion_are_faults() -> None:
    faults = rules.faults_of_scores({1: 6, 2: None, 3: 4}, CRITERIA, "score")
    assert [one.field for one in faults] == ["score-1", "score-3"]
    assert faults[0].as_text() == "A score is a whole number from 1 to 5."
    assert faults[1].as_text() == "The stage has no criterion 3."


@pytest.mark.parametrize(
    ("phase", "was_discussed", "has_submitted", "expected"),
    [
        (rules.Phase.ALONE, False, True, False),
        (rules.Phase.DISCUSSION, True, True, True),
        (rules.Phase.DISCUSSION, True, False, False),
        (rules.Phase.CLOSED, True, True, True),
        (rules.Phase.CLOSED, False, True, False),
    ],
)
def test_who_reads_the_reviews_of_others(
    phase: rules.Phase, *, was_discussed: bool, has_submitted: bool, expected: bool
) -> None:
    found = rules.reads_others(phase, was_discussed=was_discussed, has_submitted=has_submitted)
    assert found is expected


def test_going_on_without_reviews_needs_a_reason() -> None:
    refused = rules.refuse_going_on(3, "Review", why="")
    assert refused is not None
    assert "3 of the reviews of “Review” are not submitted." in refused.as_text()
    assert rules.refuse_going_on(3, "Review", why="They left.") is None
    assert rules.refuse_going_on(0, "Review", why="") is None


def test_nothing_is_written_once_it_is_closed() -> None:
    refused = rules.refuse_closed(rules.Phase.CLOSED, "Review")
    assert refused is not None
    assert refused.code == "reviewing_closed"
    assert rules.refuse_closed(rules.Phase.DISCUSSION, "Review") is None


@pytest.mark.parametrize("minutes", [-1, 0, 1])
def test_review_is_late_from_the_deadline_on(minutes: int) -> None:
    moment = ENDS_AT + timedelta(minutes=minutes)
    late = minutes >= 0
    assert rules.is_late(ENDS_AT, moment, is_submitted=True, now=ENDS_AT) is late
    assert rules.is_late(ENDS_AT, None, is_submitted=False, now=moment) is late
    assert rules.is_late(None, moment, is_submitted=True, now=moment) is False


def test_review_that_came_back_is_late_by_the_clock_of_now() -> None:
    early = ENDS_AT - timedelta(days=1)
    assert rules.is_late(ENDS_AT, early, is_submitted=False, now=ENDS_AT) is True


def test_reminders_go_out_seven_three_and_one_day_before() -> None:
    ends_on = date(2026, 5, 8)
    days = [day for day in range(1, 9) if rules.is_reminder_day(ends_on, date(2026, 5, day))]
    assert days == [1, 5, 7]


def test_consensus_is_agreed_by_reviewers_alone() -> None:
    assert rules.refuse_agreed({1}, {1, 2}) is None
    for seats, code in (((), "nobody_agreed"), ((3,), "strangers_agreed")):
        refused = rules.refuse_agreed(seats, {1, 2})
        assert refused is not None
        assert refused.code == code


def test_discussion_is_open_in_its_phase_and_to_who_has_submitted() -> None:
    assert rules.refuse_discussing(rules.Phase.DISCUSSION, "Review") is None
    for phase in (rules.Phase.ALONE, rules.Phase.CLOSED):
        refused = rules.refuse_discussing(phase, "Review")
        assert refused is not None
        assert refused.code == "discussion_not_open"
    assert rules.refuse_speaking(owes_review=False) is None
    assert rules.refuse_speaking(owes_review=True) is not None
    assert rules.refuse_withdrawing_remark(is_withdrawn=False) is None
    assert rules.refuse_withdrawing_remark(is_withdrawn=True) is not None


def test_double_blind_names_nobody_that_the_application_lists() -> None:
    others = [Named("[lead]", ("安维尔公司", "Avo")), Named("[partner 1]", ("BW",))]
    hidden = rules.blinded(content(), MASKS, others, {"narrative"})
    assert hidden["terms"]["title"] == "[lead] casts"
    assert hidden["terms"]["title_zh"] == "[lead]铸造"
    assert hidden["terms"]["lead"] == "[lead]"
    assert hidden["terms"]["abstract"] == "With [partner 1] and [person 1]."
    assert hidden["partners"] == {"partners": [["[partner 1]", "The line of [partner 1]"]]}
    assert hidden["team"] == {"people": [["[person 1]", "[partner 1]", "Leads for [lead]"]]}
    (letter,) = hidden["commitments"]["letters"]
    assert (letter["giver"], letter["signatory"]) == ("[giver 1]", "[withheld]")
    assert letter["conditions"] == "If [lead] wins"
    assert letter["amounts"] == [[1, 100]]
    assert hidden["need"]["text"] == "[lead], Anvil Worksmen, [giver 1] and [withheld]."
    assert hidden["budget"] == content()["budget"]


def test_double_blind_withholds_documents_that_name_by_their_nature() -> None:
    hidden = rules.blinded(content(), MASKS, [], {"narrative"})
    (document,) = hidden["documents"]["documents"]
    assert (document["id"], document["name"]) == (2, "document-2.pdf")


def test_names_are_taken_out_of_other_texts_of_an_application_too() -> None:
    others = [Named("[lead]", ("Amboss AG",))]
    said = rules.without_names(
        ["Amboss AG replies to all.", "Brass Works too."], content(), MASKS, others
    )
    assert said == ["[lead] replies to all.", "[partner 1] too."]


def test_short_names_stay_within_words() -> None:
    said = content(partners={"partners": [["AI", "AI for all"]]})
    hidden = rules.blinded(said, MASKS, [], ())
    assert hidden["partners"] == {"partners": [["[partner 1]", "AI for all"]]}


def test_chinese_names_of_two_signs_are_taken_out_and_one_sign_stays() -> None:
    people = [["王芳", "Brass Works", "王芳负责"], ["李", "Brass Works", "李负责"]]
    said = content(team={"people": people}, need={"text": "由王芳与李明完成。"})
    hidden = rules.blinded(said, MASKS, [], ())
    assert hidden["team"]["people"][0] == ["[person 1]", "[partner 1]", "[person 1]负责"]
    assert hidden["team"]["people"][1][2] == "李负责"
    assert hidden["need"]["text"] == "由[person 1]与李明完成。"


@pytest.mark.parametrize(
    ("listed", "written"),
    [
        ("王 芳", "王芳"),
        ("王芳", "王 芳"),
        ("王芳", "王\u3000芳"),
        ("欧阳 明", "欧 阳明"),
        ("王芳", "王\n芳"),
        ("GE 中国", "GE中国"),
        ("GE中国", "ge 中国"),
        ("김 철수", "김철수"),
    ],
)
def test_chinese_names_are_taken_out_with_blanks_between_their_signs_or_none(
    listed: str, written: str
) -> None:
    people = [[listed, "Brass Works", ""]]
    said = content(team={"people": people}, need={"text": f"由{written}与李明完成。"})
    hidden = rules.blinded(said, MASKS, [], ())
    assert hidden["need"]["text"] == "由[person 1]与李明完成。"


def test_longer_chinese_name_is_taken_out_whole_beside_one_that_begins_alike() -> None:
    people = [["王 芳", "Brass Works", ""], ["王芳华", "王 芳", ""]]
    hidden = rules.blinded(
        content(team={"people": people}, need={"text": "王芳华、王 芳华、李"}), MASKS, [], ()
    )
    assert hidden["need"]["text"] == "[person 2]、[person 2]、李"
    assert hidden["team"]["people"][1] == ["[person 2]", "[person 1]", ""]


def test_registered_chinese_names_are_taken_out_with_blanks_or_none() -> None:
    others = [Named("[lead]", ("安维 铸造厂", "李 "))]
    said = rules.without_names(["安维铸造厂与李明", "安维 铸 造厂"], content(), MASKS, others)
    assert said == ["[lead]与李明", "[lead]"]


def test_person_of_an_unknown_firm_is_shown_without_it() -> None:
    said = content(team={"people": [["Ada Smith", "Nowhere Ltd", ""]]})
    hidden = rules.blinded(said, MASKS, [], ())
    assert hidden["team"] == {"people": [["[person 1]", "", ""]]}


NAMES = st.text(alphabet="abcXYZ äß安维 ", min_size=3, max_size=20)


@given(NAMES.map(lambda name: " ".join(name.split())).filter(lambda name: len(name) >= 3))
def test_name_of_the_lead_is_in_no_text(name: str) -> None:
    terms = content()["terms"] | {"lead": name, "abstract": f"We are {name} of old."}
    hidden = rules.blinded(content(terms=terms), MASKS, [], ())
    assert hidden["terms"]["abstract"] == "We are [lead] of old."
    assert hidden["terms"]["lead"] == "[lead]"


@pytest.mark.parametrize("blindness", Blindness)
def test_only_double_blind_hides_the_applicants(blindness: Blindness) -> None:
    assert rules.hides_applicants(blindness) is (blindness is Blindness.DOUBLE)
