"""Jurisdiction profiles: complete, cited, effective-dated; refused by file and field when wrong."""

from datetime import date
from importlib.resources import files

import pytest

from lineshaft.kernel.authority import Named
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.profile import (
    Authority,
    JurisdictionProfile,
    MatchingRule,
    MatchingSubject,
    OrganisationGroup,
    WaiverScope,
    load_profile,
    parse_profile,
    profile_keys,
)

US = load_profile("us")
US_TEXT = files("lineshaft").joinpath("reference", "profiles", "us.toml").read_text("utf-8")
MILLION = 100_000_000


def rules_of(profile: JurisdictionProfile) -> list[Authority]:
    return [
        *(band.authority for band in profile.funding_bands),
        *(term.authority for term in profile.terms),
        *(rule.authority for rule in profile.matching_rules),
        *(ground.authority for ground in profile.waiver_grounds),
        *(stage.authority for stage in profile.competing.stages),
        *(one.authority for one in profile.competing.criteria),
        *(one.authority for one in profile.competing.documents),
        *(one.authority for one in profile.competing.templates),
        *(one.authority for one in profile.competing.panel_rules),
        *(rule.authority for rule in profile.participation_rules),
        *(kind.authority for kind in profile.cost_share_kinds),
        *(one.authority for one in profile.screening.questions),
        *(one.authority for one in profile.screening.commitment_kinds),
        profile.screening.authority,
        profile.screening.concern,
    ]


def named_of(profile: JurisdictionProfile) -> list[Named]:
    return [
        profile,
        *profile.agencies,
        *profile.waiver_grounds,
        *profile.competing.stages,
        *profile.competing.criteria,
        *profile.competing.documents,
        *profile.competing.templates,
        *profile.competing.panel_rules,
        *profile.tiers,
        *profile.participation_rules,
        *profile.organisation_kinds,
        *profile.cost_share_kinds,
        *profile.screening.questions,
        *profile.screening.commitment_kinds,
    ]


def matching_rule(rule_id: str) -> MatchingRule:
    return next(rule for rule in US.matching_rules if rule.id == rule_id)


def test_profiles_that_ship_are_two() -> None:
    assert profile_keys() == ("cn", "us")


@pytest.mark.parametrize("key", profile_keys())
def test_profile_cites_every_rule_and_names_all_in_both_languages(key: str) -> None:
    profile = load_profile(key)
    assert all(rule.citation.text and rule.citation.in_force_from for rule in rules_of(profile))
    assert all(entry.name.isascii() or "“" in entry.name for entry in named_of(profile))
    assert not any(entry.name_zh.isascii() for entry in named_of(profile))
    for tier in profile.tiers:
        assert tier.groups
    for system in (profile.industry_codes, profile.place_codes):
        assert all(code and name and name_zh for code, name, name_zh in system.codes)


def test_profile_us_is_the_united_states() -> None:
    assert (US.country_code, US.currency, US.currency_symbol) == ("US", "USD", "$")
    assert (US.languages, US.language) == (("en", "zh-hans"), "en")
    assert (US.fiscal_year_start_month, US.sme_employees_below) == (10, 500)
    assert US.fiscal_year(2022).starts_on == date(2021, 10, 1)
    assert US.fiscal_year_of(date(2022, 10, 1)).label == "FY2023"
    assert len(US.place_codes.codes) == 56
    assert US.place_codes.name_of("OH") == "Ohio"
    assert US.place_codes.name_of("XX") is None
    assert (US.industry_codes.key, US.industry_codes.edition) == ("NAICS", "2022")
    assert US.agency("NIST").parent == "DOC"


def test_profile_cn_differs_in_all_that_a_nation_decides() -> None:
    cn = load_profile("cn")
    assert (cn.currency, cn.language, cn.fiscal_year_start_month) == ("CNY", "zh-hans", 1)
    assert cn.fiscal_year_of(date(2022, 10, 1)).label_in(cn.language) == "2022财年"
    assert cn.industry_codes.key == "GB/T 4754"
    assert cn.industry_kind_of(999).key == "industry_sme"
    assert [rule.id for rule in cn.matching_rules_in_force(date(2022, 1, 1), "MIIT")] == ["CN-03"]
    found = cn.participation_rules_in_force(date(2022, 1, 1), "US")
    assert [rule.key for rule in found] == ["CN-FI"]


