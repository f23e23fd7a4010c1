"""The values of a jurisdiction profile: what a nation decides, as data and never as code.

Every rule carries the citation on which it rests, how sure that citation is, and the days on which
it is in force (half-open). Keys are stable: records name them.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lineshaft.kernel.authority import BASIS_POINTS, Authority, Named
from lineshaft.kernel.competitions import Competing
from lineshaft.kernel.decisions import Citation
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.participation import ParticipationRule, Screening
from lineshaft.kernel.periods import FiscalPeriod, FiscalYear
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import gettext_noop

_NO_ENTRY = gettext_noop("The profile “%(profile)s” has no %(kind)s “%(key)s”.")


class OrganisationGroup(StrEnum):
    INDUSTRY = "industry"
    ACADEMIA = "academia"
    GOVERNMENT = "government"
    OTHER = "other"


class MatchingSubject(StrEnum):
    """What a matching rule measures: the money of a whole institute, of one kind of project, of a
    centre, or what all other money, federal too, adds to an institute's base money.
    """

    INSTITUTE = "institute"
    RESEARCH_PROJECT = "research_project"
    DEMONSTRATION_PROJECT = "demonstration_project"
    EXTENSION_CENTRE = "extension_centre"
    LEVERAGE = "leverage"


class MatchingBasis(StrEnum):
    """Over which money the share is taken: all that is made available, or each year's by itself."""

    TOTAL = "total"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class AgencyEntry(Named):
    """A body of government; `parent` is the key of the department that it belongs to, or empty."""

    parent: str
    is_sponsor: bool


@dataclass(frozen=True, slots=True)
class FundingBand:
    """The federal money that one institute is meant to get over its first term."""

    id: str
    least_minor: int
    most_minor: int
    is_binding: bool
    authority: Authority
    note: str


@dataclass(frozen=True, slots=True)
class TermLimit:
    """The length of a first award; a renewal is at most as long as the first term.

    One that `is_binding` is law for every agency but `except_agency_keys`; another is a design.
    """

    id: str
    least_years: int
    most_years: int
    cure_period_days: int
    is_binding: bool
    except_agency_keys: frozenset[str]
    authority: Authority
    note: str

    def binds(self, *agency_keys: str) -> bool:
        """Whether an agency is bound; given with the departments that it belongs to."""
        return self.except_agency_keys.isdisjoint(agency_keys)


