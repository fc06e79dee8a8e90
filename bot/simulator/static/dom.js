/** Building DOM nodes. Text always goes in as text: nothing on this page is ever parsed as HTML. */

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  attach: "M8 12.5l6.6-6.6a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a5.4 5.4 0 0 1-7.6-7.6l8.2-8.2",
  chevron: "M6 9.5l6 6 6-6",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v11H9zM5 15V4h10",
  down: "M12 5v14M5.5 12.5L12 19l6.5-6.5",
  edit: "M4 20l1-4L16.5 4.5l3 3L8 19z",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  menu: "M4 7h16M4 12h16M4 17h16",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  pin: "M9 4h6l-1 6 4 4H6l4-4zM12 14v6",
  reply: "M10 6L4 12l6 6M4 12h9a7 7 0 0 1 7 7",
  send: "M4 12l16-8-6 16-3-7z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2",
};

/**
 * An element. `properties` are set as properties, except `data` (dataset), `aria`, and listeners (`onclick` and such).
 * Children are nodes or strings; null is passed over.
 */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  const { data = {}, aria = {}, role, ...rest } = properties;
  Object.assign(node, rest);
  Object.assign(node.dataset, data);
  for (const [name, value] of Object.entries(aria)) node.setAttribute(`aria-${name}`, value);
  if (role) node.setAttribute("role", role);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** A line drawing, as wide as the text around it asks for. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export const byId = (id) => document.getElementById(id);

/** The class that gives somebody, or a topic, a colour. */
export const hue = ({ id, is_bot: isBot = false }) => (isBot ? "hue-bot" : `hue-${Math.abs(Number(id)) % 6}`);

/** A picture with the first letter of a name, in the colour of its owner. */
export function avatar(name, owner, extra = "") {
  return el("span", { className: `avatar ${hue(owner)} ${extra}`, aria: { hidden: "true" } }, [...name][0] ?? "?");
}
