"""What the bot says about consent, reviewing and gaps, in English and Chinese. Markup as in `bot.texts`."""

from bot.wording import Text

CONSENT = Text(
    "**May I learn from what you write to me?** If so, my owner may label your messages, and I train on them after "
    "e-mail addresses, numbers, addresses and names were taken out. Nothing of it leaves this machine. "
    "You can change your mind with /optout and /optin; /privacy says more.",
    "**我可以从你发给我的内容里学习吗？**如果可以，维护者可以标注你的消息，我会先去掉邮箱、号码、地址和姓名，再用来训练。"
    "这些内容不会离开这台机器。随时可以用 /optout 和 /optin 更改；详情见 /privacy。",
)
CONSENT_YES = Text("Yes, learn from it", "可以，学吧")
CONSENT_NO = Text("No", "不可以")
CONSENT_GIVEN = Text("Thank you: your messages may teach me.", "谢谢，我会从你的消息里学习。")
CONSENT_REFUSED = Text("Understood: your messages do not teach me.", "明白，我不会从你的消息里学习。")

REVIEW_PRIVATE = Text(
    "Cards show what people wrote to me. Send me /review in our private chat instead.",
    "卡片上有别人发给我的内容，请在和我的私聊里发送 /review。",
)
REVIEW_EMPTY = Text(
    "There is nothing to review: nobody whose messages may teach me has written anything new.",
    "没有可标注的内容：还没有同意让我学习的人发来新消息。",
)
REVIEW_NOT_YOURS = Text(
    "What you write yourself is among it once you agree: /optin.", "你自己的消息要先同意才会出现在这里：/optin。"
)
REVIEW_DONE = Text(
    "**That was the last card.** New labels: {fresh}; a retraining is worth it from {enough}. /review brings more.",
    "**这是最后一张卡片。**已有 {fresh} 个新标签；达到 {enough} 个就值得重新训练。发送 /review 继续。",
)
PLACE = Text("{place} of {total}", "第 {place} 张，共 {total} 张")
FRESH = Text("new labels: {fresh}", "{fresh} 个新标签")
ENOUGH_AT = Text("enough for a retraining at {enough}", "达到 {enough} 个可重新训练")
ENOUGH_NOW = Text("enough for a retraining", "已够重新训练")
ASKED = Text("Asked {times} times", "被问过 {times} 次")
ROUTED = Text("Taken for: {intent} ({score})", "识别为：{intent}（{score}）")
ON_TOPIC = Text("topic: {topic} ({score})", "主题：{topic}（{score}）")
ANSWERED = Text("Answered:", "回答：")
SAID_SO_FAR = Text("Your label: {label}", "你的标注：{label}")
GOLDEN = Text("golden", "黄金样本")
ANSWER_RIGHT = Text("answer right", "回答正确")
ANSWER_WRONG = Text("answer wrong", "回答错误")
AGREE = Text(
    "Reviewers agree on {same} of {both} messages that two or more have labelled (α = {alpha})",
    "两人以上标注过的 {both} 条消息中，{same} 条意见一致（α = {alpha}）",
)
RIGHT = Text("✅ All right", "✅ 都对")
WRONG = Text("❌ Wrong answer", "❌ 答错了")
OTHER_INTENT = Text("other …", "其他……")
OTHER_TOPIC = Text("topic …", "主题……")
NEW_INTENT = Text("new intent …", "新意图……")
GILD = Text("⭐ Golden", "⭐ 黄金")
UNGILD = Text("⭐ Not golden", "⭐ 取消黄金")
UNDO = Text("↩️ Undo", "↩️ 撤销")
SKIP = Text("Skip ⏭", "跳过 ⏭")
NEXT = Text("Next ▶", "下一张 ▶")
BACK = Text("Back", "返回")
GOLDEN_FIRST = Text("Choose its intent first.", "请先选择它的意图。")
NOTHING_TO_UNDO = Text("You have labelled nothing yet.", "你还没有标注过。")
CARD_GONE = Text("This message may no longer be shown. Here is the next.", "这条消息不能再显示，请看下一张。")
NAME_ASK = Text(
    "**{text}**\nWhat should this intent be called? Reply to this message with a short name, such as `lost_card`. "
    "About twenty messages teach the router a new one.",
    "**{text}**\n这个意图叫什么名字？请回复这条消息，写一个简短的名称，例如 `lost_card`。"
    "大约二十条消息就能让路由学会一个新意图。",
)
NAME_BAD = Text(
    "{name} cannot be a name: use 1 to {most} letters, digits or characters.",
    "{name} 不能用作名称：请用 1 到 {most} 个字母、数字或汉字。",
)
NAMED = Text("Labelled as **{name}**.", "已标注为**{name}**。")

GAPS_PRIVATE = Text(
    "Send me /gaps in our private chat instead: it shows what people asked.",
    "里面有别人的提问，请在和我的私聊里发送 /gaps。",
)
GAPS_NONE = Text("My documents answered every question of the last week.", "最近一周的问题，文档里都有答案。")
GAPS = Text(
    "**Asked last week, and not in my documents.** Send me a file that says it, or teach me the answer.",
    "**最近一周有人问、而文档里没有的内容。**请把相关文件发给我，或者教我正确答案。",
)
GAP = Text("{people} people asked: **{question}**", "{people} 人问过：**{question}**")
GAP_ONE = Text("{people} person asked: **{question}**", "{people} 人问过：**{question}**")
