import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.apps.network import rules
from lineshaft.apps.network.exchange import IMPORTS
from lineshaft.plumbing.exchange.mapping import shipped_mappings

KNOWN = {"dod": "DOD", "department of defense": "DOD", "afrl": "AFRL", "nsf": "NSF"}
PARENTS = {"DOD": None, "AFRL": "DOD", "NSF": None}


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        pytest.param("Plain  words\t here ", "Plain words here", id="spaces"),
        pytest.param("One<br/>two<br>three", "One\ntwo\nthree", id="breaks"),
        pytest.param("One<br/><br/>\n<br/>two", "One\n\ntwo", id="blank lines"),
        pytest.param("<p>One</p><p>Two</p>", "One\n\nTwo", id="paragraphs"),
        pytest.param("<div class='x'>a</div>b<ul><li>c<li>d</ul>", "a\n\nb\n\nc\nd", id="blocks"),
        pytest.param("a &lt; b &amp; c&nbsp;&eacute;", "a < b & c é", id="named characters"),
        pytest.param("if p<q then r>s, n<p and q>1", "if p<q then r>s, n<p and q>1", id="signs"),
        pytest.param("x <b>y</b> H<sub>2</sub>O", "x y H2O", id="inline"),
        pytest.param("a<script>alert(1)</script>b<style>c</style>", "ab", id="hidden"),
        pytest.param("a</script>b", "ab", id="an end without its beginning"),
        pytest.param("a<script>b<b>c</b>", "a<script>bc", id="a beginning without its end"),
        pytest.param("<style>a</STYLE>b<style>c", "b<style>c", id="the second without its end"),
        pytest.param("<script>a</style>b", "<script>ab", id="the end of another"),
        pytest.param("a&#13;&#0;&#150;b\x07", "a\ufffd–b", id="control characters"),
        pytest.param("<a href=\"x>y\" title='z'>word</a> <q>", "word <q>", id="attributes"),
    ],
)
def test_plain_text_of_markup(markup: str, text: str) -> None:
    assert rules.plain_text(markup) == text


@given(st.text(alphabet="ab<>&;/p r\n=\"'#1", max_size=60))
def test_plain_text_is_plain_already_where_it_holds_no_markup(text: str) -> None:
    plain = rules.plain_text(text)
    assert "\n\n\n" not in plain
    assert plain == plain.strip()
    if "<" not in text and "&" not in text:
        assert rules.plain_text(plain) == plain


@pytest.mark.parametrize(
    "text", ["<p a=" * 4000, "<" * 20_000, "<p" + " " * 19_998 + "x", "<p" + " a=b" * 4999 + " c"]
)
def test_hostile_text_without_markup_stays_as_long_as_it_was(text: str) -> None:
    assert rules.plain_text(text) == " ".join(text.split())


def test_plain_line_and_paragraphs() -> None:
    assert rules.plain_line("A<br>title &amp;\nmore") == "A title & more"
    assert rules.paragraphs("one\ntwo\n\nthree\n\n") == ("one two", "three")


@pytest.mark.parametrize(
    ("title", "abstract", "programme", "called"),
    [
        pytest.param("A title", "text", "P", "A title", id="its own"),
        pytest.param("", "A short\ntext", "P", "A short text", id="its text"),
        pytest.param("", "word " * 40, "P", "word " * 23 + "word …", id="its text, shortened"),
        pytest.param("", "", "P", "P", id="its programme"),
        pytest.param("", "", "", "N-1", id="its number"),
    ],
)
def test_title_of_award(title: str, abstract: str, programme: str, called: str) -> None:
    found = rules.title_of_award(title, abstract=abstract, programme=programme, number="N-1")
    assert found == called


@pytest.mark.parametrize(
    ("agency", "office", "key"),
    [
        pytest.param("NSF", "DMS", "NSF", id="an office that is not known"),
        pytest.param("Department of Defense", "AFRL", "AFRL", id="an office under its agency"),
        pytest.param("dod", "", "DOD", id="a key"),
        pytest.param("NSF", "AFRL", "NSF", id="an office of another agency"),
        pytest.param("Ministry", "AFRL", None, id="an office of nobody known"),
        pytest.param("Ministry", "", None, id="nobody known"),
    ],
)
def test_agency_of_award(agency: str, office: str, key: str | None) -> None:
    assert rules.agency_of_award(agency, office, known=KNOWN, parents=PARENTS) == key


def test_agencies_above_lead_up() -> None:
    assert rules.agencies_above("AFRL", PARENTS) == ("AFRL", "DOD")
    assert rules.agencies_above(None, PARENTS) == ()


def test_digest_tells_columns_apart() -> None:
    assert rules.digest_of_award(["a", "b"]) == rules.digest_of_award(["a", "b"])
    assert rules.digest_of_award(["a", "b"]) != rules.digest_of_award(["ab", ""])


@pytest.mark.parametrize(
    ("source", "is_taken"),
    [
        ("nsf", True),
        ("sbir-2", True),
        ("", False),
        ("NSF", False),
        ("2a", False),
        ("a" * 33, False),
    ],
)
def test_source_is_a_short_name(source: str, is_taken: bool) -> None:
    assert (rules.refuse_source(source) is None) is is_taken


@pytest.mark.parametrize(
    ("year", "is_taken"), [(None, True), (1900, True), (2199, True), (1899, False), (2200, False)]
)
def test_year_is_one_of_awards(year: int | None, is_taken: bool) -> None:
    assert (rules.refuse_year(year) is None) is is_taken


@pytest.mark.parametrize(
    ("amount_minor", "is_taken"), [(None, True), (-5, True), (10**15, True), (10**15 + 1, False)]
)
def test_amount_is_one_of_awards(amount_minor: int | None, *, is_taken: bool) -> None:
    assert (rules.refuse_amount(amount_minor) is None) is is_taken


@pytest.mark.parametrize(
    ("text", "number"), [("Phase II", 2), ("PHASE 1", 1), ("phase iii", 3), ("", 0), ("Phase X", 0)]
)
def test_phase_is_read_from_the_words_of_a_register(text: str, number: int) -> None:
    assert rules.phase_number(text) == number


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Bo Li, Cy Po", ("Bo Li", "Cy Po")),
        ("Li, Bo; Po, Cy;", ("Li, Bo", "Po, Cy")),
        (" ", ()),
    ],
)
def test_names_of_a_list_are_kept_apart(text: str, names: tuple[str, ...]) -> None:
    assert rules.names_listed(text) == names


@pytest.mark.parametrize(
    ("source", "programme", "is_so"),
    [("sbir-page", "", True), ("nsf", "SBIR Phase I", True), ("nsf", "SBIRD", False)],
)
def test_award_for_small_firms_is_known_by_its_programme(
    source: str, programme: str, *, is_so: bool
) -> None:
    assert rules.is_for_small_firms(source, programme) is is_so


def test_registers_are_those_that_the_mappings_read() -> None:
    mappings = shipped_mappings(IMPORTS["awards"]).values()
    agencies: dict[str, str] = {}
    for mapping in mappings:
        agency = mapping.sources["agency"].constant
        assert agencies.setdefault(mapping.sources["source"].constant, agency) == agency
    assert {source: agency for source, agency in agencies.items() if agency} == (
        rules.AGENCY_REGISTERS
    )
    assert {source for source, agency in agencies.items() if not agency} == rules.COMMON_REGISTERS
