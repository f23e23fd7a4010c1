from hypothesis import given
from hypothesis import strategies as st

from lineshaft.engines.match.topics import likenesses, shared_passages

FOCUS = "Additive manufacturing (3D printing) of metals"
TOPIC = "We bring additive manufacturing of light metals to foundries with the help of a wire."
LONG = " ".join(f"word{place}" for place in range(80))


def test_nearest_by_words_is_the_one_of_the_same_field() -> None:
    found = likenesses(TOPIC, [FOCUS, "Flexible hybrid electronics", ""])
    assert found[0] > found[1]
    assert found[2] == 0
    assert likenesses(TOPIC, []) == []


def test_short_runs_of_a_short_text_are_marked() -> None:
    share, passages = shared_passages(TOPIC, FOCUS)
    assert [TOPIC[one.a_start : one.a_end] for one in passages] == ["additive manufacturing"]
    assert [FOCUS[one.b_start : one.b_end] for one in passages] == ["Additive manufacturing"]
    assert 0 < share < 1


def test_common_words_alone_are_no_passage() -> None:
    assert shared_passages("It comes with the help of them", "with the help of others")[1] == ()
    assert shared_passages("from this into that", "from this into that")[1] == ()


def test_run_ends_with_a_word_that_says_something() -> None:
    _share, (one,) = shared_passages("powder bed fusion of it", "powder bed fusion of the")
    assert (one.a_start, one.a_end) == (0, len("powder bed fusion"))


def test_chinese_runs_of_four_characters_are_marked() -> None:
    _share, (one,) = shared_passages("用于智能制造的传感", "智能制造创新中心")
    assert "用于智能制造的传感"[one.a_start : one.a_end] == "智能制造"
    assert shared_passages("制造业", "制造商")[1] == ()


def test_long_texts_share_long_passages_alone() -> None:
    share, (one,) = shared_passages(f"{LONG} end here", f"start {LONG}")
    assert (one.a_start, one.b_start) == (0, len("start "))
    assert share > 0.9
    assert shared_passages(f"{LONG} end here", LONG.upper()[::-1])[0] == 0


def test_nothing_shares_nothing() -> None:
    assert shared_passages("", FOCUS) == (0.0, ())
    assert shared_passages(FOCUS, "") == (0.0, ())


@given(st.text(max_size=80), st.text(max_size=80))
def test_passages_lie_in_both_texts_and_say_the_same(one: str, other: str) -> None:
    share, passages = shared_passages(one, other)
    assert 0 <= share <= 1
    for each in passages:
        assert 0 <= each.a_start < each.a_end <= len(one)
        assert 0 <= each.b_start < each.b_end <= len(other)
