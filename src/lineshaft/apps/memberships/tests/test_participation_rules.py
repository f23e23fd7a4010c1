"""The rules of participation, as tables without a database."""

from dataclasses import replace
from datetime import date

import pytest

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.rules import Conditions, Decided, OwnerRow, Standing
from lineshaft.kernel.profile import JurisdictionProfile

TODAY = date(2022, 11, 1)
OVER = date(2022, 9, 1)
"""The first day of an agreement that is over."""
HOME = {
    "incorporated_in": "US",
    "foreign_control": "no",
    "concern_ties": "no",
    "works_in": "US",
}
WHOLLY_GERMAN = (OwnerRow(1, "Parent", "DE", 10_000),)
APPROVAL = Decided("approved", date(2022, 1, 1), date(2023, 1, 1), "DE")


@pytest.mark.parametrize(
    ("key", "answer", "code"),
    [
        ("incorporated_in", "US", None),
        ("incorporated_in", "usa", "not_country"),
        ("incorporated_in", "", "no_answer"),
        ("foreign_control", "yes", None),
        ("foreign_control", "perhaps", "not_yes_no"),
        ("persons_abroad", "", None),
        ("owners", "", None),
    ],
)
def test_answers_are_read_by_kind(
    profile: JurisdictionProfile, key: str, answer: str, code: str | None
) -> None:
    question = profile.screening.question(key)
    assert question is not None
    refusal = rules.refuse_screening_answer(question, answer)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("owners", "code"),
    [
        ((), None),
        (WHOLLY_GERMAN, None),
        ((OwnerRow(1, " ", "DE", 1),), "owner_name"),
        ((OwnerRow(1, "A", "Germany", 1),), "owner_country"),
        ((OwnerRow(1, "A", "DE", 0),), "owner_share"),
        ((OwnerRow(1, "A", "DE", 1, holds_in=1),), "owner_place"),
        ((OwnerRow(1, "A", "DE", 6_000), OwnerRow(2, "B", "DE", 4_001)), "owners_above_whole"),
        (
            (
                OwnerRow(1, "A", "DE", 1),
                *(OwnerRow(n, "B", "US", 6_000, holds_in=1) for n in (2, 3)),
            ),
            "owners_above_whole",
        ),
        (tuple(OwnerRow(number, "A", "DE", 1) for number in range(1, 52)), "too_many_owners"),
    ],
)
def test_owners_form_a_tree_of_at_most_the_whole(
    owners: tuple[OwnerRow, ...], code: str | None
) -> None:
    refusal = rules.refuse_owners(owners)
    assert (refusal.code if refusal else None) == code


def test_holdings_multiply_down_the_chain_and_control_passes_through_control() -> None:
    chain = (
        OwnerRow(1, "Holding", "US", 6_000),
        OwnerRow(2, "Fund", "NL", 4_999, holds_in=1),
        OwnerRow(3, "Family", "DE", 5_001, holds_in=1),
        OwnerRow(4, "Minority", "JP", 4_000),
        OwnerRow(5, "Behind", "CN", 10_000, holds_in=4),
    )
    found = [(one.effective_bp, one.controls) for one in rules.holdings_of(chain, 5_000)]
    assert found == [(6_000, True), (2_999, False), (3_000, True), (4_000, False), (4_000, False)]


