"""What the bot says where somebody sends more than it takes, or where an answer takes too long."""

from bot.wording import Text

TOO_MANY = Text(
    "I am busy: I take at most {most} messages a minute from one person. "
    "What came after that I have not read; please send it again in a minute.",
    "我有点忙：每人每分钟我最多处理 {most} 条消息。超出的我没有读，请一分钟后再发。",
)
TOO_MANY_FILES = Text(
    "I am busy: I take at most {most} files in ten minutes from one person. "
    "What came after that I have not read; please send it again later.",
    "我有点忙：每人每十分钟我最多处理 {most} 个文件。超出的我没有读，请稍后再发。",
)
IN_LINE = Text(
    "Many people are writing to me just now. You are number {place} in the line; I will answer.",
    "现在给我发消息的人很多，您排在第 {place} 位，我会回复的。",
)
TOO_LONG = Text(
    "This took too long, so I stopped. Please try something shorter, or try again later.",
    "这件事花的时间太长，我停下了。请换短一点的内容，或稍后再试。",
)
