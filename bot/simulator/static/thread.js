/** The messages of the open conversation: kept in place when they change, and in view when they are new. */

import { avatar, byId, el, icon } from "./dom.js";
import { bubble, isService } from "./bubbles.js";
import { richText } from "./entities.js";
import { day, t } from "./i18n.js";

const NEAR = 120; // pixels from the end that still count as the end
const TOGETHER = 300; // seconds between messages that look like one talk

export class Thread {
  #store;
  #acts;
  #list = byId("messages");
  #scroller = byId("scroller");
  #jump = byId("jump");
  #missed = 0; // messages that came while the person was reading further up
  #isAtEnd = true;

  constructor(store, acts) {
    this.#store = store;
    this.#acts = { ...acts, show: (message) => this.reveal(message.message_id) };
    this.#jump.addEventListener("click", () => this.#toEnd("smooth"));
    this.#scroller.addEventListener("scroll", () => this.#look());
    this.#list.addEventListener("click", (event) => this.#open(event.target.closest(".message"), event));
    this.#list.addEventListener("keydown", (event) => this.#walk(event));
    document.addEventListener("click", (event) => this.#close(event.target.closest(".message")));
    this.#list.addEventListener("load", () => this.#isAtEnd && this.#toEnd(), true); // a picture has come
    new ResizeObserver(() => this.#isAtEnd && this.#toEnd()).observe(this.#scroller);
  }

  /** Everything anew; `stay` where the person is reading, or go to the end. */
  draw({ stay }) {
    const { scrollTop } = this.#scroller;
    const stays = stay && !this.#isAtEnd;
    const messages = this.#store.messages();
    const nodes = messages.flatMap((message, index) => this.#nodes(message, messages[index - 1]));
    this.#list.replaceChildren(...nodes);
    if (messages.every(isService)) this.#list.append(this.#welcome());
    this.#focusable(this.#list.lastElementChild);
    this.#list.classList.toggle("private", this.#store.conversation().chat.type === "private");
    this.#drawLive();
    if (stays) this.#scroller.scrollTop = scrollTop;
    else this.#toEnd();
  }

  /** A message that is new, or has changed. */
  show(message, isNew) {
    const follow = this.#isAtEnd || (isNew && message.from.id === this.#store.speaker.id);
    const old = this.#node(message.message_id);
    if (old) this.#replace(old, message);
    else this.#append(message);
    this.#drawLive();
    if (follow) this.#toEnd();
    else if (isNew) this.#miss();
  }

  /** Draft and action, as they are now. */
  live() {
    const follow = this.#isAtEnd;
    this.#drawLive();
    if (follow) this.#toEnd();
  }

  /** Scroll to a message and point it out. */
  reveal(messageId) {
    const node = this.#node(messageId);
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.classList.add("pointed");
    setTimeout(() => node.classList.remove("pointed"), 1600);
  }

  #node(messageId) {
    return this.#list.querySelector(`[data-message-id="${messageId}"]`);
  }

  /** The message as it is now; what the person had opened in it stays open. */
  #replace(old, message) {
    const follows = old.classList.contains("follows");
    const node = bubble(message, this.#store, this.#acts, { follows });
    node.classList.toggle("open", old.classList.contains("open"));
    node.tabIndex = old.tabIndex;
    carryOver(old, node, ".expandable", "expanded");
    carryOver(old, node, ".spoiler", "revealed");
    const hadFocus = old.contains(document.activeElement);
    old.replaceWith(node);
    if (hadFocus) node.focus({ preventScroll: true });
  }

  #append(message) {
    const messages = this.#store.messages();
    this.#list.querySelector(".welcome")?.remove();
    this.#list.querySelectorAll(".live").forEach((node) => node.remove());
    this.#list.append(...this.#nodes(message, messages.at(-2)));
    this.#focusable(this.#list.lastElementChild);
  }

  #nodes(message, before) {
    const isNewDay = !before || day(before.date) !== day(message.date);
    const follows =
      !isNewDay && !isService(before) && before.from.id === message.from.id && message.date - before.date < TOGETHER;
    const node = bubble(message, this.#store, this.#acts, { follows });
    const separator = isNewDay && message.date > 0 ? [el("div", { className: "day" }, day(message.date))] : [];
    return [...separator, node];
  }

  #drawLive() {
    this.#list.querySelectorAll(".live").forEach((node) => node.remove());
    const [draft, action] = [this.#store.draft(), this.#store.action()];
    if (draft) this.#list.append(this.#draftBubble(draft));
    else if (action) this.#list.append(this.#liveFrame("typing", dots()));
  }

  #draftBubble(draft) {
    const nodes = draft.text ? richText(draft.text, draft.entities) : [t("thinking")];
    const text = el("div", { className: draft.text ? "text growing" : "text thinking", dir: "auto" }, nodes);
    return this.#liveFrame("draft", text);
  }

