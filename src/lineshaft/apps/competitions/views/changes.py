"""How what an amendment changed is told: the field's name, and both values as a reader has them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lineshaft.apps.competitions.models import (
    BLINDNESS_LABELS,
    GATE_LABELS,
    LATE_LABELS,
    Amendment,
    Competition,
)
from lineshaft.apps.competitions.services import moment_in
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.web import formats

TEXTS: Final = frozenset(
    {"summary", "summary_zh", "text", "text_zh", "eligibility", "eligibility_zh", "criteria_text"}
)
"""Of these it is said that they changed; the notices show how."""

FIELD_LABELS: Final[dict[str, Promise]] = {
    "title": gettext_lazy("Title"),
    "title_zh": gettext_lazy("Title in Chinese"),
    "summary": gettext_lazy("Summary"),
    "summary_zh": gettext_lazy("Summary in Chinese"),
    "text": gettext_lazy("What is asked for"),
    "text_zh": gettext_lazy("What is asked for, in Chinese"),
    "eligibility": gettext_lazy("Who may apply"),
    "eligibility_zh": gettext_lazy("Who may apply, in Chinese"),
    "areas": gettext_lazy("Technology areas"),
    "listing_number": gettext_lazy("Assistance listing"),
    "floor_minor": gettext_lazy("One award, at least"),
    "ceiling_minor": gettext_lazy("One award, at most"),
    "total_minor": gettext_lazy("All awards together"),
    "awards_least": gettext_lazy("Awards, at least"),
    "awards_most": gettext_lazy("Awards, at most"),
    "term_months_least": gettext_lazy("Term in months, at least"),
    "term_months_most": gettext_lazy("Term in months, at most"),
    "match_share_bp": gettext_lazy("Share of other money"),
    "information_at": gettext_lazy("Information day"),
    "information_place": gettext_lazy("Place of the information day"),
    "information_link": gettext_lazy("Link of the information day"),
    "questions_until": gettext_lazy("Questions until"),
    "late_policy": gettext_lazy("What arrives late"),
    "grace_minutes": gettext_lazy("Minutes of grace"),
    "contact": gettext_lazy("Contact"),
    "contact_email": gettext_lazy("E-mail of the contact"),
    "selecting_official": gettext_lazy("Selecting official"),
    "ends_at": gettext_lazy("Deadline"),
    "name": gettext_lazy("Name"),
    "name_zh": gettext_lazy("Name in Chinese"),
    "page_limit": gettext_lazy("Pages at most"),
    "gate": gettext_lazy("Who goes on"),
    "blindness": gettext_lazy("Who knows whom"),
    "reviewers_least": gettext_lazy("Reviewers of an application, at least"),
    "documents": gettext_lazy("Documents asked for"),
    "criteria": gettext_lazy("Criteria and weights"),
    "criteria_text": gettext_lazy("Texts of the criteria"),
}
"""Every field that an amendment can change."""

_CHOICES: Final[dict[str, dict[Any, Any]]] = {
    "late_policy": dict(LATE_LABELS),
    "gate": dict(GATE_LABELS),
    "blindness": dict(BLINDNESS_LABELS),
}


def change_lines(amendment: Amendment, competition: Competition) -> list[str]:
    """What an amendment changed, a line for each field; the stage's name stands before it."""
    lines = []
    for name, before, after in amendment.changes:
        label = str(FIELD_LABELS[name])
        if name in TEXTS:
            lines.append(_("%(field)s: changed; the notices show both") % {"field": label})
            continue
        said = {
            "field": label,
            "before": _told(name, before, competition),
            "after": _told(name, after, competition),
        }
        lines.append(_("%(field)s: %(before)s, now %(after)s") % said)
    return lines


def _told(name: str, value: Any, competition: Competition) -> str:
    if value in (None, "", []):
        return formats.MISSING
    if name in _CHOICES:
        return str(_CHOICES[name][value])
    if name.endswith("_minor"):
        return formats.money(value, competition.currency)
    if name.endswith("_bp"):
        return formats.percent_bp(value)
    if name in {"ends_at", "information_at", "questions_until"}:
        return moment_in(competition.zone, datetime.fromisoformat(value))
    if name == "documents":
        return formats.joined(_document_names(value))
    return formats.joined(list(value)) if isinstance(value, list) else str(value)


def _document_names(keys: Sequence[str]) -> list[str]:
    names = {one.key: formats.local_name(one) for one in profile_in_use().competing.documents}
    return [names.get(key, key) for key in keys]