@pytest.mark.parametrize(
    ("answers", "owners", "registered_in", "codes", "countries"),
    [
        pytest.param({}, (), "", [], [], id="domestic"),
        pytest.param({}, (OwnerRow(1, "A", "US", 10_000),), "US", [], [], id="owned at home"),
        pytest.param(
            {"incorporated_in": "DE"}, (), "", ["foreign_country"], ["DE"], id="incorporated"
        ),
        pytest.param({"works_in": "DE"}, (), "", [], [], id="works in a friendly country"),
        pytest.param({"works_in": "CN"}, (), "", ["country_of_concern"], [], id="works in one"),
        pytest.param({"foreign_control": "yes"}, (), "", ["said_yes"], [], id="control"),
        pytest.param({"persons_abroad": "yes"}, (), "", ["said_yes"], [], id="persons"),
        pytest.param({}, WHOLLY_GERMAN, "", ["foreign_owner"], ["DE"], id="owner"),
        pytest.param({}, (OwnerRow(1, "A", "DE", 4_999),), "", [], [], id="minority"),
        pytest.param(
            {},
            (OwnerRow(1, "A", "DE", 3_000), OwnerRow(2, "B", "DE", 2_000)),
            "",
            ["foreign_owner"],
            ["DE"],
            id="together",
        ),
        pytest.param(
            {},
            (
                OwnerRow(1, "A", "DE", 4_900),
                OwnerRow(2, "B", "DE", 2_000),
                OwnerRow(3, "Nominee", "FR", 100, holds_in=1),
            ),
            "",
            ["foreign_owner"],
            ["DE"],
            id="together, beside a named owner of one",
        ),
        pytest.param(
            {}, (OwnerRow(1, "A", "CN", 100),), "", ["owner_of_concern"], [], id="concern, small"
        ),
        pytest.param(
            {},
            (OwnerRow(1, "Shell", "US", 10_000), OwnerRow(2, "B", "CN", 9_000, holds_in=1)),
            "",
            ["foreign_owner", "owner_of_concern"],
            ["CN"],
            id="behind a shell",
        ),
        pytest.param({}, (), "DE", ["registered_abroad"], ["DE"], id="registry"),
    ],
)
def test_screening_finds_why_a_review_is_needed(
    profile: JurisdictionProfile,
    *,
    answers: dict[str, str],
    owners: tuple[OwnerRow, ...],
    registered_in: str,
    codes: list[str],
    countries: list[str],
) -> None:
    given = HOME | answers
    found = rules.screen(profile, given, owners, registered_in=registered_in, on=TODAY)
    assert [one.code for one in found] == codes
    assert all(one.code in rules.FOUND and one.citation for one in found)
    owned = rules.countries_of(profile, given, owners, registered_in=registered_in)
    assert list(owned) == countries


@pytest.mark.parametrize(
    ("country", "standing", "waiver", "on", "code"),
    [
        pytest.param("", None, "", TODAY, None, id="not known"),
        pytest.param("US", None, "", TODAY, None, id="own country"),
        pytest.param("DE", None, "", TODAY, "review_needed", id="owned abroad"),
        pytest.param("DE", None, "", date(2022, 8, 8), None, id="before the rule"),
        pytest.param("CN", None, "", TODAY, "waiver_needed", id="barred"),
        pytest.param("CN", None, "W-7", OVER, None, id="over, by reference"),
        pytest.param("CN", None, "W-7", date(2022, 10, 31), "waiver_needed", id="began before"),
        pytest.param("CN", None, "W-7", TODAY, "waiver_needed", id="new, by reference"),
        pytest.param("CN", Standing.CONDITIONAL, "", TODAY, None, id="conditions"),
        pytest.param("CN", Standing.DENIED, "W-7", TODAY, "participation_not_open", id="denied"),
        pytest.param("", Standing.REQUESTED, "", TODAY, "participation_not_open", id="waits"),
        pytest.param("US", Standing.CLOSED, "", TODAY, None, id="closed"),
    ],
)
def test_admission_asks_the_decision_of_the_day(
    profile: JurisdictionProfile,
    *,
    country: str,
    standing: Standing | None,
    waiver: str,
    on: date,
    code: str | None,
) -> None:
    refusal = rules.refuse_participation(
        profile,
        ("US", country),
        standing=standing,
        waiver_reference=waiver,
        on=on,
        is_over=on == OVER,
        organisation="Gears",
    )
    assert (refusal.code if refusal else None) == code
    if refusal and country:
        assert refusal.params.get("country", country) == country
        assert refusal.citation is not None
        assert refusal.citation.text == "42 U.S.C. 18972"


@pytest.mark.parametrize(
    ("state", "decided", "country", "on", "standing"),
    [
        ("requested", None, "DE", TODAY, Standing.REQUESTED),
        ("reopened", APPROVAL, "DE", TODAY, Standing.REOPENED),
        ("approved", APPROVAL, "DE", date(2022, 12, 31), Standing.APPROVED),
        ("approved", APPROVAL, "DE", date(2023, 1, 1), Standing.EXPIRED),
        ("approved", APPROVAL, "CN", TODAY, Standing.OWNERSHIP_CHANGED),
        ("denied", replace(APPROVAL, kind="denied", ends_on=None), "DE", TODAY, Standing.DENIED),
    ],
)
def test_standing_follows_from_day_and_owner(
    state: str, decided: Decided | None, country: str, on: date, standing: Standing
) -> None:
    assert rules.standing_on(state, decided, ownership_country=country, on=on) is standing


