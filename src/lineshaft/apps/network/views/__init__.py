"""Pages of network: institutes, organisations, people."""

from lineshaft.apps.network.views.awards import (
    list_outside_awards,
    show_outside_award,
)
from lineshaft.apps.network.views.centres import (
    list_extension_centres,
    register_extension_centre,
)
from lineshaft.apps.network.views.checking import (
    check_text,
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
    export_decisions,
    export_records,
    list_pairs,
    request_resolution,
)
from lineshaft.apps.network.views.organisations import (
    add_organisation_alias,
    amend_organisation,
    export_organisations,
    list_organisations,
    register_organisation,
    show_organisation,
)
from lineshaft.apps.network.views.overlaps import (
    confirm_collaboration,
    confirm_continuation,
    confirm_same_work,
    keep_awards_apart,
    list_overlaps,
    reopen_overlap,
    request_overlaps,
    show_overlap,
)
from lineshaft.apps.network.views.pairs import (
    keep_apart,
    merge_organisations,
    next_pair,
    propose_merge,
    propose_merge_of_pair,
    reopen_pair,
    show_pair,
    undo_merge,
)
from lineshaft.apps.network.views.people import (
    appoint_person,
    list_people,
    register_person,
)
from lineshaft.apps.network.views.ties import (
    end_person_tie,
    record_person_tie,
    show_person,
)

__all__ = [
    "add_institute_name",
    "add_organisation_alias",
    "amend_organisation",
    "appoint_person",
    "change_institute_status",
    "check_text",
    "confirm_collaboration",
    "confirm_continuation",
    "confirm_same_work",
    "end_person_tie",
    "export_decisions",
    "export_institutes",
    "export_organisations",
    "export_records",
    "keep_apart",
    "keep_awards_apart",
    "list_extension_centres",
    "list_institutes",
    "list_organisations",
    "list_outside_awards",
    "list_overlaps",
    "list_pairs",
    "list_people",
    "merge_organisations",
    "name_lead_organisation",
    "next_pair",
    "propose_institute",
    "propose_merge",
    "propose_merge_of_pair",
    "record_person_tie",
    "register_extension_centre",
    "register_organisation",
    "register_person",
    "reopen_overlap",
    "reopen_pair",
    "request_overlaps",
    "request_resolution",
    "show_institute",
    "show_organisation",
    "show_outside_award",
    "show_overlap",
    "show_pair",
    "show_person",
    "undo_merge",
]