def test_lineage_leads_from_an_office_to_its_department() -> None:
    assert US.lineage("NIST-OAM") == ("NIST-OAM", "NIST", "DOC")
    assert US.lineage("nobody") == ("nobody",)


def test_term_limit_is_law_for_all_but_defense_and_its_offices() -> None:
    limit = US.term_in_force(date(2022, 1, 1))
    design = US.term_in_force(date(2018, 1, 1))
    assert limit is not None
    assert design is not None
    assert (limit.is_binding, design.is_binding) == (True, False)
    found = [limit.binds(*US.lineage(key)) for key in ("DOE", "NIST", "DOD", "AFRL")]
    assert found == [True, True, False, False]


@pytest.mark.parametrize(
    ("on", "agency", "ids"),
    [
        (date(2012, 8, 16), "DOD", []),
        (date(2014, 12, 15), "DOC", ["N-01"]),
        (date(2014, 12, 16), "DOC", ["L-042", "N-01"]),
        (date(2014, 12, 16), "DOE", ["N-01"]),
        (date(2019, 12, 19), "DOC", ["L-042", "N-01"]),
        (date(2019, 12, 20), "DOC", ["L-040", "N-01"]),
        (date(2019, 12, 20), "DOE", ["L-040", "N-01"]),
        (date(2026, 1, 1), "DOD", ["N-01"]),
        (date(2026, 1, 1), "AFRL", ["N-01"]),
        (date(2014, 12, 16), "NIST-OAM", ["L-042", "N-01"]),
    ],
    ids=[
        "before-all",
        "before-law",
        "law",
        "law-not-energy",
        "last-day",
        "new",
        "energy",
        "dod",
        "office-of-dod",
        "office-of-an-office-of-doc",
    ],
)
def test_matching_rules_bind_by_day_and_agency(on: date, agency: str, ids: list[str]) -> None:
    assert [rule.id for rule in US.matching_rules_in_force(on, agency)] == ids


@pytest.mark.parametrize(
    ("subject", "agency", "ids"),
    [
        (MatchingSubject.RESEARCH_PROJECT, "DOE", ["L-043-R"]),
        (MatchingSubject.DEMONSTRATION_PROJECT, "DOE", ["L-043-D"]),
        (MatchingSubject.RESEARCH_PROJECT, "DOD", []),
        (MatchingSubject.EXTENSION_CENTRE, "DOC", ["M-01"]),
    ],
)
def test_matching_rules_measure_one_subject(
    subject: MatchingSubject, agency: str, ids: list[str]
) -> None:
    found = US.matching_rules_in_force(date(2022, 1, 1), agency, subject=subject)
    assert [rule.id for rule in found] == ids


