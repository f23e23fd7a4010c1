"""Pages of what belongs to no single app: home, search, my desk, the audit trail."""

from lineshaft.apps.desk.views.audit import list_audit_events, show_audit_event
from lineshaft.apps.desk.views.home import (
    about,
    find_help,
    home,
    search,
    show_desk,
)

__all__ = [
    "about",
    "find_help",
    "home",
    "list_audit_events",
    "search",
    "show_audit_event",
    "show_desk",
]
