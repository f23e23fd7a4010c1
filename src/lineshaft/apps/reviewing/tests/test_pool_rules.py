from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.rules import Sector, Sitting, TextRow
from lineshaft.kernel.competitions import CompetitionKind, StageKind
from lineshaft.kernel.profile import load_profile

US = load_profile("us").competing
LAW = US.panel_rules_in_force(date(2026, 3, 2), CompetitionKind.INSTITUTE)
PRIVATE = Sitting("Priya", Sector.INDUSTRY, is_political_appointee=False)
PUBLIC = Sitting("Pauline", Sector.LABORATORY, is_political_appointee=False)
APPOINTEE = Sitting("Apollo", Sector.GOVERNMENT, is_political_appointee=True)
UNDECLARED = Sitting("Una", Sector.GOVERNMENT, is_political_appointee=None)


@pytest.mark.parametrize(
    ("sitting", "kind", "codes"),
    [
        pytest.param((), StageKind.REVIEW, ["panel_empty"], id="nobody"),
        pytest.param((PRIVATE, PUBLIC), StageKind.REVIEW, [], id="both sectors"),
        pytest.param((PRIVATE, PRIVATE), StageKind.REVIEW, ["panel_one_sector"], id="private"),
        pytest.param((PUBLIC,), StageKind.REVIEW, ["panel_one_sector"], id="public"),
        pytest.param((PUBLIC,), StageKind.VISIT, [], id="a site visit may be public alone"),
        pytest.param(
            (PRIVATE, APPOINTEE), StageKind.REVIEW, ["panel_political_appointee"], id="appointee"
        ),
        pytest.param(
            (APPOINTEE,), StageKind.ANALYSIS, ["panel_political_appointee"], id="in an analysis"
        ),
        pytest.param(
            (APPOINTEE,),
            StageKind.REVIEW,
            ["panel_one_sector", "panel_political_appointee"],
            id="both faults",
        ),
    ],
)
def test_panel_keeps_to_the_law(
    sitting: tuple[Sitting, ...], kind: StageKind, codes: list[str]
) -> None:
    faults = rules.faults_of_panel("Merit review", kind, sitting, LAW)
    assert [fault.code for fault in faults] == codes


def test_faults_of_a_panel_cite_the_law_and_name_who() -> None:
    sectors, appointees = rules.faults_of_panel(
        "Merit review", StageKind.REVIEW, (APPOINTEE, UNDECLARED), LAW
    )
    assert sectors.citation is not None
    assert sectors.citation.text == "15 U.S.C. 278s(e)(4)(A)(i)"
    assert sectors.as_text().startswith("The panel of “Merit review” has 2 from the public and 0")
    assert appointees.citation is not None
    assert appointees.citation.text == "15 U.S.C. 278s(e)(4)(B)(i); 38 U.S.C. 714(h)"
    assert appointees.params["names"] == ("Apollo",)


def test_panel_without_a_rule_is_held_to_none() -> None:
    assert rules.faults_of_panel("Review", StageKind.REVIEW, (APPOINTEE,), ()) == ()
    assert rules.refuse_appointee(APPOINTEE, ()) is None
    assert not rules.wants_declaration(UNDECLARED, ())


@pytest.mark.parametrize(
    ("person", "wanted"), [(UNDECLARED, True), (PUBLIC, False), (APPOINTEE, False)]
)
def test_declaration_is_asked_once(person: Sitting, *, wanted: bool) -> None:
    assert rules.wants_declaration(person, LAW) == wanted
    fault = rules.fault_of_declaration(person, LAW)
    assert (fault.field if fault else "") == ("is_political_appointee" if wanted else "")


