"""The jurisdiction profile in use: read once from ``reference/profiles/<key>.toml``, checked whole,
then frozen.

A profile that contradicts itself (an agency, a waiver ground or a parent that it does not list, a
key twice) is refused with file and field, so that the program never starts on half a profile.
"""

import re
from collections.abc import Collection, Iterable
from functools import cache
from importlib.resources import files

from lineshaft.kernel.authority import BASIS_POINTS, Authority, Named, Sureness
from lineshaft.kernel.competitions import (
    SCORE_LEAST,
    SCORE_MOST,
    Anchor,
    Blindness,
    Competing,
    CompetitionKind,
    CompetitionTemplate,
    CriterionTemplate,
    DocumentKind,
    PanelMeasure,
    PanelRule,
    StageGate,
    StageKind,
    StageTemplate,
    TemplateStage,
    weights_sum_up,
)
from lineshaft.kernel.datafile import DataTable, parse_table
from lineshaft.kernel.decisions import Citation
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.jurisdiction import (
    AgencyEntry,
    BodyKind,
    BodyMeasure,
    BodyRule,
    CloseoutItem,
    CodeSystem,
    CostCategory,
    CostShareKind,
    FundingBand,
    FundingProfile,
    IncomeMethod,
    IncomeMethodKey,
    IncomeStream,
    JurisdictionProfile,
    MatchingBasis,
    MatchingRule,
    MatchingSubject,
    MembershipTier,
    OrganisationGroup,
    OrganisationKind,
    ReportTerm,
    SeatKind,
    TermLimit,
    ValuationMethod,
    WaiverGround,
    WaiverScope,
)
from lineshaft.kernel.money import minor_units
from lineshaft.kernel.participation import (
    CommitmentKind,
    ParticipationRule,
    QuestionKind,
    ReviewTrigger,
    Screening,
    ScreeningQuestion,
)
from lineshaft.kernel.periods import MONTHS_PER_YEAR, FiscalYear
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import gettext_noop

__all__ = [
    "AgencyEntry",
    "Authority",
    "CloseoutItem",
    "CodeSystem",
    "CostCategory",
    "CostShareKind",
    "FundingBand",
    "FundingProfile",
    "IncomeMethod",
    "IncomeStream",
    "JurisdictionProfile",
    "MatchingBasis",
    "MatchingRule",
    "MatchingSubject",
    "MembershipTier",
    "OrganisationGroup",
    "OrganisationKind",
    "ParticipationRule",
    "ReportTerm",
    "Sureness",
    "TermLimit",
    "ValuationMethod",
    "WaiverGround",
    "WaiverScope",
    "load_profile",
    "parse_profile",
    "profile_keys",
]

_PROFILES = files("lineshaft").joinpath("reference", "profiles")
_PROFILE_KEY = re.compile(r"[a-z][a-z0-9-]*")
_NO_PROFILE = gettext_noop("There is no jurisdiction profile “%(key)s”. There are: %(keys)s.")


