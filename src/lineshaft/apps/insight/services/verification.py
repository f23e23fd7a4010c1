"""Whether what was published is still what was published, re-derived from the ground up."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lineshaft.apps.insight import queries, rules
from lineshaft.apps.insight.models import (
    FigureValue,
    PortfolioCell,
    ReportDocument,
    ReportEdition,
    Snapshot,
)
from lineshaft.apps.insight.queries import Measured
from lineshaft.apps.insight.rules import DocumentFormat, EditionState
from lineshaft.apps.insight.services.documents import json_values, stored_values
from lineshaft.apps.insight.services.reports import digest_of_documents
from lineshaft.apps.insight.services.snapshots import (
    cell_rows,
    figure_engine,
    folder_of,
    value_rows,
)
from lineshaft.engines.analytics.cells import compute_cells
from lineshaft.engines.analytics.engine import FigureEngine
from lineshaft.engines.analytics.figures import FigureError, FigureResults, compute
from lineshaft.engines.analytics.snapshot import (
    SnapshotDamaged,
    check_snapshot,
    read_manifest,
)
from lineshaft.kernel.errors import Unavailable
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.audit.services import Problem
from lineshaft.plumbing.files.services import open_file

_SNAPSHOT = gettext_noop("The snapshot is not what was taken: %(found)s.")
_HASH = gettext_noop("The snapshot's files bear another hash than its record.")
_VALUES = gettext_noop("%(count)s stored values are not what the snapshot gives: %(first)s.")
_MISSING = gettext_noop("The document in %(format)s, %(language)s, is missing.")
_CONTENT = gettext_noop("The document in %(format)s, %(language)s, is not what was published.")
_EDITION = gettext_noop("The documents do not give the digest of the edition.")
_PRINTED = gettext_noop("%(count)s printed values are not what the snapshot gives: %(first)s.")


def verify_reports() -> list[Problem]:
    """Every snapshot that is kept and every published edition, compared with what they came from.

    The hash of a snapshot from its files, the stored values from the files, the documents' bytes
    from their digests, and the numbers in the published JSON from the snapshot. Writes nothing.
    Raises Unavailable where figures are to be computed on a cluster that does not answer.
    """
    problems: list[Problem] = []
    results: dict[int, FigureResults] = {}
    with figure_engine() as engine:
        for snapshot in Snapshot.objects.filter(is_kept=True).order_by("pk"):
            found = list(_snapshot_problems(snapshot))
            problems += found
            if found:
                continue
            try:
                results[snapshot.pk] = _computed(snapshot, engine)
            except FigureError as error:
                problems.append(Problem(snapshot.name, _SNAPSHOT, {"found": str(error)}))
            else:
                problems += _value_problems(snapshot, results[snapshot.pk])
                problems += _cell_problems(snapshot, engine)
    editions = ReportEdition.objects.exclude(state=EditionState.DRAFT.value).select_related(
        "snapshot"
    )
    for edition in editions.order_by("fiscal_year", "number"):
        problems += _edition_problems(edition, results.get(edition.snapshot_id))
    return problems


def _snapshot_problems(snapshot: Snapshot) -> Iterator[Problem]:
    folder = folder_of(snapshot)
    for sentence in check_snapshot(folder):
        yield Problem(snapshot.name, _SNAPSHOT, {"found": sentence})
    try:
        if read_manifest(folder).hash != snapshot.hash:
            yield Problem(snapshot.name, _HASH, {})
    except SnapshotDamaged:
        return  # said above


def _computed(snapshot: Snapshot, engine: FigureEngine) -> FigureResults:
    """The figures that were stored with a snapshot: an old one may lack what a new figure reads."""
    library = queries.figure_library()
    stored = set(FigureValue.objects.filter(snapshot=snapshot).values_list("figure", flat=True))
    known = [one for one in library.figures if one.id in stored]
    return compute(library, folder_of(snapshot), figures=known, engine=engine)


def _value_problems(snapshot: Snapshot, results: FigureResults) -> Iterator[Problem]:
    versions = {one.id: one.version for one in queries.figure_library().figures}
    stored = {
        _key(row): (row.numerator, row.denominator)
        for row in FigureValue.objects.filter(snapshot=snapshot)
        if row.version == versions.get(row.figure)
    }
    kept = {key[0] for key in stored}
    computed = {
        _key(row): (row.numerator, row.denominator)
        for row in value_rows(snapshot, results)
        if row.figure in kept
    }
    wrong = sorted(
        key for key in stored.keys() | computed.keys() if stored.get(key) != computed.get(key)
    )
    if wrong:
        first = " ".join(str(part) for part in wrong[0] if part)
        yield Problem(snapshot.name, _VALUES, {"count": len(wrong), "first": first})


def _cell_problems(snapshot: Snapshot, engine: FigureEngine) -> Iterator[Problem]:
    """Compare the cells of figures whose definition is still the one that they were stored with."""
    library = queries.portfolio_library()
    rows = PortfolioCell.objects.filter(snapshot=snapshot)
    versions = dict(rows.order_by().values_list("figure", "version").distinct())
    known = [one for one in library.figures if versions.get(one.id) == one.version]
    try:
        cells = compute_cells(library, folder_of(snapshot), figures=known, engine=engine)
    except FigureError as error:
        yield Problem(snapshot.name, _SNAPSHOT, {"found": str(error)})
        return
    computed = Counter(_cell(one) for one in cell_rows(snapshot, cells))
    stored = Counter(_cell(one) for one in rows.filter(figure__in=[one.id for one in known]))
    wrong = sorted((computed - stored) + (stored - computed), key=str)
    if wrong:
        first = " ".join(str(part) for part in wrong[0][:5] if part)
        yield Problem(snapshot.name, _VALUES, {"count": len(wrong), "first": first})


def _edition_problems(edition: ReportEdition, results: FigureResults | None) -> Iterator[Problem]:
    where = f"report {edition.fiscal_year}, edition {edition.number}"
    documents = {(one.format, one.language): one for one in queries.documents_of(edition)}
    for kind in DocumentFormat:
        for language in rules.LANGUAGES:
            place = {"format": kind.value, "language": language}
            document = documents.get((kind.value, language))
            if document is None:
                yield Problem(where, _MISSING, place)
                continue
            content = _content(document)
            if content is None or hashlib.sha256(content).hexdigest() != document.sha256:
                yield Problem(where, _CONTENT, place)
            elif kind is DocumentFormat.JSON and results is not None:
                yield from _printed_problems(where, edition, json.loads(content), results)
    if digest_of_documents(documents.values()) != edition.sha256:
        yield Problem(where, _EDITION, {})


def _printed_problems(
    where: str, edition: ReportEdition, document: dict[str, Any], results: FigureResults
) -> Iterator[Problem]:
    """Compare figures whose definition is still the one that was printed."""
    versions = dict(
        FigureValue.objects.filter(snapshot_id=edition.snapshot_id).values_list("figure", "version")
    )
    printed = stored_values(document)
    wrong: list[str] = []
    for definition in queries.figure_library().reported:
        if versions.get(definition.id) != definition.version:
            continue
        values = [
            Measured(
                definition,
                row.institute or "",
                row.fiscal_year,
                row.dimension or "",
                row.numerator,
                row.denominator,
            )
            for row in results.rows[definition.id]
            if row.fiscal_year == edition.fiscal_year
        ]
        wrong += [
            " ".join(part for part in key if part)
            for key, value in json_values(definition, values).items()
            if printed.get(key) != value
        ]
    if wrong:
        yield Problem(where, _PRINTED, {"count": len(wrong), "first": wrong[0]})


def _content(document: ReportDocument) -> bytes | None:
    try:
        with open_file(document.file) as opened:
            return opened.read()
    except Unavailable:
        return None


def _key(row: FigureValue) -> tuple[str, str, int, str]:
    return row.figure, row.institute, row.fiscal_year, row.dimension


def _cell(row: PortfolioCell) -> tuple[object, ...]:
    return (
        row.figure,
        row.fiscal_year,
        row.agency,
        row.institute,
        row.part,
        row.technology_areas,
        row.state,
        row.numerator,
        row.denominator,
    )
