"""The outbox as the programme office reads it: what went to whom, and whether it left."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from lineshaft.kernel.errors import NotFound, NotPermitted
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.mail import rules, services
from lineshaft.plumbing.mail.queries import messages_visible_to
from lineshaft.plumbing.permit import may

TONES = {rules.QUEUED: "quiet", rules.SENT: "ok", rules.FAILED: "bad", rules.DROPPED: "bad"}


@require_safe
def list_messages(request: HttpRequest) -> HttpResponse:
    """Every message, newest first."""
    page = paginate(request, messages_visible_to(_staff(request)).defer("body"))
    lines = [(message, TONES[message.state]) for message in page.items]
    context = {"lines": lines, "page": page, "is_mail_sent": services.is_mail_sent()}
    return render(request, "mail/list_messages.html", context)


@require_safe
def show_message(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One message as its reader gets it; of a secret one all but its text."""
    actor = _staff(request)
    message = messages_visible_to(actor).filter(pk=pk).first()
    if message is None:
        raise NotFound(code="message")
    context = {
        "message": message,
        "tone": TONES[message.state],
        "may_retry": message.state == rules.FAILED
        and may(actor, rules.PERMISSIONS["retry_message"]),
    }
    return render(request, "mail/show_message.html", context)


@require_POST
def retry_message(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the message again, then show it."""
    return redirect(services.retry_message(_staff(request), pk, now=clock.now()))


def _staff(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined] # set by config's middleware
    if not actor.is_network_staff:
        raise NotPermitted(gettext_noop("Only the programme office reads the outbox."))
    return actor
