/** The command menu: all commands behind the "/" button, or those that fit what is being written. */

import { byId, el } from "./dom.js";
import { t } from "./i18n.js";

export class CommandMenu {
  #store;
  #field;
  #choose;
  #box = byId("commands");
  #button = byId("slash");
  #marked = 0;

  /** `choose` is called with the command, slash and all. */
  constructor(store, field, choose) {
    this.#store = store;
    this.#field = field;
    this.#choose = choose;
    this.#button.addEventListener("click", () => (this.#box.hidden ? this.#open(this.#all()) : this.close()));
    this.#field.addEventListener("input", () => this.suggest());
    document.addEventListener("click", (event) => {
      if (!event.target.closest("#commands, #slash, #composer")) this.close();
    });
  }

  close() {
    this.#box.hidden = true;
    this.#button.setAttribute("aria-expanded", "false");
  }

  /** Let the menu have a key; true when it took it. */
  key(event) {
    const options = [...this.#box.querySelectorAll("[role=option]")];
    if (this.#box.hidden || options.length === 0) return false;
    const steps = { ArrowUp: -1, ArrowDown: 1 };
    if (event.key in steps) this.#mark((this.#marked + steps[event.key] + options.length) % options.length);
    else if (event.key === "Enter" || event.key === "Tab") options[this.#marked].click();
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }

  #all() {
    if (!this.#store.bot) return []; // the server has not told anything yet
    return this.#store.conversation().chat.commands[this.#store.speaker.id] ?? [];
  }

  /** Offer the commands that fit what is written, if any do. */
  suggest() {
    const begun = /^\/([a-z0-9_]*)$/i.exec(this.#field.value);
    const fitting = begun ? this.#all().filter(({ command }) => command.startsWith(begun[1].toLowerCase())) : [];
    if (fitting.length > 0) this.#open(fitting);
    else this.close();
  }

  #open(commands) {
    const options = commands.map(({ command, description }) =>
      el(
        "button",
        { type: "button", role: "option", tabIndex: -1, onclick: () => this.#take(`/${command}`) },
        el("strong", {}, `/${command}`),
        el("span", {}, description),
      ),
    );
    this.#box.replaceChildren(...(options.length > 0 ? options : [el("p", {}, t("noCommands"))]));
    this.#box.hidden = false;
    this.#button.setAttribute("aria-expanded", "true");
    this.#mark(0);
    this.#field.focus();
  }

  #mark(index) {
    this.#marked = index;
    this.#box.querySelectorAll("[role=option]").forEach((option, place) => {
      option.setAttribute("aria-selected", place === index);
      if (place === index) option.scrollIntoView({ block: "nearest" });
    });
  }

  #take(command) {
    this.close();
    this.#field.value = "";
    this.#field.dispatchEvent(new Event("input"));
    this.#choose(command);
    this.#field.focus();
  }
}
