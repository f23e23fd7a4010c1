"""Every write to the network's ground, one function a verb, split by noun.

Each permits, refuses, writes and audits in one transaction, and makes what it wrote findable.
"""

from lineshaft.apps.network.services.awards import (
    AwardFile,
    AwardOutcome,
    AwardRow,
    may_register_outside_awards,
    register_outside_awards,
)
from lineshaft.apps.network.services.checking import (
    OrganisationRow,
)
from lineshaft.apps.network.services.finding import (
    FIND_OVERLAPS_JOB,
    FindOutcome,
    find_overlaps,
    request_overlaps,
)
from lineshaft.apps.network.services.indexing import (
    index_institutes,
    index_organisations,
    index_outside_awards,
)
from lineshaft.apps.network.services.institutes import (
    STATUS_VERBS,
    InstituteProposal,
    add_institute_name,
    close_cure_period,
    establish_institute,
    name_lead_organisation,
    open_cure_period,
    plan_institute,
    propose_institute,
    recognise_institute,
    register_extension_centre,
    terminate_institute,
)
from lineshaft.apps.network.services.merging import (
    keep_apart,
    merge_organisations,
    propose_merge,
    refusal_to_merge,
    reopen_pair,
    undo_merge,
)
from lineshaft.apps.network.services.organisations import (
    AMENDABLE,
    RegisterOutcome,
    add_organisation_alias,
    amend_organisation,
    levels_to_register,
    lookalikes_of,
    may_anywhere,
    permit_anywhere,
    register_organisation,
    register_organisations,
)
from lineshaft.apps.network.services.overlap_check import (
    OverlapSeen,
    overlaps_with,
)
from lineshaft.apps.network.services.overlaps import (
    OVERLAP_VERBS,
    FoundOverlap,
    OverlapOutcome,
    confirm_collaboration,
    confirm_continuation,
    confirm_same_work,
    keep_awards_apart,
    may_decide_overlap,
    permit_overlap,
    record_overlaps,
    reopen_overlap,
)
from lineshaft.apps.network.services.people import (
    appoint_person,
    give_person_user,
    register_person,
)
from lineshaft.apps.network.services.reference import (
    LoadOutcome,
    load_reference_network,
)
from lineshaft.apps.network.services.resolving import (
    RESOLVE_ORGANISATIONS_JOB,
    ResolveOutcome,
    find_lookalikes,
    request_resolution,
    resolve_organisations,
)
from lineshaft.apps.network.services.ties import (
    TieRow,
    TieTerms,
    end_person_tie,
    record_person_tie,
    record_person_ties,
)
from lineshaft.apps.network.services.works import (
    WorkDescribed,
    work_of_award,
)

__all__ = [
    "AMENDABLE",
    "FIND_OVERLAPS_JOB",
    "OVERLAP_VERBS",
    "RESOLVE_ORGANISATIONS_JOB",
    "STATUS_VERBS",
    "AwardFile",
    "AwardOutcome",
    "AwardRow",
    "FindOutcome",
    "FoundOverlap",
    "InstituteProposal",
    "LoadOutcome",
    "OrganisationRow",
    "OverlapOutcome",
    "OverlapSeen",
    "RegisterOutcome",
    "ResolveOutcome",
    "TieRow",
    "TieTerms",
    "WorkDescribed",
    "add_institute_name",
    "add_organisation_alias",
    "amend_organisation",
    "appoint_person",
    "close_cure_period",
    "confirm_collaboration",
    "confirm_continuation",
    "confirm_same_work",
    "end_person_tie",
    "establish_institute",
    "find_lookalikes",
    "find_overlaps",
    "give_person_user",
    "index_institutes",
    "index_organisations",
    "index_outside_awards",
    "keep_apart",
    "keep_awards_apart",
    "levels_to_register",
    "load_reference_network",
    "lookalikes_of",
    "may_anywhere",
    "may_decide_overlap",
    "may_register_outside_awards",
    "merge_organisations",
    "name_lead_organisation",
    "open_cure_period",
    "overlaps_with",
    "permit_anywhere",
    "permit_overlap",
    "plan_institute",
    "propose_institute",
    "propose_merge",
    "recognise_institute",
    "record_overlaps",
    "record_person_tie",
    "record_person_ties",
    "refusal_to_merge",
    "register_extension_centre",
    "register_organisation",
    "register_organisations",
    "register_outside_awards",
    "register_person",
    "reopen_overlap",
    "reopen_pair",
    "request_overlaps",
    "request_resolution",
    "resolve_organisations",
    "terminate_institute",
    "undo_merge",
    "work_of_award",
]
