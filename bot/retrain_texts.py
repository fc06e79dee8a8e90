"""What the bot says about training runs and versions, in English and Chinese. Markup as in `bot.texts`."""

from bot.wording import Text

KINDS = {
    "router": Text("the router", "路由模型"),
    "retriever": Text("the retriever", "检索模型"),
    "thresholds": Text("the thresholds", "阈值"),
    "generator": Text("the generator", "生成模型"),
}
PHASES = {
    "queued": Text("waiting", "等待中"),
    "snapshot": Text("freezing the data", "冻结数据"),
    "start": Text("starting the trainer", "启动训练进程"),
    "train": Text("training", "训练中"),
    "judge": Text("judging beside the live version", "与现用版本对比评判"),
    "rollout": Text("putting the verdict into effect", "执行评判结果"),
}
PROGRESS = Text("**Training {kind}**, run {run}: {phase}", "**训练{kind}**（第 {run} 次）：{phase}")
LEFT = Text("about {seconds} s left", "大约还需 {seconds} 秒")
STOP = Text("/cancel ends it.", "/cancel 可以取消。")
RETRAIN_WHAT = Text(
    "I do not know {wish!r}. Send `/retrain`, or one of: {kinds}, all.",
    "不认识 {wish!r}。请发送 `/retrain`，或指定：{kinds}、all。",
)
MODELS_WHAT = Text(
    "I do not know {wish!r}. Send `/models`, or one of these with it: {kinds}.",
    "不认识 {wish!r}。请发送 `/models`，或加上其中之一：{kinds}。",
)
NOTHING_NEW = Text(
    "Nothing to learn: since the last training nobody has labelled a message or judged an answer. "
    "Labels come from clarifications and from reviews.",
    "没有可学的内容：自上次训练以来，没有新的消息标注或回答评价。标注来自澄清选择和审核。",
)
BUSY = Text("A training is going on already; here is how far it is.", "已有训练在进行，进度如下。")
CANCELLED = Text(
    "**The training of {kind} was cancelled.** Nothing has changed.", "**{kind}的训练已取消。**没有任何改动。"
)
CANCELLING = Text("Cancelled.", "已取消。")
NOTHING_TO_CANCEL = Text(
    "There is no training that can be cancelled: none goes on here, or it has its verdict already.",
    "没有可以取消的训练：当前没有训练，或评判已经完成。",
)
FAILED = Text(
    "**The training of {kind} failed: {reason}.** The version that served goes on.",
    "**{kind}的训练失败：{reason}。**原来的版本继续服务。",
)
NOTHING_YET = Text(
    "**There is nothing to learn for {kind} yet: {reason}.** The version that served goes on.",
    "**{kind}暂时没有可学的内容：{reason}。**原来的版本继续服务。",
)
NO_GENERATOR = Text(
    "The generator cannot be taught here: only a model in this process can, with DAWEN_GENERATOR=`transformers`.",
    "这里的生成模型无法训练：只有在本进程中运行的模型可以，请把 DAWEN_GENERATOR 设为 `transformers`。",
)
ERRORS = {
    "few": Text(
        "too few answers were liked, disliked or corrected by people who let me learn",
        "允许用于学习的好评、差评和纠正还太少",
    ),
    "nothing": Text(
        "the new labels say what is known already, or their writers do not let me learn from them",
        "新标注的内容已经学过，或消息作者不同意用于学习",
    ),
    "attempts": Text("it was cut short three times", "训练被中断了三次"),
    "trainer": Text("its process ended before its time; the log says more", "训练进程意外退出，详见日志"),
    "data": Text(
        "its data or a model could not be used; `dawen retrain` says more",
        "数据或模型无法使用，可运行 `dawen retrain` 查看",
    ),
    "unforeseen": Text("something unforeseen happened; the log says more", "发生了意外错误，详见日志"),
}
SERVES = Text("{version} serves from now on.", "{version} 已开始服务。")
TRIED = Text(
    "{version} serves {share} % of the chats for now, and all of them when it fares well.",
    "{version} 先服务 {share} % 的聊天，表现良好后再全面启用。",
)
NEXT_START = Text("{version} serves from the next start on.", "{version} 将在下次启动时生效。")
OUTDATED = Text(
    "It does not serve: meanwhile another version was put into service than the one it was compared with.",
    "未启用：训练期间，用来对比的版本已被替换。",
)
ROLL_BACK = Text("↩️ Roll back", "↩️ 退回上一版本")
ROLLED_BACK = Text("**Rolled back:** {version} serves again.", "**已退回：**{version} 重新开始服务。")
NOTHING_BEFORE = Text("There is no earlier version to go back to.", "没有更早的版本可以退回。")
RETURNED = Text(
    "**{version} went back to {previous} by itself:** {reason}.",
    "**{version} 已自动退回到 {previous}：**{reason}。",
)
TROUBLES = {
    "votes": Text("people disliked its answers more", "用户对它的回答差评更多"),
    "scope": Text("it took more messages for out of scope", "它把更多消息判为超出范围"),
    "latency": Text("it was slower", "它更慢"),
    "errors": Text("more messages failed", "失败的消息更多"),
    "damaged": Text("it could not be loaded", "无法加载"),
}
PROVED = Text("**{version} has proved itself** and serves all chats now.", "**{version} 表现良好**，现已全面启用。")
MODELS = Text("**Versions of {kind}**, the newest first", "**{kind}的各版本**（从新到旧）")
NO_MODELS = Text("There is no stored version yet.", "还没有已保存的版本。")
MARKS = {
    "serves": Text("serves", "服务中"),
    "trial": Text("on trial", "试用中"),
    "before": Text("the one before", "上一版本"),
    "base": Text("came with the bot", "初始版本"),
}
NOT_JUDGED = Text("not judged by the gate", "未经评判")
DRIFT = Text(
    "**What people write has changed:** {shifts}. A look at /stats and some labels in /review would help.",
    "**用户的消息发生了变化：**{shifts}。建议查看 /stats 并用 /review 标注一些消息。",
)
SHIFTS = {
    "intents": Text("what they want", "意图"),
    "topics": Text("what it is about", "话题"),
    "languages": Text("in which language", "语言"),
    "unknown": Text("how much I do not know", "未知占比"),
    "evidence": Text("how well the documents answer", "证据得分"),
}
CHARTS = Text("The last {days} days", "最近 {days} 天")
