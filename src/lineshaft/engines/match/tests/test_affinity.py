import numpy as np
import pytest

from lineshaft.engines.match.affinity import affinities, terms

OPTICS = "Silicon photonics: lasers, waveguides and modulators on one chip"
FIBRES = "Weaving of functional fibres into fabrics for protective clothing"
WELDS = "Friction stir welding of aluminium alloys in ship building"


def test_a_reviewer_fits_what_they_wrote_about() -> None:
    found = affinities(
        ["Lasers on a silicon chip", "Fabrics of functional fibre"], [[OPTICS], [FIBRES, WELDS]]
    )
    assert found.shape == (2, 2)
    assert found[0, 0] > found[0, 1]
    assert found[1, 1] > found[1, 0]


def test_the_same_text_fits_wholly_and_another_not_at_all() -> None:
    found = affinities([OPTICS], [[OPTICS], ["钢铁"], []])
    assert found[0].tolist() == pytest.approx([1.0, 0.0, 0.0])


def test_the_three_nearest_texts_count() -> None:
    found = affinities([OPTICS], [[OPTICS] * 3 + [WELDS] * 9, [OPTICS, WELDS, WELDS]])
    assert found[0, 0] == pytest.approx(1.0)
    assert found[0, 1] < 0.5


def test_order_of_texts_and_people_changes_nothing() -> None:
    straight = affinities([OPTICS, WELDS], [[FIBRES, OPTICS], [WELDS]])
    turned = affinities([WELDS, OPTICS], [[WELDS], [OPTICS, FIBRES]])
    assert np.allclose(straight, turned[::-1, ::-1], rtol=0, atol=1e-12)


def test_more_applications_than_a_block_are_all_compared() -> None:
    found = affinities([OPTICS] * 300, [[OPTICS], [FIBRES]])
    assert found[:, 0].tolist() == pytest.approx([1.0] * 300)


def test_nobody_and_nothing_have_no_affinity() -> None:
    assert affinities([], []).shape == (0, 0)
    assert affinities([""], [[""]]).tolist() == [[0.0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fibres, fabrics", ["fibre", "fibre fabric", "fabric"]),
        ("Batteries is bus gas", ["battery", "is", "bus", "gas"]),
        ("3D-printed x 柔性电子", ["d-printed", "柔", "性", "电", "子"]),
    ],
)
def test_terms_are_words_and_their_neighbours(text: str, expected: list[str]) -> None:
    assert set(expected) <= set(terms(text))


def test_words_within_chinese_are_words() -> None:
    found = list(terms("基于GaN的MEMS芯片"))
    assert [one for one in found if " " not in one] == ["基", "于", "gan", "的", "mem", "芯", "片"]
    assert {"于 gan", "gan 的", "的 mem", "mem 芯"} <= set(found)
    mixed = affinities(["GaN power devices"], [["基于GaN的芯片设计"], ["基于石墨的芯片设计"]])
    assert mixed[0, 0] > mixed[0, 1] == 0
