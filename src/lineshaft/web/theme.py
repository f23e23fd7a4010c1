"""Light or dark: what the reader chose, kept in a cookie so that no script is needed."""

from enum import StrEnum
from typing import Final

from django.http import HttpRequest

THEME_COOKIE: Final = "lineshaft_theme"
THEME_AGE_SECONDS: Final = 365 * 24 * 3600


class Theme(StrEnum):
    """How a page looks; AUTO follows the reader's system."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


def theme_of(request: HttpRequest) -> Theme:
    """The chosen theme; anything unknown in the cookie counts as no choice."""
    chosen = request.COOKIES.get(THEME_COOKIE, Theme.AUTO)
    return Theme(chosen) if chosen in Theme else Theme.AUTO
