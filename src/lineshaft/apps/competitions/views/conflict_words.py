"""How a conflict of interest is told: the sentence of its evidence, tones, tables."""

from typing import Final

from django.utils.translation import gettext as _

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Conflict, UnwantedReviewer
from lineshaft.apps.competitions.queries import ConflictCounts
from lineshaft.web import formats
from lineshaft.web.pages import Tone
from lineshaft.web.tables import Cell, Column, Row, Table

OUTCOME_TONES: Final[dict[str, Tone]] = {
    rules.ConflictOutcome.OPEN: "due",
    rules.ConflictOutcome.RECUSAL: "bad",
    rules.ConflictOutcome.MITIGATION: "ok",
    rules.ConflictOutcome.WAIVER: "ok",
}


def evidence_of(conflict: Conflict) -> str:
    """What the conflict rests on, in the reader's language."""
    said: dict[str, str] = conflict.evidence
    if conflict.origin == rules.ConflictOrigin.DECLARED:
        return said["text"]
    match conflict.kind:
        case rules.ConflictKind.ON_TEAM:
            return _("Is named on the team of the application.")
        case rules.ConflictKind.EMPLOYER:
            return _("Works for %(organisation)s, which takes part in the application.") % said
        case rules.ConflictKind.EMAIL_DOMAIN:
            return _("Has an address at %(domain)s, as the team has.") % said
        case rules.ConflictKind.INSTITUTE:
            return (
                _("Serves in %(institute)s, which is led by %(organisation)s of the team.") % said
            )
        case rules.ConflictKind.UNWANTED:
            return _("The team asks not to have this person as a reviewer.")
        case _tie:
            return _of_tie(said)


def outcome_cell(conflict: Conflict) -> Cell:
    """The outcome as a word; that it is no longer found, where it is not."""
    if conflict.cleared_at is not None:
        return Cell(_("No longer found"), tag="quiet")
    return Cell(str(conflict.get_outcome_display()), tag=OUTCOME_TONES[conflict.outcome])


def withheld_kind(conflict: Conflict) -> str:
    """The kind as it is told to whom it concerns; that a team named somebody is not."""
    if conflict.kind == rules.ConflictKind.UNWANTED:
        return _("Withheld")
    return str(conflict.get_kind_display())


def unwanted_table(rows: list[UnwantedReviewer]) -> Table:
    """Whom a team asks not to have as a reviewer."""
    return Table(
        _("Unwanted reviewers, with what the team says"),
        (
            Column("name", _("Name"), place="start"),
            Column("organisation", _("Organisation"), place="line"),
            Column("email", _("E-mail address"), place="line"),
            Column("why", _("Why"), place="foot"),
        ),
        tuple(
            Row((Cell(one.name), Cell(one.organisation), Cell(one.email), Cell(one.why)))
            for one in rows
        ),
        empty=_("Nobody is named."),
        is_stacked=True,
    )


def conflicts_text(counts: ConflictCounts) -> str:
    """What everybody reads of the conflicts of a competition: numbers, no name."""
    said = {
        "found": formats.number(counts.found),
        "recusals": formats.number(counts.recusals),
        "mitigations": formats.number(counts.mitigations),
        "waivers": formats.number(counts.waivers),
        "open": formats.number(counts.open),
    }
    return (
        _(
            "%(found)s found: %(recusals)s recusals, %(mitigations)s mitigated, %(waivers)s waived,"
            " %(open)s not decided, which kept the application closed as a recusal does"
        )
        % said
    )


def _of_tie(said: dict[str, str]) -> str:
    if said["year_to"]:
        return _("Tied to %(person)s of the team from %(year_from)s to %(year_to)s.") % said
    return _("Tied to %(person)s of the team since %(year_from)s.") % said


def decided_text(conflict: Conflict) -> str:
    """By whom and when it was decided; a dash before."""
    if conflict.decided_at is None:
        return formats.MISSING
    return _("%(who)s, %(day)s") % {
        "who": formats.actor_name(conflict.decided_by),
        "day": formats.date_local(conflict.decided_at),
    }
