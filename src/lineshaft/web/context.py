"""What every template is given, whoever renders it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from lineshaft import __version__
from lineshaft.web import formats
from lineshaft.web.navigation import navigation_for
from lineshaft.web.pages import actor_of
from lineshaft.web.theme import theme_of


def page_context(request: HttpRequest) -> dict[str, Any]:
    """The reader, the jurisdiction, where one can go, and how the page is to look."""
    profile = formats.profile()
    actor = actor_of(request)
    return {
        "actor": actor,
        "profile": profile,
        "network_name": profile.network_name_zh if formats.is_chinese() else profile.network_name,
        "navigation": navigation_for(actor, request.path),
        "is_demonstration": settings.IS_DEMONSTRATION,
        "theme": theme_of(request),
        "version": __version__,
    }
