// The panels around the picture: tools, classes with their parts, places worth a look, keys, and short messages.

import {CLASS_KEYS, PART_KEYS, sections, shown} from "./keys.js";

export const $ = id => document.getElementById(id);
export const named = name => name.replaceAll("_", " ");

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("aria-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

function drawing(paths) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  for (const d of paths) {
    const path = document.createElementNS(svg.namespaceURI, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

const TOOLS = [
  ["tool:area", "A", "Areas: click or drag over areas of the drawing", ["M3 7 8 3l5 3 4-1v9l-6 3-5-3-3 1z", "M8 3v6l5 4M8 9l-5 2"]],
  ["tool:brush", "B", "Brush", ["M17 3 9 11", "M9 11c-2-1-4 0-4 2s-1 3-2 3c3 2 7 1 8-2 .4-1.5-.5-2.6-2-3z"]],
  ["tool:fill", "F", "Fill a piece", ["m9 3 7 7-6 6-6-6 5-5", "M17 13c1 1.6 1 3 0 3s-1-1.4 0-3z"]],
  ["stayInside", "D", "Brush: stay inside the area", ["M4 4h12v12H4z", "M8 8h4v4H8z"]],
  null,
  ["rule:give", "G", "Give this piece to what surrounds it", ["M10 3v6M10 11v6M3 10h6M11 10h6", "m8 5 2-2 2 2M8 15l2 2 2-2M5 8l-2 2 2 2M15 8l2 2-2 2"]],
  ["rule:holes", "H", "Fill the holes in this piece", ["M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14z", "M10 7.5v5M7.5 10h5"]],
  ["rule:largest", "M", "Keep only the main (largest) piece", ["M4 6c0-3 8-3 8 1s-1 6-5 5-3-3-3-6z", "M15 13h2v2h-2zM14 5h1v1h-1z"]],
  ["rule:swap", "X", "Swap left and right of what is pointed at", ["M3 7h12l-3-3M17 13H5l3 3"]],
];
const PATHS = {lock: ["M5 9h10v8H5z", "M7 9V6a3 3 0 0 1 6 0v3"], solo: ["M2 10c4-6 12-6 16 0-4 6-12 6-16 0z", "M10 8a2 2 0 1 1 0 4 2 2 0 0 1 0-4z"]};

export function makeTools(run) {
  for (const tool of TOOLS) {
    if (!tool) {
      $("tools").append(element("hr"));
      continue;
    }
    const [name, key, text, paths] = tool;
    const button = element("button", {title: `${text} (${key})`, "aria-label": text, "aria-pressed": "false"},
      drawing(paths), element("span", {textContent: key, "aria-hidden": "true"}));
    if (name.startsWith("rule:")) button.removeAttribute("aria-pressed");
    button.dataset.command = name;
    button.addEventListener("click", () => run(name));
    $("tools").append(button);
  }
}

export function showTools(tool, inside) {
  for (const button of $("tools").querySelectorAll("[aria-pressed]"))
    button.setAttribute("aria-pressed", String(button.dataset.command === `tool:${tool}` || (button.dataset.command === "stayInside" && inside)));
}

const css = colour => `rgb(${colour.join(" ")})`;

function chip(colour) {
  const made = element("span", {className: "chip", "aria-hidden": "true"});
  made.style.background = css(colour);
  return made;
}

// The list of classes; `choose(id)`, `lock(class)` and `solo(class)` are called.
export function makeClasses(classes, {choose, lock, solo}) {
  const rows = classes.map(one => {
    const pick = element("button", {className: "pick", title: one.parts.length ? `${named(one.name)}, as a whole` : named(one.name)},
      element("kbd", {textContent: shown(CLASS_KEYS[one.id])}), chip(one.colour), element("span", {className: "name", textContent: named(one.name)}));
    pick.addEventListener("click", () => choose(one.id));
    const small = (name, text, act) => {
      const button = element("button", {className: "small", title: text, "aria-label": `${text}: ${named(one.name)}`, "aria-pressed": "false"}, drawing(PATHS[name]));
      button.addEventListener("click", () => act(one.id));
      return button;
    };
    const locking = small("lock", "Lock: it loses no pixel (L)", lock), alone = small("solo", "Show this class alone (S)", solo);
    const parts = element("div", {className: "parts", hidden: true});
    one.parts.forEach((part, i) => {
      const button = element("button", {title: `${part.ja}: ${part.belongs}`, "aria-pressed": "false"},
        element("kbd", {textContent: shown(PART_KEYS[i])}), chip(part.colour), element("span", {className: "name", textContent: short(part.name, one.name)}));
      button.dataset.id = part.id;
      button.addEventListener("click", () => choose(part.id));
      parts.append(button);
    });
    const item = element("li", {}, element("div", {className: "line"}, pick, alone, locking), parts);
    $("classes").append(item);
    return {one, item, pick, parts, locking, alone};
  });
  return (active, classOf, locked, soloed) => {
    for (const {one, item, pick, parts, locking, alone} of rows) {
      const chosen = classOf[active] === one.id;
      item.classList.toggle("active", chosen);
      pick.setAttribute("aria-current", String(active === one.id));
      parts.hidden = !chosen || !one.parts.length;
      for (const button of parts.children) button.setAttribute("aria-pressed", String(Number(button.dataset.id) === active));
      locking.setAttribute("aria-pressed", String(locked.has(one.id)));
      alone.setAttribute("aria-pressed", String(soloed === one.id));
    }
  };
}

const short = (part, of) => named(part.startsWith(of + "_") ? part.slice(of.length + 1) : part);

// What the model warned of; beside the picture, which it must not cover.
export function showWarnings(warnings) {
  $("warnings").hidden = !warnings.length;
  $("warnings").replaceChildren(...warnings.map(warning => element("li", {textContent: warning})));
}

// Places that are worth a look; null while they are looked for.
export function showPlaces(places, current, go) {
  if (!places) {
    $("placecount").textContent = "";
    return $("places").replaceChildren(element("li", {className: "none", textContent: "Looking…"}));
  }
  $("placecount").textContent = places.length ? `· ${places.length}` : "";
  const items = places.map(place => {
    const button = element("button", {"aria-current": String(current?.key === place.key)}, chip(place.colour), element("span", {className: "name", textContent: place.text}));
    button.addEventListener("click", () => go(place));
    return element("li", {}, button);
  });
  $("places").replaceChildren(...(items.length ? items : [element("li", {className: "none", textContent: "Nothing looks suspicious."})]));
  $("places").querySelector("[aria-current=true]")?.scrollIntoView({block: "nearest"});
}

export function makeKeys(reviewing) {
  for (const [group, lines] of sections(reviewing)) {
    const list = element("dl");
    for (const [keys, text] of lines) {
      const each = keys.length > 3 ? keys.split(", ") : [keys];
      list.append(element("dt", {}, ...each.map(key => element("kbd", {textContent: key}))), element("dd", {textContent: text}));
    }
    $("keylist").append(element("section", {}, element("h3", {textContent: group}), list));
  }
}

// A message that goes by itself; one with a button stays longer.
export function toast(text, kind = "", button = null) {
  const made = element("div", {className: `toast ${kind}`}, element("span", {textContent: text}));
  const add = (properties, act, ...children) => {
    const one = element("button", properties, ...children);
    one.addEventListener("click", () => {
      made.remove();
      act?.();
      if (document.activeElement === document.body) $("stage").focus({preventScroll: true});  // not lost with the button
    });
    made.append(one);
  };
  if (button) add({textContent: button.text}, button.act);
  add({className: "icon", "aria-label": "Close this message"}, null, drawing(["m5 5 10 10M15 5 5 15"]));
  $("toasts").append(made);
  while ($("toasts").children.length > 3) $("toasts").firstChild.remove();
  if (kind !== "stay") setTimeout(() => made.remove(), button || kind === "bad" ? 12000 : 5000);
  return made;
}
