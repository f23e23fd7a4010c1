from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.rules import ConflictKind, ConflictOutcome, Finding, Trait

EMPLOYER = Trait(ConflictKind.EMPLOYER, "organisation:1", "organisation:1", {"organisation": "A"})
NAMED = Trait(ConflictKind.EMPLOYER, "named:a", "organisation:1", {"organisation": "A"})
DOMAIN = Trait(ConflictKind.EMAIL_DOMAIN, "site:a.edu", "site:a.edu", {"domain": "a.edu"})
OWN_DOMAIN = Trait(ConflictKind.EMAIL_DOMAIN, "site:a.edu", "organisation:1", {"domain": "a.edu"})
TEAM = Trait(ConflictKind.ON_TEAM, "person:7", "team")
TIE = Trait(ConflictKind.CO_AUTHOR, "person:8", "person:8", {"person": "Bea"})


def kinds_of(traits: list[Trait], marks: set[str]) -> list[str]:
    return [one.kind for one in rules.findings({7: traits}, {1: marks})]


@pytest.mark.parametrize(
    ("traits", "marks", "kinds"),
    [
        pytest.param([EMPLOYER], {"organisation:1"}, ["employer"], id="employer on the team"),
        pytest.param([EMPLOYER], {"organisation:2"}, [], id="another organisation"),
        pytest.param([EMPLOYER, NAMED], {"named:a"}, ["employer"], id="by an alias alone"),
        pytest.param(
            [EMPLOYER, NAMED], {"organisation:1", "named:a"}, ["employer"], id="one tie once"
        ),
        pytest.param([DOMAIN], {"site:a.edu"}, ["email_domain"], id="domain"),
        pytest.param(
            [EMPLOYER, OWN_DOMAIN],
            {"organisation:1", "site:a.edu"},
            ["employer"],
            id="the employer covers its own domain",
        ),
        pytest.param(
            [EMPLOYER, DOMAIN],
            {"organisation:1", "site:a.edu"},
            ["email_domain", "employer"],
            id="and no other domain",
        ),
        pytest.param([OWN_DOMAIN], {"site:a.edu"}, ["email_domain"], id="its domain alone"),
        pytest.param(
            [EMPLOYER, DOMAIN, TEAM],
            {"organisation:1", "site:a.edu", "person:7"},
            ["on_team"],
            id="being on the team covers both",
        ),
        pytest.param(
            [TIE, EMPLOYER],
            {"person:8", "organisation:1"},
            ["co_author", "employer"],
            id="two ties stand beside each other",
        ),
        pytest.param([], {"organisation:1"}, [], id="nobody"),
        pytest.param([EMPLOYER], set(), [], id="a team without marks"),
    ],
)
def test_findings_are_what_person_and_application_both_carry(
    traits: list[Trait], marks: set[str], kinds: list[str]
) -> None:
    assert kinds_of(traits, marks) == kinds


def test_finding_keeps_the_evidence_and_its_key() -> None:
    (found,) = rules.findings({7: [EMPLOYER]}, {1: {"organisation:1"}})
    assert found == Finding(1, 7, ConflictKind.EMPLOYER, "organisation:1", {"organisation": "A"})
    assert found.key == (1, 7, "employer", "organisation:1")


MARKS = st.sampled_from(["organisation:1", "organisation:2", "site:a.edu", "person:7", "person:8"])
KINDS = st.sampled_from(list(ConflictKind))
TRAITS = st.builds(Trait, KINDS, MARKS, MARKS)
PEOPLE = st.dictionaries(st.integers(1, 4), st.lists(TRAITS, max_size=4), max_size=4)
TEAMS = st.dictionaries(st.integers(1, 4), st.sets(MARKS, max_size=4), max_size=4)


