"""Around every request: from where it comes, who acts, whether a second factor is due, what text is
taken, and how errors answer.
"""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.db.models import BigIntegerField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lineshaft.config.actor import actor_of_request
from lineshaft.config.proxies import client_address
from lineshaft.kernel.errors import LineshaftError, NotFound
from lineshaft.kernel.text import is_storable
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import (
    PROBLEM_TYPE,
    problem_of,
    problem_response,
    unstorable,
)
from lineshaft.web.errors import error_page

GetResponse = Callable[[HttpRequest], HttpResponse]

API_PATH: Final = "/api/"

OPEN_WITHOUT_SECOND_FACTOR: Final = ("/accounts/", "/static/", "/i18n/", "/api/")
"""The API answers by itself: plumbing.rest refuses such a user's writes, and roles are gone."""


class HeadMiddleware:
    """Has HEAD asked of every view as GET is, so that no view has to name it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; whoever sends the answer on leaves its body out."""
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"
        response = self.get_response(request)
        if is_head:
            request.method = "HEAD"
        return response


class ApiMiddleware:
    """Turns every error of the API into a problem.

    It stands before all else that may fail, so that errors of any part leave in the one shape.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        response = self.get_response(request)
        if not request.path.startswith(API_PATH):
            return response
        is_error = response.status_code >= HTTPStatus.BAD_REQUEST
        if not is_error or response.get("Content-Type", "") == PROBLEM_TYPE:
            return response
        return _problem_instead_of(response)


class ClientAddressMiddleware:
    """Puts the client's own address where the proxy's stands, if the proxy is trusted.

    Sign-in limits, the list of sessions and the audit trail then mean the same client.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request under the client's address."""
        request.META["REMOTE_ADDR"] = client_address(
            request.META.get("REMOTE_ADDR", ""),
            request.META.pop("HTTP_X_FORWARDED_FOR", ""),
            settings.PROXIES,
        )
        return self.get_response(request)


class ActorMiddleware:
    """Gives every request its `actor`, assembled when it is first asked for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with its actor in place."""
        request.actor = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: actor_of_request(request, today=clock.today())
        )
        return self.get_response(request)


class SecondFactorMiddleware:
    """Sends whoever holds a role that needs a second factor to set one up first."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or redirect to the page where a second factor is set up."""
        if request.path.startswith(OPEN_WITHOUT_SECOND_FACTOR) or settings.IS_DEMONSTRATION:
            return self.get_response(request)
        if request.user.is_authenticated and request.actor.lacks_second_factor:  # type: ignore[attr-defined]
            messages.warning(
                request, _("Your role needs a second factor. Set one up here before you go on.")
            )
            return redirect("mfa_index")
        return self.get_response(request)


class ErrorMiddleware:
    """Answers the program's own errors with their page; anything else is left to crash.

    A number in an address beyond what a column holds names nothing: no database is asked for it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        arguments: Sequence[Any],
        named: Mapping[str, Any],
    ) -> HttpResponse | None:
        """The page of what is not there, for such a number."""
        numbers = [one for one in named.values() if isinstance(one, int)]
        if any(one > BigIntegerField.MAX_BIGINT for one in numbers):
            return error_page(request, NotFound())
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page of an error of our own tree; None for a programmer's mistake."""
        if isinstance(error, LineshaftError):
            return error_page(request, error)
        return None


class TextMiddleware:
    """Refuses text that no database column holds, in the address and in a form.

    PostgreSQL stores no NUL, and SQLite one that nobody sees. The API reads its own bodies
    (plumbing.rest.StorableParser), an import its own cells (plumbing.exchange.convert).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """The page or the problem of such a text; None for any other."""
        is_api = request.path.startswith(API_PATH)
        sent = [request.path, dict(request.GET.lists())]
        if request.method == "POST" and not is_api:
            sent.append(dict(request.POST.lists()))
        if is_storable(sent):
            return None
        error = unstorable()
        return problem_of(error) if is_api else error_page(request, error)


def _problem_instead_of(response: HttpResponse) -> HttpResponse:
    """The same status as a problem, with the headers that say how to go on."""
    status = HTTPStatus(response.status_code)
    code, detail = _SAID.get(status, ("error", _("This could not be done.")))
    problem = problem_response(status, code, str(detail))
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in response:
            problem[name] = response[name]
    problem.cookies = response.cookies
    return problem


_SAID: Final = {
    HTTPStatus.BAD_REQUEST: ("bad_request", gettext_lazy("The request could not be read")),
    HTTPStatus.FORBIDDEN: ("not_permitted", gettext_lazy("You may not do this.")),
    HTTPStatus.NOT_FOUND: ("not_found", gettext_lazy("No operation has this address.")),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        "method_not_allowed",
        gettext_lazy("This address does not take that method. “Allow” names those that it does."),
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "server_error",
        gettext_lazy(
            "Something broke on our side. What you sent was not kept, and nothing half-done"
            " remains. The fault has been written to the log."
        ),
    ),
}