def test_limits_carry_the_conditions_and_nothing_where_nothing_is_limited() -> None:
    conditions = Conditions("network", may_search=False, projects=("p1",), institutes=("mxd",))
    given = {
        "institute": "lift",
        "organisation_id": 7,
        "subject": ("review", "1"),
        "reference": "FP-1.1",
        "citation": None,
    }
    found = rules.limits_of(Standing.CONDITIONAL, conditions, **given)  # type: ignore[arg-type]
    assert found is not None
    assert (found.is_shut, found.files_up_to, found.may_search) == (False, "network", False)
    assert (found.projects, found.institutes) == (frozenset({"p1"}), frozenset({"mxd"}))
    shut = rules.limits_of(Standing.EXPIRED, conditions, **given)  # type: ignore[arg-type]
    assert shut is not None
    assert (shut.is_shut, shut.projects) == (True, None)
    assert rules.limits_of(Standing.CLOSED, conditions, **given) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("countries", "grounds", "code"),
    [
        (("DE",), (), None),
        (("DE",), ("charm",), "unknown_ground"),
        (("CN",), (), "ground_needed"),
        (("CN", "DE"), ("emergency",), None),
    ],
)
def test_bar_is_lifted_on_a_ground_alone(
    profile: JurisdictionProfile,
    countries: tuple[str, ...],
    grounds: tuple[str, ...],
    code: str | None,
) -> None:
    binding = rules.binding_rules(profile, countries, TODAY)
    refusal = rules.refuse_grounds(profile, binding, grounds)
    assert (refusal.code if refusal else None) == code
    refused = rules.refuse_commitments(binding, 0)
    assert refused is not None
    assert refused.code == "commitment_needed"
    assert rules.refuse_commitments(binding, 1) is None


@pytest.mark.parametrize(
    ("ends_on", "code"),
    [
        (TODAY, "ends_early"),
        (date(2022, 11, 2), None),
        (date(2027, 11, 1), None),
        (date(2027, 11, 2), "ends_late"),
    ],
)
def test_approval_ends_within_the_longest_term(
    profile: JurisdictionProfile, ends_on: date, code: str | None
) -> None:
    refusal = rules.refuse_end_of_approval(profile, ends_on, TODAY)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("conditions", "code"),
    [
        (Conditions(), "no_condition"),
        (Conditions("secret"), "bad_level"),
        (Conditions(barred_bookings=("laser", "laser")), "too_many_names"),
        (Conditions(projects=("",)), "too_many_names"),
        (Conditions(institutes=tuple("abc" for _n in range(51))), "too_many_names"),
        (Conditions(may_export=False), None),
        (Conditions("network", projects=()), None),
    ],
)
def test_conditions_are_a_closed_set(conditions: Conditions, code: str | None) -> None:
    refusal = rules.refuse_conditions(conditions)
    assert (refusal.code if refusal else None) == code


def test_small_refusals() -> None:
    assert [
        refusal.code if refusal else None
        for refusal in (
            rules.refuse_statement(" "),
            rules.refuse_statement("x" * 2_001),
            rules.refuse_statement("because"),
            rules.refuse_second_screening("approved"),
            rules.refuse_second_screening("reopened"),
            rules.refuse_second_screening(None),
            rules.refuse_decision(is_needed=True, is_closing=True),
            rules.refuse_decision(is_needed=False, is_closing=False),
            rules.refuse_decision(is_needed=True, is_closing=False),
        )
    ] == [
        "no_reason",
        "no_reason",
        None,
        "decision_stands",
        None,
        None,
        "decision_needed",
        "nothing_to_decide",
        None,
    ]


def test_permission_to_decide_is_the_sponsors_or_the_offices() -> None:
    roles = [
        set(rules.permission_to_decide("deny_participation", has_sponsor=has_sponsor).roles)
        for has_sponsor in (True, False)
    ]
    assert roles == [{"agency_sponsor"}, {"programme_officer"}]
