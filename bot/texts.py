"""Everything the bot says by itself, in English and Chinese. Markup: **bold**, __italic__, `code`."""

from bot.wording import Text as Text

START = Text(
    "**Hello, I am Dawen.** Ask me anything that my documents answer, in English or Chinese. I show where each answer "
    "comes from, and I say so when the documents do not say.\n\n"
    "I also summarise articles: send /summarize with a link, or reply with it to a message. "
    "You can send me a file (md, txt, html, pdf, docx, pptx, xlsx, csv, tsv, epub, json, jsonl), "
    "and I answer from it in this chat.\n\n"
    "Try one of these:",
    "**你好，我是答问。**我的文档里有答案的问题，都可以用中文或英文问我。我会标明每个回答的出处；文档里没有的，我会直说。\n\n"
    "我还能概括文章：发送 /summarize 加链接，或用它回复一条消息。"
    "也可以把文件（md、txt、html、pdf、docx、pptx、xlsx、csv、tsv、epub、json、jsonl）发给我，"
    "我会在本聊天里根据它回答。\n\n"
    "先试试这些问题：",
)
HELP = Text(
    "**What you can do**\n"
    "Just ask, in English or Chinese. In a group, mention me, reply to me, or use a command.\n\n"
    "/ask question – ask, whatever it looks like\n"
    "/summarize link, text or file – the main points; also as a reply to a message\n"
    "/digest – in a group that keeps its talk: what was said\n"
    "/translate and /write – where a text generator is set up\n"
    "/sources – the passages behind my last answer\n"
    "/reset – begin anew: what was said before is no longer read\n"
    "/language – the language of my menus\n"
    "/whoami – what I know about you\n"
    "/privacy – what I store about you, and how to have it deleted\n"
    "/help – this page\n\n"
    "Send a file to ask about it here. 👍 and 👎 under an answer, or as a reaction, tell me how good it was.",
    "**你可以这样用我**\n"
    "直接提问就行，中文英文都可以。在群里请 @我、回复我，或使用命令。\n\n"
    "/ask 问题 – 直接当作问题来回答\n"
    "/summarize 链接、文字或文件 – 概括要点；也可以用它回复一条消息\n"
    "/digest – 在保存聊天记录的群里：概括大家说了什么\n"
    "/translate 和 /write – 翻译和写作，需配置文本生成模型\n"
    "/sources – 上一个回答依据的原文\n"
    "/reset – 重新开始：不再参考之前的对话\n"
    "/language – 选择界面语言\n"
    "/whoami – 我知道的关于你的信息\n"
    "/privacy – 我保存了关于你的什么，以及如何删除\n"
    "/help – 本页\n\n"
    "发送文件即可在这里针对它提问。回答下方的 👍 和 👎（或表情回应）会告诉我答得好不好。",
)
HELP_ADMIN = Text(
    "**For admins**\n/stats – numbers\n/review – say what messages were, so that I learn it\n"
    "/gaps – what was asked and is not in the documents\n/invite – a code that lets one person in\n"
    "/allow and /disallow – in a group: let its members use me\n"
    "/retrain – learn from what people said; /cancel ends it\n"
    "/models and /rollback – the versions, and back to the one before\n"
    "Files you send can be shared with everybody by the button below them.\n"
    "To teach me an answer, press 👎 under mine, or reply to it with “the right answer is …”.",
    "**管理员命令**\n/stats – 统计\n/review – 标注消息，让我学习\n"
    "/gaps – 有人问、文档里却没有的内容\n/invite – 生成一个邀请码\n"
    "/allow 和 /disallow – 在群里：是否允许群成员使用我\n"
    "/retrain – 从对话中学习；/cancel 可取消\n"
    "/models 和 /rollback – 查看各版本；退回上一版本\n"
    "你发来的文件，可用下方按钮共享给所有人。\n"
    "要教我正确答案，请点回答下方的 👎，或回复那个回答，写“正确答案是……”。",
)
ABOUT = Text(
    "I am **Dawen 答问**, a question-answering bot that runs on my owner's own machine. I answer from their documents "
    "and nothing you write leaves that machine except through Telegram. I am a program, not a person. What is asked "
    "and how answers are rated is stored, so that I can get better.",
    "我是**答问（Dawen）**，运行在主人自己机器上的问答机器人，根据主人的文档回答。"
    "除了经过 Telegram，你写的内容不会离开那台机器。"
    "我是程序，不是真人。提问和对回答的评价会被保存，用来让我变得更好。",
)
SAMPLES = (
    Text("How do I retrain the bot?", "怎么重新训练机器人？"),
    Text("Which file types can I add?", "可以添加哪些类型的文件？"),
    Text("Who can use the bot?", "谁可以使用这个机器人？"),
)

