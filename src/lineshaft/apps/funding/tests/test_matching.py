"""The rules that match lines of statements with the ledger."""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.rules import Found, Item

database = pytest.mark.django_db
FIRST = date(2022, 3, 1)


# --------------------------------------------------------------------------------------- rules


def item(key: str, amount: int, day: int = 0, *names: str, agreement: int | None = None) -> Item:
    return Item((key,), amount, FIRST + timedelta(days=day), frozenset(names), agreement)


def told(found: list[Found]) -> set[tuple[str, frozenset[str]]]:
    return {(str(one.rule), one.keys) for one in found}


def joined(rule: str, *keys: str) -> tuple[str, frozenset[str]]:
    return (rule, frozenset(keys))


@pytest.mark.parametrize(
    ("lines", "entries", "expected"),
    [
        pytest.param(
            [item("l1", 5, 90, "d-1"), item("l2", 5, 0, "d-2")],
            [item("e1", 5, 0, "d-1"), item("e2", 5, 0, "d-2")],
            {joined("reference", "l1", "e1"), joined("reference", "l2", "e2")},
            id="reference tells equal amounts apart, whatever the day",
        ),
        pytest.param(
            [item("l1", 5, 0, "d-1", "d-2")],
            [item("e1", 5, 0, "d-1"), item("e2", 5, 0, "d-2")],
            set(),
            id="a line that names two is left",
        ),
        pytest.param(
            [item("l1", 5, 0, "d-1", "p-1")],
            [item("e1", 5, 20, "d-1", "p-1")],
            {joined("reference", "l1", "e1")},
            id="two names of one entry are one",
        ),
        pytest.param(
            [item("l1", 5, 0, "d-1")],
            [item("e1", 4, 0, "d-1")],
            set(),
            id="one reference, another amount",
        ),
        pytest.param(
            [item("l1", 7, 0, "d-1"), item("l2", 3, 90, "d-1")],
            [item("e1", 10, 0, "d-1")],
            {joined("reference_sum", "l1", "l2", "e1")},
            id="one reference, lines that sum",
        ),
        pytest.param(
            [item("l1", 7, 0, "d-1"), item("l2", -3, 90, "d-1")],
            [item("e1", 4, 0, "d-1")],
            set(),
            id="sums do not mix in and out",
        ),
        pytest.param(
            [item("l1", 7, 0, "d-1"), item("l2", 3, 90, "d-1", agreement=9)],
            [item("e1", 10, 0, "d-1", agreement=8)],
            set(),
            id="one reference, another agreement",
        ),
        pytest.param(
            [item("l1", 5, 7)],
            [item("e1", 5)],
            {joined("amount", "l1", "e1")},
            id="amount within the window",
        ),
        pytest.param([item("l1", 5, 8)], [item("e1", 5)], set(), id="amount a day too late"),
        pytest.param(
            [item("l1", 5, 1)],
            [item("e1", 5), item("e2", 5, 2)],
            set(),
            id="two entries it could be",
        ),
        pytest.param(
            [item("l1", 5, 1), item("l2", 5, 2)],
            [item("e1", 5)],
            set(),
            id="two lines it could be",
        ),
        pytest.param(
            [item("l1", 5, 1), item("l2", 5, 9)],
            [item("e1", 5), item("e2", 5, 5)],
            set(),
            id="a chain without an end is left",
        ),
        pytest.param(
            [item("l1", 5, 1, "d-1"), item("l2", 5, 2)],
            [item("e1", 5, 0, "d-1"), item("e2", 5, 3)],
            {joined("reference", "l1", "e1"), joined("amount", "l2", "e2")},
            id="what a reference settles makes the rest plain",
        ),
        pytest.param(
            [item("l1", 5, 1, agreement=1), item("l2", 5, 1, agreement=2)],
            [item("e1", 5, agreement=1), item("e2", 5, agreement=2)],
            {joined("amount", "l1", "e1"), joined("amount", "l2", "e2")},
            id="agreements tell equal amounts apart",
        ),
        pytest.param(
            [item("l1", 10, 1)],
            [item("e1", 7), item("e2", 3), item("e3", 1)],
            {joined("sum", "l1", "e1", "e2")},
            id="one line, several entries",
        ),
        pytest.param(
            [item("l1", -7, 1), item("l2", -3)],
            [item("e1", -10)],
            {joined("sum", "l1", "l2", "e1")},
            id="a return in two lines",
        ),
        pytest.param(
            [item("l1", 10)],
            [item("e1", 7), item("e2", 3), item("e3", 6), item("e4", 4)],
            set(),
            id="two ways to sum",
        ),
        pytest.param(
            [item("l1", 10), item("l2", 10)],
            [item("e1", 7), item("e2", 3)],
            set(),
            id="two lines of one sum",
        ),
        pytest.param(
            [item("l1", 1_000)],
            [item("e0", 900), item("e1", 100), *(item(f"e{n}", n) for n in range(2, 12))],
            set(),
            id="too many candidates of a sum",
        ),
        pytest.param(
            [item("l1", 10)],
            [item("e0", 7), item("e1", 3), *(item(f"e{n}", 11) for n in range(2, 64))],
            set(),
            id="a crowded week",
        ),
        pytest.param(
            [item("l1", 10)],
            [item("e0", 0)],
            {joined("corrected", "e0")},
            id="taken back",
        ),
    ],
)
def test_lines_are_matched_as_the_rules_say(
    lines: list[Item], entries: list[Item], expected: set[tuple[str, frozenset[str]]]
) -> None:
    assert told(rules.find_matches(lines, entries)) == expected


