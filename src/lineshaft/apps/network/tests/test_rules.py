from datetime import date

import pytest

from lineshaft.apps.network import rules
from lineshaft.apps.network.rules import InstituteStatus as Status
from lineshaft.apps.network.rules import TerminationGround as Ground


@pytest.mark.parametrize(
    ("scheme", "written", "stored", "code"),
    [
        pytest.param("uei", "hj7l jz2k 9c35", "HJ7LJZ2K9C35", None, id="uei with spaces"),
        pytest.param("uei", "HJ7LJZ2K9C3", "HJ7LJZ2K9C3", "wrong_form", id="uei too short"),
        pytest.param("uei", "0J7LJZ2K9C35", "0J7LJZ2K9C35", "wrong_form", id="uei begins with 0"),
        pytest.param("uei", "HJ7LJZ2K9CI5", "HJ7LJZ2K9CI5", "wrong_form", id="uei with I"),
        pytest.param("ror", "https://ror.org/03vek6s52", "03vek6s52", None, id="ror address"),
        pytest.param("ror", "https://ror.org/03vek6s52/", "03vek6s52", None, id="ror slash"),
        pytest.param("ror", "03vek6s53", "03vek6s53", "wrong_form", id="ror check number"),
        pytest.param("ror", "3vek6s52", "3vek6s52", "wrong_form", id="ror too short"),
        pytest.param("unitid", "100654", "100654", None, id="unitid"),
        pytest.param("unitid", "10065", "10065", "wrong_form", id="unitid too short"),
        pytest.param("uscc", "91350100m000100y43", "91350100M000100Y43", None, id="uscc"),
        pytest.param("uscc", "91350100M000100Y44", "91350100M000100Y44", "wrong_form", id="check"),
        pytest.param("uscc", "9135", "9135", "wrong_form", id="uscc too short"),
        pytest.param("ein", "63-6001109", "636001109", None, id="ein with hyphen"),
        pytest.param("ein", "63600110", "63600110", "wrong_form", id="ein too short"),
        pytest.param("duns", "19-721-6455", "197216455", None, id="duns with hyphens"),
        pytest.param("naics", "31", "31", None, id="naics sector"),
        pytest.param("naics", "332710", "332710", None, id="naics industry"),
        pytest.param("naics", "3", "3", "wrong_form", id="naics too short"),
        pytest.param("naics", "3327101", "3327101", "wrong_form", id="naics too long"),
        pytest.param("tax", "x", "x", "unknown_scheme", id="unknown scheme"),
    ],
)
def test_identifier_as_written_is_stored_or_refused(
    scheme: str, written: str, stored: str, code: str | None
) -> None:
    assert rules.normal_identifier(scheme, written) == stored
    refusal = rules.refuse_identifier(scheme, stored)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("name", "folded", "bare"),
    [
        pytest.param("Smith & Wesson, Inc.", "smith and wesson inc", "smith and wesson", id="&"),
        pytest.param("The Acme Co.", "the acme co", "acme", id="article and form"),
        pytest.param("Société Générale", "societe generale", "societe generale", id="accents"),
        pytest.param("O'Neill's Tools LLC", "oneills tools llc", "oneills tools", id="apostrophe"),
        pytest.param("Inc.", "inc", "inc", id="nothing but a form"),
        pytest.param("华工科技", "华工科技", "华工科技", id="Chinese"),
        pytest.param("…", "", "", id="no word"),
    ],
)
def test_name_is_folded(name: str, folded: str, bare: str) -> None:
    assert (rules.folded_name(name), rules.bare_name(name)) == (folded, bare)


def test_match_key_with_a_city_leaves_the_legal_form_out() -> None:
    one = rules.match_key("Acme, Inc.", region="OH", city="Dayton")
    assert one == rules.match_key("ACME LLC", region="oh", city="DAYTON") == "acme|oh|dayton"


def test_match_key_without_a_city_keeps_the_legal_form() -> None:
    one = rules.match_key("Targeson, Inc.", region="", city="")
    assert one != rules.match_key("Targeson, LLC", region="", city="")
    assert one == rules.match_key("TARGESON INC", region="", city="")