@pytest.mark.parametrize(
    ("person", "is_active", "state", "code"),
    [
        pytest.param(PUBLIC, True, "", "", id="never asked"),
        pytest.param(PUBLIC, True, rules.DECLINED, "", id="declined before"),
        pytest.param(PUBLIC, True, rules.LEFT, "", id="left before"),
        pytest.param(UNDECLARED, True, "", "", id="not declared yet"),
        pytest.param(PUBLIC, True, rules.INVITED, "invited_already", id="invited"),
        pytest.param(PUBLIC, True, rules.ACCEPTED, "invited_already", id="sits"),
        pytest.param(PUBLIC, False, "", "reviewer_retired", id="retired"),
        pytest.param(APPOINTEE, True, "", "political_appointee", id="appointee"),
    ],
)
def test_who_is_invited(person: Sitting, *, is_active: bool, state: str, code: str) -> None:
    refusal = rules.refuse_inviting(person, LAW, is_active=is_active, state=state)
    assert (refusal.code if refusal else "") == code


@pytest.mark.parametrize(
    ("kind", "has_panel"),
    [(StageKind.REVIEW, True), (StageKind.VISIT, True), (StageKind.SUBMISSION, False)],
)
def test_stages_that_judge_have_panels(kind: StageKind, *, has_panel: bool) -> None:
    judged = {StageKind.REVIEW, StageKind.VISIT, StageKind.ANALYSIS}
    assert (rules.refuse_panel("Stage", kind, judged) is None) == has_panel


def test_paste_is_split_at_blank_lines() -> None:
    pasted = (
        "\n\nWelds of light metals\nWe weld.\nThey hold.\n2019\n \n\nPresses\n1998\n\nOnly 12345\n"
    )
    assert rules.texts_pasted(pasted) == (
        TextRow("Welds of light metals", "We weld.\nThey hold.", 2019),
        TextRow("Presses", "", 1998),
        TextRow("Only 12345"),
    )


@pytest.mark.parametrize("last", ["198", "19981", "１９９８", "1998a"])
def test_last_line_that_is_no_year_belongs_to_the_abstract(last: str) -> None:
    assert rules.texts_pasted(f"Presses\n{last}") == (TextRow("Presses", last),)


LINES = st.text(alphabet="abc xyz", min_size=1, max_size=20).filter(lambda line: line.strip())


@given(st.lists(st.tuples(LINES, st.lists(LINES, max_size=3)), max_size=6))
def test_paste_loses_no_text(blocks: list[tuple[str, list[str]]]) -> None:
    pasted = "\n\n".join("\n".join([title, *rest]) for title, rest in blocks)
    expected = [(title.strip(), "\n".join(line.strip() for line in rest)) for title, rest in blocks]
    assert [(row.title, row.text) for row in rules.texts_pasted(pasted)] == expected


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        (TextRow("Presses", "", 2027), []),
        (TextRow(""), ["title"]),
        (TextRow("x" * 301), ["title"]),
        (TextRow("Presses", "x" * 20_001), ["text"]),
        (TextRow("Presses", "", 1899), ["year"]),
        (TextRow("Presses", "", 2028), ["year"]),
    ],
)
def test_text_with_a_fault_is_told_by_its_field(row: TextRow, fields: list[str]) -> None:
    faults = rules.faults_of_texts([row], held=0, this_year=2026)
    assert [fault.field for fault in faults] == fields


def test_reviewer_has_so_many_texts_at_most() -> None:
    row = TextRow("Presses")
    assert rules.faults_of_texts([row], held=rules.TEXTS_MAX - 1, this_year=2026) == []
    (fault,) = rules.faults_of_texts([row], held=rules.TEXTS_MAX, this_year=2026)
    assert fault.params == {"most": rules.TEXTS_MAX}


@pytest.mark.parametrize(
    ("sector", "load_most", "fields"),
    [
        ("industry", 1, []),
        ("industry", 200, []),
        ("circus", 6, ["sector"]),
        ("industry", 0, ["load_most"]),
        ("industry", 201, ["load_most"]),
    ],
)
def test_profile_with_a_fault_is_told_by_its_field(
    sector: str, load_most: int, fields: list[str]
) -> None:
    assert [one.field for one in rules.faults_of_profile(sector, load_most)] == fields
