/** Writing: the message field, who speaks, the reply or edit it is for, a file, and the command menu. */

import { avatar, byId, el, icon } from "./dom.js";
import { summary } from "./bubbles.js";
import { CommandMenu } from "./commands.js";
import { size, t } from "./i18n.js";
import { attempt, toast } from "./notices.js";
import { act, sendFile } from "./server.js";

export class Composer {
  #store;
  #redraw;
  #field = byId("composer");
  #picker = byId("file");
  #menu;
  #reply = null;
  #edited = null;
  #file = null;
  #texts = new Map(); // what was begun, by conversation

  /** `redraw` is called when another person speaks. */
  constructor(store, redraw) {
    this.#store = store;
    this.#redraw = redraw;
    this.#menu = new CommandMenu(store, this.#field, (command) => this.say(command));
    byId("attach").append(icon("attach"));
    byId("send").append(icon("send"));
    byId("attach").addEventListener("click", () => this.#picker.click());
    this.#picker.addEventListener("change", () => this.#take(this.#picker.files[0]));
    byId("form").addEventListener("submit", (event) => this.#submit(event));
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#field.addEventListener("input", () => this.#fit());
    this.#field.addEventListener("paste", (event) => this.#take(event.clipboardData.files[0]));
    this.#acceptDrops(byId("main"));
  }

  draw() {
    const { chat } = this.#store.conversation();
    const speaker = this.#store.speaker;
    this.#field.placeholder = t("write", speaker.first_name);
    const speakers = byId("speakers");
    speakers.hidden = chat.members.length < 2;
    speakers.replaceChildren(...chat.members.map((id) => this.#speakerChoice(this.#store.people.get(id))));
    this.#drawContext();
    this.#fit();
    this.#menu.suggest();
  }

  /** Another conversation is open now: keep what was begun in the one before. */
  turn(from) {
    this.#texts.set(from, this.#field.value);
    this.#field.value = this.#texts.get(this.#store.current) ?? "";
    this.#reply = this.#edited = this.#file = null;
    this.#picker.value = "";
    this.draw();
  }

  replyTo(message) {
    [this.#reply, this.#edited] = [message, null];
    this.#drawContext();
    this.#field.focus();
  }

  edit(message) {
    [this.#reply, this.#edited, this.#file] = [null, message, null];
    this.#field.value = message.text ?? message.caption ?? "";
    this.#drawContext();
    this.#fit();
    this.#field.focus();
  }

  async say(text) {
    await attempt(() => act("say", { ...this.#place(), text }));
  }

  #place() {
    const { chat, topic } = this.#store.conversation();
    const replyTo = this.#reply?.message_id ?? null;
    return { person: this.#store.speaker.id, chat: chat.id, topic, reply_to: replyTo };
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.#field.value;
    if ((!text.trim() && !this.#file) || !this.#store.bot) return;
    const [file, edited, place] = [this.#file, this.#edited, this.#place()];
    this.#field.value = "";
    this.#clear();
    const done = await attempt(() => {
      if (file) return sendFile(file, { ...place, caption: text });
      if (edited) return act("edit", { ...place, message: edited.message_id, text });
      return act("say", { ...place, text });
    });
    if (!done && !this.#field.value) this.#field.value = text;
    this.#fit();
  }

  #key(event) {
    if (event.isComposing || this.#menu.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      byId("form").requestSubmit();
    } else if (event.key === "Escape") {
      if (this.#edited) this.#field.value = "";
      this.#clear();
    } else if (event.key === "ArrowUp" && !this.#field.value) {
      const own = this.#store.messages().findLast((message) => message.from.id === this.#store.speaker.id);
      if (own?.text) this.edit(own);
    }
  }

  #take(file) {
    if (!file) return;
    if (!file.size) {
      this.#picker.value = "";
      toast(t("fileEmpty", file.name), "error");
      return;
    }
    [this.#file, this.#edited] = [file, null];
    this.#drawContext();
    this.#fit();
    this.#field.focus();
  }

  #clear() {
    this.#reply = this.#edited = this.#file = null;
    this.#picker.value = "";
    this.#drawContext();
    this.#fit();
  }

  #drawContext() {
    const lines = [];
    if (this.#reply) lines.push(line("reply", `${t("replyingTo")} ${this.#reply.from.first_name}`, summary(this.#reply)));
    if (this.#edited) lines.push(line("edit", t("editing"), summary(this.#edited)));
    if (this.#file) lines.push(line("file", this.#file.name, size(this.#file.size)));
    const cancel = el("button", { type: "button", className: "plain icon", aria: { label: t("cancel") } }, icon("close"));
    cancel.addEventListener("click", () => {
      if (this.#edited) this.#field.value = "";
      this.#clear();
    });
    byId("context").hidden = lines.length === 0;
    byId("context").replaceChildren(el("div", { className: "what" }, lines), cancel);
  }

  #speakerChoice(person) {
    const checked = person.id === this.#store.speaker.id;
    const choose = () => {
      this.#store.speakAs(person.id);
      this.#redraw();
      byId("speakers").querySelector(":checked").focus();
    };
    return el(
      "label",
      { className: "speaker", data: { testid: `speak-as-${person.id}` } },
      el("input", { type: "radio", name: "speaker", checked, onchange: choose }),
      avatar(person.first_name, person, "small"),
      person.first_name,
    );
  }

  /** As high as its text, up to what the style sheet allows. */
  #fit() {
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
    byId("send").disabled = !this.#field.value.trim() && !this.#file;
  }

  #acceptDrops(target) {
    let depth = 0;
    const show = (change) => {
      depth = Math.max(depth + change, 0);
      target.classList.toggle("dropping", depth > 0);
    };
    target.addEventListener("dragenter", () => show(1));
    target.addEventListener("dragleave", () => show(-1));
    target.addEventListener("dragover", (event) => event.preventDefault());
    target.addEventListener("drop", (event) => {
      event.preventDefault();
      show(-depth);
      this.#take(event.dataTransfer.files[0]);
    });
  }
}

function line(symbol, title, text) {
  return el("div", { className: "line" }, icon(symbol), el("span", {}, el("strong", {}, title), el("span", {}, text)));
}
