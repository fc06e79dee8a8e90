"""Words for the verdict on a new version, in English and Chinese. Markup as in `bot.texts`."""

from bot.wording import Text
from nlp.learning.verdict import Code

SERVES = Text(
    "**The new version is {gain} and worse nowhere: it can serve.**", "**新版本{gain}，且没有变差的地方：可以上线。**"
)
KEPT_OUT = Text("**The new version is kept out: {reason}.**", "**新版本不予上线：{reason}。**")
ALSO_FOR = Text("It is also {reason}.", "另外：{reason}。")
ALSO_AGAINST = Text("Also: {reason}.", "还有：{reason}。")
THOUGH = Text("It is {reason}, but that does not make up for it.", "虽然{reason}，但不能相抵。")

REASONS: dict[Code, Text] = {
    Code.BETTER: Text(
        "better at {measure} {part} ({points} points on {rows} {set} messages, not chance)",
        "在{part}{measure}上更好（{set}的 {rows} 条消息上 {points} 个百分点，并非偶然）",
    ),
    Code.NEW_LABELS: Text(
        "able to tell {labels}, which is new (right on {right} of {rows} messages)",
        "能认出新标签 {labels}（{rows} 条消息中答对 {right} 条）",
    ),
    Code.GOLDEN: Text(
        "better on the messages that you chose yourself ({points} points on {rows})",
        "在你自己选定的消息上更好（{rows} 条上 {points} 个百分点）",
    ),
    Code.NO_GAIN: Text(
        "on {rows} messages it is nowhere better by more than chance", "在 {rows} 条消息上没有超出偶然的进步"
    ),
    Code.WORSE: Text(
        "it is worse at {measure} {part} ({points} points on {rows} {set} messages; {margin} are allowed)",
        "在{part}{measure}上变差（{set}的 {rows} 条消息上 {points} 个百分点，最多允许 {margin}）",
    ),
    Code.UNPROVEN: Text(
        "a loss cannot be ruled out (measured {points} points, perhaps {low}, on {rows} messages that nobody could "
        "tamper with; {margin} are allowed)",
        "不能排除变差（{rows} 条无法被人做手脚的消息上测得 {points} 个百分点，最坏可能 {low}，最多允许 {margin}）",
    ),
    Code.BELOW_BASE: Text(
        "it has fallen behind the version that came with the bot ({points} points on {rows} messages; "
        "{margin} are allowed)",
        "已不如随机器人附带的初始版本（{rows} 条消息上 {points} 个百分点，最多允许 {margin}）",
    ),
    Code.CROWDED: Text(
        "its new labels take {points} % of {rows} messages from old ones ({margin} % are allowed)",
        "新标签抢走了旧标签 {rows} 条消息中的 {points} %（最多允许 {margin} %）",
    ),
    Code.FORGOTTEN: Text(
        "it has forgotten {label} {part} ({live} right before, {candidate} now, of {rows} messages)",
        "忘记了{part}的 {label}（{rows} 条消息，之前答对 {live}，现在 {candidate}）",
    ),
    Code.SLOW: Text(
        "it takes {ratio} times as long for a message ({limit} times are allowed)",
        "每条消息用时是之前的 {ratio} 倍（最多允许 {limit} 倍）",
    ),
    Code.CANARY: Text(
        "the phrase “{phrase}” turns {share} of all messages into {label}, as if somebody had planted it",
        "短语“{phrase}”会把 {share} 的消息变成 {label}，像是有人故意植入的",
    ),
    Code.TOO_FEW: Text(
        "there are only {rows} messages that nobody could tamper with to judge by ({needed} are needed)",
        "可用于评判、无法被人做手脚的消息只有 {rows} 条（至少需要 {needed} 条）",
    ),
}

SETS = {
    "fixed": Text("built-in test", "自带测试集"),
    "recent": Text("recent", "近期对话"),
    "reviewed": Text("reviewed", "管理员标注"),
    "golden": Text("hand-picked", "你选定"),
}
PARTS = {"all": Text("overall", "总体"), "en": Text("in English", "英文"), "zh": Text("in Chinese", "中文")}
MEASURES = {
    "intent": Text("telling what people want", "意图识别"),
    "topic": Text("telling what it is about", "话题识别"),
    "scope": Text("telling what it is not there for", "超出范围的判断"),
}
LINE = Text(
    "{set}, {measure} {part}: {live} → `{candidate}` ({points}, {rows} messages)",
    "{set}·{part}{measure}：{live} → `{candidate}`（{points}，{rows} 条）",
)
SPEED = Text("one message: {live} → `{candidate}` ms", "每条消息：{live} → `{candidate}` 毫秒")
CHANGED = Text(
    "{label} {part}: {live} → `{candidate}` of {rows} right",
    "{part} {label}：{rows} 条中答对 {live} → `{candidate}` 条",
)
