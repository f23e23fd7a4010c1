"""Pages of insight: parse, call, render."""

from lineshaft.apps.insight.views.figures import (
    export_figure,
    list_records,
    show_figure,
    show_institute_figures,
)
from lineshaft.apps.insight.views.outlook_exports import export_outlook, export_outlooks
from lineshaft.apps.insight.views.outlooks import list_outlooks, show_outlook
from lineshaft.apps.insight.views.parts import attest_part, withdraw_attestation
from lineshaft.apps.insight.views.portfolio import (
    export_portfolio,
    list_portfolio_records,
    show_portfolio,
)
from lineshaft.apps.insight.views.reports import (
    download_report,
    list_reports,
    open_report,
    publish_report,
    request_snapshot,
    restate_report,
    show_report,
)

__all__ = [
    "attest_part",
    "download_report",
    "export_figure",
    "export_outlook",
    "export_outlooks",
    "export_portfolio",
    "list_outlooks",
    "list_portfolio_records",
    "list_records",
    "list_reports",
    "open_report",
    "publish_report",
    "request_snapshot",
    "restate_report",
    "show_figure",
    "show_institute_figures",
    "show_outlook",
    "show_portfolio",
    "show_report",
    "withdraw_attestation",
]
