from typing import Any

import pytest

from lineshaft.apps.insight import rules


def test_digest_of_figures_does_not_depend_on_their_order() -> None:
    one, two = ("a", 1, "", 5, None), ("b", 1, "", 6, None)
    assert rules.digest_of_figures([one, two]) == rules.digest_of_figures([two, one])
    assert rules.digest_of_figures([one]) != rules.digest_of_figures([two])


@pytest.mark.parametrize(
    ("state", "attested", "now", "is_stale"),
    [
        pytest.param("draft", "", "x", False, id="never-attested"),
        pytest.param("attested", "x", "x", False, id="unchanged"),
        pytest.param("attested", "x", "y", True, id="changed"),
    ],
)
def test_part_is_stale_when_its_figures_changed(
    state: str, attested: str, now: str, *, is_stale: bool
) -> None:
    assert rules.part_is_stale(state, attested, now) is is_stale


@pytest.mark.parametrize(
    ("not_attested", "stale", "said"),
    [
        pytest.param([], [], None, id="all-attested"),
        pytest.param(["A"], [], "Not attested: A.", id="missing"),
        pytest.param([], ["B"], "Changed since they were attested: B.", id="stale"),
        pytest.param(
            ["A"], ["B"], "Not attested: A. Changed since they were attested: B.", id="both"
        ),
    ],
)
def test_report_is_published_once_every_part_is_attested(
    not_attested: list[str], stale: list[str], said: str | None
) -> None:
    refusal = rules.report_is_attested(not_attested=not_attested, stale=stale)
    if said is None:
        assert refusal is None
    else:
        assert refusal is not None
        places = {key: ", ".join(names) for key, names in refusal.params.items()}
        assert refusal.message % places == f"The report cannot be published yet. {said}"


@pytest.mark.parametrize(
    ("open_number", "published_number", "code"),
    [
        pytest.param(None, None, None, id="none"),
        pytest.param(1, None, "report_open", id="open"),
        pytest.param(None, 1, "report_published", id="published"),
        pytest.param(2, 1, "report_open", id="both"),
    ],
)
def test_year_has_one_first_edition(
    open_number: int | None, published_number: int | None, code: str | None
) -> None:
    refusal = rules.year_is_open(open_number, published_number)
    assert (refusal.code if refusal else None) == code


def test_edition_ends_restated_and_a_part_goes_both_ways() -> None:
    editions = rules.TRANSITIONS["report_edition"]
    assert editions.target("draft", "publish_report") == "published"
    assert editions.target("published", "restate_report") == "restated"
    parts = rules.TRANSITIONS["institute_part"]
    assert parts.target("draft", "attest_part") == "attested"
    assert parts.target("attested", "withdraw_attestation") == "draft"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        ({"is_known": False}, "state_unknown"),
        ({"year": 1066}, "year_out_of_range"),
        ({"number": 0}, "number_out_of_range"),
        ({"number": 10**11}, "number_out_of_range"),
        ({"source": " "}, "source_missing"),
    ],
)
def test_denominator_is_refused_that_nothing_can_be_divided_by(
    changed: dict[str, Any], code: str | None
) -> None:
    given: dict[str, Any] = {
        "state": "OH",
        "is_known": True,
        "year": 2020,
        "number": 5,
        "source": "a census",
    }
    refusal = rules.denominator_usable(**(given | changed))
    assert (refusal.code if refusal else None) == code
