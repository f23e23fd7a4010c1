"""What analytics may read of memberships: agreements, with nobody's name."""

from typing import Final

from lineshaft.engines.analytics.facts import FactColumn, FactTable

FACTS: Final = (
    FactTable(
        name="member_agreements",
        grain="one membership agreement of one organisation with one institute",
        sql="""
SELECT
    CAST(agreement.id AS BIGINT) AS member_agreement_id,
    CAST(COALESCE(member.merged_into_id, agreement.organisation_id) AS BIGINT) AS organisation,
    CAST(institute.key AS VARCHAR(64)) AS institute,
    CAST(agreement.tier AS VARCHAR(32)) AS tier,
    agreement.signed_on AS signed_on,
    agreement.starts_on AS starts_on,
    agreement.ends_on AS ends_on,
    CAST(agreement.ended_reason AS VARCHAR(16)) AS ended_reason,
    CAST(agreement.level AS VARCHAR(16)) AS level,
    agreement.is_demonstration AS is_demonstration
FROM memberships_memberagreement AS agreement
JOIN network_organisation AS member ON member.id = agreement.organisation_id
JOIN network_institute AS institute
    ON institute.id = agreement.institute_id AND institute.kind = 'institute'
ORDER BY agreement.id
""",
        columns=(
            FactColumn("member_agreement_id", "int64", "", "The agreement's id."),
            FactColumn(
                "organisation",
                "int64",
                "",
                "The member organisation's id, or of what it was merged into.",
            ),
            FactColumn("institute", "string", "", "The institute's key."),
            FactColumn("tier", "string", "", "The membership tier, a key of the profile."),
            FactColumn("signed_on", "date", "day", "When it was signed.", is_nullable=True),
            FactColumn("starts_on", "date", "day", "The first day of the membership."),
            FactColumn(
                "ends_on",
                "date",
                "day",
                "The first day without the membership; empty while it has no end.",
                is_nullable=True,
            ),
            FactColumn("ended_reason", "string", "", "Why it ended; empty where none is given."),
            FactColumn("level", "string", "", "How far the record is shared."),
            FactColumn(
                "is_demonstration", "bool", "", "Whether the record belongs to a demonstration."
            ),
        ),
    ),
)
