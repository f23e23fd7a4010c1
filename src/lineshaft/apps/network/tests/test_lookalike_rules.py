import pytest

from lineshaft.apps.network import rules
from lineshaft.apps.network.rules import Described, LikenessReason, likeness, lookalike_keys

OHIO = ("OH", "Akron")
ALIKE = {
    "letter case and form": ("Gears, Inc.", "GEARS LLC", LikenessReason.SAME_BUT_FORM),
    "the very name": ("Gears Works", "gears works", LikenessReason.SAME_NAME),
    "order": ("Brevilan Composites", "Composites Brevilan", LikenessReason.OTHER_ORDER),
    "one letter": ("Brevilan Composites", "Brevilam Composites", LikenessReason.SPELLING),
    "two letters changed places": ("Brevilan Alloys", "Breivlan Alloys", LikenessReason.SPELLING),
    "short form of a word": ("Univ. of Dalton", "Dalton University", LikenessReason.OTHER_ORDER),
    "a word more": ("Brevilan Alloys", "Brevilan Special Alloys", LikenessReason.MORE_WORDS),
    "the town behind": (
        "Brevilan & Cole Optics",
        "Brevilan and Cole Optics of Springfield Falls",
        LikenessReason.MORE_WORDS,
    ),
    "initials": ("DIT", "Dalton Institute of Technology", LikenessReason.SHORT_FORM),
    "initials first": ("Dalton Institute of Technology", "DIT", LikenessReason.SHORT_FORM),
    "one word misspelt": ("Brevilanwick", "Brevilandwick", LikenessReason.SPELLING),
    "Chinese form": (
        "北京精密机床有限公司",
        "北京精密机床股份有限公司",
        LikenessReason.SAME_BUT_FORM,
    ),
}
APART = {
    "another number": ("Anvil Works 1", "Anvil Works 2"),
    "another head, the same trade": ("Brevilan Composites", "Brandar Composites"),
    "another trade": ("Abrabeth & Calton Robotics", "Abrabeth & Calton Textiles"),
    "common words only": ("State University", "State Technical University"),
    "nothing to compare": ("The Co.", "!!!"),
    "quick letters, other order": ("Stream Tools", "Master Tools"),
    "two letters of a short name": ("Brenwick", "Branwisk"),
    "half of it": ("Delta Rho Alloys", "Delta Psi Omicron"),
}


def described(name: str, place: tuple[str, str] = OHIO, website: str = "") -> Described:
    return Described((name,), *place, website)


@pytest.mark.parametrize("case", ALIKE)
def test_names_alike_share_a_key_and_say_why(case: str) -> None:
    name, other, reason = ALIKE[case]
    assert lookalike_keys([name], region="OH") & lookalike_keys([other], region="OH")
    found = likeness(described(name), described(other))
    assert found is not None
    assert found.score_bp >= rules.LOOKS_ALIKE_BP
    assert found.reasons == (reason, LikenessReason.SAME_CITY)


@pytest.mark.parametrize("case", APART)
def test_names_apart_are_not_alike(case: str) -> None:
    name, other = APART[case]
    assert likeness(described(name), described(other)) is None


def test_place_and_website_weigh() -> None:
    def score(place: tuple[str, str], website: str = "") -> int:
        one = described("Brevilan Alloys", website="https://www.brevilan.example/about")
        found = likeness(one, described("Brevilan Alloys LLC", place, website))
        return found.score_bp if found else 0

    here, near, far = score(OHIO), score(("OH", "Dayton")), score(("TX", "Waco"))
    assert here > near > far >= rules.LOOKS_ALIKE_BP
    assert score(("TX", "Waco"), "brevilan.example") > far
    misspelt = likeness(described("Brevilan Alloys"), described("Brevilam Alloys", ("TX", "Waco")))
    assert misspelt is not None
    assert misspelt.score_bp < rules.LOOKS_ALIKE_BP


def test_best_pair_of_names_counts() -> None:
    one = Described(("Old Name", "Brevilan Alloys"), *OHIO)
    found = likeness(one, Described(("Brevilan Alloys", "Brevilan Alloy Works"), *OHIO))
    assert found is not None
    assert found.reasons[0] is LikenessReason.SAME_NAME


def test_keys_are_few_and_none_for_no_name() -> None:
    assert lookalike_keys(["The Inc", ""], region="OH") == lookalike_keys(["Inc"], region="OH")
    assert not lookalike_keys(["--"], region="")
    assert len(lookalike_keys(["A B C D E F G H I"], region="OH")) <= 21
    assert lookalike_keys(["Phase 3x"], region="") != lookalike_keys(["Phase 4x"], region="")


PAIRS = {
    "one record": ((True, "", "", False), "one_record"),
    "merged already": ((False, "C", "", False), "is_merged"),
    "survivor merged": ((False, "", "C", False), "is_merged"),
    "others merged into it": ((False, "", "", True), "has_merged"),
    "nothing against it": ((False, "", "", False), None),
}


@pytest.mark.parametrize("case", PAIRS)
def test_refuse_pair(case: str) -> None:
    (is_one, merged_into, survivor_merged_into, has_merged), code = PAIRS[case]
    refusal = rules.refuse_pair(
        "A",
        "B",
        is_one=is_one,
        merged_into=merged_into,
        survivor_merged_into=survivor_merged_into,
        has_merged=has_merged,
    )
    assert (refusal.code if refusal else None) == code


def test_refuse_identifiers_of_one_register() -> None:
    refused = rules.refuse_identifiers([("uei", "1")], [("uei", "2")], identifying={"uei"})
    assert refused is not None
    assert refused.as_text().startswith("Each has its own UEI: 1, 2.")
    for merged in ([("uei", "2")], [("ror", "1")], [("naics", "9")]):
        held = [("uei", "2"), ("naics", "8")]
        assert rules.refuse_identifiers(merged, held, identifying={"uei", "ror"}) is None


def test_small_refusals() -> None:
    assert rules.refuse_levels("A", "B", is_same=True) is None
    assert rules.refuse_levels("A", "B", is_same=False) is not None
    assert rules.refuse_level_change("A", is_of_several=False) is None
    assert rules.refuse_level_change("A", is_of_several=True) is not None
    assert rules.refuse_lookalikes("A", []) is None
    assert rules.refuse_merge_reason("the same address") is None
    assert rules.refuse_merge_reason(" ") is not None
    assert rules.refuse_merge_reason("x" * 301) is not None
    assert rules.refuse_same_person(is_proposer=False) is None
    assert rules.refuse_same_person(is_proposer=True) is not None


@pytest.mark.parametrize("place", [OHIO, ("OH", "Dayton"), ("TX", "Waco"), ("", "")])
@pytest.mark.parametrize("case", [*ALIKE, *APART])
def test_least_leaves_out_what_is_below_and_nothing_else(case: str, place: tuple[str, str]) -> None:
    name, other = (ALIKE.get(case) or APART[case])[:2]
    one, another = described(name), described(other, place)
    found = likeness(one, another)
    for least_bp in (1, 8_000, rules.LOOKS_ALIKE_BP, 9_300, 10_000):
        kept = found if found is not None and found.score_bp >= least_bp else None
        assert likeness(one, another, least_bp=least_bp) == kept
