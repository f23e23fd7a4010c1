"""What analytics may read of funding: agreements with their sponsors and budgets, transfers,
contributions, costs and own income.

All is typed and unnamed: a contributor appears by its organisation's key only. Signed columns
(`obligated_minor`, `drawn_minor`, `incurred_minor`, `earned_minor`) say what a row adds to a
figure, so that a figure is a plain sum of them.
"""

from typing import Final

from lineshaft.engines.analytics.facts import FactColumn, FactTable

_MINOR: Final = "minor units"
_OF_AGREEMENT: Final = (
    FactColumn("agreement_id", "int64", "", "Key of its agreement."),
    FactColumn("institute_key", "string", "", "Key of the institute."),
)

_AGREEMENTS: Final = FactTable(
    name="agreements",
    grain="one cooperative agreement that has been signed",
    sql="""
SELECT CAST(agreement.id AS BIGINT) AS agreement_id,
       CAST(agreement.number AS VARCHAR) AS number,
       CAST(institute.key AS VARCHAR) AS institute_key,
       CAST(agency.key AS VARCHAR) AS agency_key,
       CAST(agreement.currency AS VARCHAR) AS currency,
       agreement.signed_on AS signed_on,
       agreement.starts_on AS starts_on,
       agreement.ends_on AS ends_on,
       CAST(agreement.federal_total_minor AS BIGINT) AS federal_total_minor,
       CAST(agreement.cost_share_required_minor AS BIGINT) AS cost_share_required_minor,
       CAST(agreement.state AS VARCHAR) AS state
  FROM funding_agreement agreement
  JOIN network_institute institute
    ON institute.id = agreement.institute_id AND institute.kind = 'institute'
  JOIN network_agency agency ON agency.id = agreement.agency_id
 WHERE agreement.state <> 'draft'
 ORDER BY agreement.id
""",
    columns=(
        FactColumn("agreement_id", "int64", "", "Key of the agreement."),
        FactColumn("number", "string", "", "Number of the award."),
        FactColumn("institute_key", "string", "", "Key of the supported institute."),
        FactColumn("agency_key", "string", "", "Key of the sponsoring agency."),
        FactColumn("currency", "string", "", "Currency of every amount of the agreement."),
        FactColumn("signed_on", "date", "day", "Day on which the agreement was signed."),
        FactColumn("starts_on", "date", "day", "First day of the term."),
        FactColumn("ends_on", "date", "day", "First day after the term."),
        FactColumn("federal_total_minor", "int64", _MINOR, "Federal money allowed in all."),
        FactColumn(
            "cost_share_required_minor",
            "int64",
            _MINOR,
            "Cost share that the agreement itself names.",
            is_nullable=True,
        ),
        FactColumn("state", "string", "", "Active, ended or terminated."),
    ),
)

_TRANSFERS: Final = FactTable(
    name="transfers",
    grain="one transfer of the ledger",
    sql="""
SELECT CAST(transfer.id AS VARCHAR) AS transfer_id,
       CAST(transfer.agreement_id AS BIGINT) AS agreement_id,
       CAST(institute.key AS VARCHAR) AS institute_key,
       CAST(agency.key AS VARCHAR) AS agency_key,
       CAST(transfer.kind AS VARCHAR) AS kind,
       CAST(transfer.code AS VARCHAR) AS code,
       CAST(debit.kind AS VARCHAR) AS debit_kind,
       CAST(credit.kind AS VARCHAR) AS credit_kind,
       CAST(transfer.currency AS VARCHAR) AS currency,
       CAST(transfer.amount_minor AS BIGINT) AS amount_minor,
       CAST(CASE WHEN transfer.code = 'obligate' OR corrected.code = 'return'
                 THEN transfer.amount_minor
                 WHEN transfer.code IN ('release', 'return') OR corrected.code = 'draw'
                 THEN -transfer.amount_minor
                 ELSE 0 END AS BIGINT) AS obligated_minor,
       CAST(CASE WHEN transfer.code = 'draw' OR corrected.code = 'return'
                 THEN transfer.amount_minor
                 WHEN transfer.code = 'return' OR corrected.code = 'draw'
                 THEN -transfer.amount_minor
                 ELSE 0 END AS BIGINT) AS drawn_minor,
       transfer.occurred_on AS occurred_on
  FROM funding_transfer transfer
  JOIN funding_agreement agreement ON agreement.id = transfer.agreement_id
  JOIN network_institute institute
    ON institute.id = agreement.institute_id AND institute.kind = 'institute'
  JOIN funding_account debit ON debit.id = transfer.debit_account_id
  JOIN funding_account credit ON credit.id = transfer.credit_account_id
  JOIN network_agency agency
    ON agency.id = COALESCE(debit.agency_id, credit.agency_id, agreement.agency_id)
  LEFT JOIN funding_transfer corrected ON corrected.id = transfer.corrects_id
""",
    columns=(
        FactColumn("transfer_id", "string", "", "Key of the transfer."),
        *_OF_AGREEMENT,
        FactColumn("agency_key", "string", "", "Key of the agency whose money it is."),
        FactColumn("kind", "string", "", "Direct, pending, post or void."),
        FactColumn("code", "string", "", "Why the money moved."),
        FactColumn("debit_kind", "string", "", "Kind of the account that the money left."),
        FactColumn("credit_kind", "string", "", "Kind of the account that the money reached."),
        FactColumn("currency", "string", "", "Currency of the amounts."),
        FactColumn("amount_minor", "int64", _MINOR, "The amount, always positive."),
        FactColumn(
            "obligated_minor",
            "int64",
            _MINOR,
            "What the transfer adds to the federal money obligated; negative for what was undone.",
        ),
        FactColumn(
            "drawn_minor",
            "int64",
            _MINOR,
            "What the transfer adds to the federal money drawn; negative for what went back.",
        ),
        FactColumn("occurred_on", "date", "day", "Day to which the transfer belongs."),
    ),
)