@dataclass(frozen=True, slots=True)
class MatchingRule:
    """The smallest share that must come from other than the sponsoring government.

    `share_bp` is in basis points of federal and non-federal money together: 5000 means as much
    again as the government gives. `agency_keys` empty means every agency but `except_agency_keys`.
    """

    id: str
    name: str
    name_zh: str
    subject: MatchingSubject
    basis: MatchingBasis
    share_bp: int
    agency_keys: frozenset[str]
    except_agency_keys: frozenset[str]
    waiver_keys: tuple[str, ...]
    is_statutory: bool
    authority: Authority
    note: str

    @property
    def citation(self) -> Citation:
        return self.authority.citation

    def binds(self, *agency_keys: str) -> bool:
        """Whether an agency is bound; given with the departments that it belongs to."""
        if self.agency_keys:
            return not self.agency_keys.isdisjoint(agency_keys)
        return self.except_agency_keys.isdisjoint(agency_keys)

    def is_met(self, federal_minor: int, nonfederal_minor: int) -> bool:
        """Return whether the share is reached, exactly and at the edge; without any money it is
        not.
        """
        total_minor = federal_minor + nonfederal_minor
        return total_minor > 0 and nonfederal_minor * BASIS_POINTS >= self.share_bp * total_minor

    def nonfederal_needed(self, federal_minor: int) -> int:
        """Return the least non-federal money that meets the rule beside this federal money."""
        return -(-federal_minor * self.share_bp // (BASIS_POINTS - self.share_bp))


class WaiverScope(StrEnum):
    """What a waiver lifts: a matching rule, or a bar on foreign participation."""

    MATCHING = "matching"
    PARTICIPATION = "participation"


@dataclass(frozen=True, slots=True)
class WaiverGround(Named):
    """A reason for which a rule may be waived."""

    scope: WaiverScope
    authority: Authority


@dataclass(frozen=True, slots=True)
class MembershipTier(Named):
    """A tier that an institute may offer; dues are a template for a year, not a published figure.

    `groups` may hold it, none for all; `meant_for` are the kinds of organisations that it is made
    for, empty for all of its groups.
    """

    dues_minor: int
    board_seats: int
    in_kind_share_bp: int
    groups: frozenset[OrganisationGroup]
    meant_for: frozenset[str]
    note: str


class BodyKind(StrEnum):
    """A body that decides or advises: of an institute, of the network, or beside it."""

    INSTITUTE_BOARD = "institute_board"
    LEADERSHIP_COUNCIL = "leadership_council"
    ADVISORY_BOARD = "advisory_board"
    TECHNICAL_COUNCIL = "technical_council"
    EXTENSION_CENTRE_BOARD = "extension_centre_board"


class SeatKind(StrEnum):
    """For whom a seat of a body is kept."""

    CHAIR = "chair"
    EXECUTIVE = "executive"
    INDEPENDENT = "independent"
    MEMBER = "member"
    INSTITUTE_HEAD = "institute_head"
    AGENCY = "agency"
    EXTENSION_CENTRE = "extension_centre"
    SMALL_MANUFACTURER = "small_manufacturer"
    COMMUNITY_COLLEGE = "community_college"
    OTHER = "other"


class BodyMeasure(StrEnum):
    """What a rule on a body counts: seats that are filled, those of some kinds among them, holders
    who come from organisations of some kinds (so many at least, or none), the share of the holders
    who come from industry or from some kinds (basis points, to be exceeded), the bodies of the kind
    in which somebody sits at once, the years of a term, the terms that follow on each other, the
    meetings in a year, and the share of the seats that are filled whose holders have to be there
    for a decision (basis points, to be exceeded).
    """

    SEATS_LEAST = "seats_least"
    SEATS_OF_KINDS_LEAST = "seats_of_kinds_least"
    INDUSTRY_SHARE_ABOVE_BP = "industry_share_above_bp"
    HOLDERS_OF_KINDS_LEAST = "holders_of_kinds_least"
    HOLDERS_OF_KINDS_NONE = "holders_of_kinds_none"
    HOLDERS_OF_KINDS_SHARE_ABOVE_BP = "holders_of_kinds_share_above_bp"
    BODIES_MOST = "bodies_most"
    TERM_YEARS_MOST = "term_years_most"
    TERMS_MOST = "terms_most"
    MEETINGS_A_YEAR_LEAST = "meetings_a_year_least"
    QUORUM_SHARE_ABOVE_BP = "quorum_share_above_bp"


@dataclass(frozen=True, slots=True)
class BodyRule(Named):
    """One rule on who sits in bodies of a kind, and how long."""

    body_kind: BodyKind
    measure: BodyMeasure
    number: int
    seat_kinds: frozenset[SeatKind]
    organisation_kinds: frozenset[str]
    authority: Authority


@dataclass(frozen=True, slots=True)
class OrganisationKind(Named):
    group: OrganisationGroup
    is_sme: bool


class ValuationMethod(StrEnum):
    """How the worth of a contribution is reckoned from what its record states.

    The amount itself; units at a rate, fringe benefits added; the market value, or the book value
    where that is less; units at a rental rate; the difference to an approved indirect rate.
    """

    AMOUNT = "amount"
    RATE = "rate"
    MARKET = "market"
    RENTAL = "rental"
    INDIRECT = "indirect"


@dataclass(frozen=True, slots=True)
class CostShareKind(Named):
    """What a contribution is made of; `valuation` says in both languages how its worth is found.

    `wants_appraisal` asks for an independent appraisal, `wants_approval` for the agency's prior
    approval.
    """

    is_cash: bool
    method: ValuationMethod
    wants_appraisal: bool
    wants_approval: bool
    valuation: str
    valuation_zh: str
    authority: Authority


@dataclass(frozen=True, slots=True)
class IncomeStream(Named):
    """A kind of an institute's own income, beside the base money of its sponsors.

    `is_programme_income` tells what is earned by the work under an award, and so falls under the
    award's rule on programme income, from what never does.
    """

    is_programme_income: bool
    authority: Authority


class IncomeMethodKey(StrEnum):
    """How programme income is used: it lowers the federal share, is added to the work, or counts
    as the recipient's share.
    """

    DEDUCTION = "deduction"
    ADDITION = "addition"
    COST_SHARING = "cost_sharing"


@dataclass(frozen=True, slots=True)
class IncomeMethod(Named):
    """A way to use programme income; the one that is `is_default` binds where none is named."""

    is_default: bool
    wants_approval: bool
    text: str
    text_zh: str
    authority: Authority


@dataclass(frozen=True, slots=True)
class CostCategory(Named):
    """A class of cost in a budget; `is_in_indirect_base` counts it into the base of the indirect
    rate, `is_indirect` is what that rate charges.
    """

    is_indirect: bool
    is_in_indirect_base: bool
    authority: Authority


@dataclass(frozen=True, slots=True)
class CloseoutItem(Named):
    """What has to be done when an agreement ends, within `days` of its last day."""

    days: int
    authority: Authority


@dataclass(frozen=True, slots=True)
class ReportTerm(Named):
    """How often a financial report is made and within how many days of its period's last day.

    `months` is the length of the period; 0 for the one report at the end.
    """

    months: int
    due_days: int
    authority: Authority


@dataclass(frozen=True, slots=True)
class FundingProfile:
    """How the government's yearly money is meant to fall.

    It falls in each year after `falls_after_years`, and has ended after `free_after_years`.
    """

    id: str
    falls_after_years: int
    free_after_years: int
    is_binding: bool
    agency_keys: frozenset[str]
    authority: Authority
    note: str

    def binds(self, *agency_keys: str) -> bool:
        """Whether an agency is meant; given with the departments that it belongs to."""
        return not self.agency_keys or not self.agency_keys.isdisjoint(agency_keys)


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """A system of codes; `codes` holds (code, name, name in Chinese) where the profile lists them
    itself.
    """

    key: str
    name: str
    edition: str
    source: str
    codes: tuple[tuple[str, str, str], ...]

    def name_of(self, code: str) -> str | None:
        """Return a code's name, or None where the profile does not list it."""
        return next((name for listed, name, _ in self.codes if listed == code), None)


@dataclass(frozen=True, slots=True)
class JurisdictionProfile(Named):
    """All that one nation decides about its network."""

    network_name: str
    network_name_zh: str
    country_code: str
    currency: str
    currency_symbol: str
    languages: tuple[str, ...]
    fiscal_year_rule: FiscalYear
    agencies: tuple[AgencyEntry, ...]
    funding_bands: tuple[FundingBand, ...]
    terms: tuple[TermLimit, ...]
    matching_rules: tuple[MatchingRule, ...]
    waiver_grounds: tuple[WaiverGround, ...]
    competing: Competing
    tiers: tuple[MembershipTier, ...]
    participation_rules: tuple[ParticipationRule, ...]
    screening: Screening
    body_rules: tuple[BodyRule, ...]
    organisation_kinds: tuple[OrganisationKind, ...]
    sme_employees_below: int
    cost_share_kinds: tuple[CostShareKind, ...]
    income_streams: tuple[IncomeStream, ...]
    income_methods: tuple[IncomeMethod, ...]
    cost_categories: tuple[CostCategory, ...]
    closeout_items: tuple[CloseoutItem, ...]
    report_terms: tuple[ReportTerm, ...]
    funding_profiles: tuple[FundingProfile, ...]
    second_person_threshold_minor: int
    approval_threshold_minor: int
    approval_window_days: int
    dues_due_days: int
    dues_grace_days: int
    industry_codes: CodeSystem
    place_codes: CodeSystem
    map_key: str

    @property
    def language(self) -> str:
        """The language in which a stranger is met."""
        return self.languages[0]

    @property
    def fiscal_year_start_month(self) -> int:
        return self.fiscal_year_rule.start_month

    def fiscal_year(self, year: int) -> FiscalPeriod:
        """Return the fiscal year of that number."""
        return self.fiscal_year_rule.period(year)

    def fiscal_year_of(self, day: date) -> FiscalPeriod:
        """Return the fiscal year in which the day lies."""
        return self.fiscal_year_rule.period_of(day)

    def agency(self, key: str) -> AgencyEntry:
        return self._entry(self.agencies, "agency", key)

    def lineage(self, agency_key: str) -> tuple[str, ...]:
        """The agency and the bodies that it belongs to, up to its department.

        What binds a department binds its offices.
        """
        parents = {entry.key: entry.parent for entry in self.agencies}
        found = [agency_key]
        while (parent := parents.get(found[-1], "")) and parent not in found:
            found.append(parent)
        return tuple(found)

    def organisation_kind(self, key: str) -> OrganisationKind:
        return self._entry(self.organisation_kinds, "organisation kind", key)

    def tier(self, key: str) -> MembershipTier:
        return self._entry(self.tiers, "membership tier", key)

    def cost_share_kind(self, key: str) -> CostShareKind:
        return self._entry(self.cost_share_kinds, "cost-share kind", key)

    def income_stream(self, key: str) -> IncomeStream:
        return self._entry(self.income_streams, "income stream", key)

    def income_method(self, key: str) -> IncomeMethod:
        """Return the way of that key; an empty key means the one that binds by default."""
        if not key:
            return next(method for method in self.income_methods if method.is_default)
        return self._entry(self.income_methods, "income method", key)

    def cost_category(self, key: str) -> CostCategory:
        return self._entry(self.cost_categories, "cost category", key)

    def closeout_item(self, key: str) -> CloseoutItem:
        return self._entry(self.closeout_items, "close-out item", key)

    def report_term(self, key: str) -> ReportTerm:
        return self._entry(self.report_terms, "report term", key)

    def waiver_ground(self, key: str) -> WaiverGround:
        return self._entry(self.waiver_grounds, "waiver ground", key)

    def industry_kind_of(self, employees: int) -> OrganisationKind:
        """Return the kind of a company by its size: the profile's smallest-first split at the SME
        threshold.
        """
        is_sme = employees < self.sme_employees_below
        return next(
            kind
            for kind in self.organisation_kinds
            if kind.group is OrganisationGroup.INDUSTRY and kind.is_sme is is_sme
        )

    def matching_rules_in_force(
        self,
        on: date,
        agency_key: str,
        *,
        subject: MatchingSubject = MatchingSubject.INSTITUTE,
    ) -> tuple[MatchingRule, ...]:
        """Return the rules that bind money of this agency on that day, in the profile's order."""
        return tuple(
            rule
            for rule in self.matching_rules
            if rule.subject is subject
            and rule.authority.is_in_force(on)
            and rule.binds(*self.lineage(agency_key))
        )

    def funding_band_in_force(self, on: date) -> FundingBand | None:
        return next((band for band in self.funding_bands if band.authority.is_in_force(on)), None)

    def term_in_force(self, on: date) -> TermLimit | None:
        return next((term for term in self.terms if term.authority.is_in_force(on)), None)

    def funding_profiles_in_force(self, on: date, agency_key: str) -> tuple[FundingProfile, ...]:
        """Return how money of this agency is meant to fall, as stated on that day."""
        return tuple(
            entry
            for entry in self.funding_profiles
            if entry.authority.is_in_force(on) and entry.binds(*self.lineage(agency_key))
        )

    def participation_rules_in_force(
        self, on: date, country_code: str
    ) -> tuple[ParticipationRule, ...]:
        """Return the rules for a member owned in that country on that day; none for the profile's
        own country.
        """
        if country_code == self.country_code:
            return ()
        return tuple(
            rule
            for rule in self.participation_rules
            if rule.authority.is_in_force(on)
            and (not rule.country_codes or country_code in rule.country_codes)
        )

    def body_rules_in_force(self, during: Span, kind: BodyKind) -> tuple[BodyRule, ...]:
        """Return the rules on bodies of that kind on some of these days, in the profile's order."""
        return tuple(
            rule
            for rule in self.body_rules
            if rule.body_kind is kind and rule.authority.in_force.overlaps(during)
        )

    def _entry[T: Named](self, entries: tuple[T, ...], kind: str, key: str) -> T:
        for entry in entries:
            if entry.key == key:
                return entry
        raise NotFound(_NO_ENTRY, params={"profile": self.key, "kind": kind, "key": key})
