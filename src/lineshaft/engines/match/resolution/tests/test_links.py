import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.engines.match.resolution.links import IdPair, contradiction, links_among

ids = st.sampled_from("abcdef")
pairs = st.lists(st.tuples(ids, ids).filter(lambda pair: pair[0] != pair[1]), max_size=8)


def groups_of(must: list[IdPair]) -> dict[str, frozenset[str]]:
    """Every id with those that are one with it, by going round until nothing changes."""
    groups = {one: frozenset(one) for one in "abcdef"}
    for _round in groups:
        for one, other in must:
            joined = groups[one] | groups[other]
            groups |= dict.fromkeys(joined, joined)
    return groups


def test_contradiction_names_the_shortest_chain() -> None:
    must = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "b"), ("x", "y")]

    found = contradiction(must, [("x", "a"), ("d", "a"), ("a", "b")])

    assert found is not None
    assert found.apart == ("d", "a")
    assert found.chain == (("d", "b"), ("a", "b"))
    assert contradiction(must, [("x", "a")]) is None
    assert contradiction([], [("x", "a")]) is None


@given(must=pairs, cannot=pairs)
def test_contradiction_is_found_exactly_where_must_links_join(
    must: list[IdPair], cannot: list[IdPair]
) -> None:
    groups = groups_of(must)
    found = contradiction(must, cannot)

    assert (found is None) == all(groups[one] != groups[other] for one, other in cannot)
    if found is not None:
        assert set(found.chain) <= set(must)
        assert groups_of(list(found.chain))[found.apart[0]] >= set(found.apart)


@pytest.mark.parametrize(
    ("must", "cannot", "joined", "apart"),
    [
        pytest.param([("a", "b")], [("a", "c")], [("a", "b")], [("a", "c")], id="all known"),
        pytest.param([("a", "z"), ("z", "b")], [], [("a", "b")], [], id="one through a stranger"),
        pytest.param([("a", "z")], [("z", "c")], [], [("a", "c")], id="apart from a stranger"),
        pytest.param([("a", "z")], [("y", "c"), ("z", "y")], [], [], id="strangers alone"),
        pytest.param([], [("b", "a"), ("a", "b")], [], [("a", "b")], id="said twice"),
    ],
)
def test_links_among_say_what_holds_of_the_known(
    must: list[IdPair], cannot: list[IdPair], joined: list[IdPair], apart: list[IdPair]
) -> None:
    assert links_among(must, cannot, {"a", "b", "c"}) == (joined, apart)


@given(must=pairs, known=st.sets(ids))
def test_links_among_join_what_all_links_join(must: list[IdPair], known: set[str]) -> None:
    joined, _apart = links_among(must, [], known)
    before, after = groups_of(must), groups_of(joined)

    assert {one for pair in joined for one in pair} <= known
    assert {one: before[one] & known for one in known} == {one: after[one] & known for one in known}
