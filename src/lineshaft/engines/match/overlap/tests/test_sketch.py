"""The short form of an award: what it keeps, and what two of them are sure to share."""

from hypothesis import given
from hypothesis import strategies as st

from lineshaft.engines.match.overlap.sketch import RUN_WORDS, WINDOW, field_keys, sketch_of
from lineshaft.engines.match.overlap.tests.awards import award
from lineshaft.engines.match.overlap.words import Reader, shingles

words = st.lists(st.sampled_from([f"w{n}" for n in range(200)]), max_size=60)


def sketch(text: str) -> set[int]:
    return set(sketch_of(text, Reader()).tolist())


@given(
    words, words, words, words, st.lists(st.integers(0, 10_000), min_size=RUN_WORDS, max_size=20)
)
def test_a_shared_run_leaves_a_shingle_in_both_wherever_it_stands(
    before: list[str], after: list[str], begin: list[str], end: list[str], run: list[int]
) -> None:
    shared = [f"s{n}" for n in run]
    one, other = " ".join([*before, *shared, *after]), " ".join([*begin, *shared, *end])
    assert sketch(one) & sketch(other)


def test_sketch_keeps_some_of_the_shingles_in_rising_order() -> None:
    text = " ".join(f"w{n}" for n in range(1000))
    kept = sketch_of(text, Reader()).tolist()
    whole = set(shingles(Reader().numbers(text)).tolist())
    assert kept == sorted(set(kept))
    assert set(kept) < whole
    assert len(whole) / WINDOW < len(kept) < len(whole) / 3


def test_short_texts_have_short_sketches() -> None:
    assert [len(sketch(" ".join(["w"] * count))) for count in (0, 4, 5, 30)] == [0, 0, 1, 1]


def test_field_keys_are_those_of_party_and_title() -> None:
    one = award("", title="Repair of gear teeth", lead="Ada Example", others=("Bo Else",))
    other = award("", title="Repair of Gear Teeth", lead="Else, Bo")
    assert len(field_keys(one)) == 2
    assert set(field_keys(other)) < set(field_keys(one))
    assert field_keys(award("")) == ()