@given(PEOPLE, TEAMS)
def test_findings_of_a_pair_do_not_depend_on_who_else_is_compared(
    people: Mapping[int, list[Trait]], teams: Mapping[int, set[str]]
) -> None:
    together = rules.findings(people, teams)
    apart = [
        one
        for application, marks in teams.items()
        for person, traits in people.items()
        for one in rules.findings({person: traits}, {application: marks})
    ]
    assert sorted(one.key for one in together) == sorted(one.key for one in apart)
    assert len({one.key for one in together}) == len(together)


@pytest.mark.parametrize(
    ("domain", "site"),
    [
        ("example.edu", "example.edu"),
        ("cs.example.edu", "example.edu"),
        ("mail.cs.example.edu", "example.edu"),
        ("ox.ac.uk", "ox.ac.uk"),
        ("eng.ox.ac.uk", "ox.ac.uk"),
        ("mail.tsinghua.edu.cn", "tsinghua.edu.cn"),
        ("Lab.Example.DE", "example.de"),
        ("nist.gov", "nist.gov"),
    ],
)
def test_site_is_the_domain_that_somebody_registered(domain: str, site: str) -> None:
    assert rules.site_of(domain) == site


@pytest.mark.parametrize(
    "name",
    ["Ada Lovelace", "ada  lovelace", "Lovelace, Ada", "Dr. Ada Lovelace", "Prof. ADA LOVELACE"],
)
def test_names_of_one_person_are_one_in_any_order(name: str) -> None:
    assert rules.name_of_person(name) == "ada lovelace"


@pytest.mark.parametrize(
    ("year_to", "counts"), [(None, True), (2026, True), (2023, True), (2022, False)]
)
def test_tie_counts_for_three_years(year_to: int | None, *, counts: bool) -> None:
    assert rules.tie_counts(year_to, year=2026) is counts


def test_conflicts_are_decided_until_the_competition_is_over() -> None:
    final = frozenset({"published"})
    assert rules.refuse_conflict_check("open", state_name="open", final=final) is None
    refused = rules.refuse_conflict_check("published", state_name="published", final=final)
    assert refused is not None
    assert (refused.code, refused.citation) == ("competition_is_over", rules.DISCLOSURE)


@pytest.mark.parametrize(
    ("has_person", "is_declared", "code"),
    [
        (True, False, None),
        (False, False, "no_person_of_user"),
        (True, True, "conflict_declared"),
    ],
)
def test_conflict_is_declared_once_by_a_person(
    code: str | None, *, has_person: bool, is_declared: bool
) -> None:
    refused = rules.refuse_declaring(has_person=has_person, is_declared=is_declared)
    assert (refused.code if refused else None) == code


@pytest.mark.parametrize(
    ("outcome", "said", "code"),
    [
        ("waiver", {}, None),
        ("mitigation", {"measure": "Abstains"}, None),
        ("mitigation", {}, "no_measure"),
        ("recusal", {"reason": ""}, "no_reason_for_decision"),
        ("waiver", {"is_own": True}, "own_conflict"),
        ("waiver", {"is_cleared": True}, "conflict_cleared"),
    ],
)
def test_decision_wants_a_reason_and_somebody_else(
    outcome: str, said: dict[str, object], code: str | None
) -> None:
    given: dict[str, object] = {
        "reason": "Small share",
        "measure": "",
        "is_own": False,
        "is_cleared": False,
    }
    refused = rules.refuse_conflict_decision(ConflictOutcome(outcome), **(given | said))  # type: ignore[arg-type] # a case of the table
    assert (refused.code if refused else None) == code


@pytest.mark.parametrize(
    ("count", "is_named", "code"),
    [(9, False, None), (10, False, "unwanted_enough"), (1, True, "unwanted_named")],
)
def test_ten_unwanted_reviewers_at_most_each_once(
    count: int, code: str | None, *, is_named: bool
) -> None:
    refused = rules.refuse_naming_unwanted("Bea", count=count, is_named=is_named)
    assert (refused.code if refused else None) == code
