"""Around every request: who acts, whether a second factor is due, how errors answer."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from lineshaft.config.actor import actor_of_request
from lineshaft.kernel.errors import LineshaftError
from lineshaft.plumbing import clock
from lineshaft.web.errors import error_page

GetResponse = Callable[[HttpRequest], HttpResponse]

OPEN_WITHOUT_SECOND_FACTOR: Final = ("/accounts/", "/static/", "/i18n/", "/api/")
"""The API answers by itself: plumbing.rest refuses such a user's writes, and roles are gone."""


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
    """Answers the program's own errors with their page; anything else is left to crash."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page of an error of our own tree; None for a programmer's mistake."""
        if isinstance(error, LineshaftError):
            return error_page(request, error)
        return None