def profile_keys() -> tuple[str, ...]:
    """Return the keys of the profiles that ship, by name."""
    names = (entry.name for entry in _PROFILES.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def load_profile(key: str) -> JurisdictionProfile:
    """Return the profile that ships under this key, read once in a process.

    Raises NotFound where there is none, and Invalid (code "data_file") naming file and field where
    it is wrong.
    """
    if not _PROFILE_KEY.fullmatch(key) or key not in profile_keys():
        raise NotFound(_NO_PROFILE, code="no_profile", params={"key": key, "keys": profile_keys()})
    name = f"{key}.toml"
    return parse_profile(_PROFILES.joinpath(name).read_text(encoding="utf-8"), f"profiles/{name}")


def parse_profile(text: str, file: str) -> JurisdictionProfile:
    """Return the profile that a TOML text holds; raises Invalid, code "data_file"."""
    root = parse_table(text, file)
    agencies = _agencies(root)
    agency_keys = {agency.key for agency in agencies}
    waiver_grounds = tuple(_waiver_ground(row) for row in root.optional_tables("waiver_grounds"))
    _refuse_doubles(root, "waiver_grounds", waiver_grounds)
    organisation_kinds = _organisation_kinds(root)
    kind_keys = [kind.key for kind in organisation_kinds]
    profile = JurisdictionProfile(
        *_named(root),
        network_name=root.text("network_name"),
        network_name_zh=root.text("network_name_zh"),
        country_code=root.text("country_code"),
        currency=_currency(root),
        currency_symbol=root.optional_text("currency_symbol"),
        languages=_languages(root),
        fiscal_year_rule=FiscalYear(
            root.whole("fiscal_year_start_month", least=1, most=MONTHS_PER_YEAR),
            is_named_by_start=root.flag("fiscal_year_is_named_by_start"),
        ),
        agencies=agencies,
        funding_bands=tuple(_funding_band(row) for row in root.tables("funding_bands")),
        terms=tuple(_term(row, agency_keys) for row in root.tables("terms")),
        matching_rules=tuple(
            _matching_rule(row, agency_keys, _matching_waiver_keys(waiver_grounds))
            for row in root.tables("matching_rules")
        ),
        waiver_grounds=waiver_grounds,
        competing=_competing(root),
        tiers=tuple(_tier(row, kind_keys) for row in root.tables("tiers")),
        participation_rules=tuple(
            _participation_rule(row) for row in root.optional_tables("participation_rules")
        ),
        screening=_screening(root),
        body_rules=tuple(_body_rule(row, kind_keys) for row in root.optional_tables("body_rules")),
        organisation_kinds=organisation_kinds,
        sme_employees_below=root.whole("sme_employees_below", least=1),
        cost_share_kinds=tuple(_cost_share_kind(row) for row in root.tables("cost_share_kinds")),
        income_streams=tuple(_income_stream(row) for row in root.tables("income_streams")),
        income_methods=_income_methods(root),
        cost_categories=tuple(_cost_category(row) for row in root.tables("cost_categories")),
        closeout_items=tuple(_closeout_item(row) for row in root.tables("closeout_items")),
        report_terms=tuple(_report_term(row) for row in root.tables("report_terms")),
        funding_profiles=tuple(
            _funding_profile(row, agency_keys) for row in root.optional_tables("funding_profiles")
        ),
        second_person_threshold_minor=root.whole("second_person_threshold_minor"),
        approval_threshold_minor=root.whole("approval_threshold_minor"),
        approval_window_days=root.whole("approval_window_days", least=1),
        dues_due_days=root.whole("dues_due_days", least=1),
        dues_grace_days=root.whole("dues_grace_days"),
        industry_codes=_code_system(root, "industry_codes"),
        place_codes=_code_system(root, "place_codes"),
        map_key=root.text("map_key"),
    )
    _refuse_doubled_keys(root, profile)
    root.finish()
    return profile


def _competing(root: DataTable) -> Competing:
    stages = tuple(_stage(row) for row in root.tables("stages"))
    criteria = tuple(_criterion(row) for row in root.tables("criteria"))
    documents = tuple(
        DocumentKind(*_named(row), is_counted=row.flag("is_counted"), authority=_authority(row))
        for row in root.tables("document_kinds")
    )
    _refuse_doubles(root, "stages", stages)
    _refuse_doubles(root, "criteria", criteria)
    _refuse_doubles(root, "document_kinds", documents)
    templates = tuple(
        CompetitionTemplate(
            *_named(row),
            kinds=_competition_kinds(row),
            text=row.text("text"),
            text_zh=row.text("text_zh"),
            stages=tuple(
                _template_stage(each, stages, criteria, documents) for each in row.tables("stages")
            ),
            authority=_authority(row),
        )
        for row in root.tables("competition_templates")
    )
    panel_rules = tuple(_panel_rule(row) for row in root.optional_tables("panel_rules"))
    return Competing(stages, criteria, documents, templates, panel_rules)


def _panel_rule(row: DataTable) -> PanelRule:
    measure = PanelMeasure(row.one_of("measure", [*PanelMeasure]))
    return PanelRule(*_named(row), measure, _competition_kinds(row), _authority(row))


def _competition_kinds(row: DataTable) -> frozenset[CompetitionKind]:
    kinds = _known(row, "kinds", [*CompetitionKind], "kinds of competitions")
    return frozenset(CompetitionKind(kind) for kind in kinds)


def _stage(row: DataTable) -> StageTemplate:
    kind, days = StageKind(row.one_of("kind", [*StageKind])), row.whole("days", least=1)
    return StageTemplate(*_named(row), kind=kind, days=days, authority=_authority(row))


def _criterion(row: DataTable) -> CriterionTemplate:
    anchors = tuple(
        Anchor(
            each.whole("score", least=SCORE_LEAST, most=SCORE_MOST),
            each.text("text"),
            each.text("text_zh"),
        )
        for each in row.tables("anchors")
    )
    return CriterionTemplate(
        *_named(row),
        text=row.text("text"),
        text_zh=row.text("text_zh"),
        anchors=anchors,
        authority=_authority(row),
    )


def _template_stage(
    row: DataTable,
    stages: Iterable[StageTemplate],
    criteria: Iterable[CriterionTemplate],
    documents: Iterable[DocumentKind],
) -> TemplateStage:
    by_key = {stage.key: stage for stage in stages}
    stage = by_key[row.one_of("stage", [*by_key])]
    weights = tuple(
        (
            each.one_of("key", [one.key for one in criteria]),
            each.whole("weight_bp", least=1, most=BASIS_POINTS),
        )
        for each in row.optional_tables("criteria")
    )
    if weights and not weights_sum_up([weight for _key, weight in weights]):
        raise row.wrong("criteria", "a list of criteria whose weights sum to 10000")
    known = [one.key for one in documents]
    return TemplateStage(
        stage=stage,
        days=row.optional_whole("days", least=1) or stage.days,
        page_limit=row.optional_whole("page_limit", least=1),
        gate=StageGate(row.optional_one_of("gate", [*StageGate], StageGate.OPEN)),
        blindness=Blindness(row.optional_one_of("blindness", [*Blindness], Blindness.SINGLE)),
        reviewers_least=row.optional_whole("reviewers_least", least=0) or 0,
        criteria=weights,
        documents=_known(row, "documents", known, "kinds of documents"),
    )


def _closeout_item(row: DataTable) -> CloseoutItem:
    return CloseoutItem(*_named(row), days=row.whole("days"), authority=_authority(row))


def _refuse_doubled_keys(root: DataTable, profile: JurisdictionProfile) -> None:
    for name, entries in (
        ("competition_templates", profile.competing.templates),
        ("panel_rules", profile.competing.panel_rules),
        ("tiers", profile.tiers),
        ("participation_rules", profile.participation_rules),
        ("body_rules", profile.body_rules),
        ("cost_share_kinds", profile.cost_share_kinds),
        ("income_streams", profile.income_streams),
        ("cost_categories", profile.cost_categories),
        ("closeout_items", profile.closeout_items),
        ("report_terms", profile.report_terms),
    ):
        _refuse_doubles(root, name, entries)


def _named(row: DataTable) -> tuple[str, str, str]:
    return row.text("key"), row.text("name"), row.text("name_zh")


def _currency(root: DataTable) -> str:
    currency = root.text("currency")
    try:
        minor_units(currency)
    except ValueError as error:
        raise root.wrong("currency", "a currency code of three capital letters") from error
    return currency


def _languages(root: DataTable) -> tuple[str, ...]:
    languages = root.texts("languages")
    if not languages:
        raise root.wrong("languages", "a list of at least one language code")
    return languages


def _authority(row: DataTable) -> Authority:
    starts_on, ends_on = row.day("in_force_from"), row.optional_day("in_force_until")
    if ends_on is not None and ends_on <= starts_on:
        raise row.wrong("in_force_until", "a day later than in_force_from")
    return Authority(
        citation=Citation(row.text("citation"), row.optional_text("url") or None, starts_on),
        sureness=Sureness(row.one_of("sureness", [*Sureness])),
        in_force=Span(starts_on, ends_on),
    )


def _agencies(root: DataTable) -> tuple[AgencyEntry, ...]:
    agencies = tuple(
        AgencyEntry(
            *_named(row), parent=row.optional_text("parent"), is_sponsor=row.flag("is_sponsor")
        )
        for row in root.tables("agencies")
    )
    _refuse_doubles(root, "agencies", agencies)
    keys = {agency.key for agency in agencies}
    for place, agency in enumerate(agencies):
        if agency.parent and agency.parent not in keys - {agency.key}:
            raise root.wrong(f"agencies[{place}].parent", "the key of another agency")
    return agencies


def _funding_band(row: DataTable) -> FundingBand:
    least_minor = row.whole("least_minor")
    return FundingBand(
        id=row.text("id"),
        least_minor=least_minor,
        most_minor=row.whole("most_minor", least=least_minor),
        is_binding=row.flag("is_binding"),
        authority=_authority(row),
        note=row.optional_text("note"),
    )


def _term(row: DataTable, agency_keys: Collection[str]) -> TermLimit:
    least_years = row.whole("least_years", least=1)
    return TermLimit(
        id=row.text("id"),
        least_years=least_years,
        most_years=row.whole("most_years", least=least_years),
        cure_period_days=row.whole("cure_period_days"),
        is_binding=row.flag("is_binding"),
        except_agency_keys=frozenset(_known(row, "except_agency_keys", agency_keys, "agencies")),
        authority=_authority(row),
        note=row.optional_text("note"),
    )


def _matching_rule(
    row: DataTable, agency_keys: Collection[str], waiver_keys: Collection[str]
) -> MatchingRule:
    return MatchingRule(
        id=row.text("id"),
        name=row.text("name"),
        name_zh=row.text("name_zh"),
        subject=MatchingSubject(row.one_of("subject", [*MatchingSubject])),
        basis=MatchingBasis(row.one_of("basis", [*MatchingBasis])),
        share_bp=row.whole("share_bp", most=BASIS_POINTS - 1),
        agency_keys=frozenset(_known(row, "agency_keys", agency_keys, "agencies")),
        except_agency_keys=frozenset(_known(row, "except_agency_keys", agency_keys, "agencies")),
        waiver_keys=_known(row, "waiver_keys", waiver_keys, "waiver grounds"),
        is_statutory=row.flag("is_statutory"),
        authority=_authority(row),
        note=row.optional_text("note"),
    )


def _waiver_ground(row: DataTable) -> WaiverGround:
    return WaiverGround(
        *_named(row),
        scope=WaiverScope(row.one_of("scope", [*WaiverScope])),
        authority=_authority(row),
    )


def _matching_waiver_keys(grounds: Iterable[WaiverGround]) -> set[str]:
    return {ground.key for ground in grounds if ground.scope is WaiverScope.MATCHING}


def _tier(row: DataTable, organisation_kinds: Collection[str]) -> MembershipTier:
    groups = _known(row, "groups", [*OrganisationGroup], "organisation groups")
    return MembershipTier(
        *_named(row),
        dues_minor=row.whole("dues_minor"),
        board_seats=row.whole("board_seats"),
        in_kind_share_bp=row.whole("in_kind_share_bp", most=BASIS_POINTS),
        groups=frozenset(OrganisationGroup(group) for group in groups),
        meant_for=frozenset(_known(row, "meant_for", organisation_kinds, "kinds of organisations")),
        note=row.optional_text("note"),
    )


def _participation_rule(row: DataTable) -> ParticipationRule:
    return ParticipationRule(
        *_named(row),
        country_codes=frozenset(row.texts("country_codes")),
        needs_review=row.flag("needs_review"),
        needs_waiver=row.flag("needs_waiver"),
        needs_commitment=row.flag("needs_commitment"),
        text=row.text("text"),
        text_zh=row.text("text_zh"),
        authority=_authority(row),
    )


def _screening(root: DataTable) -> Screening:
    questions = tuple(
        ScreeningQuestion(
            *_named(row),
            kind=QuestionKind(row.one_of("kind", [*QuestionKind])),
            trigger=ReviewTrigger(row.one_of("trigger", [*ReviewTrigger])),
            is_for_projects=row.flag("is_for_projects"),
            authority=_authority(row),
        )
        for row in root.tables("screening_questions")
    )
    kinds = tuple(
        CommitmentKind(*_named(row), authority=_authority(row))
        for row in root.optional_tables("commitment_kinds")
    )
    _refuse_doubles(root, "screening_questions", questions)
    _refuse_doubles(root, "commitment_kinds", kinds)
    table, concern = root.table("screening"), root.table("concern")
    screening = Screening(
        questions=questions,
        commitment_kinds=kinds,
        concern_codes=frozenset(concern.texts("country_codes")),
        concern=_authority(concern),
        controlling_share_bp=table.whole("controlling_share_bp", least=1, most=BASIS_POINTS),
        recheck_months=table.whole("recheck_months", least=1),
        longest_months=table.whole("longest_months", least=1),
        authority=_authority(table),
    )
    table.finish()
    concern.finish()
    return screening


def _body_rule(row: DataTable, organisation_kinds: Collection[str]) -> BodyRule:
    kinds = _known(row, "seat_kinds", [*SeatKind], "kinds of seats")
    return BodyRule(
        *_named(row),
        body_kind=BodyKind(row.one_of("body_kind", [*BodyKind])),
        measure=BodyMeasure(row.one_of("measure", [*BodyMeasure])),
        number=row.whole("number"),
        seat_kinds=frozenset(SeatKind(kind) for kind in kinds),
        organisation_kinds=frozenset(
            _known(row, "organisation_kinds", organisation_kinds, "kinds of organisations")
        ),
        authority=_authority(row),
    )


def _organisation_kinds(root: DataTable) -> tuple[OrganisationKind, ...]:
    kinds = tuple(
        OrganisationKind(
            *_named(row),
            group=OrganisationGroup(row.one_of("group", [*OrganisationGroup])),
            is_sme=row.flag("is_sme"),
        )
        for row in root.tables("organisation_kinds")
    )
    _refuse_doubles(root, "organisation_kinds", kinds)
    sizes = {kind.is_sme for kind in kinds if kind.group is OrganisationGroup.INDUSTRY}
    if sizes != {True, False}:
        raise root.wrong(
            "organisation_kinds", "a list with an industry kind below and one above the SME size"
        )
    return kinds


def _cost_share_kind(row: DataTable) -> CostShareKind:
    return CostShareKind(
        *_named(row),
        is_cash=row.flag("is_cash"),
        method=ValuationMethod(row.one_of("method", [*ValuationMethod])),
        wants_appraisal=row.flag("wants_appraisal"),
        wants_approval=row.flag("wants_approval"),
        valuation=row.text("valuation"),
        valuation_zh=row.text("valuation_zh"),
        authority=_authority(row),
    )


def _income_stream(row: DataTable) -> IncomeStream:
    return IncomeStream(
        *_named(row),
        is_programme_income=row.flag("is_programme_income"),
        authority=_authority(row),
    )


def _income_methods(root: DataTable) -> tuple[IncomeMethod, ...]:
    methods = tuple(
        IncomeMethod(
            *_named(row),
            is_default=row.flag("is_default"),
            wants_approval=row.flag("wants_approval"),
            text=row.text("text"),
            text_zh=row.text("text_zh"),
            authority=_authority(row),
        )
        for row in root.tables("income_methods")
    )
    _refuse_doubles(root, "income_methods", methods)
    if {method.key for method in methods} != set(IncomeMethodKey):
        raise root.wrong("income_methods", "a list of deduction, addition and cost_sharing")
    if sum(method.is_default for method in methods) != 1:
        raise root.wrong("income_methods", "a list with one entry that is the default")
    return methods


def _cost_category(row: DataTable) -> CostCategory:
    return CostCategory(
        *_named(row),
        is_indirect=row.flag("is_indirect"),
        is_in_indirect_base=row.flag("is_in_indirect_base"),
        authority=_authority(row),
    )


def _report_term(row: DataTable) -> ReportTerm:
    return ReportTerm(
        *_named(row),
        months=row.whole("months"),
        due_days=row.whole("due_days"),
        authority=_authority(row),
    )


def _funding_profile(row: DataTable, agency_keys: Collection[str]) -> FundingProfile:
    falls_after_years = row.whole("falls_after_years", least=1)
    return FundingProfile(
        id=row.text("id"),
        falls_after_years=falls_after_years,
        free_after_years=row.whole("free_after_years", least=falls_after_years),
        is_binding=row.flag("is_binding"),
        agency_keys=frozenset(_known(row, "agency_keys", agency_keys, "agencies")),
        authority=_authority(row),
        note=row.optional_text("note"),
    )


def _code_system(root: DataTable, name: str) -> CodeSystem:
    table = root.table(name)
    names_zh = dict(table.pairs("codes_zh"))
    codes = table.pairs("codes")
    unlisted = names_zh.keys() - dict(codes).keys()
    if unlisted:
        raise table.wrong(f"codes_zh.{min(unlisted)}", "a name of a listed code")
    system = CodeSystem(
        key=table.text("key"),
        name=table.text("name"),
        edition=table.optional_text("edition"),
        source=table.text("source"),
        codes=tuple((code, text, names_zh.get(code, text)) for code, text in codes),
    )
    table.finish()
    return system


def _known(row: DataTable, name: str, known: Collection[str], kind: str) -> tuple[str, ...]:
    values = row.texts(name)
    if not set(values) <= set(known):
        raise row.wrong(name, f"a list of {kind} that the profile knows")
    return values


def _refuse_doubles(root: DataTable, name: str, entries: Iterable[Named]) -> None:
    keys: set[str] = set()
    for place, entry in enumerate(entries):
        if entry.key in keys:
            raise root.wrong(f"{name}[{place}].key", "a key of its own")
        keys.add(entry.key)
