"""How django-allauth is fitted to this program: who may register, and what is audited."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the programme office or by an OpenID Connect provider, never freely."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account alone: a role has to be granted by somebody."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """My desk, in whatever language the person chose."""
        return "/desk/"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put the message in the outbox, from which the worker sends it."""
        from lineshaft.plumbing import clock  # noqa: PLC0415 -- apps are ready only now
        from lineshaft.plumbing.mail.services import send_mail_later  # noqa: PLC0415

        message = self.render_mail(template_prefix, email, context)
        send_mail_later(
            recipient=email,
            subject=str(message.subject),
            body=str(message.body),
            now=clock.now(),
        )
