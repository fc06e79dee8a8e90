/** The chat page: brings what happens on the server to the panes, and what the person does to the server. */

import { byId, el, icon } from "./dom.js";
import { Composer } from "./composer.js";
import { t } from "./i18n.js";
import { alertOf, attempt, toast } from "./notices.js";
import { act, listen } from "./server.js";
import { startSettings } from "./settings.js";
import { faceOf, Sidebar, titleOf } from "./sidebar.js";
import { conversationOf, Store } from "./store.js";
import { summary } from "./bubbles.js";
import { Thread } from "./thread.js";

const PATIENCE = 15_000; // milliseconds a pressed button waits for its answer
const OPEN = "conversation";

const store = new Store();
store.current = localStorage.getItem(OPEN);
const sidebar = new Sidebar(store, open);
const composer = new Composer(store, () => draw());
const thread = new Thread(store, {
  command: (text) => composer.say(text),
  edit: (message) => composer.edit(message),
  press,
  react: (message, emoji) => attempt(() => act("react", { ...about(message), emoji })),
  reply: (message) => composer.replyTo(message),
});

const handlers = {
  snapshot(event) {
    store.load(event);
    draw();
  },
  setup(event) {
    store.arrange(event.setup);
    sidebar.draw();
    drawHeader();
    composer.draw();
  },
  message: ({ message }) => receive(message),
  deleted(event) {
    store.remove(event.chat_id, event.message_ids);
    sidebar.draw();
    thread.draw({ stay: true });
  },
  draft({ draft }) {
    store.showDraft(draft);
    live(draft);
  },
  action({ action }) {
    store.showAction(action);
    live(action);
  },
  answer: ({ answer }) => answered(answer),
};

function receive(message) {
  const key = conversationOf(message);
  const isNew = store.keep(message);
  const isSeen = key === store.current && document.visibilityState === "visible";
  if (isNew && !isSeen && message.from.is_bot) store.markUnread(key);
  if (key === store.current) thread.show(message, isNew);
  sidebar.draw();
  drawHeader();
}

function open(key) {
  const from = store.current;
  store.current = key;
  store.markRead();
  localStorage.setItem(OPEN, key);
  composer.turn(from);
  draw({ stay: false });
  if (window.matchMedia("(pointer: fine)").matches) byId("composer").focus();
}

/** Everything anew; `stay` where the person is reading, or go to the latest message. */
function draw({ stay = true } = {}) {
  if (!store.bot) return;
  sidebar.draw();
  drawHeader();
  composer.draw();
  thread.draw({ stay });
}

/** Show what the bot is doing, and look again when that is over. */
function live({ seconds }) {
  const show = () => {
    thread.live();
    drawHeader();
  };
  show();
  setTimeout(show, seconds * 1000 + 50);
}

function drawHeader() {
  const conversation = store.conversation();
  const { chat } = conversation;
  byId("chat-avatar").replaceWith(Object.assign(faceOf(conversation), { id: "chat-avatar" }));
  byId("chat-title").textContent = titleOf(conversation);
  byId("chat-status").textContent = status(chat);
  document.title = `${titleOf(conversation)} · ${store.bot.first_name}`;
  drawPinned(chat);
  drawStanding(chat);
}

function status(chat) {
  const action = store.action();
  if (store.draft() || action?.action === "typing") return t("botTyping");
  if (action) return t("botWorking");
  return chat.type === "private" ? t("privateStatus", chat.first_name) : t("groupStatus", chat.members.length);
}

function drawPinned(chat) {
  const message = store.message(chat.id, chat.pinned.at(-1));
  const bar = byId("pinned");
  bar.hidden = !message || conversationOf(message) !== store.current;
  if (bar.hidden) return;
  bar.replaceChildren(icon("pin"), el("span", {}, el("strong", {}, t("pinned")), el("span", {}, summary(message))));
  bar.onclick = () => thread.reveal(message.message_id);
}

/** Whether the bot is there to be talked to, and the way to change that. */
function drawStanding(chat) {
  const isPrivate = chat.type === "private";
  const isGone = chat.status === "kicked" || chat.status === "left";
  const person = store.speaker.id;
  const restore = () =>
    attempt(() => (isPrivate ? act("block", { person, chat: chat.id, blocked: false }) : act("invite", { person, chat: chat.id })));
  const block = byId("block");
  block.hidden = !isPrivate || isGone;
  block.textContent = t("block");
  block.onclick = () => attempt(() => act("block", { person, chat: chat.id, blocked: true }));
  const button = el("button", { type: "button", className: "primary", data: { testid: "restore" }, onclick: restore });
  button.append(t(isPrivate ? "unblock" : "addBot"));
  byId("notice").hidden = !isGone;
  byId("form").hidden = isGone && isPrivate;
  byId("notice").replaceChildren(el("span", {}, t(isPrivate ? "botBlocked" : "botGone")), button);
}

const about = (message) => ({ person: store.speaker.id, chat: message.chat.id, message: message.message_id });

async function press(message, button, node) {
  if (button.callback_data === undefined) return;
  node.classList.add("waiting");
  setTimeout(() => node.classList.remove("waiting"), PATIENCE);
  const done = await attempt(async () => {
    const { query_id: id } = await act("press", { ...about(message), data: button.callback_data });
    const early = store.pressed.get(id);
    store.pressed.set(id, node);
    if (early?.query_id) answered(early);
  });
  if (!done) node.classList.remove("waiting");
}

/** The answer may come before the server has told which query the press became; it is kept until then. */
function answered(answer) {
  const node = store.pressed.get(answer.query_id);
  if (!(node instanceof Node)) {
    store.pressed.set(answer.query_id, answer);
    return;
  }
  store.pressed.delete(answer.query_id);
  node.classList.remove("waiting");
  const words = answer.text || answer.url;
  if (words && answer.show_alert) alertOf(words);
  else if (words) toast(words);
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible" || !store.bot) return;
  store.markRead();
  sidebar.draw();
});

startSettings(() => draw());
listen(
  (event) => handlers[event.type]?.(event),
  (isConnected) => (byId("offline").hidden = isConnected),
);
