"""Pages of network: institutes, organisations, people."""

from lineshaft.apps.network.views.awards import (
    list_outside_awards,
    show_outside_award,
)
from lineshaft.apps.network.views.centres import (
    list_extension_centres,
    register_extension_centre,
)
from lineshaft.apps.network.views.institute_verbs import (
    add_institute_name,
    change_institute_status,
    name_lead_organisation,
    propose_institute,
)
from lineshaft.apps.network.views.institutes import (
    export_institutes,
    list_institutes,
    show_institute,
)
from lineshaft.apps.network.views.lookalikes import (
    keep_apart,
    list_pairs,
    merge_organisations,
    propose_merge,
    request_lookalikes,
    show_pair,
    undo_merge,
)
from lineshaft.apps.network.views.organisations import (
    add_organisation_alias,
    amend_organisation,
    export_organisations,
    list_organisations,
    register_organisation,
    show_organisation,
)
from lineshaft.apps.network.views.people import (
    appoint_person,
    list_people,
    register_person,
)

__all__ = [
    "add_institute_name",
    "add_organisation_alias",
    "amend_organisation",
    "appoint_person",
    "change_institute_status",
    "export_institutes",
    "export_organisations",
    "keep_apart",
    "list_extension_centres",
    "list_institutes",
    "list_organisations",
    "list_outside_awards",
    "list_pairs",
    "list_people",
    "merge_organisations",
    "name_lead_organisation",
    "propose_institute",
    "propose_merge",
    "register_extension_centre",
    "register_organisation",
    "register_person",
    "request_lookalikes",
    "show_institute",
    "show_organisation",
    "show_outside_award",
    "show_pair",
    "undo_merge",
]
