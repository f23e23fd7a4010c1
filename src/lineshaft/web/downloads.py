"""A table as a file to download, in any of the forms that exports have."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.http import HttpResponse, StreamingHttpResponse

from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.exchange.writing import (
    ExportCell,
    ExportColumn,
    Provenance,
    write_csv,
    write_json,
    write_xlsx,
)

EXPORT_FORMS: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def table_download(
    form: str,
    *,
    name: str,
    columns: Sequence[ExportColumn],
    rows: Iterable[Sequence[ExportCell]],
    provenance: Provenance,
) -> HttpResponse | StreamingHttpResponse:
    """The table as `name`.csv, .xlsx or .json; CSV and JSON leave row by row.

    Raises NotFound for any other form.
    """
    if form not in EXPORT_FORMS:
        raise NotFound(gettext_noop("A table is downloaded as CSV, XLSX or JSON."), code="form")
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