  #liveFrame(testid, content) {
    const { bot } = this.#store;
    const frame = el("div", { className: "frame" }, el("div", { className: "bubble" }, content));
    return el(
      "article",
      { className: "message other live", data: { testid }, aria: { live: "off" } },
      avatar(bot.first_name, bot),
      frame,
    );
  }

  #welcome() {
    const { chat } = this.#store.conversation();
    const box = el("div", { className: "welcome", data: { testid: "empty" } });
    if (chat.type !== "private") {
      box.append(el("p", {}, t("emptyGroup")));
      return box;
    }
    const description = this.#store.descriptions[chat.id] || t("emptyUntold");
    const start = el("button", { type: "button", className: "primary", data: { testid: "start" } }, t("start"));
    start.addEventListener("click", () => this.#acts.command("/start"));
    const face = avatar(this.#store.bot.first_name, this.#store.bot, "large");
    box.append(face, el("h2", {}, t("emptyTitle")), el("p", {}, description), start);
    return box;
  }

  /** A tap on a bubble shows its tools; one on something inside it does not. */
  #open(node, event) {
    if (!node || event.target.closest("a, button, .spoiler, .expandable")) return;
    if (window.getSelection()?.toString()) return;
    node.classList.toggle("open");
  }

  #close(except) {
    for (const node of this.#list.querySelectorAll(".open")) if (node !== except) node.classList.remove("open");
  }

  /** Arrow keys go from message to message, Enter shows the tools of one, Escape hides them. */
  #walk(event) {
    const node = event.target.closest(".message");
    if (node && event.key === "Escape") {
      node.classList.remove("open");
      node.focus({ preventScroll: true });
    }
    if (!node || event.target !== node) return;
    const steps = { ArrowUp: -1, ArrowDown: 1 };
    if (event.key in steps) {
      const all = [...this.#list.querySelectorAll("article.message:not(.live)")];
      this.#focusable(all[all.indexOf(node) + steps[event.key]])?.focus();
    } else if (event.key === "Enter") {
      node.classList.toggle("open");
      node.querySelector(".open .toolbar button")?.focus();
    } else return;
    event.preventDefault();
  }

  /** One message at a time can be reached by Tab. */
  #focusable(node) {
    if (!node?.classList.contains("message")) return null;
    this.#list.querySelectorAll('[tabindex="0"].message').forEach((other) => (other.tabIndex = -1));
    node.tabIndex = 0;
    return node;
  }

  #toEnd(behavior = "instant") {
    this.#scroller.scrollTo({ top: this.#scroller.scrollHeight, behavior });
    this.#isAtEnd = true;
    this.#offerJump();
  }

  #look() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    this.#offerJump();
  }

  #miss() {
    this.#missed += 1;
    this.#offerJump();
  }

  /** The way back to the latest message, from further up. */
  #offerJump() {
    if (this.#isAtEnd) this.#missed = 0;
    this.#jump.hidden = this.#isAtEnd;
    this.#jump.replaceChildren(icon("down"), ...(this.#missed ? [el("span", {}, t("newMessages", this.#missed))] : []));
  }
}

/** Give the parts of `node` a class that the same parts of `old` have. */
function carryOver(old, node, selector, state) {
  const before = [...old.querySelectorAll(selector)];
  node.querySelectorAll(selector).forEach((one, index) => {
    const isSet = before[index]?.classList.contains(state) ?? false;
    one.classList.toggle(state, isSet);
    one.querySelector("[aria-expanded]")?.setAttribute("aria-expanded", isSet);
  });
}

const dots = () => el("div", { className: "dots", aria: { label: t("botTyping") } }, el("i"), el("i"), el("i"));
