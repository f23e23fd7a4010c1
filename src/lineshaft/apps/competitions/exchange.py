"""Tables of competitions as they leave in a file."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import STAGE_RESULT_LABELS
from lineshaft.apps.competitions.queries import Judged
from lineshaft.plumbing.exchange.writing import ExportCell, ExportColumn
from lineshaft.web.formats import local_name, local_of


def outcomes_export_columns() -> list[ExportColumn]:
    """The columns of who goes on."""
    return [
        ExportColumn("application", _("Application")),
        ExportColumn("title", _("Title")),
        ExportColumn("lead", _("Lead organisation")),
        ExportColumn("outcome", _("Outcome")),
        ExportColumn("reason", _("Reason")),
        ExportColumn("advice", _("Advice to the applicant")),
        ExportColumn("decided_by", _("Decided by")),
        ExportColumn("decided_at", _("Decided at")),
        ExportColumn("told_at", _("Told at")),
    ]


def outcomes_export_rows(rows: Iterable[Judged]) -> Iterator[list[ExportCell]]:
    """A line for each application that the stage judges, also where nothing is decided."""
    for one in rows:
        application, outcome = one.submission.application, one.outcome
        yield [
            application.number,
            one.title,
            local_name(application.lead),
            str(STAGE_RESULT_LABELS[rules.StageResult(outcome.outcome)]) if outcome else "",
            outcome.reason if outcome else "",
            local_of(outcome, "advice") if outcome else "",
            outcome.decided_by if outcome else "",
            outcome.decided_at if outcome else None,
            outcome.told_at if outcome else None,
        ]
