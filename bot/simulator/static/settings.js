/** Colours and language: what the system prefers, unless the person chose otherwise; choices are remembered. */

import { byId, icon } from "./dom.js";
import { t, useLanguage } from "./i18n.js";

const root = document.documentElement;
const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

const isDark = () => (localStorage.getItem("theme") ?? (prefersDark.matches ? "dark" : "light")) === "dark";

function language() {
  return localStorage.getItem("language") ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
}

function showTheme() {
  root.dataset.theme = isDark() ? "dark" : "light";
  const button = byId("theme");
  button.replaceChildren(icon(isDark() ? "sun" : "moon"));
  button.setAttribute("aria-label", t(isDark() ? "themeLight" : "themeDark"));
}

/** Put the words of the current language wherever the page has a place for them. */
function showLanguage() {
  useLanguage(language());
  root.lang = language() === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-label]")) node.textContent = t(node.dataset.label);
  for (const node of document.querySelectorAll("[data-aria]")) node.setAttribute("aria-label", t(node.dataset.aria));
  const button = byId("language");
  button.textContent = language() === "zh" ? "EN" : "中文";
  button.setAttribute("aria-label", t("language"));
  byId("menu").setAttribute("aria-label", t("menu"));
}

/** Apply what is set, and `redraw` whenever it changes. */
export function startSettings(redraw) {
  const show = () => {
    showLanguage();
    showTheme();
  };
  const choose = (name, value) => {
    localStorage.setItem(name, value);
    show();
    redraw();
  };
  byId("theme").addEventListener("click", () => choose("theme", isDark() ? "light" : "dark"));
  byId("language").addEventListener("click", () => choose("language", language() === "zh" ? "en" : "zh"));
  prefersDark.addEventListener("change", showTheme);
  show();
}
