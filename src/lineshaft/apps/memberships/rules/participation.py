"""Who may take part at all: the profile's rules on ownership."""

from datetime import date
from typing import Final

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.kernel.text import Term, gettext_noop

_WAIVER_NEEDED: Final = gettext_noop(
    "An organisation owned in %(country)s joins only with a waiver given for its case "
    "(%(rule)s). Enter the reference of the waiver."
)


def refuse_participation(
    profile: JurisdictionProfile, ownership_country: str, *, waiver_reference: str, on: date
) -> Refusal | None:
    """Why an organisation owned in that country can't join on that day, or None.

    Only a rule that bars without a waiver refuses; an unknown country of ownership is not barred.
    *Source*: the profile's participation rules (42 U.S.C. 18972 in the United States' profile).
    """
    if not ownership_country or waiver_reference.strip():
        return None
    for rule in profile.participation_rules_in_force(on, ownership_country):
        if rule.needs_waiver:
            return Refusal(
                "waiver_needed",
                _WAIVER_NEEDED,
                rule.authority.citation,
                {"country": ownership_country, "rule": Term(rule.name)},
            )
    return None
