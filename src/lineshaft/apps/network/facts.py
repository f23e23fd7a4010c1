"""What analytics may read of the network's ground: no person, and of an organisation no address."""

from typing import Final

from lineshaft.engines.analytics.facts import FactColumn, FactTable

_INSTITUTES: Final = FactTable(
    name="institutes",
    grain="one institute",
    sql="""
SELECT
    CAST(institute.key AS VARCHAR(64)) AS institute,
    CAST(institute.name AS VARCHAR(200)) AS name,
    CAST(institute.name_zh AS VARCHAR(200)) AS name_zh,
    CAST(institute.status AS VARCHAR(32)) AS status,
    institute.status_as_of AS status_as_of,
    CAST(agency.key AS VARCHAR(32)) AS lead_agency,
    CAST(place.region AS VARCHAR(16)) AS state,
    CAST(place.city AS VARCHAR(120)) AS city,
    CAST(place.latitude AS DECIMAL(9, 6)) AS latitude,
    CAST(place.longitude AS DECIMAL(9, 6)) AS longitude
FROM network_institute AS institute
LEFT JOIN network_place AS place ON place.id = institute.place_id
LEFT JOIN network_institutesponsor AS sponsor
    ON sponsor.institute_id = institute.id AND sponsor.role = 'lead'
LEFT JOIN network_agency AS agency ON agency.id = sponsor.agency_id
WHERE institute.kind = 'institute'
ORDER BY institute.key
""",
    columns=(
        FactColumn("institute", "string", "", "The institute's key."),
        FactColumn("name", "string", "", "The institute's name."),
        FactColumn("name_zh", "string", "", "The institute's Chinese name; empty for none."),
        FactColumn("status", "string", "", "The institute's status today."),
        FactColumn("status_as_of", "date", "day", "Since when, or as of when.", is_nullable=True),
        FactColumn(
            "lead_agency",
            "string",
            "",
            "Key of the agency that leads the sponsors.",
            is_nullable=True,
        ),
        FactColumn("state", "string", "", "Code of the region it sits in.", is_nullable=True),
        FactColumn("city", "string", "", "The town it sits in.", is_nullable=True),
        FactColumn("latitude", "decimal(9,6)", "degree", "Latitude, WGS 84.", is_nullable=True),
        FactColumn("longitude", "decimal(9,6)", "degree", "Longitude, WGS 84.", is_nullable=True),
    ),
)

_INSTITUTE_DATES: Final = FactTable(
    name="institute_dates",
    grain="one dated event in the life of an institute, in one edition",
    sql="""
SELECT
    CAST(institute.key AS VARCHAR(64)) AS institute,
    CAST(dated.kind AS VARCHAR(32)) AS kind,
    CAST(dated.edition AS VARCHAR(8)) AS edition,
    dated."on" AS occurred_on,
    CAST(dated.precision AS VARCHAR(8)) AS precision
FROM network_institutedate AS dated
JOIN network_institute AS institute
    ON institute.id = dated.institute_id AND institute.kind = 'institute'
ORDER BY dated.id
""",
    columns=(
        FactColumn("institute", "string", "", "The institute's key."),
        FactColumn("kind", "string", "", "Which event: announced, established, terminated ..."),
        FactColumn("edition", "string", "", "`today`, or `seed` for the founding paper's date."),
        FactColumn("occurred_on", "date", "day", "The day; what the precision leaves out is 1."),
        FactColumn("precision", "string", "", "How exact the day is: day, month or year."),
    ),
)

_INSTITUTE_AREAS: Final = FactTable(
    name="institute_areas",
    grain="one technology area of one institute",
    sql="""
SELECT
    CAST(institute.key AS VARCHAR(64)) AS institute,
    CAST(area.key AS VARCHAR(64)) AS area
FROM network_institute_technology_areas AS works_in
JOIN network_institute AS institute
    ON institute.id = works_in.institute_id AND institute.kind = 'institute'
JOIN network_technologyarea AS area ON area.id = works_in.technologyarea_id
""",
    columns=(
        FactColumn("institute", "string", "", "The institute's key."),
        FactColumn("area", "string", "", "Key of the technology area."),
    ),
)

_ORGANISATIONS: Final = FactTable(
    name="organisations",
    grain="one organisation, not counting what was merged into another",
    sql="""
SELECT
    CAST(organisation.id AS BIGINT) AS organisation,
    CAST(organisation.kind AS VARCHAR(32)) AS kind,
    CAST(NULLIF(organisation.ownership_country, '') AS VARCHAR(2)) AS ownership_country,
    CAST(NULLIF(organisation.country, '') AS VARCHAR(2)) AS country,
    CAST(NULLIF(organisation.region, '') AS VARCHAR(16)) AS state,
    CAST(organisation.latitude AS DECIMAL(9, 6)) AS latitude,
    CAST(organisation.longitude AS DECIMAL(9, 6)) AS longitude,
    CAST(organisation.level AS VARCHAR(16)) AS level,
    organisation.is_demonstration AS is_demonstration
FROM network_organisation AS organisation
WHERE organisation.merged_into_id IS NULL
ORDER BY organisation.id
""",
    columns=(
        FactColumn("organisation", "int64", "", "The organisation's id."),
        FactColumn("kind", "string", "", "Its kind, a key of the profile."),
        FactColumn(
            "ownership_country", "string", "", "Country of its owners (ISO 3166).", is_nullable=True
        ),
        FactColumn("country", "string", "", "Country of its place (ISO 3166).", is_nullable=True),
        FactColumn("state", "string", "", "Code of its region; empty for none.", is_nullable=True),
        FactColumn("latitude", "decimal(9,6)", "degree", "Latitude, WGS 84.", is_nullable=True),
        FactColumn("longitude", "decimal(9,6)", "degree", "Longitude, WGS 84.", is_nullable=True),
        FactColumn("level", "string", "", "How far the record is shared."),
        FactColumn(
            "is_demonstration", "bool", "", "Whether the record belongs to a demonstration."
        ),
    ),
)

FACTS: Final = (_INSTITUTES, _INSTITUTE_AREAS, _INSTITUTE_DATES, _ORGANISATIONS)