_CONTRIBUTIONS: Final = FactTable(
    name="contributions",
    grain="one contribution claimed as cost share",
    sql="""
SELECT CAST(contribution.transfer_id AS VARCHAR) AS contribution_id,
       CAST(contribution.agreement_id AS BIGINT) AS agreement_id,
       CAST(institute.key AS VARCHAR) AS institute_key,
       CAST(agency.key AS VARCHAR) AS agency_key,
       CAST(COALESCE(giver.merged_into_id, contribution.organisation_id) AS BIGINT)
           AS organisation_id,
       CAST(contribution.kind AS VARCHAR) AS kind,
       CAST(CASE WHEN contribution.is_cash THEN 1 ELSE 0 END AS INTEGER) AS is_cash,
       CAST(contribution.state AS VARCHAR) AS state,
       CAST(contribution.currency AS VARCHAR) AS currency,
       CAST(contribution.claimed_minor AS BIGINT) AS claimed_minor,
       CAST(contribution.accepted_minor AS BIGINT) AS accepted_minor,
       contribution.occurred_on AS occurred_on
  FROM funding_contribution contribution
  LEFT JOIN network_organisation giver ON giver.id = contribution.organisation_id
  JOIN funding_agreement agreement ON agreement.id = contribution.agreement_id
  JOIN network_institute institute
    ON institute.id = agreement.institute_id AND institute.kind = 'institute'
  JOIN network_agency agency ON agency.id = agreement.agency_id
""",
    columns=(
        FactColumn("contribution_id", "string", "", "Key of the contribution."),
        *_OF_AGREEMENT,
        FactColumn("agency_key", "string", "", "Key of the sponsoring agency."),
        FactColumn("organisation_id", "int64", "", "Key of the contributing organisation."),
        FactColumn("kind", "string", "", "Kind of cost share, as the profile lists it."),
        FactColumn("is_cash", "bool", "", "Whether it is cash and not in kind."),
        FactColumn("state", "string", "", "Recorded, accepted, refused or withdrawn."),
        FactColumn("currency", "string", "", "Currency of the amounts."),
        FactColumn("claimed_minor", "int64", _MINOR, "Value claimed."),
        FactColumn("accepted_minor", "int64", _MINOR, "Value that counts as cost share."),
        FactColumn("occurred_on", "date", "day", "Day to which the contribution belongs."),
    ),
)

_OWN_INCOME: Final = FactTable(
    name="own_income",
    grain="one entry of an institute's income beside its base money, or what takes one back",
    sql="""
SELECT CAST(entry.id AS VARCHAR) AS entry_id,
       CAST(institute.key AS VARCHAR) AS institute_key,
       CAST(entry.stream AS VARCHAR) AS stream,
       CAST(0 AS INTEGER) AS is_programme_income,
       CAST(entry.currency AS VARCHAR) AS currency,
       CAST(CASE WHEN entry.reverses_id IS NULL THEN entry.amount_minor
                 ELSE -entry.amount_minor END AS BIGINT) AS earned_minor,
       entry.received_on AS received_on
  FROM funding_ownincome entry
  JOIN network_institute institute ON institute.id = entry.institute_id
 UNION ALL
SELECT CAST(transfer.id AS VARCHAR),
       CAST(institute.key AS VARCHAR),
       CAST(income.stream AS VARCHAR),
       CAST(1 AS INTEGER),
       CAST(transfer.currency AS VARCHAR),
       CAST(CASE WHEN transfer.corrects_id IS NULL THEN transfer.amount_minor
                 ELSE -transfer.amount_minor END AS BIGINT),
       transfer.occurred_on
  FROM funding_income income
  JOIN funding_transfer transfer
    ON transfer.id = income.transfer_id OR transfer.corrects_id = income.transfer_id
  JOIN funding_agreement agreement ON agreement.id = income.agreement_id
  JOIN network_institute institute ON institute.id = agreement.institute_id
""",
    columns=(
        FactColumn("entry_id", "string", "", "Key of the entry or transfer."),
        FactColumn("institute_key", "string", "", "Key of the institute."),
        FactColumn("stream", "string", "", "Stream of income, as the profile lists it."),
        FactColumn("is_programme_income", "bool", "", "Whether an award's work earned it."),
        FactColumn("currency", "string", "", "Currency of the amount."),
        FactColumn("earned_minor", "int64", _MINOR, "What came in; negative for what went back."),
        FactColumn("received_on", "date", "day", "Day on which it was received."),
    ),
)

