"""What the profiles that ship say of competitions."""

from collections.abc import Callable
from datetime import date

import pytest

from lineshaft.kernel.competitions import CompetitionKind, StageKind, weights_sum_up
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.profile import load_profile

US = load_profile("us").competing


@pytest.mark.parametrize("key", ["us", "cn"])
@pytest.mark.parametrize("kind", CompetitionKind)
def test_every_kind_of_competition_has_a_template(key: str, kind: CompetitionKind) -> None:
    assert load_profile(key).competing.templates_for(kind)


def test_templates_of_the_united_states_follow_real_timetables() -> None:
    days = {template.key: template.days for template in US.templates}
    assert days == {
        "four_stage": 225,
        "concept_and_replies": 278,  # DE-FOA-0001263 took 279 days
        "two_step": 197,  # 2024-NIST-CHIPS-MFGUSA-01 took 197
        "project_call": 95,
        "regional_challenge": 135,
    }


def test_four_stages_are_those_of_the_preliminary_design() -> None:
    template = US.template("four_stage")
    assert [one.stage.kind for one in template.stages] == [
        StageKind.SUBMISSION,
        StageKind.REVIEW,
        StageKind.VISIT,
        StageKind.ANALYSIS,
        StageKind.SELECTION,
    ]
    assert template.authority.sureness == "seed"


@pytest.mark.parametrize("entry", [US.template, US.criterion, US.document])
def test_what_the_profile_does_not_list_is_not_found(entry: Callable[[str], object]) -> None:
    with pytest.raises(NotFound):
        entry("none")


def test_entries_are_found_by_their_keys() -> None:
    assert US.criterion("need").anchors[0].score == 1
    assert US.document("narrative").is_counted


@pytest.mark.parametrize(
    ("weights", "is_whole"), [([10_000], True), ([5_000, 5_000], True), ([9_999], False)]
)
def test_weights_sum_up(weights: list[int], *, is_whole: bool) -> None:
    assert weights_sum_up(weights) == is_whole


def test_panels_are_bound_by_the_rules_of_the_day_and_of_their_kind() -> None:
    on, before = date(2019, 12, 20), date(2019, 12, 19)
    institute, call = CompetitionKind.INSTITUTE, CompetitionKind.PROJECT_CALL
    assert [one.key for one in US.panel_rules_in_force(on, institute)] == ["L-031", "L-033"]
    assert US.panel_rules_in_force(before, institute) == US.panel_rules_in_force(on, call) == ()
    assert load_profile("cn").competing.panel_rules == ()
