"""Fields of competitions: those that several apps use, and the time zones to choose from."""

from typing import Final
from zoneinfo import available_timezones

from lineshaft.web.fields import (
    MOMENT_FORMAT,
    AmountField,
    Choices,
    MomentField,
    MomentInput,
    PercentField,
    long_text,
    moment_in_zone,
    several,
    shown_in_zone,
)

ZONES: Final = tuple(
    sorted(
        name
        for name in available_timezones()
        if name == "UTC" or ("/" in name and not name.startswith(("Etc/", "SystemV/", "US/")))
    )
)

__all__ = [
    "MOMENT_FORMAT",
    "ZONES",
    "AmountField",
    "Choices",
    "MomentField",
    "MomentInput",
    "PercentField",
    "long_text",
    "moment_in_zone",
    "several",
    "shown_in_zone",
]
