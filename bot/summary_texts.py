"""What the bot says about summaries and digests, in English and Chinese. Markup as in `bot.texts`."""

from bot.wording import Text

SUMMARY = Text("**Summary: {title}**", "**摘要：{title}**")
SUMMARY_PLAIN = Text("**Summary**", "**摘要**")
SUMMARIZE_WHAT = Text(
    "Send /summarize with a link, a text or a file, or reply with it to a message. "
    "`/summarize short`, `/summarize long` and `/summarize 5` say how much you want to read.",
    "请发送 /summarize 加链接、文字或文件，或用它回复一条消息。"
    "`/summarize 短`、`/summarize 长`、`/summarize 5` 可以指定长短。",
)
TOO_SHORT = Text("That is short enough to read as it is.", "内容很短，直接读就好。")
PROGRESS = Text("{number} of {parts} parts", "第 {number} 部分，共 {parts} 部分")
SAVED_MINUTES = Text("saves {minutes} min of reading", "省 {minutes} 分钟阅读")
PARTIAL = Text("only the open part of the page", "仅网页公开部分")
FOREIGN = Text(
    "__The text is in Chinese, and so are the sentences taken from it.__", "__原文是英文，摘出的句子也是英文。__"
)
IN_OWN_WORDS = Text(
    "__Worded by a language model; numbers and names were checked against the text.__",
    "__由语言模型写成；数字和名称已与原文核对。__",
)
FIGURES = Text("Figures", "数字")
PEOPLE = Text("People", "人物")
PLACES = Text("Places", "地点")
DATES = Text("Dates", "时间")
MORE_LINKS = Text(
    "I read {most} links at a time; please send the others again.", "一次最多读 {most} 个链接，其余请再发一次。"
)
SHORTER = Text("Shorter", "更短")
LONGER = Text("Longer", "更长")
ASK_ABOUT = Text("Ask about this", "针对它提问")
SAVE = Text("Save to knowledge", "存入知识库")
NO_SHORTER = Text("It cannot be any shorter.", "已经最短了。")
NO_LONGER = Text("There is no more to say.", "没有更多内容了。")
ASKABLE = Text("Read. Ask me about it in this chat.", "已读完，可以在本聊天里针对它提问。")
SAVED = Text("Saved to the shared knowledge.", "已存入共享知识库。")

DIGEST = Text("**Digest: {messages} messages of {people} people**", "**群聊摘要：{people} 人的 {messages} 条消息**")
DIGEST_OFF = Text(
    "This group does not keep its talk. An admin can start that with `/digest on`: from then on I keep what is written "
    "here for seven days, for digests alone; `/digest off` deletes it.",
    "本群没有保存聊天记录。管理员可以发送 `/digest on` 开启：之后群里的文字会保存七天，只用来做摘要；"
    "`/digest off` 会全部删除。",
)
DIGEST_ON = Text(
    "From now on I keep what is written in this group for seven days, for /digest alone. `/digest off` ends that and "
    "deletes everything. For me to see all messages, switch my privacy mode off in @BotFather or make me an admin.",
    "从现在起，群里的文字会保存七天，只用于 /digest。`/digest off` 会停止并全部删除。"
    "要让我看到所有消息，请在 @BotFather 关闭隐私模式，或把我设为管理员。",
)
DIGEST_ENDED = Text(
    "I no longer keep the talk of this group, and what was kept is deleted.",
    "已停止保存本群聊天，之前保存的已全部删除。",
)
DIGEST_GROUPS = Text("Digests are for groups: send /digest there.", "群聊摘要用于群组：请在群里发送 /digest。")
DIGEST_WHAT = Text(
    "Send `/digest`, `/digest 50` for the last 50 messages, or `/digest 2h`, `/digest 3d`, `/digest today`.",
    "请发送 `/digest`、`/digest 50`（最近 50 条），或 `/digest 2小时`、`/digest 3天`、`/digest 今天`。",
)
DIGEST_EMPTY = Text("Nothing was written here in that time.", "这段时间没有人发言。")
