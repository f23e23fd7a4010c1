"""What the pages of assignments share: the stage they are of, the way to them, faults in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions.models import Competition, Stage
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.reviewing import queries, rules
from lineshaft.apps.reviewing.models import SECTOR_LABELS, PanelSeat
from lineshaft.apps.reviewing.services import FaultShown, permit_on_stage
from lineshaft.engines.optimise.assignment import Fault
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may
from lineshaft.web import formats
from lineshaft.web.pages import Crumb, Tone, actor_of
from lineshaft.web.tables import Cell, Column, Row, Table

RUN_TONES: Final[dict[str, Tone]] = {
    rules.COMPUTING: "due",
    rules.PROPOSED: "due",
    rules.INFEASIBLE: "bad",
    rules.STOPPED: "quiet",
    rules.ADOPTED: "ok",
    rules.DISCARDED: "quiet",
}
WITHHELD: Final = gettext_lazy(
    "An application of this stage is closed to you by a conflict of interest. It stands in no row"
    " and in no number here, and numbers over all applications are withheld."
)
_FAULTS: Final[dict[str, Promise]] = {
    Fault.COVERAGE: gettext_lazy("%(application)s has %(found)s of %(wanted)s reviewers."),
    Fault.OVER_LOAD: gettext_lazy("%(reviewer)s has %(found)s applications, at most %(wanted)s."),
    Fault.UNDER_LOAD: gettext_lazy(
        "%(reviewer)s has %(found)s applications, at the least %(wanted)s."
    ),
    Fault.NOT_ALLOWED: gettext_lazy("%(reviewer)s may not review %(application)s."),
    Fault.NOT_FORCED: gettext_lazy(
        "%(reviewer)s has begun a review of %(application)s and is not assigned to it."
    ),
    Fault.RULE: gettext_lazy("%(application)s has %(found)s reviewers %(group)s, not %(wanted)s."),
}


@dataclass(frozen=True, slots=True)
class Named:
    """What the ids of applications and seats are called."""

    applications: dict[int, str]
    seats: dict[int, str]

    def application(self, pk: int | None) -> str:
        """What the application is called; a dash for none."""
        return self.applications.get(pk or 0, "–")

    def seat(self, pk: int | None) -> str:
        """Who sits there; a dash for nobody."""
        return self.seats.get(pk or 0, "–")


def stage_to(
    request: HttpRequest, key: str, number: int | None
) -> tuple[Actor, Competition, Stage]:
    """The actor, the competition and its stage, for whoever reads what was handed in.

    Without a number the last that has begun and to which somebody is assigned or has to be.
    Raises NotFound, also for a stage that judges nothing.
    """
    actor = actor_of(request)
    shown = competitions.competition_by_key(actor, key)
    if not competitions.may_read_submissions(actor, shown):
        raise NotFound(code="no_assignment")
    judged = queries.stages_judged(shown)
    if number is None:
        first = queries.stage_shown_first(judged)
        found = [first] if first else []
    else:
        found = [one for one in judged if one.number == number]
    if not found:
        raise NotFound(code="no_stage")
    found[0].competition = shown
    return actor, shown, found[0]


def stage_to_assign(
    request: HttpRequest, key: str, number: int, verb: str
) -> tuple[Actor, Competition, Stage]:
    """The same for whoever may do that there; raises NotPermitted for others who read it."""
    actor, shown, stage = stage_to(request, key, number)
    permit_on_stage(actor, stage, verb)
    return actor, shown, stage


def may_assign(actor: Actor, competition: Competition) -> bool:
    """Whether the actor runs the competition, and not only reads of it."""
    institute, agencies = competitions.runner_keys_of(competition)
    permission = rules.PERMISSIONS["assign_reviewer"]
    return may(actor, permission, institute=institute, agencies=agencies)


def url_of(stage: Stage, name: str, *more: object) -> str:
    """The address of a page of the stage's assignment."""
    return reverse(f"reviewing:{name}", args=[stage.competition.key, stage.number, *more])


def panel_url(stage: Stage) -> str:
    """The page of the panel, where reviewers are invited and say how much they take."""
    return url_of(stage, "show_panel")


def conflicts_url(competition: Competition) -> str:
    """The page of the conflicts of interest, where one is decided."""
    return reverse("competitions:list_conflicts", args=[competition.key])


