"""The verbs of insight: snapshots, attestation, and the annual report from draft to print."""

from lineshaft.apps.insight.services.denominators import (
    NumbersKept,
    StateNumber,
    number_refusal,
    record_denominators,
    record_shipped_denominators,
)
from lineshaft.apps.insight.services.documents import Document, json_number, render_document
from lineshaft.apps.insight.services.published import load_published_values
from lineshaft.apps.insight.services.reports import (
    attest_part,
    open_report,
    publish_report,
    report_document,
    restate_report,
    withdraw_attestation,
)
from lineshaft.apps.insight.services.snapshots import (
    TAKE_SNAPSHOT_JOB,
    may_take_snapshot,
    request_snapshot,
    take_snapshot,
)
from lineshaft.apps.insight.services.verification import verify_reports

__all__ = [
    "TAKE_SNAPSHOT_JOB",
    "Document",
    "NumbersKept",
    "StateNumber",
    "attest_part",
    "json_number",
    "load_published_values",
    "may_take_snapshot",
    "number_refusal",
    "open_report",
    "publish_report",
    "record_denominators",
    "record_shipped_denominators",
    "render_document",
    "report_document",
    "request_snapshot",
    "restate_report",
    "take_snapshot",
    "verify_reports",
    "withdraw_attestation",
]
