"""What the pages of an agreement share: its tabs, and the page of a verb on a record under it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.views.transfers import agreement_crumbs, permit_under
from lineshaft.web.forms import errors_into_form, status_of
from lineshaft.web.pages import Crumb, Tab, actor_of, render_page

type Change = Callable[[dict[str, Any]], str]
"""Performs the verb with what the form holds, and returns what to say of it."""


def change_page(
    request: HttpRequest,
    agreement: Agreement,
    verb: str,
    form: Form,
    change: Change,
    *,
    title: str,
    next_url: str,
    lede: str = "",
    crumbs: tuple[Crumb, ...] = (),
    **shown: Any,
) -> HttpResponse:
    """The verb's page; whoever may not perform it under the agreement is told before typing.

    Afterwards the reader stands on `next_url`. `crumbs` follow those of the agreement; `shown` is
    the rest of what the template draws.
    """
    permit_under(actor_of(request), verb, agreement)
    status, refusal = status_of(form), None
    if request.method == "POST" and form.is_valid():
        with errors_into_form(form) as outcome:
            said = change(dict(form.cleaned_data))
        if outcome.status == HTTPStatus.OK:
            messages.success(request, said)
            return redirect(next_url)
        status, refusal = outcome.status, outcome.refusal
    context = {
        "title": title,
        "lede": lede,
        "crumbs": (*under_crumbs(agreement), *crumbs),
        "form": form,
        "submit_label": title,
        "cancel_url": next_url,
        "refusal": refusal,
        **shown,
    }
    return render_page(request, f"funding/{verb}.html", context, status=status)


def agreement_tabs(agreement: Agreement, current: str) -> tuple[Tab, ...]:
    """The pages of one agreement; `current` is the URL name of the one shown."""
    return tuple(
        Tab(label, reverse(name, args=[agreement.pk]), name == current)
        for name, label in (
            ("funding:show_agreement", _("Money")),
            ("funding:show_match_tests", pgettext("of cost share", "Match")),
            ("funding:show_rules", _("Rules")),
            ("funding:show_budget", _("Budget")),
            ("funding:list_amendments", _("Amendments")),
            ("funding:list_waivers", _("Waivers")),
            ("funding:show_reserve", _("Performance reserve")),
            ("funding:show_renewal", _("Renewal")),
            ("funding:show_closeout", _("Close-out")),
        )
    )


def under_crumbs(agreement: Agreement) -> tuple[Crumb, ...]:
    """The way to a record under the agreement, the agreement included."""
    return (
        *agreement_crumbs(agreement),
        Crumb(agreement.number, agreement.get_absolute_url()),
    )
