"""Workflows: an unsound table cannot be made; a sound one answers and draws itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.kernel.workflow import Transition, Workflow, WorkflowMistake, term_of


def step(verb: str, sources: str, target: str) -> Transition:
    return Transition(verb, frozenset(sources.split()), target)


REPORT = Workflow(
    name="report",
    initial="draft",
    transitions=(
        step("attest", "draft returned", "attested"),
        step("return_part", "attested", "returned"),
        step("publish", "attested", "published"),
    ),
    final=frozenset({"published"}),
)


def test_workflow_lists_states_and_verbs_in_the_order_of_its_table() -> None:
    assert REPORT.states == ("draft", "returned", "attested", "published")
    assert REPORT.verbs == ("attest", "return_part", "publish")
    assert REPORT.verbs_from("attested") == ("return_part", "publish")
    assert REPORT.verbs_from("published") == ()


def test_workflow_check_allows_what_the_table_allows() -> None:
    assert REPORT.check("draft", "attest") is None
    assert REPORT.target("draft", "attest") == "attested"


def test_workflow_check_refuses_and_says_from_where_it_is_possible() -> None:
    refusal = REPORT.check("published", "attest")
    assert refusal is not None
    assert refusal.code == "wrong_state"
    assert refusal.as_text() == (
        "“Attest” is not possible while this is “Published”. It is possible from: Draft, Returned."
    )


def test_workflow_target_where_check_refuses_is_a_mistake() -> None:
    with pytest.raises(WorkflowMistake, match="does not lead out of 'published'"):
        REPORT.target("published", "attest")


@pytest.mark.parametrize(("state", "verb"), [("lost", "attest"), ("draft", "sing")])
def test_workflow_asked_about_the_unknown_is_a_mistake(state: str, verb: str) -> None:
    with pytest.raises(WorkflowMistake, match="there is no"):
        REPORT.check(state, verb)


def test_workflow_without_final_states_may_go_round() -> None:
    switch = Workflow(
        "switch", "off", (step("turn_on", "off", "on"), step("turn_off", "on", "off"))
    )
    assert switch.mermaid() == (
        "stateDiagram-v2\n    [*] --> off\n    off --> on: turn_on\n    on --> off: turn_off\n"
    )


def test_workflow_diagram_is_the_same_for_the_same_table() -> None:
    assert REPORT.mermaid() == (
        "stateDiagram-v2\n"
        "    [*] --> draft\n"
        "    draft --> attested: attest\n"
        "    returned --> attested: attest\n"
        "    attested --> returned: return_part\n"
        "    attested --> published: publish\n"
        "    published --> [*]\n"
    )


@pytest.mark.parametrize(
    ("transitions", "final", "mistake"),
    [
        ((step("go", "a", "b"), step("stay", "a", "a")), "", "unknown target b"),
        ((step("go", "a", "b"), step("come", "c", "b")), "b", "unreachable state c"),
        ((step("go", "a", "b"),), "b z", "unreachable state z"),
        (
            (
                step("go", "a", "b"),
                step("loop", "b", "c"),
                step("back", "c", "b"),
                step("end", "a", "z"),
            ),
            "z",
            "dead state b, c",
        ),
        ((step("go", "a", "b"), step("on", "b", "a")), "b", "a verb leads out of final state b"),
        ((step("go", "a", "b"), step("go", "a", "c")), "b c", "more than one answer to go from a"),
        ((step("go", "", "b"),), "b", "no source for go"),
        ((step("Go", "a", "b"),), "b", "not a name in snake_case: Go"),
        ((), "", "dead state a"),
    ],
    ids=[
        "unknown-target",
        "unreachable-source",
        "unreachable-final",
        "dead",
        "leaves-final",
        "double-answer",
        "no-source",
        "bad-name",
        "nothing",
    ],
)
def test_workflow_that_is_not_sound_is_refused(
    transitions: tuple[Transition, ...], final: str, mistake: str
) -> None:
    with pytest.raises(WorkflowMistake, match=mistake):
        Workflow("broken", "a", transitions, frozenset(final.split()))


states = st.sampled_from(["a", "b", "c", "d", "e"])
tables = st.lists(
    st.builds(
        Transition,
        st.sampled_from(["go", "come", "stay", "leave"]),
        st.frozensets(states, min_size=1, max_size=3),
        states,
    ),
    max_size=7,
)


@given(table=tables, final=st.frozensets(states, max_size=2))
def test_workflow_that_can_be_made_is_sound(table: list[Transition], final: frozenset[str]) -> None:
    try:
        workflow = Workflow("any", "a", tuple(table), final)
    except WorkflowMistake:
        return
    reached, alive = {"a"}, set(final)
    for _ in workflow.states:
        reached |= {t.target for t in table if t.sources & reached}
        alive |= {source for t in table for source in t.sources if t.target in alive}
    assert reached == set(workflow.states)
    assert not final or alive == set(workflow.states)
    for state in workflow.states:
        assert bool(workflow.verbs_from(state)) is (state not in final)
        for verb in workflow.verbs:
            refused = workflow.check(state, verb) is not None
            assert refused is (verb not in workflow.verbs_from(state))


def test_term_of_a_state_is_its_words() -> None:
    assert term_of("under_review") == "Under review"