def test_cure_period_ends_a_year_after_the_notice() -> None:
    assert rules.cure_period_end(date(2022, 3, 1), 365) == date(2023, 3, 1)


@pytest.mark.parametrize(
    ("ground", "status", "cure_ends_on", "code"),
    [
        pytest.param(Ground.CONVENIENCE, Status.ACTIVE, None, None, id="convenience"),
        pytest.param(
            Ground.CONVENIENCE, Status.CURE_PERIOD, date(2023, 3, 1), None, id="while curing"
        ),
        pytest.param(Ground.END_OF_TERM, Status.ACTIVE, None, None, id="end of term"),
        pytest.param(
            Ground.NOT_REMEDIED, Status.ACTIVE, None, "no_cure_period", id="without cure period"
        ),
        pytest.param(
            Ground.NOT_REMEDIED,
            Status.CURE_PERIOD,
            date(2022, 11, 2),
            "cure_year_runs",
            id="a day too early",
        ),
        pytest.param(
            Ground.NOT_REMEDIED, Status.CURE_PERIOD, date(2022, 11, 1), None, id="after the year"
        ),
        pytest.param(Ground.NOT_ESTABLISHED, Status.PLANNED, None, None, id="never established"),
        pytest.param(
            Ground.NOT_ESTABLISHED, Status.ACTIVE, None, "already_established", id="was established"
        ),
        pytest.param(
            Ground.END_OF_TERM, Status.PROPOSED, None, "never_established", id="no award to end"
        ),
    ],
)
def test_termination_is_refused_by_its_ground(
    ground: Ground, status: Status, cure_ends_on: date | None, code: str | None
) -> None:
    refusal = rules.refuse_termination(
        ground, status=status, cure_ends_on=cure_ends_on, on=date(2022, 11, 1)
    )
    assert (refusal.code if refusal else None) == code
    if refusal:
        assert refusal.citation == rules.VERB_CITATIONS["terminate_institute"]


@pytest.mark.parametrize(
    ("days", "code"),
    [
        pytest.param(365, None, id="a year"),
        pytest.param(0, "no_cure_period_in_force", id="none"),
        pytest.param(None, "no_cure_period_in_force", id="no term in force"),
    ],
)
def test_cure_period_needs_a_law_in_force(days: int | None, code: str | None) -> None:
    refusal = rules.refuse_cure_period(days, date(2015, 1, 1))
    assert (refusal.code if refusal else None) == code


def test_change_of_status_before_its_day_is_refused() -> None:
    refusal = rules.refuse_future_change(date(2022, 11, 2), date(2022, 11, 1))
    assert refusal is not None
    assert refusal.code == "change_in_future"
    assert rules.refuse_future_change(date(2022, 11, 1), date(2022, 11, 1)) is None


def test_workflow_and_permissions_name_the_same_verbs() -> None:
    assert set(rules.INSTITUTE_WORKFLOW.verbs) <= set(rules.PERMISSIONS)
    assert set(rules.INSTITUTE_WORKFLOW.states) == set(Status)


@pytest.mark.parametrize(
    ("names", "others", "expected"),
    [
        (["Alder Ridge Photonics Inc."], ["ALDER RIDGE PHOTONICS, INCORPORATED"], True),
        (["The Alder & Ridge Co."], ["Alder and Ridge"], True),
        (["Alder Ridge Photonics"], ["Alder Rigde Photonics LLC"], True),
        (["Alder Ridge Photonics", "ARP"], ["arp"], True),
        (["Alder Ridge Photonics"], ["Bell Creek Flex Circuits"], False),
        (["Anvil Works 10"], ["Anvil Works 11"], False),
        (["…"], ["!"], False),
        ([], ["Alder"], False),
    ],
)
def test_names_that_may_be_one(names: list[str], others: list[str], *, expected: bool) -> None:
    assert rules.may_be_one_name(names, others) is expected
    assert rules.may_be_one_name(others, names) is expected
