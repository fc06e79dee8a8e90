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
    byId("conversations").replaceChildren(...this.#store.conversations.map((one) => el("li", {}, this.#item(one))));
    const total = this.#store.conversations.reduce((sum, { key }) => sum + this.#store.unread(key), 0);
    this.#menu.classList.toggle("has-unread", total > 0);
  }

  #item(conversation) {
    const { key, chat, topic, testid } = conversation;
    const last = this.#store.messages(key).at(-1);
    const unread = this.#store.unread(key);
    const isCurrent = key === this.#store.current;
    return el(
      "button",
      {
        type: "button",
        className: `conversation ${topic === null ? "" : "is-topic"}`,
        data: { testid: `conversation-${testid}` },
        aria: { current: isCurrent },
        onclick: () => this.#choose(key),
      },
      avatar(chat.title ?? chat.first_name, chat.id),
      el(
        "span",
        { className: "lines" },
        el("strong", {}, titleOf(conversation)),
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
    document.body.classList.toggle("drawer-open", isOpen);
    this.#menu.setAttribute("aria-expanded", isOpen);
  }
}

export function titleOf({ chat, topic, name }) {
  if (chat.type === "private") return name;
  return `${chat.title} › ${topic === null ? t("general") : name}`;
}
