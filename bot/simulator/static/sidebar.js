/** The list of conversations, and the drawer that it is on a narrow screen. */

import { avatar, byId, el, icon } from "./dom.js";
import { summary } from "./bubbles.js";
import { clock, t } from "./i18n.js";

export class Sidebar {
  #store;
  #open;
  #menu = byId("menu");

  constructor(store, open) {
    this.#store = store;
    this.#open = open;
    this.#menu.append(icon("menu"));
    this.#menu.addEventListener("click", () => this.#drawer(!document.body.classList.contains("drawer-open")));
    byId("backdrop").addEventListener("click", () => this.#drawer(false));
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.#drawer(false));
  }

  draw() {
    byId("bot-name").textContent = this.#store.bot.first_name;
    const list = byId("conversations");
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
    list.replaceChildren(...this.#store.conversations.flatMap((one) => this.#rows(one)));
    if (focused) list.querySelector(`[data-testid="${focused}"]`)?.focus();
    const total = this.#store.conversations.reduce((sum, { key }) => sum + this.#store.unread(key), 0);
    this.#menu.classList.toggle("has-unread", total > 0);
  }

  /** The row of a conversation; the first of a group has the group's name above it. */
  #rows(conversation) {
    const { chat, topic } = conversation;
    const row = el("li", {}, this.#item(conversation));
    return chat.type !== "private" && topic === null ? [el("li", { className: "group" }, chat.title), row] : [row];
  }

  #item(conversation) {
    const { key, chat, testid } = conversation;
    const last = this.#store.messages(key).at(-1);
    const unread = this.#store.unread(key);
    const isCurrent = key === this.#store.current;
    return el(
      "button",
      {
        type: "button",
        className: "conversation",
        data: { testid: `conversation-${testid}` },
        aria: { current: isCurrent },
        onclick: () => this.#choose(key),
      },
      faceOf(conversation),
      el(
        "span",
        { className: "lines" },
        el("strong", {}, conversation.name ?? t("general")),
        el("span", { className: "preview" }, last ? this.#preview(last, chat) : t("emptyShort")),
      ),
      el(
        "span",
        { className: "side" },
        last?.date ? el("time", {}, clock(last.date)) : null,
        unread ? el("span", { className: "unread", aria: { label: t("unread", unread) } }, `${unread}`) : null,
      ),
    );
  }

  #preview(message, chat) {
    const sender = chat.type === "private" && !message.from.is_bot ? "" : `${message.from.first_name.split(" ")[0]}: `;
    return `${sender}${summary(message)}`;
  }

  #choose(key) {
    this.#drawer(false);
    this.#open(key);
  }

  #drawer(isOpen) {
    const wasOpen = document.body.classList.contains("drawer-open");
    document.body.classList.toggle("drawer-open", isOpen);
    this.#menu.setAttribute("aria-expanded", isOpen);
    if (isOpen) byId("conversations").querySelector("[aria-current=true]")?.focus();
    else if (wasOpen) this.#menu.focus();
  }
}

export function titleOf({ chat, name }) {
  return chat.type === "private" ? name : `${chat.title} › ${name ?? t("general")}`;
}

/** The picture of a conversation: a round one for a person, a square one for a topic. */
export function faceOf({ chat, topic, name }) {
  if (chat.type === "private") return avatar(name, chat);
  return topic === null ? avatar("#", chat, "square") : avatar(name, { id: topic }, "square");
}
