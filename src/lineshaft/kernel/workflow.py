"""Workflows: the states of one kind of record and the verbs that move it, as a table that is
checked when made.

Invariants, held by the constructor: every state can be reached from the initial one; from every
state a final one can be reached (where the workflow has final ones, else every state has a way
out); a final state has no way out; a verb leads from one state to one state only.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import Term, gettext_noop

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WRONG_STATE = gettext_noop(
    "“%(verb)s” is not possible while this is “%(state)s”. It is possible from: %(sources)s."
)


class WorkflowMistake(ValueError):
    """A workflow's table contradicts itself, or was asked about a state or verb that it does not
    have.
    """


@dataclass(frozen=True, slots=True)
class Transition:
    """One verb: from any of the sources to the target."""

    verb: str
    sources: frozenset[str]
    target: str


@dataclass(frozen=True, slots=True)
class Workflow:
    """The table of one kind of record.  Raises WorkflowMistake when the table is not sound."""

    name: str
    initial: str
    transitions: tuple[Transition, ...]
    final: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._refuse_bad_names()
        self._refuse_unknown_targets()
        self._refuse_double_answers()
        self._refuse_unreachable_states()
        self._refuse_dead_states()

    @property
    def states(self) -> tuple[str, ...]:
        """Every state: the initial one first, then in the order of the table, sources of one verb
        by name.
        """
        named = [self.initial]
        for transition in self.transitions:
            named += [*sorted(transition.sources), transition.target]
        return tuple(dict.fromkeys([*named, *sorted(self.final)]))

    @property
    def verbs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(transition.verb for transition in self.transitions))

    def verbs_from(self, state: str) -> tuple[str, ...]:
        """Return the verbs that are possible in a state, in the order of the table."""
        self._refuse_unknown_state(state)
        return tuple(step.verb for step in self.transitions if state in step.sources)

    def check(self, state: str, verb: str) -> Refusal | None:
        """Return why the verb is not possible in this state, or None when it is."""
        if verb in self.verbs_from(state):
            return None
        sources = self._sources_of(verb)
        return Refusal(
            "wrong_state",
            _WRONG_STATE,
            params={
                "verb": term_of(verb),
                "state": term_of(state),
                "sources": tuple(term_of(source) for source in sources),
            },
        )

    def target(self, state: str, verb: str) -> str:
        """Return the state to which the verb leads; raises WorkflowMistake where `check` would
        refuse.
        """
        self._refuse_unknown_state(state)
        for step in self.transitions:
            if step.verb == verb and state in step.sources:
                return step.target
        raise WorkflowMistake(f"{self.name}: {verb!r} does not lead out of {state!r}")

    def mermaid(self) -> str:
        """Return the diagram as Mermaid stateDiagram-v2 text, the same for the same table."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [
            f"    {source} --> {step.target}: {step.verb}"
            for step in self.transitions
            for source in sorted(step.sources)
        ]
        lines += [f"    {state} --> [*]" for state in sorted(self.final)]
        return "\n".join(lines) + "\n"

    def _sources_of(self, verb: str) -> tuple[str, ...]:
        sources = {
            state for step in self.transitions if step.verb == verb for state in step.sources
        }
        if not sources:
            raise WorkflowMistake(f"{self.name}: there is no verb {verb!r}")
        return tuple(state for state in self.states if state in sources)

    def _refuse_unknown_state(self, state: str) -> None:
        if state not in self.states:
            raise WorkflowMistake(f"{self.name}: there is no state {state!r}")

    def _refuse_bad_names(self) -> None:
        bad = [name for name in (*self.states, *self.verbs) if not _NAME.fullmatch(name)]
        if bad:
            raise WorkflowMistake(f"{self.name}: not a name in snake_case: {_listed(bad)}")
        empty = [step.verb for step in self.transitions if not step.sources]
        if empty:
            raise WorkflowMistake(f"{self.name}: no source for {_listed(empty)}")

    def _refuse_unknown_targets(self) -> None:
        known = {self.initial, *self.final}.union(*(step.sources for step in self.transitions))
        unknown = {step.target for step in self.transitions} - known
        if unknown:
            raise WorkflowMistake(
                f"{self.name}: unknown target {_listed(unknown)}: no verb leads on"
            )

    def _refuse_double_answers(self) -> None:
        pairs = [(step.verb, source) for step in self.transitions for source in step.sources]
        double = {
            f"{verb} from {source}" for verb, source in pairs if pairs.count((verb, source)) > 1
        }
        if double:
            raise WorkflowMistake(f"{self.name}: more than one answer to {_listed(double)}")

    def _refuse_unreachable_states(self) -> None:
        forward = {state: frozenset[str]() for state in self.states}
        for step in self.transitions:
            for source in step.sources:
                forward[source] |= {step.target}
        unreachable = set(self.states) - _closure({self.initial}, forward)
        if unreachable:
            raise WorkflowMistake(f"{self.name}: unreachable state {_listed(unreachable)}")

    def _refuse_dead_states(self) -> None:
        sources = frozenset[str]().union(*(step.sources for step in self.transitions))
        leaving = self.final & sources
        if leaving:
            raise WorkflowMistake(
                f"{self.name}: a verb leads out of final state {_listed(leaving)}"
            )
        backward = {state: frozenset[str]() for state in self.states}
        for step in self.transitions:
            backward[step.target] |= step.sources
        alive = _closure(self.final, backward) if self.final else sources
        dead = set(self.states) - alive
        if dead:
            raise WorkflowMistake(
                f"{self.name}: dead state {_listed(dead)}: no way on to a final state"
            )


def term_of(name: str) -> Term:
    """Return the words for a state or verb as a message id: `under_review` gives “Under review”."""
    return Term(name.replace("_", " ").capitalize())


def _closure(start: Iterable[str], edges: dict[str, frozenset[str]]) -> set[str]:
    found = set(start)
    waiting = list(found)
    while waiting:
        new = edges[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
