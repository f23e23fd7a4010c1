"""Who may try the demonstration: offered on the sign-in page, and only there."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from lineshaft.demonstration.personas import EVERYBODY, PASSWORD


def personas_context(request: HttpRequest) -> dict[str, Any]:
    """The personas with their common password; nothing outside a demonstration."""
    del request
    if not settings.IS_DEMONSTRATION:
        return {}
    return {"personas": EVERYBODY, "persona_password": PASSWORD}
