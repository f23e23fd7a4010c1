import pytest

from lineshaft.engines.match.resolution.names import edit_distance, read_name
from lineshaft.engines.match.resolution.rarity import BITS_MAX, BITS_MIN, word_bits


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("International Business Machines Corporation", "INTERNATIONAL BUSINESS MACHINES CORP."),
        ("The Orrery Company, Inc.", "Orrery"),
        ("E. I. du Pont de Nemours and Company", "EI du Pont de Nemours & Co"),
        ("Alabama A & M University", "Alabama A&M Univ."),
        ("Société Générale S.A.", "Societe Generale"),
        ("Lam Research Corportation", "Lam Research"),
        ("Orrery Comapny", "Orrery"),
        ("The Board of Trustees of the University of Arvandale", "University of Arvandale"),
        ("Rector & Visitors of Arvandale College", "Arvandale College"),
        ("Xylon GmbH & Co. KG", "Xylon"),
        ("Acme Labs", "Acme Laboratories Ltd"),
        ("Orrery, a Delaware corporation", "Orrery Inc"),
        ("Children?s House", "Children's House"),
        ("凌峰精密机械有限公司", "凌峰精密机械"),
        ("Sts Quill Industries", "Sts Quill Industry"),
    ],
)
def test_read_name_spelt_in_two_ways_gives_the_same_words(one: str, other: str) -> None:
    assert read_name(one).words == read_name(other).words


@pytest.mark.parametrize("text", ["", "Inc.", "The Company, LLC", "…", "有限公司"])
def test_read_name_that_tells_nothing_has_no_words(text: str) -> None:
    assert read_name(text).words == ()


def test_read_name_finds_the_names_within_a_text() -> None:
    name = read_name("Dept. of Physics, Arvandale Institute (AIT), North Ridge")

    assert "arvandale institute" in name.variants
    assert "department physics" not in name.variants
    assert name.shorts == ("ait",)
    assert read_name("Quill Optics dba Lintel House").variants[1:] == (
        "optic quill",
        "house lintel",
    )


def test_read_name_gives_the_initials_that_may_stand_for_it() -> None:
    name = read_name("University of California, Santa Cruz")

    assert "uoc" in name.initials
    assert "ucsc" in name.initials
    assert name.leads[:2] == ("uc", "ucs")
    assert read_name("UC Santa Cruz").lead == "uc"
    assert read_name("Orrery Lamp Works (USA) Inc.").shorts == ()


def test_read_name_keeps_numbers_apart() -> None:
    assert read_name("Arvandale A & M University").words == ("arvandale", "am", "university")
    assert read_name("Local 12 of Fitters").numbers == "12"
    assert read_name("北").words == ("北",)


@pytest.mark.parametrize(
    ("one", "other", "letters"),
    [("", "abc", 3), ("kitten", "sitting", 3), ("same", "same", 0), ("ab", "ba", 2)],
)
def test_edit_distance(one: str, other: str, letters: int) -> None:
    assert edit_distance(one, other) == letters


def test_word_bits_are_few_for_what_everybody_is_called() -> None:
    bits = word_bits([["university", "arvandale"], ["quillon", "university"]])

    assert bits["arvandale"] == BITS_MAX
    assert BITS_MIN <= bits["university"] <= 4