GREETING = Text("Hello! Ask me something, or send /help.", "你好！有问题尽管问，或发送 /help 看看我能做什么。")
THANKS = Text("You are welcome.", "不客气。")
GOODBYE = Text("Goodbye!", "再见！")
PRAISE = Text(
    "Glad that it helped. A 👍 under an answer makes it count.",
    "很高兴能帮上忙。点一下回答下方的 👍，就会被记录下来。",
)
COMPLAINT = Text(
    "I am sorry. A 👎 under the answer tells the people who run me what went wrong; "
    "asking again in other words may help too.",
    "抱歉。点一下回答下方的 👎，维护我的人就会知道哪里不对；换一种说法再问一次也许有帮助。",
)
CORRECTION = Text(
    "Thank you. I have logged your correction beside the answer, and learned nothing from it yet: the documents decide "
    "what I say. An admin can change those, or press Reply on my answer and write “the right answer is …”.",
    "谢谢指正，已和那个回答一起记录下来，但还没有学会：我的回答以文档为准。管理员可以更新文档，"
    "或对我的回答点“回复”，写“正确答案是……”。",
)
CHITCHAT = Text(
    "I am better at answering from documents than at small talk. What would you like to know?",
    "比起闲聊，我更擅长根据文档回答问题。你想知道什么？",
)
HUMAN = Text(
    "I cannot call a person, but the people who run this bot read what is asked here. "
    "Please write to them directly if it is urgent.",
    "我没法转接真人，但维护这个机器人的人会看到这里的问题。急事请直接联系他们。",
)
NEEDS_GENERATOR = Text(
    "For this I would need a text generator, and none is set up here. An admin can set one up with `DAWEN_GENERATOR`. "
    "I can answer from the documents and summarise.",
    "这需要文本生成模型，而这里没有配置。管理员可以用 `DAWEN_GENERATOR` 配置一个。"
    "我可以根据文档回答问题，也可以做摘要。",
)
GENERATOR_SILENT = Text(
    "The text generator did not answer in time. Please try again later, or with a shorter text.",
    "文本生成模型没有及时回应。请稍后再试，或者缩短文字。",
)
WRITTEN_FREELY = Text(
    "(Written by a language model, not taken from the documents.)", "（由语言模型写成，并非出自文档。）"
)
RESET = Text(
    "We begin anew: I no longer read what was said here before. Nothing was deleted.",
    "重新开始：之前的对话我不再参考。记录没有删除。",
)
OUT_OF_SCOPE = Text(
    "I cannot do that. I answer questions from my documents and summarise articles; /help shows how.",
    "这个我做不到。我能根据文档回答问题、概括文章，用法见 /help。",
)
CHOOSE = Text("Type a number to choose.", "输入数字来选择。")
CLARIFY = Text("I am not sure what you mean. Is it …", "我不太确定你的意思。你是想……")
ASK_WHAT = Text(
    "What would you like to know? Write it after the command: `/ask How do I …`",
    "你想知道什么？请写在命令后面：`/ask 怎么……`",
)

