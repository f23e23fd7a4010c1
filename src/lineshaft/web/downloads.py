"""A table as a file to download, in any of the forms that exports have; the one door of exports."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.http import HttpResponse, StreamingHttpResponse

from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import (
    ExportCell,
    ExportColumn,
    Provenance,
    write_csv,
    write_json,
    write_xlsx,
)
from lineshaft.plumbing.gates import pass_gate
from lineshaft.plumbing.limits import Gate

EXPORT_FORMS: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def table_download(
    actor: Actor,
    form: str,
    *,
    name: str,
    columns: Sequence[ExportColumn],
    rows: Iterable[Sequence[ExportCell]],
    provenance: Provenance,
    institute: str = "",
) -> HttpResponse | StreamingHttpResponse:
    """The table as `name`.csv, .xlsx or .json; CSV and JSON leave row by row.

    `institute` is the key of that whose rows alone it holds. Raises NotFound for any other form,
    and Refused where a decision lets the actor read and not export.
    """
    if form not in EXPORT_FORMS:
        raise NotFound(gettext_noop("A table is downloaded as CSV, XLSX or JSON."), code="form")
    pass_gate(
        actor,
        Gate.EXPORT,
        now=provenance.generated_at,
        institute=institute,
        name=f"{name}.{form}",
    )
    response: HttpResponse | StreamingHttpResponse
    if form == "xlsx":
        response = HttpResponse(write_xlsx(columns, rows, provenance))
    else:
        write = write_csv if form == "csv" else write_json
        response = StreamingHttpResponse(write(columns, rows, provenance))
    response["Content-Type"] = EXPORT_FORMS[form]
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response
