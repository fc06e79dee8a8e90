"""What people are told about what is stored of them, in both languages."""

from bot.wording import Text

PRIVACY = Text(
    "**What I store about you**\n{messages} messages with my replies · {votes} votes · {labels} labels · {talk} lines "
    "of groups with /digest · {documents} documents\n"
    "It lies on the machine that I run on, and nowhere else.\n"
    "May your messages teach me? **{consent}** (/optin, /optout)\n"
    "/export gives you all of it as a file; /forget deletes it.{retention}",
    "**我保存了关于你的什么**\n消息及回复 {messages} 条 · 评价 {votes} 个 · 标注 {labels} 个 · "
    "群摘要用的发言 {talk} 条 · 文档 {documents} 份\n"
    "这些都只存在运行我的这台机器上。\n"
    "你的消息可以用来教我吗？**{consent}**（/optin、/optout）\n"
    "/export 会把全部内容作为文件发给你，/forget 会把它删除。{retention}",
)
CONSENT = {
    True: Text("yes", "可以"),
    False: Text("no", "不可以"),
    None: Text("you have not said", "你还没说"),
}
RETENTION = Text("\nMessages are deleted after {days} days.", "\n消息在 {days} 天后删除。")
OPTED_IN = Text(
    "Thank you. What you ask may teach me from now on, without your name and numbers. /optout ends that.",
    "谢谢。从现在起，你的提问可以用来教我，其中的姓名和号码会被去掉。/optout 可随时停止。",
)
OPTED_OUT = Text(
    "Your messages will teach me nothing from now on. What they have taught is left out at the next retraining.",
    "从现在起，你的消息不再用来教我；它们教过的内容会在下次重新训练时去掉。",
)
EXPORTED = Text("All that I store about you is in this file.", "我保存的关于你的全部内容都在这个文件里。")
FORGET_ASK = Text(
    "This deletes your messages, my replies to them, your votes and the documents that you have sent me. It cannot be "
    "undone. Shall I?",
    "这会删除你的消息、我的回复、你的评价和你发给我的文档，无法恢复。确定吗？",
)
FORGET_SHARED = Text(
    " What you have added for everybody stays; remove it with `dawen documents remove`.",
    "你添加给所有人的文档会保留，可用 `dawen documents remove` 删除。",
)
FORGET_YES = Text("Yes, forget me", "是的，忘掉我")
FORGOTTEN = Text(
    "Forgotten: {messages} messages and {documents} documents.{versions}\n"
    "Telegram keeps its own copy of this chat; delete it there.",
    "已忘掉：消息 {messages} 条，文档 {documents} 份。{versions}\nTelegram 自己也存有这个聊天，请在那里删除。",
)
UNTEACH = Text(
    " They had taught me: {versions}. I train again without them.",
    "它们教过的版本：{versions}。我会去掉它们重新训练。",
)
IN_PRIVATE = Text(
    "That is between you and me. Send it to me in our private chat.", "这是你我之间的事，请在私聊里发给我。"
)
