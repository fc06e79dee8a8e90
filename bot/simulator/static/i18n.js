/** The words of the page in English and Chinese. What people and the bot write is never translated. */

const WORDS = {
  en: {
    about: "Everything stays on this computer. You play the people; the bot is the real one.",
    addBot: "Add the bot back",
    attach: "Attach a file",
    block: "Block bot",
    botGone: "The bot has left this group.",
    botBlocked: "You blocked this bot.",
    botTyping: "typing…",
    botWorking: "working…",
    cancel: "Cancel",
    commands: "Commands",
    conversations: "Conversations",
    copied: "Copied",
    copy: "Copy",
    drop: "Drop a file to send it",
    editMessage: "Edit",
    edited: "edited",
    editing: "Editing",
    emptyGroup: "Nobody has said anything here yet. Write as one of the members: the bot reads along.",
    emptyShort: "No messages yet",
    emptyTitle: "What can this bot do?",
    emptyUntold: "The bot has not introduced itself yet. Press Start and say hello.",
    failed: "That did not work",
    fileEmpty: (name) => `“${name}” is an empty file: there is nothing to send.`,
    fileMessage: "File",
    forwarded: "Forwarded from",
    general: "General",
    groupStatus: (count) => `${count} members and the bot`,
    jump: "Go to the latest message",
    language: "Switch the language to Chinese",
    member: "member",
    menu: "Open the list of conversations",
    message: "Message",
    messages: "Messages",
    more: "Show all of it",
    newMessages: (count) => (count === 1 ? "1 new message" : `${count} new messages`),
    noCommands: "The bot has set no commands.",
    offline: "Connecting to the bot's server…",
    ok: "OK",
    openedTopic: (name) => `opened the topic “${name}”`,
    photo: "Photo",
    pinned: "Pinned message",
    pinnedMessage: "pinned a message",
    privateStatus: (name) => `${name}’s chat with the bot`,
    reactWith: (emoji) => `React with ${emoji}`,
    reply: "Reply",
    replyingTo: "Reply to",
    send: "Send",
    skip: "Skip to the message field",
    speakAs: "Speak as",
    start: "Start",
    tagline: "local chat",
    themeDark: "Switch to dark colours",
    themeLight: "Switch to light colours",
    thinking: "Thinking…",
    today: "Today",
    unblock: "Unblock bot",
    unread: (count) => `${count} unread`,
    write: (name) => `Write as ${name}…`,
    yesterday: "Yesterday",
  },
  zh: {
    about: "所有内容都只留在这台电脑上。你扮演各位用户，机器人是真的。",
    addBot: "重新添加机器人",
    attach: "添加文件",
    block: "屏蔽机器人",
    botGone: "机器人已离开此群组。",
    botBlocked: "你已屏蔽此机器人。",
    botTyping: "正在输入…",
    botWorking: "正在处理…",
    cancel: "取消",
    commands: "命令",
    conversations: "会话",
    copied: "已复制",
    copy: "复制",
    drop: "松开即可发送文件",
    editMessage: "编辑",
    edited: "已编辑",
    editing: "正在编辑",
    emptyGroup: "这里还没有人发言。以任一成员的身份写点什么吧，机器人会看到。",
    emptyShort: "暂无消息",
    emptyTitle: "这个机器人能做什么？",
    emptyUntold: "机器人还没有自我介绍。点击“开始”打个招呼吧。",
    failed: "操作未成功",
    fileEmpty: (name) => `“${name}”是空文件，没有内容可以发送。`,
    fileMessage: "文件",
    forwarded: "转发自",
    general: "综合",
    groupStatus: (count) => `${count} 位成员和机器人`,
    jump: "跳到最新消息",
    language: "切换为英文",
    member: "成员",
    menu: "打开会话列表",
    message: "消息",
    messages: "消息记录",
    more: "展开全部",
    newMessages: (count) => `${count} 条新消息`,
    noCommands: "机器人尚未设置命令。",
    offline: "正在连接机器人服务…",
    ok: "好",
    openedTopic: (name) => `创建了话题“${name}”`,
    photo: "图片",
    pinned: "置顶消息",
    pinnedMessage: "置顶了一条消息",
    privateStatus: (name) => `${name} 与机器人的私聊`,
    reactWith: (emoji) => `用 ${emoji} 回应`,
    reply: "回复",
    replyingTo: "回复",
    send: "发送",
    skip: "跳到输入框",
    speakAs: "发言身份",
    start: "开始",
    tagline: "本地聊天",
    themeDark: "切换为深色",
    themeLight: "切换为浅色",
    thinking: "思考中…",
    today: "今天",
    unblock: "解除屏蔽",
    unread: (count) => `${count} 条未读`,
    write: (name) => `以 ${name} 的身份发言…`,
    yesterday: "昨天",
  },
};

let language = "en";

export function useLanguage(name) {
  language = name in WORDS ? name : "en";
}

/** The words for `key`; keys with a blank take what fills it. */
export function t(key, ...values) {
  const words = WORDS[language][key];
  return typeof words === "function" ? words(...values) : words;
}

const locale = () => (language === "zh" ? "zh-CN" : "en-GB");

/** 14:05 */
export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });
}

/** Today, Yesterday, or a date. */
export function day(seconds) {
  const date = new Date(seconds * 1000);
  const midnight = new Date().setHours(0, 0, 0, 0);
  if (date.getTime() >= midnight) return t("today");
  if (date.getTime() >= midnight - 86_400_000) return t("yesterday");
  return date.toLocaleDateString(locale(), { day: "numeric", month: "long", year: "numeric" });
}

/** 1.2 MB */
export function size(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log(bytes) / Math.log(1024)), units.length - 1);
  const value = bytes / 1024 ** step;
  return `${value.toLocaleString(locale(), { maximumFractionDigits: step && value < 10 ? 1 : 0 })} ${units[step]}`;
}
