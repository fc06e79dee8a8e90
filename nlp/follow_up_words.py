"""The words that `nlp.follow_up` goes by, in English and Chinese. Short lists, for help desks and not for poetry."""

import re


def _any(words: str) -> str:
    """An alternation of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words.split(), key=len, reverse=True))


_DAYS = "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays"
_DAYS += " saturdays sundays weekend weekends weekdays holidays"
_EN_PEOPLE = (
    "students children kids adults members employees contractors seniors visitors guests teachers staff families "
    "managers interns freelancers teams companies beginners admins groups"
)
_ZH_PEOPLE = (
    "学生 孩子 儿童 小孩 成人 会员 员工 老人 访客 客人 老师 家属 经理 实习生 外包 新员工 非会员 外国人 管理员 退休人员"
)
_ZH_TIMES = (
    "今天 明天 后天 昨天 前天 周末 周一 周二 周三 周四 周五 周六 周日 周天 星期一 星期二 星期三 星期四 星期五 星期六 "
    "星期天 星期日 节假日 假期 寒假 暑假 春节 国庆 晚上 早上 上午 下午 中午 夜里 年底 月底 冬天 夏天 春天 秋天 今年 "
    "明年 去年 工作日 平时"
)
_EN_DEPENDENT = (
    "price cost costs fee fees deadline deadlines limit limits rule rules requirements documents document form forms "
    "address phone number email hours time duration penalty discount discounts exception exceptions reason reasons "
    "difference example examples alternative alternatives step steps details conditions process procedure author name "
    "appointment approval permission receipt proof exam"
)
_ZH_DEPENDENT = (
    "价格 价钱 费用 手续费 钱 时间 期限 材料 手续 流程 步骤 条件 要求 地址 地点 电话 邮箱 作者 内容 名字 原因 结果 "
    "区别 办法 方法 方式 规定 限制 例子 优惠 折扣 截止日期 有效期 例外 上限 细节 表格 主角 主人公 女主 男主 导演 结局 "
    "简介 文件 押金"
)
_ZH_ASKS = (
    "为什么 为啥 为何 怎么样 怎么办 怎么 怎样 如何 什么时候 什么 啥 多少钱 多少 多久 多长时间 多长 多大 多高 多远 "
    "几点 几天 几个 几次 几年 几月 几号 几 谁 哪里 哪儿 哪个 哪些 哪天 哪家 哪种 哪 是不是 能不能 可不可以 有没有 "
    "要不要 会不会 需不需要 用不用 是否 吗 呢 吧 啊 呀 么"
)
_ZH_LIGHT = (
    "请问 请 我们 我 你们 你 您 的 了 是 有 在 要 会 能 可以 需要 得 应该 必须 办理 办 做 弄 收取 收 提交 交 "
    "准备 给 去 来 到 从 和 也 都 还 就 再 一下 一点 一些 大概 大约 一般 具体 详细 最 更 比较 那么 那 然后 "
    "但是 但 不 没 说说 说 讲讲 讲 介绍 解释 举个 其他 别的 别 还有 继续 展开 写 用 算 行 够 最多 最少 最晚 "
    "最早 最长 最短 花 等 点 免费 贵 过 着 呗 生效 到账 开始 结束 联系 找 取消 申请 累积 开门 关门 带 网上 线上 "
    "修改 退 补办 续期 觉得 知道 看 听 喜欢 前 后 内 "
    "方便 难 麻烦 复杂 安全 有用 好用 划算 值得 快 慢 好吃 好看 好玩 厉害 推荐 聊聊 聊"
)
EN_LIGHT = frozenset(
    (
        "a about add after again all also an and another any anything apply are as at available be because been before "
        "begin best better bring but by can cheaper come could days did do does done else end ends even exactly "
        "examples explain expire expires far few finish for free from get give go goes had happen happens has have "
        "hours how i if in into is it last latest least less long longer maximum me mean means minimum months more "
        "most much many my need needed needs next no not of often ok okay on one ones only or our pay please possible "
        "really required requires say should so some soon start starts still such take takes tell than that the their "
        "them then there these they this those to too under until up us use valid want was we weeks were what when "
        "where which who whom why will with without work works would years yet detail please many elaborate continue "
        "sure start different involved due expensive difficult hard easy safe worth complicated"
    ).split()
) | frozenset(_EN_DEPENDENT.split())
DETERMINERS = frozenset("a an the my our your his her its their this that these those any some another each".split())
SUBJECTS = frozenset("i you we one to who please and".split())
INVERTING = frozenset("do does did can could will would should may must".split())
BEING = frozenset("is are was were be".split())
PERSONAL = frozenset("he she him his her".split())
EN_BREAKS = (
    frozenset(
        (
            "about after and as at because before but by for from how if in into is are was were be been it on or so "
            "than then there they them to until when where which what who whom whose why with without while "
            "during through i you we he she me us not no please tell show explain give time kind sort way many much "
            "long often far old days hours weeks months happens happen need want have has had get hello hi ok okay "
            "soon early late more most"
        ).split()
    )
    | INVERTING
)
NAME = re.compile(r"(?<!^)(?<![.?!] )\b(?!I\b)[A-Z][\w.-]*(?: [A-Z][\w.-]*)*")
PARTICIPLE = re.compile(
    r"(?:ed|en|ing)$|^(?:paid|made|sent|kept|held|sold|built|valid|free|closed|available|required|due|allowed|"
    r"needed|refundable|included|open)$"
)
WEEKDAY = re.compile(rf"(?:next |this )?(?:{_any(_DAYS)})", re.IGNORECASE)
LEADS = re.compile(r"(?:on|at|in) (?:the )?", re.IGNORECASE)
# Cases that take each other's place in a question: people, days and times, and phrases behind the same preposition.
PEOPLE = re.compile(rf"\b(?:{_any(_EN_PEOPLE)})\b|{_any(_ZH_PEOPLE)}", re.IGNORECASE)
CASES = (
    re.compile(r"\bfrom (?:\w+ ?){1,3}$", re.IGNORECASE),
    re.compile(r"\bfor (?:\w+ ?){1,3}$", re.IGNORECASE),
    PEOPLE,
    re.compile(rf"\b(?:on |at |in )?(?:the )?(?:{_any(_DAYS)}|today|tomorrow)\b|{_any(_ZH_TIMES)}", re.IGNORECASE),
    re.compile(r"\bin (?:the )?(?:winter|summer|spring|autumn|morning|afternoon|evening)\b", re.IGNORECASE),
    re.compile(r"\b(?:in|at|on|with|without|to|by|after|before|during|under|over)\b (?:\w+ ?){1,3}$", re.IGNORECASE),
)
_PREPOSITION = r"(?:for|on|in|at|from|with|without|by|after|before|during|under|over|if) "
OTHER_CASE = re.compile(
    r"(?:(?:(?:and|but|or|so|then|ok|okay),? )?(?:what|how) about |(?:and|but|or),? )(?P<en>.+)"
    r"|(?:那么|那|然后|还有|但是|而)?(?:如果是|要是|如果|换成|对于|对)?(?P<zh>.+?)的?(?:呢|又如何|怎么样呢)"
    rf"|(?P<bare>{_PREPOSITION}.+)",
    re.IGNORECASE,
)
ATTRIBUTE = re.compile(rf"(?:the |any )?(?:{_any(_EN_DEPENDENT)})|(?:{_any(_ZH_DEPENDENT)})", re.IGNORECASE)
ZH_ATTRIBUTE = re.compile(_any(_ZH_DEPENDENT))
ASKS = re.compile(
    r"\b(?:how|what|when|where|why|who|which|is|are|do|does|did|can|could|will|would|should|may|thanks?|hello|hi)\b"
    rf"|{_any(_ZH_ASKS)}|谢谢|你好",
    re.IGNORECASE,
)
ASKS_SOMETHING = re.compile(
    rf"\b(?:how|what|when|where|why|who|which|is|are|do|does|did|can|could|will|would|should|may|must|more|else|examples?|"
    rf"explain|details?|elaborate)\b|{_any(_ZH_ASKS)}|{_any(_ZH_DEPENDENT)}|详细|具体|介绍|说说|讲讲|解释|举个|还有",
    re.IGNORECASE,
)
_GENERIC = "policy process procedure thing rule step fee option method service"
_VERBS = "is are was were does do did can will would should means mean work works take takes cost costs apply applies"
_FOLLOWS = rf"(?=\s+(?:{_any(_VERBS)}|for|in|on|at|by|from|with|to|happen|include|includes)\b|\s*[?.!,]|\s*$)"
_MEASURE = "个 本 首 部 件 种 项 条 款 张 家 份 段 次 位"
_KIND = "书 歌 电影 动漫 小说 人 事 流程 政策 东西 地方 问题 方法 时期 手续 规定 服务 功能 活动 证 卡"
PRONOUN = re.compile(
    rf"\b(?:this|that|these|those) (?:{_any(_GENERIC)})\b"
    r"|\b(?P<its>its|their|his)\b(?= \w)"
    r"|\b(?:they|them|he|she|him|her)\b"
    r"|(?<!\bis )(?<!\bwas )\bit\b|\bit\b(?! (?:is|was))"
    rf"|(?:(?<=\bdo )|(?<=\bdoes )|(?<=\bis )|(?<=\bare )|(?<=\bof )|(?<=\babout )|(?<=\bfor )|(?<=\bcan )|(?<=\bwith )"
    rf"|^)\b(?:this|that|these|those)\b{_FOLLOWS}"
    r"|\b(?:this|that|these|those)\b(?=[?.!]?$)"
    r"|(?:(?<=\ba )|(?<= cheaper )|(?<= other )|(?<= new )|(?<= better ))(?P<one>ones?)\b"
    rf"|[这那该](?:{_any(_MEASURE)})?(?:{_any(_KIND)})|(?<![其吉维结])[它他她]们?(?!人)"
    rf"|[这那](?:{_any('个 些 本 首 部 项 种')})(?!月|星期|周|群|机器人|文件|链接)"
    r"|这(?=是|要|怎|能|会|可|需|算|有|多)",
    re.IGNORECASE,
)
EXPLETIVE = re.compile(
    r"\b(?:is|was|'s|would be)? ?it(?: is|'s| was| be)? (?:possible|necessary|allowed|ok|okay|true|required|safe|legal|"
    r"normal|mandatory|worth|better) (?:to|that|for|if)\b"
    r"|\bit (?:take|takes|cost|costs) .*?\bto [a-z]+ (?:\w+ )*\w+|\bit(?:'s| is)? (?:raining|snowing|time|late)\b",
    re.IGNORECASE,
)
CLAUSE_END = re.compile(r"[,;，；。？]| and | but | then | so |然后|但是")
_SAY = "说 讲 回答 翻译 来 重复 讲讲 说说"
AGAIN_IN = re.compile(
    r"(?:and |now |please |can you |could you |say (?:that|it) |repeat (?:that|it) |"
    r"answer |the same |again |what about )*"
    r"in(?:to)? (?P<en>english|chinese|mandarin)(?: please| again| too)?"
    rf"|(?=.*[用换成再呢版])[请那能可以麻烦你您把它]*再?(?:{_any(_SAY)})?(?:用|换成|换|翻译成|成)?"
    rf"(?P<zh>英文|英语|中文|汉语)版?再?(?:{_any(_SAY)})?(?:一遍|一次|一下)?(?:可以|行|好)?[呢吗吧]?",
    re.IGNORECASE,
)
AGAIN = re.compile(
    r"(?:please )?(?:say|repeat|ask) (?:that|it)(?: again)?(?: please)?|come again"
    r"|请?再[说讲]一[遍次]吧?|请?重复一[遍下]",
    re.IGNORECASE,
)
_ORDINALS = "first second third fourth fifth last"
ORDINAL = re.compile(
    rf"\b(?:the )?(?P<en>{_any(_ORDINALS)}|[1-9](?:st|nd|rd|th))\b"
    r"(?: (?:one|point|item|option|step|sentence|thing|(?P<source>source|document))\b|(?=[?.!]?$))"
    r"|(?P<zh>第[一二三四五六七八九123456789]|最后一)[个条点项种步款篇句](?P<zh_source>来源|出处|文档)?",
    re.IGNORECASE,
)
NUMBERS = (
    {word: number for number, word in enumerate(_ORDINALS.split()[:5], 1)}
    | {f"{number}{end}": number for number in range(1, 10) for end in ("st", "nd", "rd", "th")}
    | {f"第{digit}": number for digits in ("一二三四五六七八九", "123456789") for number, digit in enumerate(digits, 1)}
    | {"last": -1, "最后一": -1}
)
EN_OPENING = re.compile(
    r"^(?:please )?(?:how(?: much| many| long| often)?|what|when|where|why|who|which)?\b ?"
    r"(?:(?:do|does|did|can|could|will|would|should|is|are|was|were|may|must|am)\b )?(?:(?:i|you|we|one|there)\b )?"
    r"(?:(?:need|have|want) to )?",
    re.IGNORECASE,
)
REASON = re.compile(r"(?:why|how come|how so|how)(?: not| exactly)?$|为什么|为啥|为何|怎么办|原因", re.IGNORECASE)
MORE = re.compile("介绍|解释|说说|讲讲|详细|具体|展开|举个|继续")
TO_THE_BOT = re.compile(r"\b(?:you|your|yourself)\b|[你您]", re.IGNORECASE)
ZH_ASKING = re.compile(rf"请问|{_any(_ZH_ASKS)}")
ZH_LIGHT = re.compile(_any(f"{_ZH_ASKS} {_ZH_LIGHT} {_ZH_DEPENDENT} {_ZH_TIMES}"))
ZH_BREAKS = re.compile(
    rf"{_any(_ZH_ASKS)}|请问|[你您]?(?:知道|认识|听说过?|看过|喜欢|觉得|了解|玩过)|我们?[想要]?|[你您]们?"
    rf"|[，,。？?！! ]|(?:{_any(_ZH_TIMES)})的?"
)
_ZH_VERBS = "办理 申请 开门 关门 提交 领取 报销 使用 支付 需要 可以 能 会 要 是 有 在 办 做 去 交 收 写 开 放 能够 应该"
ZH_EDGES = re.compile(
    rf"^(?:那么|那|把|给|去|想|要|能|会(?![员议计])|可以|需要|应该|的|是|有|在|申请|办理|使用|领取|提交|查看|查询|看|听|买|说说|介绍|一下|帮|推荐)+"
    rf"|(?:{_any(_ZH_VERBS)}|了|的|听过|看过|过|认识|不|帅|吧|呗|好看|这本书|这首歌|这个人)+$"
)
ZH_OWNED = re.compile(rf"的?(?:{_any(_ZH_DEPENDENT)})$")
TAKES = re.compile(
    r"\b(?:(?:does|will|would|could|can|might|should) it (?:\w+ )?take|it (?:\w+ )?takes)\b", re.IGNORECASE
)
TO_DO = re.compile(r"\s+to\b", re.IGNORECASE)
DOING = re.compile(r"how (?:(?:do|can|could|should|would|will|must) (?:i|we|you|one)|to) (.+)", re.IGNORECASE)
