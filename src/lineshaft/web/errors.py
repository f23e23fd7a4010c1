"""The pages of errors: what happened, why, and what to do next.

One map from the error tree to status, title and way out; Django's own handlers use the same page.
"""

import logging
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lineshaft.kernel.errors import (
    Invalid,
    LineshaftError,
    NotFound,
    NotPermitted,
    Refused,
    Stale,
    TooLarge,
    Unavailable,
)
from lineshaft.kernel.refusals import Citation
from lineshaft.web.formats import spoken

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """How an error is told: its HTTP status, what happened, and what to do about it."""

    status: int
    title: str | Promise
    way_out: str | Promise


KINDS: Final[dict[type[LineshaftError], ErrorKind]] = {
    NotPermitted: ErrorKind(
        403,
        gettext_lazy("You may not do this"),
        gettext_lazy(
            "If it is your task, ask the programme office for the role. If you have another"
            " account, sign in with it."
        ),
    ),
    NotFound: ErrorKind(
        404,
        gettext_lazy("Nothing here"),
        gettext_lazy("Check the address, or search for what you need by its name."),
    ),
    Refused: ErrorKind(
        409,
        gettext_lazy("A rule refuses this"),
        gettext_lazy("Nothing was changed. Go back, mend what the rule names, and send it again."),
    ),
    Stale: ErrorKind(
        409,
        gettext_lazy("Somebody was faster"),
        gettext_lazy("Nothing was changed. Open the record again to see what it says now."),
    ),
    Invalid: ErrorKind(
        422,
        gettext_lazy("Some entries cannot be taken"),
        gettext_lazy("Nothing was changed. Go back, mend the entries, and send them again."),
    ),
    TooLarge: ErrorKind(
        413,
        gettext_lazy("Too large"),
        gettext_lazy("Nothing was changed. Divide it into smaller parts and send them in turn."),
    ),
    Unavailable: ErrorKind(
        503,
        gettext_lazy("Not available at the moment"),
        gettext_lazy("Nothing was lost. Try again in a few minutes."),
    ),
}
UNKNOWN: Final = ErrorKind(
    400,
    gettext_lazy("This could not be done"),
    gettext_lazy("Nothing was changed. Go back and try it another way."),
)


def error_page(request: HttpRequest, error: LineshaftError) -> HttpResponse:
    """The page of an error of our own tree, quoting the rule and its citation where there is
    one.
    """
    kind = next((KINDS[root] for root in type(error).__mro__ if root in KINDS), UNKNOWN)
    faults = error.errors if isinstance(error, Invalid) else ()
    return _page(
        request,
        kind,
        text=LineshaftError.as_text(error, spoken),
        citation=_citation(error),
        faults=[fault.as_located_text(spoken) for fault in faults],
        code=error.code,
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that no page of ours sends."""
    del exception
    kind = ErrorKind(
        400,
        _("The request could not be read"),
        _("Open the page anew and send it again. If you changed the address by hand, check it."),
    )
    return _page(request, kind)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's own refusals, such as a form that was sent from another site."""
    del exception
    return _page(request, KINDS[NotPermitted])


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that leads nowhere."""
    del exception
    return _page(request, KINDS[NotFound], text=_("No page has this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """A programmer's mistake; the page asks nothing of the database, which may be the cause."""
    html = render_to_string("errors/server_error.html", {"path": request.path})
    return HttpResponse(html, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token was missing or old."""
    logger.info("form refused: %s", reason)
    kind = ErrorKind(
        403,
        _("This form is too old"),
        _("Open the page again and send the form anew; cookies must be allowed for this site."),
    )
    return _page(request, kind)


def _page(
    request: HttpRequest,
    kind: ErrorKind,
    *,
    text: str = "",
    citation: Citation | None = None,
    faults: list[str] | None = None,
    code: str = "",
) -> HttpResponse:
    context = {
        "kind": kind,
        "text": text,
        "citation": citation,
        "faults": faults or [],
        "code": code,
        "back_url": _back_url(request),
    }
    return render(request, "errors/error.html", context, status=kind.status)


def _citation(error: LineshaftError) -> Citation | None:
    if isinstance(error, Refused):
        return error.refusal.citation
    return Citation(error.citation) if error.citation else None


def _back_url(request: HttpRequest) -> str:
    """The page that the reader came from, when it was one of ours."""
    try:
        own = f"{request.scheme}://{request.get_host()}/"
    except DisallowedHost:
        return ""
    referer = request.headers.get("Referer", "")
    if referer.startswith(own) and referer != request.build_absolute_uri():
        # One slash alone: with two the rest would be read as the name of another host.
        return "/" + referer.removeprefix(own).lstrip("/\\")
    return ""
