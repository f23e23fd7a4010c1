"""The gates of a competition that are shut to an application.

A gate `invited` is shut to every application that was not told that it goes on. That an outcome is
decided opens nothing: until it is told it is a draft.
"""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Stage, StageOutcome
from lineshaft.kernel.competitions import StageGate


def gates_shut(application: Any, **stages: Any) -> QuerySet[Stage]:
    """Of these stages the gates that did not let the application through, the first first.

    `application` is one, or, inside an `Exists`, a reference to that of the row two levels out.
    """
    let_through = StageOutcome.objects.filter(
        stage=OuterRef("pk"),
        application=application,
        outcome=rules.StageResult.GOES_ON,
        told_at__isnull=False,
    )
    gates = Stage.objects.filter(gate=StageGate.INVITED, kind__in=rules.JUDGED, **stages)
    return gates.exclude(Exists(let_through)).order_by("number")
