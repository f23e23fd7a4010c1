"""What the verbs of the program are called on a page: one table from the name in the code to the
words of a person.

The audit trail, jobs and permissions keep the verb's own name, which one grep finds everywhere; a
reader sees it here translated. A verb without an entry shows under its name, and a test fails.
"""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VERB_NAMES: Final[dict[str, str | Promise]] = {
    "accept_contribution": _("Accept a contribution"),
    "accept_contributions": _("Accept contributions"),
    "accept_large_contribution": _("Accept a large contribution"),
    "activate_agreement": _("Activate an agreement"),
    "add_institute_name": _("Add a name of an institute"),
    "add_organisation_alias": _("Add a name of an organisation"),
    "add_second_factor": _("Add a second factor"),
    "admit_member": _("Admit a member"),
    "admit_members": _("Admit members"),
    "amend_organisation": _("Amend an organisation"),
    "appoint_person": _("Appoint a person"),
    "attach_evidence": _("Attach evidence"),
    "attest_part": _("Attest figures"),
    "authorise_funds": _("Authorise funds"),
    "begin_demonstration": _("Begin the demonstration"),
    "change_address": _("Change an address"),
    "change_password": _("Change a password"),
    "close_cure_period": _("Close a cure period"),
    "confirm_import": _("Confirm an import"),
    "confirm_role": _("Confirm a role"),
    "correct_transfer": _("Correct a transfer"),
    "create_token": _("Create a token"),
    "draw_funds": _("Draw funds"),
    "end_agreement": _("End an agreement"),
    "end_membership": _("End a membership"),
    "erase_event": _("Erase personal content"),
    "establish_institute": _("Establish an institute"),
    "grant_role": _("Grant a role"),
    "invite_user": _("Invite a user"),
    "issue_link": _("Print a link to set a password"),
    "load_demonstration": _("Load the demonstration year"),
    "load_published_values": _("Load published values"),
    "load_reference_network": _("Load the reference network"),
    "obligate_funds": _("Obligate funds"),
    "open_cure_period": _("Open a cure period"),
    "open_report": _("Open an annual report"),
    "plan_institute": _("Plan an institute"),
    "post_transfer": _("Post a transfer"),
    "post_transfers": _("Post transfers"),
    "propose_institute": _("Propose an institute"),
    "publish_report": _("Publish an annual report"),
    "recognise_institute": _("Recognise an institute"),
    "record_contribution": _("Record a contribution"),
    "record_contributions": _("Record contributions"),
    "refuse_contribution": _("Refuse a contribution"),
    "register_organisation": _("Register an organisation"),
    "register_organisations": _("Register organisations"),
    "register_person": _("Register a person"),
    "register_user": _("Register a user"),
    "release_obligation": _("Release an obligation"),
    "remove_second_factor": _("Remove a second factor"),
    "renew_second_factor": _("Renew recovery codes"),
    "request_password_reset": _("Ask for a new password"),
    "request_snapshot": _("Ask for a snapshot"),
    "reset_password": _("Reset a password"),
    "restate_report": _("Restate an annual report"),
    "retry_job": _("Run a job again"),
    "retry_message": _("Send a message again"),
    "return_funds": _("Return funds"),
    "revoke_role": _("Revoke a role"),
    "revoke_token": _("Revoke a token"),
    "run_import": _("Import a file"),
    "sign_agreement": _("Sign an agreement"),
    "stop_job": _("Stop a job"),
    "store_file": _("Store a file"),
    "take_snapshot": _("Bring the figures up to date"),
    "terminate_agreement": _("Terminate an agreement"),
    "terminate_institute": _("Terminate an institute"),
    "withdraw_attestation": _("Withdraw an attestation"),
    "withdraw_contribution": _("Withdraw a contribution"),
}


def verb_name(verb: str) -> str:
    """The verb in the reader's language."""
    return str(VERB_NAMES.get(verb, verb))
