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
