/** Text with entities as DOM nodes. Offsets count UTF-16 units, as JavaScript's strings do. */

import { el, icon } from "./dom.js";
import { t } from "./i18n.js";

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

const PLAIN = {
  bold: "strong",
  code: "code",
  italic: "em",
  strikethrough: "s",
  underline: "u",
};

/**
 * Nodes for `text`. `onCommand` is called with a command that is clicked.
 * An entity that sticks out of the one around it is cut where that ends.
 */
export function richText(text, entities = [], onCommand = null) {
  const sorted = [...entities].sort((one, other) => one.offset - other.offset || other.length - one.length);
  return build(text, 0, text.length, sorted, onCommand);
}

function build(text, start, end, entities, onCommand) {
  const nodes = [];
  let place = start;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    const from = Math.max(entity.offset, place);
    const to = Math.min(entity.offset + entity.length, end);
    if (from >= to) continue;
    const inner = [];
    while (index + 1 < entities.length && entities[index + 1].offset < to) inner.push(entities[(index += 1)]);
    nodes.push(text.slice(place, from), styled(entity, text, from, to, inner, onCommand));
    place = to;
    if (BLOCKS.has(entity.type) && text[place] === "\n") place += 1; // a block ends its line by itself
  }
  nodes.push(text.slice(place, end));
  return nodes;
}

function styled(entity, text, from, to, inner, onCommand) {
  const children = build(text, from, to, inner, onCommand);
  const words = text.slice(from, to);
  if (entity.type in PLAIN) return el(PLAIN[entity.type], {}, children);
  switch (entity.type) {
    case "pre":
      return codeBlock(words, entity.language);
    case "blockquote":
      return el("blockquote", {}, children);
    case "expandable_blockquote":
      return expandable(children);
    case "spoiler":
      return spoiler(children);
    case "text_link":
      return link(entity.url, children);
    case "url":
      return link(/^[a-z][a-z0-9+.-]*:/i.test(words) ? words : `http://${words}`, children);
    case "email":
      return link(`mailto:${words}`, children);
    case "bot_command":
      return el("button", { type: "button", className: "command", onclick: () => onCommand?.(words) }, children);
    default:
      return el("span", { className: `entity ${entity.type}` }, children);
  }
}

function link(url, children) {
  const isSafe = /^(https?|ftp|mailto|tg):/i.test(url);
  if (!isSafe) return el("span", {}, children);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, children);
}

function spoiler(children) {
  const node = el("span", { className: "spoiler", tabIndex: 0, role: "button" }, children);
  const reveal = (event) => {
    if (node.classList.contains("revealed")) return;
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    node.classList.add("revealed");
    node.removeAttribute("role");
    node.removeAttribute("tabindex");
  };
  node.addEventListener("click", reveal);
  node.addEventListener("keydown", reveal);
  return node;
}

function expandable(children) {
  const words = el("div", { className: "quoted" }, children);
  const more = el("button", { type: "button", className: "more", aria: { expanded: false, label: t("more") } });
  more.append(icon("chevron"));
  const node = el("blockquote", { className: "expandable" }, words, more);
  node.addEventListener("click", (event) => {
    if (event.target.closest("a, .command, .spoiler") || window.getSelection()?.toString()) return;
    more.setAttribute("aria-expanded", node.classList.toggle("expanded"));
  });
  const isWhole = () => words.isConnected && words.scrollHeight <= words.clientHeight + 1;
  requestAnimationFrame(() => (more.hidden = !node.classList.contains("expanded") && isWhole()));
  return node;
}

function codeBlock(words, language) {
  const copy = el("button", { type: "button", className: "copy", title: t("copy"), aria: { label: t("copy") } });
  copy.append(icon("copy"));
  copy.addEventListener("click", async (event) => {
    event.stopPropagation();
    await navigator.clipboard?.writeText(words);
    copy.replaceChildren(t("copied"));
  });
  const label = el("span", { className: "language" }, language ?? "");
  return el("div", { className: "block" }, el("div", { className: "head" }, label, copy), el("pre", {}, el("code", {}, words)));
}
