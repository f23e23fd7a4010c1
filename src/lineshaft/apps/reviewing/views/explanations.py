"""Why there is no assignment, in plain words, and each way out with the page where it is taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lineshaft.apps.reviewing import queries, rules
from lineshaft.apps.reviewing.models import AssignmentRun
from lineshaft.apps.reviewing.views.assignment_words import (
    Named,
    conflicts_url,
    groups_named,
    names_of,
    panel_url,
    url_of,
)
from lineshaft.engines.optimise.assignment import Remedy
from lineshaft.plumbing.actor import Actor
from lineshaft.web import formats
from lineshaft.web.pages import Action

NAMED_MOST: Final = 8
"""More names than these are counted, not written."""


@dataclass(frozen=True, slots=True)
class WayOut:
    """One way out, by itself enough, and where it is taken."""

    text: str
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """What cannot all hold, a sentence each, and the ways out of it."""

    at_fault: tuple[str, ...]
    missing: int
    ways: tuple[WayOut, ...]


def explained(actor: Actor, run: AssignmentRun) -> Explained | None:
    """The explanation of a run for which there is no assignment; None where it has to do with an
    application that is closed to the actor.
    """
    shown = queries.explanation_shown(actor, run)
    if shown is None:
        return None
    found = shown.told
    ways = found["freeing"]
    names = names_of(actor, run.stage, shown.numbers, shown.reviewers)
    groups = groups_named(
        [*(key for key, _one in found["rules"]), *(way["rule"] for way in ways if way["rule"])]
    )
    return Explained(
        tuple(_at_fault(run, found, names, groups)),
        found["missing"],
        tuple(_way(run, way, names, groups) for way in ways),
    )


def _at_fault(
    run: AssignmentRun, found: Mapping[str, Any], names: Named, groups: Mapping[str, str]
) -> Iterable[str]:
    if found["applications"]:
        yield _("%(demand)s reviewers each for: %(applications)s") % {
            "demand": formats.number(run.demand),
            "applications": _listed(names.application(one) for one in found["applications"]),
        }
    if found["seats"]:
        yield _("at least %(least)s applications each for: %(reviewers)s") % {
            "least": formats.number(run.load_least),
            "reviewers": _listed(names.seat(one) for one in found["seats"]),
        }
    for key, application in found["rules"]:
        said = {"group": groups[key], "application": names.application(application)}
        yield _("the number of reviewers %(group)s for: %(application)s") % said
    for application, seat in found["forced"]:
        said = {"reviewer": names.seat(seat), "application": names.application(application)}
        yield _("the pair that must be: %(reviewer)s with %(application)s") % said


def _way(
    run: AssignmentRun, way: Mapping[str, Any], names: Named, groups: Mapping[str, str]
) -> WayOut:
    by: int = way["by"]
    said = {
        "by": formats.number(by),
        "applications": _listed(names.application(one) for one in way["applications"]),
        "reviewers": _listed(names.seat(one) for one in way["seats"]),
        "group": groups.get(way["rule"], ""),
    }
    match Remedy(way["remedy"]):
        case Remedy.MORE_LOAD:
            text = ngettext(
                "Let these take %(by)s application more in all, or invite a reviewer:"
                " %(reviewers)s.",
                "Let these take %(by)s applications more in all, or invite reviewers:"
                " %(reviewers)s.",
                by,
            )
            return WayOut(text % said, _more_load(run))
        case Remedy.LESS_DEMAND:
            text = ngettext(
                "Ask for %(by)s reviewer fewer in all for: %(applications)s.",
                "Ask for %(by)s reviewers fewer in all for: %(applications)s.",
                by,
            )
            fewer = max(1, run.demand - 1)
            label = _("Lower the demand to %(demand)s") % {"demand": formats.number(fewer)}
            action = _again(run, label, demand=fewer)
            return WayOut(text % said, (action,))
        case Remedy.LIFT_PAIRS:
            pairs = list(zip(way["applications"], way["seats"], strict=True))
            listed = _listed(
                _("%(reviewer)s with %(application)s")
                % {"reviewer": names.seat(second), "application": names.application(first)}
                for first, second in pairs
            )
            text = _("Let these pairs be, by a waiver where a conflict closes them: %(pairs)s.")
            return WayOut(text % {"pairs": listed}, _lifted(run, pairs))
        case Remedy.LESS_LEAST:
            text = _("Ask %(by)s less in all as the least of: %(reviewers)s.")
            least = max(0, run.load_least - 1)
            label = _("Lower the least load to %(least)s") % {"least": formats.number(least)}
            action = _again(run, label, load_least=least)
            return WayOut(text % said, (action,))
        case Remedy.DROP_RULE:
            text = _("Do not ask for the number of reviewers %(group)s of: %(applications)s.")
            return WayOut(text % said, (_without_rule(run, way["rule"]),))
        case Remedy.DROP_FORCED:
            text = _("Do not force %(reviewers)s on: %(applications)s.")
            pairs = list(zip(way["applications"], way["seats"], strict=True))
            return WayOut(text % said, _unforced(run, pairs, names))


def _lifted(run: AssignmentRun, pairs: list[rules.Pair]) -> tuple[Action, ...]:
    """Where pairs are lifted: those that the terms forbid in the terms, the rest by a decision."""
    forbidden = set(run.terms.forbidden)
    actions = []
    if not forbidden.issuperset(pairs):
        url = conflicts_url(run.stage.competition)
        actions.append(Action(_("Decide the conflict"), url))
    if not forbidden.isdisjoint(pairs):
        actions.append(_again(run, _("Choose the pairs anew")))
    return tuple(actions)


def _unforced(run: AssignmentRun, pairs: list[rules.Pair], names: Named) -> tuple[Action, ...]:
    """Where pairs are let go: those that the terms force in the terms, those whose review was begun
    where they are taken back.
    """
    standing = queries.assignments_standing(run.stage).filter(review__isnull=False)
    begun = set(standing.values_list("application_id", "seat_id")).intersection(pairs)
    actions = [
        Action(
            _("Take one back: %(application)s") % {"application": names.application(one)},
            url_of(run.stage, "show_candidates", one),
        )
        for one in sorted({application for application, _seat in begun})[:NAMED_MOST]
    ]
    if not set(run.terms.forced).isdisjoint(pairs):
        actions.append(_again(run, _("Choose the pairs anew")))
    return tuple(actions)


def _more_load(run: AssignmentRun) -> tuple[Action, ...]:
    panel = Action(_("Invite a reviewer, or let one take more"), panel_url(run.stage))
    if run.load_most is None:
        return (panel,)
    label = _("Let each take %(most)s") % {"most": formats.number(run.load_most + 1)}
    return (_again(run, label, load_most=run.load_most + 1), panel)


def _without_rule(run: AssignmentRun, key: str) -> Action:
    kind = key.partition(":")[0]
    match kind:
        case rules.OF_EMPLOYER:
            return _again(run, _("Let any number be of one employer"), employer_most=run.demand)
        case rules.OF_LEAD:
            return _again(run, _("Do not ask for the lead's sector"), lead_sector_least=0)
        case _:
            fewer = max(0, run.sector_least - 1)
            return _again(run, _("Ask for fewer of each half"), sector_least=fewer)


def _again(run: AssignmentRun, label: str, **changed: int) -> Action:
    """The form with the run's terms, and these in place of some."""
    query = urlencode({"from": run.pk, **changed})
    return Action(label, f"{url_of(run.stage, 'propose_assignment')}?{query}")


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    shown = formats.joined(found[:NAMED_MOST])
    left = len(found) - NAMED_MOST
    if left <= 0:
        return shown
    return _("%(names)s and %(count)s more") % {"names": shown, "count": formats.number(left)}