@pytest.mark.parametrize(
    ("federal", "nonfederal", "is_met"),
    [
        (50 * MILLION, 39 * MILLION, False),
        (70 * MILLION, 70 * MILLION, True),
        (70 * MILLION, 70 * MILLION - 1, False),
        (70 * MILLION, 41 * MILLION, False),
        (8750 * MILLION // 100, 187 * MILLION, True),
        (0, 0, False),
        (0, 1, True),
    ],
    ids=["america-makes", "edge", "a-cent-short", "cymanii", "biomade", "nothing", "no-federal"],
)
def test_matching_rule_of_half_is_met_exactly_at_the_edge(
    federal: int, nonfederal: int, is_met: bool
) -> None:
    assert matching_rule("L-040").is_met(federal, nonfederal) is is_met


def test_matching_rule_tells_the_least_that_meets_it() -> None:
    half, fifth = matching_rule("L-040"), matching_rule("L-043-R")
    assert half.nonfederal_needed(70 * MILLION) == 70 * MILLION
    assert fifth.nonfederal_needed(101) == 26
    assert fifth.is_met(101, 26)
    assert not fifth.is_met(101, 25)
    assert half.citation.text == "15 U.S.C. 278s(e)(7)(A)"
    assert [US.waiver_ground(key).scope for key in half.waiver_keys] == [WaiverScope.MATCHING] * 5


def test_funding_band_and_term_are_in_force_by_day() -> None:
    assert US.funding_band_in_force(date(2012, 12, 31)) is None
    band = US.funding_band_in_force(date(2013, 1, 1))
    assert band is not None
    assert (band.least_minor, band.most_minor, band.is_binding) == (
        70 * MILLION,
        120 * MILLION,
        False,
    )
    terms = [
        US.term_in_force(day) for day in (date(2012, 1, 1), date(2019, 12, 19), date(2022, 1, 1))
    ]
    assert [term and term.id for term in terms] == [None, "N-01", "L-021"]
    assert terms[2] is not None
    assert (terms[2].least_years, terms[2].most_years, terms[2].cure_period_days) == (5, 7, 365)


@pytest.mark.parametrize(
    ("on", "country", "keys"),
    [
        (date(2022, 8, 9), "US", []),
        (date(2022, 8, 9), "DE", ["N-08", "L-070"]),
        (date(2022, 8, 9), "CN", ["N-08", "L-070", "L-072"]),
        (date(2022, 8, 8), "CN", ["N-08"]),
    ],
)
def test_participation_rules_bind_by_day_and_country(
    on: date, country: str, keys: list[str]
) -> None:
    found = US.participation_rules_in_force(on, country)
    assert [rule.key for rule in found] == keys


def test_screening_is_found_by_key() -> None:
    screening = US.screening
    assert [
        getattr(found, "key", None)
        for found in (
            screening.question("owners"),
            screening.question("shoe_size"),
            screening.commitment_kind("jobs_at_home"),
            screening.commitment_kind("songs"),
        )
    ] == ["owners", None, "jobs_at_home", None]
    assert load_profile("cn").screening.concern_codes == frozenset()


@pytest.mark.parametrize(
    ("employees", "key"), [(0, "industry_sme"), (499, "industry_sme"), (500, "industry_large")]
)
def test_company_kind_follows_its_size(employees: int, key: str) -> None:
    assert US.industry_kind_of(employees).key == key


def test_profile_us_has_the_kinds_of_organisation_of_the_network() -> None:
    groups: dict[OrganisationGroup, list[str]] = {}
    for kind in US.organisation_kinds:
        groups.setdefault(kind.group, []).append(kind.key)
    assert groups == {
        OrganisationGroup.INDUSTRY: ["industry_large", "industry_sme", "start_up"],
        OrganisationGroup.ACADEMIA: ["university", "community_college", "training_body"],
        OrganisationGroup.GOVERNMENT: [
            "federal_laboratory",
            "ffrdc",
            "state_or_local_government",
            "federal_centre",
        ],
        OrganisationGroup.OTHER: [
            "cluster_body",
            "association",
            "non_profit",
            "individual",
            "other",
        ],
    }


def test_profile_us_has_cash_and_nine_kinds_in_kind() -> None:
    assert [kind.key for kind in US.cost_share_kinds if kind.is_cash] == ["cash"]
    assert len(US.cost_share_kinds) == 10
    assert US.cost_share_kind("volunteer").authority.citation.text == "2 CFR 200.306(e)"


def test_profile_entry_is_found_by_key() -> None:
    assert US.organisation_kind("start_up").is_sme
    assert US.tier("sme").dues_minor == 500_000
    with pytest.raises(NotFound, match="The profile “us” has no membership tier “gold”"):
        US.tier("gold")


@pytest.mark.parametrize("key", ["xx", "../us", "US", ""])
def test_profile_that_does_not_ship_is_not_found(key: str) -> None:
    with pytest.raises(NotFound, match="There are: cn, us") as caught:
        load_profile(key)
    assert caught.value.code == "no_profile"


def test_profile_is_read_once() -> None:
    assert load_profile("us") is US


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('currency = "USD"\n', "", "currency"),
        ('currency = "USD"', 'currency = "usd"', "currency"),
        ('languages = ["en", "zh-hans"]', "languages = []", "languages"),
        ('languages = ["en", "zh-hans"]', "languages = [1]", "languages"),
        ('languages = ["en", "zh-hans"]', 'languages = "en"', "languages"),
        ("fiscal_year_start_month = 10", "fiscal_year_start_month = 13", "fiscal_year_start_month"),
        (
            "fiscal_year_start_month = 10",
            "fiscal_year_start_month = true",
            "fiscal_year_start_month",
        ),
        ('map_key = "us"', 'map_key = ""', "map_key"),
        ('map_key = "us"', 'map_key = "us"\nmotto = "x"', "motto"),
        ('parent = "DOC"', 'parent = "DOX"', "agencies[1].parent"),
        ('key = "NIST"', 'key = "DOC"', "agencies[1].key"),
        ("is_sponsor = true", "is_sponsor = 1", "agencies[0].is_sponsor"),
        ("is_sponsor = true", "is_boss = true", "agencies[0].is_boss"),
        ("least_minor = 7", "least_minor = 99", "funding_bands[0].most_minor"),
        ('sureness = "seed"', 'sureness = "hearsay"', "funding_bands[0].sureness"),
        ("in_force_until = 2019-12-20", "in_force_until = 2013-01-01", "terms[0].in_force_until"),
        ("in_force_until = 2019-12-20", 'in_force_until = "x"', "terms[0].in_force_until"),
        ('except_agency_keys = ["DOD"]', 'except_agency_keys = ["DOX"]', "except_agency_keys"),
        ('waiver_keys = ["satellite_centre"', 'waiver_keys = ["cost"', "waiver_keys"),
        ('key = "equipment"', 'key = "satellite_centre"', "waiver_grounds[2].key"),
        ('key = "concept_paper"', 'key = "solicitation"', "stages[1].key"),
        ("in_kind_share_bp = 5000", "in_kind_share_bp = 10001", "tiers[0].in_kind_share_bp"),
        ("dues_minor = 20_000_000", "dues_minor = -1", "tiers[0].dues_minor"),
        ('groups = ["industry"]', 'groups = ["trade"]', "tiers[0].groups"),
        ("is_sme = true", "is_sme = false", "organisation_kinds"),
        ('[place_codes.codes_zh]\n"AL"', '[place_codes.codes_zh]\n"QQ"', "place_codes.codes_zh.QQ"),
        ('"AL" = "Alabama"', '"AL" = ""', "place_codes.codes"),
        ("[place_codes]", "[place_codez]", "place_codes.key"),
        ('key = "addition"', 'key = "plus"', "income_methods"),
        ('name_zh = "追加"\nis_default = true', 'name_zh = "追加"', "income_methods"),
        ("wants_approval = true\ntext =", "is_default = true\ntext =", "income_methods"),
        ("[[stages]]", "[[steps]]", "stages"),
        ('key = "resumes"', 'key = "narrative"', "document_kinds[9].key"),
        ('key = "four_stage"', 'key = "two_step"', "competition_templates[2].key"),
        ('stage = "site_visit"', 'stage = "picnic"', "competition_templates[0].stages[2].stage"),
        ('gate = "encouraged"', 'gate = "ajar"', "competition_templates[1].stages[1].gate"),
        ('"budget", weight_bp = 2000', '"budget", weight_bp = 1999', "stages[1].criteria"),
        ('"budget", weight_bp = 2000', '"luck", weight_bp = 2000', "stages[1].criteria[3].key"),
        ('key = "L-033"', 'key = "L-031"', "panel_rules[1].key"),
        ('measure = "both_sectors"', 'measure = "tall"', "panel_rules[0].measure"),
        ("page_limit = 12", "page_limit = 0", "competition_templates[1].stages[0].page_limit"),
        ('trigger = "concern"', 'trigger = "maybe"', "screening_questions[4].trigger"),
        ('key = "owners"', 'key = "incorporated_in"', "screening_questions[1].key"),
        ('key = "jobs_at_home"', 'key = "research_at_home"', "commitment_kinds[2].key"),
        ("recheck_months = 12", "recheck_months = 0", "screening.recheck_months"),
        ('["CN", "IR", "KP", "RU"]', '["CN", ""]', "concern.country_codes"),
    ],
)
def test_profile_with_a_fault_is_refused_by_file_and_field(old: str, new: str, path: str) -> None:
    count = -1 if old in {"[[stages]]", "is_sme = true"} else 1
    assert old in US_TEXT
    with pytest.raises(Invalid) as caught:
        parse_profile(US_TEXT.replace(old, new, count), "profiles/xx.toml")
    assert caught.value.code == "data_file"
    assert caught.value.errors[0].field.endswith(path)
    assert str(caught.value).startswith("In the data file profiles/xx.toml")


def test_profile_that_is_not_toml_is_refused() -> None:
    with pytest.raises(Invalid, match=r"profiles/xx.toml is not TOML"):
        parse_profile("key = ", "profiles/xx.toml")


def test_entries_of_income_and_cost_are_found_by_key() -> None:
    profile = load_profile("us")
    assert profile.income_stream("dues").is_programme_income is False
    assert profile.income_stream("services").is_programme_income is True
    assert profile.cost_category("indirect").is_indirect is True
    assert profile.cost_category("equipment").is_in_indirect_base is False
    with pytest.raises(NotFound):
        profile.cost_category("gold")
