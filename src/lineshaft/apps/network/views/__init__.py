"""Pages of network: institutes, organisations, people."""

from lineshaft.apps.network.views.institutes import (
    change_institute_status,
    export_institutes,
    list_institutes,
    show_institute,
)
from lineshaft.apps.network.views.organisations import (
    amend_organisation,
    export_organisations,
    list_organisations,
    register_organisation,
    show_organisation,
)
from lineshaft.apps.network.views.people import list_people

__all__ = [
    "amend_organisation",
    "change_institute_status",
    "export_institutes",
    "export_organisations",
    "list_institutes",
    "list_organisations",
    "list_people",
    "register_organisation",
    "show_institute",
    "show_organisation",
]
