"""The common policies of the demonstration: words, dates, and who deviates.

The words are generated for the demonstration and bind nobody. Their areas are the seven for which
the founding papers ask the institutes' council for common policies.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from lineshaft.apps.governance.rules import PolicyArea
from lineshaft.demonstration.personas import OWN_INSTITUTE


@dataclass(frozen=True, slots=True)
class Words:
    """One wording; `adopted_on` is None for a draft that is still open."""

    text: str
    text_zh: str
    adopted_on: date | None
    in_force_on: date | None = None
    changed: str = ""
    changed_zh: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True)
class PolicyPlan:
    """A policy with its versions; `deviations` gives a reason by institute, for the last one.

    `silent` are institutes that have said nothing of the last version.
    """

    area: PolicyArea
    title: str
    title_zh: str
    versions: tuple[Words, ...]
    deviations: tuple[tuple[str, str], ...] = ()
    silent: frozenset[str] = frozenset()


ATTESTED: Final = frozenset({PolicyArea.INTELLECTUAL_PROPERTY, PolicyArea.SME_COLLABORATION})
"""Areas whose policies the institutes have attested for the last fiscal year that is over."""

POLICIES: Final = (
    PolicyPlan(
        PolicyArea.SME_COLLABORATION,
        "Collaboration with small manufacturers",
        "与中小制造企业的合作",
        (
            Words(
                "Each institute names a person whom small manufacturers can call.\n\n"
                "A question is answered within ten working days, in words that a shop floor uses."
                "\n\nThe first day of help costs nothing.",
                "各创新中心指定一名中小制造企业联系人。\n\n"
                "问题须在十个工作日内以车间通用的语言答复。\n\n首日服务免费。",
                date(2017, 5, 16),
                date(2017, 10, 1),
                decision="Council meeting of May 2017, item 4 (demonstration)",
            ),
            Words(
                "Each institute names a person whom small manufacturers can call.\n\n"
                "A question is answered within five working days, in words that a shop floor uses."
                "\n\nThe first three days of help cost nothing. What the institute can't do, it"
                " passes on to the extension centre of the region, and tells the firm so.",
                "各创新中心指定一名中小制造企业联系人。\n\n"
                "问题须在五个工作日内以车间通用的语言答复。\n\n"
                "前三日服务免费。创新中心不能办理的，转交当地拓展中心，并告知企业。",
                date(2020, 5, 19),
                date(2020, 10, 1),
                changed="Five days instead of ten; the extension centre takes what is left over.",
                changed_zh="五日代替十日；余下事项由拓展中心承接。",
                decision="Council meeting of May 2020, item 2 (demonstration)",
            ),
        ),
        deviations=(
            (
                "lift",
                "Answers take ten working days: the one person for it works half time.",
            ),
        ),
    ),
    PolicyPlan(
        PolicyArea.SHARED_SERVICES,
        "Shared services between institutes",
        "创新中心之间的共享服务",
        (
            Words(
                "An institute that has a service to spare, such as payroll, recruiting or"
                " purchasing, offers it to the others at cost.\n\n"
                "Cost is what the accounts of the last fiscal year show.",
                "创新中心如有富余的服务能力（如薪资、招聘、采购），按成本向其他中心提供。\n\n"
                "成本以上一财年账目为准。",
                date(2018, 11, 13),
                date(2019, 1, 1),
                decision="Council meeting of November 2018, item 3 (demonstration)",
            ),
        ),
        deviations=(
            ("biofabusa", "Purchasing under the rules of a regulated product can't be shared."),
            ("niimbl", "Purchasing under the rules of a regulated product can't be shared."),
        ),
    ),
    PolicyPlan(
        PolicyArea.INTELLECTUAL_PROPERTY,
        "Intellectual property from shared projects",
        "合作项目的知识产权",
        (
            Words(
                "What a member brings stays that member's.\n\n"
                "What a project finds belongs to those who found it. Members of the institute may"
                " use it for research without fee.",
                "成员带入的知识产权归该成员所有。\n\n"
                "项目成果归完成者所有。本创新中心成员可免费用于研究。",
                date(2016, 11, 15),
                date(2017, 1, 1),
                decision="Council meeting of November 2016, item 5 (demonstration)",
            ),
            Words(
                "What a member brings stays that member's, and is listed before the project"
                " begins.\n\n"
                "What a project finds belongs to those who found it. Members of the institute may"
                " use it for research without fee, and have ninety days to ask for a licence to"
                " make and sell.\n\n"
                "A licence to make is for making at home, unless the sponsor agrees otherwise.",
                "成员带入的知识产权归该成员所有，并在项目开始前列明。\n\n"
                "项目成果归完成者所有。本创新中心成员可免费用于研究，"
                "并有九十日申请生产与销售许可。\n\n"
                "生产许可限于在本国生产，资助机构另行同意的除外。",
                date(2019, 5, 14),
                date(2019, 10, 1),
                changed="Background is listed beforehand; ninety days for a licence; making at"
                " home.",
                changed_zh="事先列明背景知识产权；九十日申请许可；在本国生产。",
                decision="Council meeting of May 2019, item 1 (demonstration)",
            ),
            Words(
                "What a member brings stays that member's, and is listed before the project"
                " begins.\n\n"
                "What a project finds belongs to those who found it. Members of every institute"
                " may use it for research without fee; those of the institute have ninety days to"
                " ask for a licence to make and sell.\n\n"
                "A licence to make is for making at home, unless the sponsor agrees otherwise.",
                "成员带入的知识产权归该成员所有，并在项目开始前列明。\n\n"
                "项目成果归完成者所有。各创新中心成员均可免费用于研究；"
                "本创新中心成员有九十日申请生产与销售许可。\n\n"
                "生产许可限于在本国生产，资助机构另行同意的除外。",
                None,
                changed="Members of every institute may use results for research.",
                changed_zh="各创新中心成员均可将成果用于研究。",
            ),
        ),
        deviations=(
            ("aim-photonics", "Process design kits are licensed by the foundry on its own terms."),
        ),
    ),
    PolicyPlan(
        PolicyArea.CONTRACT_RESEARCH,
        "Contract research for one client",
        "面向单一客户的委托研究",
        (
            Words(
                "Research for one client pays its whole cost, with overhead.\n\n"
                "It never takes equipment that was promised to a shared project.",
                "为单一客户开展的研究须承担全部成本，含间接费用。\n\n"
                "不得占用已安排给合作项目的设备。",
                date(2018, 5, 15),
                date(2018, 10, 1),
                decision="Council meeting of May 2018, item 6 (demonstration)",
            ),
        ),
    ),
    PolicyPlan(
        PolicyArea.OPERATIONS,
        "Running shared equipment",
        "共享设备的运行",
        (
            Words(
                "Whoever uses a machine is qualified on it first.\n\n"
                "Hours, material and faults are recorded on the day.",
                "使用设备前须先取得该设备的操作资格。\n\n工时、材料和故障须当日登记。",
                date(2019, 11, 12),
                date(2020, 1, 1),
                decision="Council meeting of November 2019, item 2 (demonstration)",
            ),
        ),
        silent=frozenset({OWN_INSTITUTE}),
    ),
    PolicyPlan(
        PolicyArea.FINANCE,
        "Recording cost share",
        "成本分担的登记",
        (
            Words(
                "Cost share is recorded in the month in which it was given, with its evidence.\n\n"
                "Who recorded a contribution does not accept it.",
                "成本分担须在投入当月登记，并附证据。\n\n登记人不得自行认可所登记的投入。",
                date(2017, 11, 14),
                date(2018, 1, 1),
                decision="Council meeting of November 2017, item 1 (demonstration)",
            ),
            Words(
                "Cost share is recorded within thirty days after it was given, with its evidence"
                " and the way in which it was valued.\n\n"
                "Who recorded a contribution does not accept it.",
                "成本分担须在投入后三十日内登记，并附证据与估值方法。\n\n"
                "登记人不得自行认可所登记的投入。",
                date(2021, 5, 18),
                date(2021, 10, 1),
                changed="Thirty days; the valuation is recorded too.",
                changed_zh="改为三十日；同时登记估值方法。",
                decision="Council meeting of May 2021, item 3 (demonstration)",
            ),
        ),
    ),
    PolicyPlan(
        PolicyArea.MARKET_AND_BRAND,
        "The network's name and mark",
        "网络名称与标识的使用",
        (
            Words(
                "Each institute names the network beside its own name, on its site and on its"
                " papers.\n\n"
                "A member says that it is one, and of which institute; it does not use the mark on"
                " a product.",
                "各创新中心在其网站和文件上，于自身名称旁标明所属网络。\n\n"
                "成员可说明其为某创新中心成员，但不得在产品上使用网络标识。",
                date(2020, 11, 17),
                date(2021, 1, 1),
                decision="Council meeting of November 2020, item 4 (demonstration)",
            ),
        ),
    ),
)
