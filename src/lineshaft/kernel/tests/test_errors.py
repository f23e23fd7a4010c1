"""The error tree: codes, messages in the reader's language, faults with their place."""

import pickle
from datetime import date

import pytest

from lineshaft.kernel.errors import (
    FieldError,
    Invalid,
    LineshaftError,
    NotFound,
    NotPermitted,
    Refused,
    Stale,
    TooLarge,
    Unavailable,
)
from lineshaft.kernel.refusals import Citation, Refusal, refuse_if

REFUSAL = Refusal(
    "too_long",
    "At most %(years)s years.",
    citation=Citation("15 U.S.C. 278s(e)(2)(A)", "https://example.org", date(2019, 12, 20)),
    params={"years": 7},
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (LineshaftError, "error"),
        (NotPermitted, "not_permitted"),
        (NotFound, "not_found"),
        (Stale, "stale"),
        (TooLarge, "too_large"),
        (Unavailable, "unavailable"),
        (Invalid, "invalid"),
    ],
)
def test_error_without_words_has_its_own(kind: type[LineshaftError], code: str) -> None:
    error = kind()
    assert (error.code, error.message, error.params) == (code, kind.default_message, {})
    assert str(error) == error.as_text() == kind.default_message
    assert error.citation is None


def test_error_with_words_speaks_the_reader_s_language() -> None:
    error = NotPermitted("No %(what)s.", code="no_entry", params={"what": "x"}, citation="rule 1")
    assert (error.code, error.citation, str(error)) == ("no_entry", "rule 1", "No x.")
    assert error.as_text(lambda _: "不许 %(what)s。") == "不许 x。"


def test_refuse_if_raises_the_refusal_with_its_citation() -> None:
    refuse_if(None)
    with pytest.raises(Refused) as caught:
        refuse_if(REFUSAL)
    assert caught.value.refusal is REFUSAL
    assert caught.value.code == "too_long"
    assert caught.value.citation == "15 U.S.C. 278s(e)(2)(A)"
    assert str(caught.value) == REFUSAL.as_text() == "At most 7 years."


def test_refused_without_a_citation_has_none() -> None:
    assert Refused(Refusal("no", "No.")).citation is None


def test_refusal_is_a_value_that_can_be_compared_and_hashed() -> None:
    assert len({REFUSAL, Refusal("no", "No."), Refusal("no", "No.")}) == 2


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (FieldError("", message="Wrong."), "Wrong."),
        (FieldError("amount", message="Wrong."), "amount: Wrong."),
        (FieldError("", row=3, message="Wrong."), "Row 3: Wrong."),
        (FieldError("amount", row=3, message="Wrong."), "Row 3, amount: Wrong."),
        (FieldError("amount", row=3, column="AMT", message="Wrong."), "Row 3, AMT: Wrong."),
        (FieldError("a", column="B", message="%(n)s off.", params={"n": 2}), "B: 2 off."),
    ],
    ids=["bare", "field", "row", "field-in-row", "cell", "column"],
)
def test_field_error_tells_its_place(fault: FieldError, text: str) -> None:
    assert fault.as_located_text() == text


def test_invalid_tells_the_first_faults_and_counts_the_rest() -> None:
    faults = [FieldError("", row=row, message="Wrong.") for row in range(2, 7)]
    error = Invalid(faults, message="No good.")
    assert str(error) == "No good. Row 2: Wrong. Row 3: Wrong. Row 4: Wrong. And 2 more."
    assert error.errors == tuple(faults)


def test_invalid_in_field_names_one_fault() -> None:
    error = Invalid.in_field("amount", "At most %(most)s.", most=5)
    assert error.errors == (FieldError("amount", message="At most %(most)s.", params={"most": 5}),)
    assert str(error) == "Some entries cannot be taken. amount: At most 5."


@pytest.mark.parametrize(
    "error",
    [
        NotFound("No %(x)s.", code="c", params={"x": 1}, citation="r"),
        Refused(REFUSAL),
        Invalid.in_field("f", "m %(n)s", n=1),
    ],
    ids=lambda error: type(error).__name__,
)
def test_error_comes_whole_out_of_another_process(error: LineshaftError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(again), again.code, str(again), again.citation) == (
        type(error),
        error.code,
        str(error),
        error.citation,
    )