UNDERSTOOD = Text("__You mean: {question}__", "__你是问：{question}__")
QUOTED_AS_WRITTEN = Text(
    "My own words are in English now; passages are quoted in the language that they are written in.",
    "我自己的话改用中文；引用的原文保持文档本来的语言。",
)
REFUSAL = Text("**My documents do not say.**", "**我的文档里没有说明。**")
UNSURE = Text("**My documents do not say for certain.**", "**我的文档里没有明确说明。**")
NEAREST = Text("The closest I found:", "最接近的内容：")
NO_DOCUMENTS = Text(
    "I have no documents yet. An admin can add some with `dawen ingest`, or send me a file here.",
    "我还没有任何文档。管理员可以用 `dawen ingest` 添加，也可以直接把文件发给我。",
)
SOURCES = Text("Sources", "来源")
SOURCES_OF = Text("**Sources of my last answer**", "**上一个回答的来源**")
REFUSED_LAST = Text(
    "Your last question was not answered from the documents, so there are no sources. Try it in other words.",
    "上一个问题没有从文档里找到答案，所以没有来源。换一种说法试试。",
)
NO_SOURCES = Text(
    "I have not answered anything here yet. Ask me something first.", "这里还没有回答过问题，先问我点什么吧。"
)
PAGE = Text("page {page}", "第 {page} 页")

LINK_ERRORS = {
    "address": Text("That is not a web address that I can open: {url}", "这不是我能打开的网址：{url}"),
    "private": Text("I open public web pages only, and this is not one: {url}", "我只打开公开网页，这个不是：{url}"),
    "unreachable": Text("I could not reach {url}", "无法访问 {url}"),
    "status": Text("The page could not be opened: {url}", "网页打不开：{url}"),
    "too_large": Text("The page is too large: {url}", "网页太大了：{url}"),
    "type": Text(
        "I can read web pages, text, PDF, Office files, tables and books, and this is something else: {url}",
        "我能读网页、文本、PDF、Office 文件、表格和电子书，这个不是：{url}",
    ),
    "timeout": Text("The page took too long to answer: {url}", "网页响应太慢：{url}"),
    "encoding": Text("The page came in a form that I cannot unpack: {url}", "网页的压缩数据无法解开：{url}"),
    "busy": Text(
        "Too many links were opened lately. Please try {url} again in a few minutes.",
        "最近打开的链接太多了，请过几分钟再试：{url}",
    ),
}
FILE_ERRORS = {
    "missing": Text("I could not get the file. Please send it again.", "没有收到文件，请再发一次。"),
    "unreadable": Text(
        "I cannot read {name}: it is damaged, or not what its name says.",
        "无法读取 {name}：文件已损坏，或与扩展名不符。",
    ),
    "empty": Text(
        "{name} holds no text. If it is a scan, run text recognition on it first.",
        "{name} 里没有文字。如果是扫描件，请先做文字识别。",
    ),
    "too_large": Text("{name} is too large for me.", "{name} 太大了，我处理不了。"),
    "unsupported": Text(
        "I can read md, txt, html, pdf, docx, pptx, xlsx, csv, tsv, epub, json and jsonl, but not {name}.",
        "我能读 md、txt、html、pdf、docx、pptx、xlsx、csv、tsv、epub、json 和 jsonl，但读不了 {name}。",
    ),
    "mismatch": Text(
        "{name} is not the type of file that its ending says. Please save it as that type, or name it as what it is.",
        "{name} 的内容与扩展名不符，请另存为该类型，或改成正确的扩展名。",
    ),
    "protected": Text(
        "{name} is protected by a password. Please remove it first.", "{name} 有密码保护，请先去掉密码。"
    ),
    "timeout": Text("{name} took too long to read. Please split it.", "{name} 读取时间太长，请拆分后再发。"),
}
FILE_ADDED = Text("**{title}** is read. Ask me about it in this chat.", "已读完**{title}**，可以在本聊天里针对它提问。")
FILE_REPLACED = Text("**{title}** is read again; the earlier version is gone.", "已重新读取**{title}**，旧版本已替换。")
FILE_UNCHANGED = Text("I know this version of **{title}** already.", "这个版本的**{title}**我已经读过了。")
SHARE_WITH_ALL = Text("Share with everybody", "共享给所有人")
FILE_SHARED = Text("Shared with everybody.", "已共享给所有人。")
NOT_TEXT = Text("I read text and documents. What would you like to know?", "我能读文字和文档。你想知道什么？")

