"""The page of a verb: its form, and what becomes of it once it is sent.

Every such page goes the same way: show the form; once it is sent and in order, let the service do
it; say so and go where it is seen, or show the form again with what was wrong, kept as typed.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lineshaft.web.forms import errors_into_form, status_of
from lineshaft.web.pages import render_page


def form_page[Done](
    request: HttpRequest,
    template: str,
    form: BaseForm,
    context: Mapping[str, Any],
    *,
    perform: Callable[[], Done],
    told: Callable[[Done], str],
    seen_at: Callable[[Done], str],
) -> HttpResponse:
    """The form, or a redirect to `seen_at` with the message `told` after `perform` did it.

    `perform` is called with the form in order; it may add a fault to the form and return None,
    which shows the form again. The template gets `form` and `refusal` beside the context.
    """
    refusal, status = None, status_of(form)
    if request.method == "POST" and form.is_valid():
        with errors_into_form(form) as outcome:
            done = perform()
        if outcome.status == HTTPStatus.OK and form.is_valid():
            messages.success(request, told(done))
            return redirect(seen_at(done))
        refusal = outcome.refusal
        status = status_of(form) if outcome.status == HTTPStatus.OK else outcome.status
    shown = {**context, "form": form, "refusal": refusal}
    return render_page(request, template, shown, status=status)