_SPONSORS: Final = FactTable(
    name="agreement_sponsors",
    grain="one agency's part of one signed agreement",
    sql="""
SELECT CAST(sponsor.agreement_id AS BIGINT) AS agreement_id,
       CAST(agency.key AS VARCHAR) AS agency_key,
       CAST(sponsor.federal_total_minor AS BIGINT) AS federal_total_minor
  FROM funding_agreementsponsor sponsor
  JOIN funding_agreement agreement
    ON agreement.id = sponsor.agreement_id AND agreement.state <> 'draft'
  JOIN network_institute institute
    ON institute.id = agreement.institute_id AND institute.kind = 'institute'
  JOIN network_agency agency ON agency.id = sponsor.agency_id
""",
    columns=(
        FactColumn("agreement_id", "int64", "", "Key of the agreement."),
        FactColumn("agency_key", "string", "", "Key of the agency."),
        FactColumn(
            "federal_total_minor", "int64", _MINOR, "The agency's part of the federal total."
        ),
    ),
)

_BUDGET_LINES: Final = FactTable(
    name="budget_lines",
    grain="what one budget period of a signed agreement plans in one category",
    sql="""
SELECT CAST(line.id AS BIGINT) AS line_id,
       CAST(agreement.id AS BIGINT) AS agreement_id,
       CAST(institute.key AS VARCHAR) AS institute_key,
       CAST(line.category AS VARCHAR) AS category,
       CAST(agreement.currency AS VARCHAR) AS currency,
       CAST(line.federal_minor AS BIGINT) AS federal_minor,
       CAST(line.nonfederal_minor AS BIGINT) AS nonfederal_minor,
       period.starts_on AS starts_on,
       period.ends_on AS ends_on
  FROM funding_budgetline line
  JOIN funding_budgetperiod period ON period.id = line.period_id
  JOIN funding_agreement agreement
    ON agreement.id = period.agreement_id AND agreement.state <> 'draft'
  JOIN network_institute institute
    ON institute.id = agreement.institute_id AND institute.kind = 'institute'
""",
    columns=(
        FactColumn("line_id", "int64", "", "Key of the line."),
        *_OF_AGREEMENT,
        FactColumn("category", "string", "", "Category of cost, as the profile lists it."),
        FactColumn("currency", "string", "", "Currency of the amounts."),
        FactColumn("federal_minor", "int64", _MINOR, "Federal money planned."),
        FactColumn("nonfederal_minor", "int64", _MINOR, "Non-federal money planned."),
        FactColumn("starts_on", "date", "day", "First day of the budget period."),
        FactColumn("ends_on", "date", "day", "First day after the budget period."),
    ),
)

_COST_MOVEMENTS: Final = FactTable(
    name="cost_movements",
    grain="one transfer by which a cost was incurred, or what takes one back",
    sql="""
SELECT CAST(movement.transfer_id AS VARCHAR) AS transfer_id,
       CAST(cost.agreement_id AS BIGINT) AS agreement_id,
       CAST(institute.key AS VARCHAR) AS institute_key,
       CAST(cost.category AS VARCHAR) AS category,
       CAST(transfer.currency AS VARCHAR) AS currency,
       CAST(CASE WHEN transfer.code IN ('incur', 'liquidate') THEN transfer.amount_minor
                 ELSE -transfer.amount_minor END AS BIGINT) AS incurred_minor,
       transfer.occurred_on AS occurred_on
  FROM funding_costmovement movement
  JOIN funding_cost cost ON cost.transfer_id = movement.cost_id
  JOIN funding_transfer transfer ON transfer.id = movement.transfer_id
  LEFT JOIN funding_transfer corrected ON corrected.id = transfer.corrects_id
  JOIN funding_agreement agreement ON agreement.id = cost.agreement_id
  JOIN network_institute institute
    ON institute.id = agreement.institute_id AND institute.kind = 'institute'
 WHERE transfer.code IN ('incur', 'liquidate') OR corrected.code IN ('incur', 'liquidate')
""",
    columns=(
        FactColumn("transfer_id", "string", "", "Key of the transfer."),
        *_OF_AGREEMENT,
        FactColumn("category", "string", "", "Category of cost, as the profile lists it."),
        FactColumn("currency", "string", "", "Currency of the amount."),
        FactColumn(
            "incurred_minor",
            "int64",
            _MINOR,
            "Federal share incurred; negative for what was undone.",
        ),
        FactColumn("occurred_on", "date", "day", "Day to which the transfer belongs."),
    ),
)

FACTS: Final = (
    _AGREEMENTS,
    _SPONSORS,
    _BUDGET_LINES,
    _TRANSFERS,
    _CONTRIBUTIONS,
    _COST_MOVEMENTS,
    _OWN_INCOME,
)