LANGUAGE_ASK = Text(
    "Which language should my menus have? Answers follow your question.", "界面用哪种语言？回答总是跟随你提问的语言。"
)
LANGUAGE_SET = Text("My menus are in English now.", "从现在起我用中文。")
LANGUAGE_AUTO = Text("I follow the language of your app again.", "我会跟随你的应用语言。")
WHOAMI = Text(
    "**{name}** · id `{id}`\nRole: {role}\nLanguage: {menus}\nChat: `{chat}`",
    "**{name}** · ID `{id}`\n身份：{role}\n语言：{menus}\n聊天：`{chat}`",
)
ROLES = {
    "admin": Text("admin", "管理员"),
    "member": Text("member", "成员"),
    "stranger": Text("guest", "访客"),
}
STATS = Text(
    "**Numbers**\nPeople {users} · chats {chats} · messages {messages} · waiting {pending}\n"
    "Documents {documents} · passages {chunks}\nVotes 👍 {up} 👎 {down}\n"
    "Languages: {languages}\nIntents: {intents}\nTopics: {topics}\nReplies: {answers}\nRouter `{router}`",
    "**统计**\n用户 {users} · 聊天 {chats} · 消息 {messages} · 等待中 {pending}\n"
    "文档 {documents} · 片段 {chunks}\n评价 👍 {up} 👎 {down}\n"
    "语言：{languages}\n意图：{intents}\n主题：{topics}\n回复：{answers}\n路由模型 `{router}`",
)

PRIVATE = Text(
    "This bot is private. If you have an invitation code, send it as `/start CODE`; else ask the people who run it.",
    "这个机器人不公开。如果你有邀请码，请发送 `/start 邀请码`；否则请联系维护者。",
)
CLAIMED = Text(
    "You are now an admin of this bot. /help shows what that means.", "你现在是这个机器人的管理员了，权限见 /help。"
)
LET_IN = Text("Welcome! You may use this bot now.", "欢迎！你现在可以使用这个机器人了。")
BAD_CODE = Text("This code is unknown, used up or expired.", "邀请码无效、已用完或已过期。")
ADMINS_ONLY = Text("Only admins can do that.", "只有管理员可以这样做。")
GROUPS_ONLY = Text("Use this command in a group.", "请在群里使用这个命令。")
INVITE = Text(
    "This code lets one person in, within 7 days. They send me: `/start {code}`",
    "这个邀请码可让一个人加入，7 天内有效。对方给我发送：`/start {code}`",
)
PRIVATE_ONLY = Text(
    "Everybody here could use the code. Send me /invite in our private chat instead.",
    "这里的人都会看到邀请码。请在和我的私聊里发送 /invite。",
)
ALLOWED = Text("Everybody in this group may use me now.", "现在群里所有人都可以使用我了。")
DISALLOWED = Text("Only people who were let in may use me in this group now.", "现在这个群里只有获准的人可以使用我。")
UNKNOWN_COMMAND = Text("I do not know this command. /help shows what I can do.", "没有这个命令。用法见 /help。")
SORRY = Text(
    "Something went wrong on my side. It is logged; please try again.", "我这边出错了，已记录下来，请再试一次。"
)
VOTED = {
    1: Text("Thanks, noted as good.", "谢谢，已记为好评。"),
    -1: Text("Thanks, noted as bad.", "谢谢，已记为差评。"),
}
REASONS = {
    "wrong": Text("wrong", "答错了"),
    "missing": Text("not in the documents", "文档里没有"),
    "long": Text("too long", "太长"),
    "other": Text("other", "其他原因"),
}
REASON_NOTED = Text("Thanks, the reason is noted.", "谢谢，原因已记下。")
TEACH = Text("✏️ Teach the answer", "✏️ 教我正确答案")
TEACH_ASK = Text(
    "**{question}**\nWhat is the right answer? Hold or right-click this message, press Reply, and write it; everybody "
    "who asks will get it.",
    "**{question}**\n正确答案是什么？请长按或右键点击这条消息，选“回复”，写下答案；之后谁问都会得到这个回答。",
)
TAUGHT = Text(
    "Learned. Whoever asks **{question}** gets this answer from now on. It is listed among the documents.",
    "学会了。以后有人问 **{question}**，都会得到这个回答。它已列入文档，可随时删除。",
)
APPROVED = Text("Approved answer", "核准的回答")
EXPIRED = Text("This button is too old.", "这个按钮已经失效。")

