"""How django-allauth is fitted to this program: who may sign in, and what is audited.

Invariants: an account is opened by the programme office alone; its address is the one that was
registered; each change of what lets somebody in (password, second factor) leaves an audit event;
mail about an account is secret in the outbox; a persona of the demonstration signs in to nothing
else.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse


class AccountBackend(AuthenticationBackend):
    """Signs in by address and password; the personas in a demonstration only."""

    def user_can_authenticate(self, user: Any) -> bool:
        """False also for a persona outside a demonstration: its password is published."""
        return _is_let_in(user) and bool(super().user_can_authenticate(user))


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the programme office or by an OpenID Connect provider, never freely."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account alone: a role has to be granted by somebody."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """My desk, in whatever language the person chose."""
        return "/desk/"

    def pre_login(self, request: HttpRequest, user: Any, **how: Any) -> HttpResponse | None:
        """The page of closed accounts for a persona outside a demonstration."""
        if not _is_let_in(user):
            closed: HttpResponse = self.respond_user_inactive(request, user)
            return closed
        answer: HttpResponse | None = super().pre_login(request, user, **how)
        return answer

    def set_password(self, user: Any, password: str) -> None:
        """Store the password, audited as changed by the user or as reset by a link."""
        is_own = self.request.user.is_authenticated and self.request.user.pk == user.pk
        user.set_password(password)  # before the transaction, in which SQLite lets nobody write
        with transaction.atomic():
            user.save(update_fields=["password"])
            _record(self.request, "change_password" if is_own else "reset_password", user)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put the message in the outbox as a secret, from which the worker sends it."""
        from lineshaft.plumbing import clock  # noqa: PLC0415 -- apps are ready only now
        from lineshaft.plumbing.mail.services import send_secret_later  # noqa: PLC0415

        message = self.render_mail(template_prefix, email, {"email": email} | context)
        with transaction.atomic():
            if template_prefix == "account/email/password_reset_key":
                _record(self.request, "request_password_reset", context["user"])
            send_secret_later(
                recipient=email,
                subject=str(message.subject),
                body=str(message.body),
                now=clock.now(),
            )


def audit_second_factors() -> None:
    """Have every change of a second factor leave an event; called once the apps are ready."""
    for signal, verb in (
        (authenticator_added, "add_second_factor"),
        (authenticator_removed, "remove_second_factor"),
        (authenticator_reset, "renew_second_factor"),
    ):
        signal.connect(_recorder(verb), weak=False, dispatch_uid=f"lineshaft.{verb}")


def _is_let_in(user: Any) -> bool:
    return settings.IS_DEMONSTRATION or not user.is_demonstration


def _recorder(verb: str) -> Any:
    def record(request: HttpRequest, user: Any, authenticator: Any, **_more: Any) -> None:
        with transaction.atomic():
            _record(request, verb, user, kind=authenticator.type)

    return record


def _record(request: HttpRequest, verb: str, user: Any, **changes: str) -> None:
    """An event about a user's account, with the address of the client that asked."""
    from lineshaft.plumbing import clock  # noqa: PLC0415 -- apps are ready only now
    from lineshaft.plumbing.audit.services import record_event  # noqa: PLC0415

    client = str(request.META.get("REMOTE_ADDR", ""))
    record_event(
        request.actor,  # type: ignore[attr-defined] # set by config's middleware
        verb,
        user,
        now=clock.now(),
        changes={**changes, "client_address": client},
    )
