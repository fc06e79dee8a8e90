/** Short words of the bot or the page: a toast that goes by itself, or an alert that waits. */

import { byId, el } from "./dom.js";
import { t } from "./i18n.js";

const SECONDS = 4;

export function toast(text, testid = "toast") {
  const node = el("div", { className: "toast", data: { testid } }, text);
  byId("toasts").append(node);
  setTimeout(() => node.remove(), SECONDS * 1000);
}

export function alertOf(text) {
  byId("alert-text").textContent = text;
  byId("alert").showModal();
}

/** Run `work`; what goes wrong is shown, not thrown. True when nothing did. */
export async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    toast(`${t("failed")}: ${error.message.replace(/^(Bad Request|Forbidden): /, "")}`, "error");
    return false;
  }
}