INTENTS = {
    "question": Text("a question about the documents", "就文档提问"),
    "follow_up": Text("more about my last answer", "接着上一个回答问"),
    "summarize": Text("a summary", "做摘要"),
    "translate": Text("a translation", "翻译"),
    "write": Text("writing a text", "写一段文字"),
    "help": Text("help with this bot", "怎么用机器人"),
    "about_bot": Text("about me", "了解我"),
    "greeting": Text("just hello", "打个招呼"),
    "thanks": Text("thanks", "道谢"),
    "goodbye": Text("goodbye", "告别"),
    "praise": Text("praise", "表扬"),
    "complaint": Text("a complaint", "投诉"),
    "correction": Text("a correction", "纠正"),
    "human": Text("talking to a person", "找真人"),
    "chitchat": Text("small talk", "闲聊"),
    "out_of_scope": Text("something else", "其他"),
}

DESCRIPTION = Text(
    "I answer questions from the documents that I was given, in English and Chinese, and show where each answer comes "
    "from. When the documents do not say, I say so. I also summarise articles, and you can send me a file (md, txt, "
    "html, pdf, docx, pptx, xlsx, csv, tsv, epub, json, jsonl) to ask about it.",
    "我根据收到的文档用中文和英文回答问题，并标明每个回答的出处；文档里没有的，我会直说。"
    "我还能概括文章；也可以把文件（md、txt、html、pdf、docx、pptx、xlsx、csv、tsv、epub、json、jsonl）发给我，"
    "针对它提问。",
)
SHORT_DESCRIPTION = Text(
    "Answers from its owner's documents, in English and Chinese, with sources.",
    "根据主人的文档用中文和英文回答，附出处。",
)
COMMANDS: dict[str, Text] = {
    "ask": Text("Ask my documents", "向文档提问"),
    "summarize": Text("Summarise a link, text, file or message", "概括链接、文字、文件或消息"),
    "digest": Text("Digest of what this group said", "概括本群的聊天"),
    "translate": Text("Translate a text", "翻译一段文字"),
    "write": Text("Write a text", "写一段文字"),
    "sources": Text("Passages behind the last answer", "上一个回答的原文"),
    "reset": Text("Begin the conversation anew", "重新开始对话"),
    "language": Text("Language of the menus", "界面语言"),
    "whoami": Text("What I know about you", "我的信息"),
    "privacy": Text("What I store about you, and how to delete it", "我保存了关于你的什么，如何删除"),
    "help": Text("What I can do", "使用帮助"),
    "start": Text("Begin, sample questions", "开始，示例问题"),
}
ADMIN_COMMANDS: dict[str, Text] = {
    "review": Text("Say what messages were", "标注消息"),
    "gaps": Text("What the documents do not say", "文档里缺什么"),
    "stats": Text("Numbers", "统计"),
    "invite": Text("A code that lets somebody in", "生成邀请码"),
    "allow": Text("Let this group use me", "允许本群使用"),
    "disallow": Text("No longer let this group use me", "不再允许本群使用"),
    "retrain": Text("Learn from what people said", "从对话中学习"),
    "cancel": Text("End a training", "取消训练"),
    "models": Text("Versions and how good they are", "各版本及其表现"),
    "rollback": Text("Back to the version before", "退回上一版本"),
}