def assignment_crumbs(stage: Stage, *, is_below: bool = True) -> tuple[Crumb, ...]:
    """The way to the competition, and to the stage's assignment from a page below it."""
    competition = stage.competition
    crumbs = (
        Crumb(_("Competitions"), reverse("competitions:list_competitions")),
        Crumb(competition.code, competition.get_absolute_url()),
    )
    if not is_below:
        return crumbs
    return (*crumbs, Crumb(_("Assignment"), url_of(stage, "show_assignment")))


def affinity(value: Any) -> str:
    """An affinity, or a sum of some, in two decimals; a dash where none is counted."""
    return "–" if value is None else formats.number(value, 2)


def in_units(value: int | None) -> str:
    """The same for whole millionths."""
    return affinity(None if value is None else value / rules.AFFINITY_UNITS)


def sector_of(seat: PanelSeat) -> str:
    """The sector of a reviewer in words."""
    return str(SECTOR_LABELS[rules.Sector(seat.reviewer.sector)])


def employer_of(seat: PanelSeat) -> str:
    """The employer of a reviewer; empty where none is known."""
    return formats.local_name(seat.reviewer.person.organisation)


def application_name(number: int, title: str) -> str:
    """An application by its number and title."""
    return _("%(number)s. %(title)s") % {"number": number, "title": title}


def names_of(
    actor: Actor, stage: Stage, applications: Iterable[int], seats: Iterable[int]
) -> Named:
    """What these are called, of the applications those that are open to the actor; two queries."""
    rows = queries.applications_covered(actor, stage).filter(application__in=set(applications))
    people = PanelSeat.objects.filter(pk__in=set(seats)).select_related("reviewer__person")
    return Named(
        {one.application_id: application_name(one.application.number, one.title) for one in rows},  # type: ignore[attr-defined] # annotated
        {one.pk: formats.local_name(one.reviewer.person) for one in people},
    )


def groups_named(keys: Iterable[str]) -> dict[str, str]:
    """The groups of rules, each as it stands behind the number of its reviewers; one query."""
    wanted = sorted(set(keys))
    ids = [int(key.partition(":")[2]) for key in wanted if key.startswith(rules.OF_EMPLOYER)]
    employers = Organisation.objects.in_bulk(ids)
    return {key: _group_words(key, employers) for key in wanted}


def fault_words(fault: FaultShown, names: Named, groups: Mapping[str, str]) -> str:
    """A fault in a sentence."""
    said = {
        "application": names.application(fault.application_id),
        "reviewer": names.seat(fault.seat_id),
        "found": formats.number(fault.found),
        "wanted": formats.number(fault.wanted),
        "group": groups.get(fault.rule, ""),
    }
    return str(_FAULTS[fault.kind]) % said


def faults_table(
    actor: Actor, stage: Stage, faults: Iterable[FaultShown], caption: str, empty: str
) -> Table:
    """Faults, each with the page on which it is mended."""
    found = list(faults)
    names = names_of(
        actor,
        stage,
        [one.application_id for one in found if one.application_id],
        [one.seat_id for one in found if one.seat_id],
    )
    groups = groups_named(one.rule for one in found if one.rule)
    rows = []
    for one in found:
        if one.application_id:
            url = url_of(stage, "show_candidates", one.application_id)
            label = _("Choose its reviewers")
        else:
            url, label = url_of(stage, "list_loads"), _("Look at the loads")
        words = fault_words(one, names, groups)
        rows.append(Row((Cell(words), Cell(label, url))))
    columns = (Column("fault", _("What does not hold")), Column("mend", _("Where it is mended")))
    return Table(caption, columns, tuple(rows), empty=empty, is_stacked=True)


def pairs_counted(count: int) -> str:
    """A number of assignments in words."""
    return ngettext("%(count)s assignment", "%(count)s assignments", count) % {
        "count": formats.number(count)
    }


def _group_words(key: str, employers: Mapping[int, Organisation]) -> str:
    kind, _colon, rest = key.partition(":")
    match kind:
        case rules.PRIVATE_HALF:
            return _("of the private half")
        case rules.PUBLIC_HALF:
            return _("of the public half")
        case rules.OF_EMPLOYER:
            employer = formats.local_name(employers.get(int(rest)))
            return _("of %(employer)s") % {"employer": employer}
        case _:
            sectors = [str(SECTOR_LABELS[rules.Sector(one)]) for one in rest.split("+")]
            return _("of the lead's sector (%(sectors)s)") % {"sectors": formats.joined(sectors)}
