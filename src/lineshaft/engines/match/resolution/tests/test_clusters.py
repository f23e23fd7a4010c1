import pytest

from lineshaft.engines.match.resolution.clusters import Contradiction, grouped


def test_grouped_joins_what_is_likely_and_no_more() -> None:
    assert grouped(4, [(300, 0, 1), (-10, 1, 2)]) == [0, 0, 2, 3]


def test_grouped_one_likely_pair_does_not_chain_two_groups() -> None:
    pairs = [(500, 0, 1), (500, 2, 3), (50, 1, 2), (-500, 0, 2), (-500, 0, 3), (-500, 1, 3)]

    assert grouped(4, pairs) == [0, 0, 2, 2]


def test_grouped_pairs_never_compared_speak_a_little_against() -> None:
    assert grouped(3, [(500, 0, 1), (40, 1, 2)]) == [0, 0, 0]
    assert grouped(4, [(500, 0, 1), (500, 2, 3), (10, 1, 2)]) == [0, 0, 2, 2]


def test_grouped_does_not_depend_on_the_order_of_pairs() -> None:
    pairs = [(90, 0, 1), (80, 1, 2), (-200, 0, 2), (70, 2, 3), (-300, 1, 3)]

    assert grouped(4, pairs) == grouped(4, pairs[::-1])


def test_grouped_obeys_links_before_weights() -> None:
    assert grouped(3, [(900, 0, 1)], cannot=[(1, 0)]) == [0, 1, 2]
    assert grouped(3, [(-900, 0, 2)], must=[(2, 0), (0, 2)]) == [0, 1, 0]
    assert grouped(4, [(900, 0, 1)], must=[(1, 2)], cannot=[(2, 0)]) == [0, 1, 1, 3]


def test_grouped_links_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(Contradiction) as caught:
        grouped(3, [], must=[(0, 1), (1, 2)], cannot=[(2, 0)])

    assert caught.value.rows == (0, 2)
