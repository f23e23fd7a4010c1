"""Records of memberships: tiers, agreements, applications, invoices, and people's access."""

from lineshaft.apps.memberships.models.access import (
    DIGEST_LENGTH,
    WAY_LABELS,
    Invitation,
    MailDomain,
    OrganisationPerson,
)
from lineshaft.apps.memberships.models.agreements import (
    AGREEMENT_TRIGGERS,
    END_REASON_LABELS,
    MemberAgreement,
)
from lineshaft.apps.memberships.models.applications import (
    APPLICATION_STATE_LABELS,
    APPLICATION_TRIGGERS,
    SIDE_LABELS,
    AgreementSignature,
    MembershipApplication,
)
from lineshaft.apps.memberships.models.directory import (
    OPEN_LEVELS,
    DirectoryEntry,
)
from lineshaft.apps.memberships.models.documents import (
    DOCUMENT_KIND_LABELS,
    SharedDocument,
)
from lineshaft.apps.memberships.models.invoices import (
    CLOSING_LABELS,
    INVOICE_STATE_LABELS,
    INVOICE_TRIGGERS,
    LINE_KIND_LABELS,
    AgreedTerms,
    Invoice,
    InvoiceLine,
    InvoicePayment,
    InvoiceWriteOff,
)
from lineshaft.apps.memberships.models.needs import (
    ANSWER_TRIGGERS,
    CLOSE_REASON_LABELS,
    NEED_KIND_LABELS,
    NEED_STATE_LABELS,
    Need,
    NeedAnswer,
)
from lineshaft.apps.memberships.models.participation import (
    DECISION_LABELS,
    PARTICIPATION_TRIGGERS,
    REVIEW_STATE_LABELS,
    STANDING_LABELS,
    DecisionLetter,
    OwnerLink,
    ParticipationCommitment,
    ParticipationDecision,
    ParticipationRecheck,
    ParticipationReview,
    ScreeningSheet,
)
from lineshaft.apps.memberships.models.tiers import (
    RATE_CLASS_LABELS,
    TIER_TRIGGERS,
    TierTerms,
)

TRIGGERS = (
    *AGREEMENT_TRIGGERS,
    *TIER_TRIGGERS,
    *APPLICATION_TRIGGERS,
    *INVOICE_TRIGGERS,
    *ANSWER_TRIGGERS,
    *PARTICIPATION_TRIGGERS,
)

__all__ = [
    "AGREEMENT_TRIGGERS",
    "APPLICATION_STATE_LABELS",
    "APPLICATION_TRIGGERS",
    "CLOSE_REASON_LABELS",
    "CLOSING_LABELS",
    "DECISION_LABELS",
    "DIGEST_LENGTH",
    "DOCUMENT_KIND_LABELS",
    "END_REASON_LABELS",
    "INVOICE_STATE_LABELS",
    "INVOICE_TRIGGERS",
    "LINE_KIND_LABELS",
    "NEED_KIND_LABELS",
    "NEED_STATE_LABELS",
    "OPEN_LEVELS",
    "RATE_CLASS_LABELS",
    "REVIEW_STATE_LABELS",
    "SIDE_LABELS",
    "STANDING_LABELS",
    "TIER_TRIGGERS",
    "TRIGGERS",
    "WAY_LABELS",
    "AgreedTerms",
    "AgreementSignature",
    "DecisionLetter",
    "DirectoryEntry",
    "Invitation",
    "Invoice",
    "InvoiceLine",
    "InvoicePayment",
    "InvoiceWriteOff",
    "MailDomain",
    "MemberAgreement",
    "MembershipApplication",
    "Need",
    "NeedAnswer",
    "OrganisationPerson",
    "OwnerLink",
    "ParticipationCommitment",
    "ParticipationDecision",
    "ParticipationRecheck",
    "ParticipationReview",
    "ScreeningSheet",
    "SharedDocument",
    "TierTerms",
]