def test_sum_that_is_found_frees_the_next_one() -> None:
    """Each entry could be the lines of two weeks, but for the first."""
    weeks = range(5)
    entries = [item(f"e{week}", 10, 10 * week) for week in weeks]
    lines = [item(f"l{week}-{part}", part, 10 * week + 6) for week in weeks for part in (4, 6)]
    heard: list[int] = []
    found = rules.find_matches(lines, entries, heed=heard.append)
    assert told(found) == {joined("sum", f"e{week}", f"l{week}-4", f"l{week}-6") for week in weeks}
    assert heard == [2, 4, 6, 8, 10]


@pytest.mark.parametrize(
    "books",
    [
        pytest.param(lambda n: (n, 5, 0, (), None), id="one amount on one day"),
        pytest.param(lambda n: (n, 5, 0, ("fy2026",), n), id="one reference, many agreements"),
        pytest.param(lambda n: (n, 1_000 + n, 4 * n, (), None), id="few about each day"),
        pytest.param(lambda n: (n, 1_000 + n, 0, (), None), id="a crowded day"),
    ],
)
def test_work_of_matching_grows_as_the_books_do(
    books: Callable[[int], tuple[int, int, int, tuple[str, ...], int | None]],
) -> None:
    def calls(count: int) -> int:
        sides = []
        for side in ("l", "e"):
            rows = [books(place) for place in range(count)]
            sides.append(
                [
                    item(f"{side}{n}", amount, day, *names, agreement=under)
                    for n, amount, day, names, under in rows
                ]
            )
        made = 0

        def hear(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal made
            made += event in {"call", "c_call"}

        before = sys.getprofile()
        sys.setprofile(hear)
        try:
            rules.find_matches(*sides)
        finally:
            sys.setprofile(before)
        return made

    assert calls(400) < 2.5 * calls(200)


@pytest.mark.parametrize(
    ("lines", "entries"),
    [
        pytest.param([item("l1", 5, 0, "d-1")], [item("e1", 5, 0, "d-1")], id="pair"),
        pytest.param(
            [item("l1", 7, 0, "d-1"), item("l2", 3, 0, "d-1")],
            [item("e1", 10, 90, "d-1")],
            id="sum under a reference",
        ),
        pytest.param([item("l1", 10)], [item("e1", 7), item("e2", 3)], id="sum"),
        pytest.param([], [item("e1", 0)], id="taken back"),
    ],
)
def test_what_a_person_took_apart_stays_apart(lines: list[Item], entries: list[Item]) -> None:
    first = rules.find_matches(lines, entries)
    assert len(first) == 1
    assert rules.find_matches(lines, entries, barred={first[0].keys}) == []


def test_pair_taken_apart_leaves_the_line_to_another_entry() -> None:
    lines = [item("l1", 5, 0)]
    entries = [item("e1", 5), item("e2", 5)]
    barred = {frozenset({"l1", "e1"})}
    found = rules.find_matches(lines, entries, barred=barred)
    assert told(found) == {joined("amount", "l1", "e2")}


def test_names_of_a_line_are_its_reference_and_words_with_digits() -> None:
    text = "ASAP DRAW (D-1001), week 12 Lathe"
    assert rules.names_of(" Ref 7 ", text) == {"ref 7", "d-1001"}
    assert rules.names_of("", "") == frozenset()


random_items = st.lists(
    st.tuples(
        st.integers(-6, 6).filter(bool),
        st.integers(0, 30),
        st.sampled_from(["", "", "r1", "r2", "r3"]),
        st.sampled_from([None, 1, 2]),
    ),
    max_size=14,
)
type Drawn = list[tuple[int, int, str, int | None]]


def drawn(prefix: str, items: Drawn) -> list[Item]:
    return [
        item(f"{prefix}{place}", amount, day, *([name] if name else []), agreement=agreement)
        for place, (amount, day, name, agreement) in enumerate(items)
    ]


@given(lines=random_items, entries=random_items, seed=st.integers(0, 9))
@settings(max_examples=3 * settings().max_examples)
def test_whatever_the_books_each_is_matched_once_in_any_order_and_again_nothing(
    lines: Drawn, entries: Drawn, seed: int
) -> None:
    some, others = drawn("l", lines), drawn("e", entries)
    found = rules.find_matches(some, others)
    keys = [key for one in found for key in one.keys]
    assert len(keys) == len(set(keys))
    assert set(keys) <= {one.keys[0] for one in (*some, *others)}
    for one in found:
        assert sum(line.amount_minor for line in one.lines) == sum(
            entry.amount_minor for entry in one.entries
        )
        assert all(
            line.agreement is None or line.agreement == entry.agreement
            for line in one.lines
            for entry in one.entries
        )
    mixed_lines, mixed_entries = some[:], others[:]
    Random(seed).shuffle(mixed_lines)
    Random(seed + 1).shuffle(mixed_entries)
    assert told(rules.find_matches(mixed_lines, mixed_entries)) == told(found)
    left = [one for one in some if one.keys[0] not in keys]
    left_entries = [one for one in others if one.keys[0] not in keys]
    assert rules.find_matches(left, left_entries) == []


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        pytest.param(rules.line_amount(0), "amount_zero", id="zero"),
        pytest.param(rules.line_amount(-1), None, id="return"),
        pytest.param(rules.line_unchanged("P", is_same=False), "line_changed", id="changed"),
        pytest.param(rules.line_unchanged("P", is_same=True), None, id="same"),
        pytest.param(rules.line_once("P", is_first=False), "line_twice", id="twice"),
        pytest.param(rules.line_once("P", is_first=True), None, id="once"),
        pytest.param(rules.account_given(" "), "account_missing", id="no account"),
        pytest.param(rules.account_given("1"), None, id="account"),
        pytest.param(rules.still_open(is_open=False), "matched_already", id="matched"),
        pytest.param(rules.still_open(is_open=True), None, id="open"),
        pytest.param(rules.match_joins(1, 0), "match_empty", id="no entry"),
        pytest.param(rules.match_joins(0, 1), "match_empty", id="no line"),
        pytest.param(rules.match_joins(1, 1), None, id="both"),
        pytest.param(rules.difference_explained(1, " "), "difference_unexplained", id="silent"),
        pytest.param(rules.difference_explained(1, "fee"), None, id="fee"),
        pytest.param(rules.difference_explained(0, ""), None, id="no difference"),
        pytest.param(rules.match_reason_given(" "), "reason_missing", id="no reason"),
        pytest.param(rules.match_reason_given("fee"), None, id="reason"),
        pytest.param(rules.match_open(is_undone=True), "match_undone", id="undone"),
        pytest.param(rules.match_open(is_undone=False), None, id="standing"),
    ],
)
def test_rule_on_matches_refuses_what_it_says(refusal: object, code: str | None) -> None:
    assert getattr(refusal, "code", None) == code
