"""Errors of services beside the fields that they are about."""

import pytest
from django import forms

from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Refused, Stale
from lineshaft.kernel.refusals import Refusal
from lineshaft.web.forms import errors_into_form, status_of


class AmountForm(forms.Form):
    amount = forms.CharField()


def bound() -> AmountForm:
    form = AmountForm({"amount": "5"})
    assert form.is_valid()
    return form


def test_fault_of_a_field_stands_beside_it() -> None:
    form = bound()
    with errors_into_form(form) as outcome:
        raise Invalid(
            [FieldError("amount", message="Too much."), FieldError("other", message="No.")]
        )
    assert outcome.status == 422
    assert form.errors == {"amount": ["Too much."], "__all__": ["other: No."]}
    assert status_of(form) == 422


def test_fault_without_a_field_stands_in_the_summary() -> None:
    form = bound()
    with errors_into_form(form) as outcome:
        raise Invalid(message="Nothing fits.")
    assert outcome.status == 422
    assert form.non_field_errors() == ["Nothing fits."]


def test_refusal_is_kept_for_its_citation() -> None:
    form, refusal = bound(), Refusal("no", "Not before %(day)s.", params={"day": "Monday"})
    with errors_into_form(form) as outcome:
        raise Refused(refusal)
    assert (outcome.status, outcome.refusal) == (409, refusal)
    assert form.non_field_errors() == ["Not before Monday."]


def test_stale_record_is_said_on_top() -> None:
    form = bound()
    with errors_into_form(form) as outcome:
        raise Stale
    assert (outcome.status, len(form.non_field_errors())) == (409, 1)


def test_nothing_wrong_leaves_the_form_alone() -> None:
    form = bound()
    with errors_into_form(form) as outcome:
        pass
    assert (outcome.status, outcome.refusal, status_of(form)) == (200, None, 200)
    assert status_of(AmountForm()) == 200


def test_error_of_another_kind_is_not_swallowed() -> None:
    with pytest.raises(NotFound), errors_into_form(bound()):
        raise NotFound
