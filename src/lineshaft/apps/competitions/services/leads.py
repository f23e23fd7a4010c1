"""Which kinds of organisations may lead an application."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Competition, EligibleLead
from lineshaft.apps.competitions.services.record import audit_competition, held_competition
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

_NO_KIND: Final = gettext_noop("There is no kind of organisation “%(key)s”.")


def set_eligible_leads(
    actor: Actor, competition: Competition, kinds: Sequence[str], *, now: datetime
) -> Competition:
    """Set the kinds that may lead, while the competition is written; none means every kind."""
    known = [one.key for one in profile_in_use().organisation_kinds]
    for key in kinds:
        if key not in known:
            raise Invalid.in_field("kinds", _NO_KIND, key=key)
    chosen = [key for key in known if key in set(kinds)]
    with transaction.atomic():
        row = held_competition(actor, competition, "set_eligible_leads")
        refuse_if(rules.refuse_changing(row.state))
        before = sorted(row.eligible_leads.values_list("kind", flat=True))
        row.eligible_leads.all().delete()
        EligibleLead.objects.bulk_create(EligibleLead(competition=row, kind=key) for key in chosen)
        changes = {"kinds": [before, chosen]}
        audit_competition(actor, "set_eligible_leads", row, now=now, changes=changes)
    return row
