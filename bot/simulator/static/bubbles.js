/** One message as a bubble: sender, quotation, text, file, keyboard, reactions, and what can be done with it. */

import { avatar, el, hue, icon } from "./dom.js";
import { richText } from "./entities.js";
import { clock, size, t } from "./i18n.js";

const REACTIONS = ["👍", "👎", "❤", "🔥", "🎉", "🤔"];

/**
 * The node of a message. `acts` has: react(message, emoji), reply(message), edit(message), press(message, button, node),
 * command(text), show(message).
 */
export function bubble(message, store, acts, { follows }) {
  if (isService(message)) return serviceLine(message);
  const speaker = store.speaker;
  const isOwn = message.from.id === speaker.id;
  const isNamed = !isOwn && !follows && message.chat.type !== "private";
  const body = el(
    "div",
    { className: "bubble" },
    isNamed ? senderName(message.from) : null,
    forwarded(message),
    quotation(message, acts),
    media(message),
    words(message, acts),
    reactions(message, speaker, acts),
  );
  const last = body.lastElementChild;
  (last?.matches(".text, .reactions") ? last : body).append(stamp(message));
  const frame = el("div", { className: "frame" }, toolbar(message, speaker, acts), body, keyboard(message, acts));
  return el(
    "article",
    {
      className: `message ${isOwn ? "own" : "other"} ${follows ? "follows" : ""}`,
      tabIndex: -1,
      data: { testid: "message", messageId: message.message_id, from: message.from.is_bot ? "bot" : message.from.id },
      aria: { label: `${message.from.first_name}, ${clock(message.date)}` },
    },
    isOwn ? null : avatar(message.from.first_name, message.from),
    frame,
  );
}

/** What a message says in one line. */
export function summary(message) {
  if (message.forum_topic_created) return t("openedTopic", message.forum_topic_created.name);
  if (message.pinned_message) return t("pinnedMessage");
  const text = message.text ?? message.caption;
  if (message.photo) return text ? `🖼 ${text}` : t("photo");
  if (message.document) return `📎 ${text ?? message.document.file_name ?? t("fileMessage")}`;
  return text ?? "";
}

export const isService = (message) => Boolean(message.forum_topic_created || message.pinned_message);

function serviceLine(message) {
  return el(
    "div",
    { className: "service", data: { testid: "service", messageId: message.message_id } },
    `${message.from.first_name} ${summary(message)}`,
  );
}

function senderName(user) {
  return el("div", { className: `sender ${hue(user)}` }, user.first_name);
}

function forwarded(message) {
  if (!message.forward_origin) return null;
  return el("div", { className: "forwarded" }, `${t("forwarded")} ${message.forward_origin.sender_user.first_name}`);
}

/** The message that this one answers; the first message of a topic stands behind every message and says nothing. */
function quotation(message, acts) {
  const quoted = message.reply_to_message;
  if (!quoted || quoted.forum_topic_created) return null;
  return el(
    "button",
    { type: "button", className: `quote ${hue(quoted.from)}`, onclick: () => acts.show(quoted) },
    el("strong", {}, quoted.from.first_name),
    el("span", {}, summary(quoted)),
  );
}

function media(message) {
  if (message.photo) {
    const { file_id: id, width, height } = message.photo.at(-1);
    const image = el("img", { src: `/sim/files/${id}`, alt: message.caption ?? t("photo"), width, height, loading: "lazy" });
    return el("a", { className: "photo", href: `/sim/files/${id}`, download: "" }, image);
  }
  if (!message.document) return null;
  const { file_id: id, file_name: name, file_size: bytes } = message.document;
  return el(
    "a",
    { className: "document", href: `/sim/files/${id}`, download: name, data: { testid: "document" } },
    el("span", { className: "symbol" }, icon("file")),
    el("span", { className: "about" }, el("strong", {}, name), el("span", {}, size(bytes))),
  );
}

function words(message, acts) {
  const text = message.text ?? message.caption;
  if (!text) return null;
  const nodes = richText(text, message.entities ?? message.caption_entities, acts.command);
  return el("div", { className: "text", dir: "auto" }, nodes);
}

function stamp(message) {
  const edited = message.is_rewritten ? `${t("edited")} ` : "";
  const time = el("time", { dateTime: new Date(message.date * 1000).toISOString() }, clock(message.date));
  return el("div", { className: "stamp" }, edited, time);
}

function reactions(message, speaker, acts) {
  if (message.reactions.length === 0) return null;
  const given = new Map();
  for (const { emoji, user_id: userId } of message.reactions) given.set(emoji, [...(given.get(emoji) ?? []), userId]);
  const chips = [...given].map(([emoji, users]) => {
    const isMine = users.includes(speaker.id);
    return el(
      "button",
      {
        type: "button",
        className: "chip",
        aria: { pressed: isMine, label: `${emoji} ${users.length}` },
        onclick: () => acts.react(message, isMine ? null : emoji),
      },
      el("span", { className: "emoji" }, emoji),
      ` ${users.length}`,
    );
  });
  return el("div", { className: "reactions", data: { testid: "reactions" } }, chips);
}

function keyboard(message, acts) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  const lines = rows.map((row) => el("div", { className: "keys" }, row.map((button) => key(message, button, acts))));
  return el("div", { className: "keyboard" }, lines);
}

function key(message, button, acts) {
  const data = { testid: "button" };
  if (button.url) {
    const isSafe = /^https?:/i.test(button.url);
    const target = isSafe ? { href: button.url, target: "_blank", rel: "noopener noreferrer" } : {};
    return el("a", { ...target, className: "key", data }, `${button.text} ↗`);
  }
  const node = el("button", { type: "button", className: "key", data }, button.text);
  node.addEventListener("click", () => acts.press(message, button, node));
  return node;
}

function toolbar(message, speaker, acts) {
  const mine = message.reactions.find((reaction) => reaction.user_id === speaker.id)?.emoji;
  const faces = REACTIONS.map((emoji) =>
    el(
      "button",
      {
        type: "button",
        className: "emoji",
        data: { testid: `react-${emoji}` },
        aria: { label: t("reactWith", emoji), pressed: emoji === mine },
        onclick: () => acts.react(message, emoji === mine ? null : emoji),
      },
      emoji,
    ),
  );
  const reply = tool("reply", t("reply"), () => acts.reply(message));
  const canEdit = message.from.id === speaker.id && !message.forward_origin;
  const edit = canEdit ? tool("edit", t("editMessage"), () => acts.edit(message)) : null;
  return el("div", { className: "tools" }, el("div", { className: "toolbar", role: "toolbar" }, faces, reply, edit));
}

function tool(name, label, onclick) {
  return el("button", { type: "button", title: label, aria: { label }, data: { testid: name }, onclick }, icon(name));
}
