"""How each application came out of its competition: a part of the decision, in its transaction."""

from collections import defaultdict
from collections.abc import Mapping

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.queries import applications_in
from lineshaft.kernel.refusals import refuse_if


def set_outcomes(competition: Competition, outcomes: Mapping[int, rules.Outcome]) -> None:
    """Write the outcome of each application that is still in, whose ids these must be.

    Raises Refused where one is left out, or named that is not in. The competition is locked by the
    caller, and so nobody withdraws meanwhile.
    """
    still_in = set(applications_in(competition).values_list("pk", flat=True))
    refuse_if(rules.refuse_without_outcomes(still_in, outcomes))
    found: dict[rules.Outcome, list[int]] = defaultdict(list)
    for pk, outcome in outcomes.items():
        found[outcome].append(pk)
    for outcome, ids in found.items():
        Application.objects.filter(pk__in=ids).update(outcome=outcome)
