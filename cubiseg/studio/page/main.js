// The studio's page: one picture at a time, its labels, and what one does to them.

import {Actions} from "./actions.js";
import * as api from "./api.js";
import {Areas} from "./areas.js";
import {CLASS_KEYS, PART_KEYS, command} from "./keys.js";
import {LayerPane} from "./layers.js";
import {$, element, makeClasses, makeKeys, makeTools, named, showPlaces, showTools, showWarnings, toast} from "./panels.js";
import {Review} from "./review.js";
import {Pointers} from "./pointers.js";
import {Stroke} from "./runs.js";
import {View} from "./view.js";

const REFRESH = 900;  // ms without an action after which suspicious places are looked for again
const CHOICE = 250;  // ms without another choice after which a picture of the list is opened
const CLEAR = 255;  // what a label map has where the picture is clear
const view = new View();
const app = {view, doc: null, actions: null, tool: "area", active: 1, locked: new Set(), solo: -1, inside: false,
  radius: 10, at: null, places: [], place: null, stroke: null, timings: {}};
globalThis.studio = app;  // for those who look into the page: tests, and people who are curious

// --- the taxonomy -----------------------------------------------------------------------------------------------

function learn(classes) {
  app.classes = classes;
  app.classOf = new Int16Array(256).fill(-1);
  app.names = [];
  app.colours = [];
  for (const one of classes) {
    for (const leaf of [one, ...one.parts]) {
      app.classOf[leaf.id] = one.id;
      app.names[leaf.id] = named(leaf.name);
      app.colours[leaf.id] = leaf.colour;
    }
  }
  view.classOf = app.classOf;
  view.setColours(app.colours);
  app.showClasses = makeClasses(classes, {choose, lock: id => toggleLock(id), solo: id => toggleSolo(id)});
}

// --- opening a picture ------------------------------------------------------------------------------------------

function busy(text) {
  $("busy").hidden = !text;
  $("busytext").textContent = text || "";
}

// What can be had before a picture is opened: it is held until then.
const ahead = new Map();
const MOST_AHEAD = 3;

function areasOf(server) {
  return Promise.all([server.tree(), server.plane("areas")]);
}

function preload(number) {
  if (ahead.has(number)) return;
  const server = api.picture(number), image = server.image().then(blob => createImageBitmap(blob));
  const areas = image.then(() => server.open()).then(async ({base}) => [...await areasOf(server), base]);
  for (const one of [image, areas]) one.catch(() => ahead.delete(number));  // who opens it is told
  ahead.set(number, {image, areas});
  for (const [old, {image: left}] of ahead) {
    if (ahead.size <= MOST_AHEAD) break;
    ahead.delete(old);
    left.then(bitmap => bitmap.close(), () => {});
  }
}

async function openPicture(number) {
  $("pictures").hidden = Boolean(app.review);
  const mine = app.opening = {};
  const server = api.picture(number), fresh = () => mine === app.opening;
  Object.assign(app, {server, number, doc: null, actions: null, places: [], looked: false, place: null, stroke: null});
  view.set(null, null);
  showWarnings([]);
  if (app.pane.isOpen) app.pane.close();
  $("pictures").value = String(number);
  $("empty").hidden = true;
  busy("Reading the picture…");
  stands();
  showPlacesNow();
  try {
    const before = ahead.get(number);
    ahead.delete(number);
    const image = await (before?.image ?? server.image().then(blob => createImageBitmap(blob)));
    if (!fresh()) return image.close();
    app.doc = {width: image.width, height: image.height, state: 0, undo: 0, redo: 0, label: null, base: null, areas: null};
    view.set(app.doc, image);
    view.drawAll();
    app.timings.picture = performance.now();
    document.title = `${app.pictures[number]} – cubiseg studio`;
    busy("The model looks at the picture…");
    const facts = await server.open();
    if (!fresh()) return;
    Object.assign(app.doc, facts);
    await loadLabels();
    if (!fresh()) return;
    app.timings.labels = performance.now();
    showWarnings(facts.warnings);
    if (facts.state) toast(`Resumed after ${facts.state} ${facts.state === 1 ? "action" : "actions"}.`);
    choose(app.active);
    app.review?.opened(number);
    busy("Finding the areas of the drawing… the brush works already");
    refreshPlaces(0);
    const early = await before?.areas, [tree, plane] = early?.[2] === facts.base ? early : await areasOf(server);
    if (!fresh()) return;
    app.doc.rank = new Uint16Array(plane.bytes);
    app.doc.areas = new Areas(tree, app.doc.rank, app.doc.width);
    app.timings.areas = performance.now();
    busy("");
    hover();
    app.review?.upcoming(2).forEach(preload);
  } catch (error) {
    if (!fresh()) return;
    busy("");
    app.looked = true;  // there is nothing to look at
    showPlacesNow();
    toast(error.message, "bad stay");
  }
}

// The newest label map; also where another tab or process has changed it.
async function loadLabels() {
  const {doc, server} = app, plane = await server.plane("label");
  if (doc !== app.doc) return;
  app.stroke = null;  // it was on the map that goes
  doc.label = new Uint8Array(plane.bytes);
  app.actions = new Actions(server, doc, {changed, stands, lost: error => lost(error, doc), failed: error => toast(error.message, "bad")});
  doc.state = plane.state;
  view.redraw();
  stands();
}

async function lost(error, doc) {
  if (doc !== app.doc) return toast(`${doc.name}: ${error.message}`, "bad stay");
  if (error.status === 409) {
    try {
      const facts = await app.server.open();
      if (doc !== app.doc) return;
      Object.assign(doc, facts);
      await loadLabels();
      toast(error.message, "bad");
      refreshPlaces(0);
      return;
    } catch (next) {
      if (doc !== app.doc) return;
      error = next;
    }
  }
  toast(error.message, "bad stay");
  $("saved").textContent = "Not connected";
}

// Takes pictures, opens the first to be mended, and cuts those that have no layers yet.
async function openFiles(files) {
  const taken = [], failed = [];
  for (const [i, file] of files.entries()) {
    busy(`Reading ${file.name}${files.length > 1 ? ` (${i + 1} of ${files.length})` : ""}…`);
    try {
      if (file.size > app.most) throw new Error(`${file.name}: is over ${app.most >> 20} MB; scale the picture down`);
      taken.push(await api.add(file));
    } catch (error) {
      failed.push(error);
    }
  }
  busy("");
  for (const text of told(failed)) toast(text, "bad");
  if (!taken.length) return;
  try {
    app.pictures = (await api.session()).pictures;
  } catch (error) {
    return toast(error.message, "bad");
  }
  listPictures();
  await openPicture(taken[0].number);
  await cut(new Set(taken.filter(one => !one.written).map(one => one.number)));
}

// Many faults as few lines.
function told(errors, most = 2) {
  const lines = errors.slice(0, most).map(error => error.message), more = errors.length - most;
  if (more > 0) lines[most - 1] += ` (and ${more} more like it)`;
  return lines;
}

// Cuts pictures one after the other, while others may be mended.
let cutting = Promise.resolve();
function cut(numbers) {
  cutting = cutting.then(async () => {
    const done = [], failed = [], wanted = app.pane.wanted;
    for (const number of numbers) {
      $("cutting").textContent = `Cutting ${app.pictures[number]}${numbers.size > 1 ? ` (${done.length + failed.length + 1} of ${numbers.size})` : ""}…`;
      try {
        if (number === app.number) await app.actions?.last;
        done.push({number, ...await api.picture(number).write(wanted)});
      } catch (error) {
        failed.push(error);
      }
    }
    $("cutting").textContent = "";
    app.cut = done;
    for (const text of told(failed)) toast(text, "bad");
    const bare = done.filter(one => one.layers < 2).map(one => app.pictures[one.number]);
    if (bare.length) toast(`${bare.join(", ")}: no character was found, so all is one layer; open it and paint what is there`, "bad");
    if (done.length === 1) wrote(done[0]);
    else if (done.length) toast(`${done.length} pictures are cut: each has a folder with its PSD in ${app.out}`, "good");
  });
  return cutting;
}

function listPictures() {
  $("pictures").replaceChildren(...app.pictures.map((name, i) => element("option", {value: String(i), textContent: name})));
  $("pictures").hidden = app.pictures.length === 0;
}

const MOST_FORMER = 24;
function showEmpty() {
  $("empty").hidden = false;
  $("out").textContent = app.out;
  const go = (name, i) => {
    const button = element("button", {textContent: name, title: name});
    button.addEventListener("click", () => openPicture(i));
    return element("li", {}, button);
  };
  $("formerlist").replaceChildren(...app.pictures.map(go).slice(0, MOST_FORMER));
  $("former").hidden = !app.pictures.length;
  $("pictures").hidden = app.pictures.length <= MOST_FORMER;
  $("pictures").selectedIndex = -1;
  stands();
}

// --- what is shown ----------------------------------------------------------------------------------------------

function stands() {
  const {doc, actions} = app, ready = Boolean(actions && !actions.closed);
  $("undo").disabled = !ready || !doc.undo;
  $("redo").disabled = !ready || !doc.redo;
  for (const id of ["write", "download", "layers"]) $(id).disabled = !ready;
  app.review?.stands();
  if (ready) $("saved").textContent = actions.waiting ? "Saving…" : doc.state ? "All saved" : "";
  else if (!actions) $("saved").textContent = "";
}

function changed(box) {
  view.drawLabels(box);
  refreshPlaces(REFRESH);
}

function hover() {
  const {doc, at, tool} = app;
  let text = "", level = "";
  view.hovered = -1;
  view.brush = null;
  if (doc?.label && at) {
    const [px, py] = view.toPicture(...at), x = Math.floor(px), y = Math.floor(py);
    if (view.inside(x, y) && !(doc.clear && doc.label[y * doc.width + x] === CLEAR)) {
      text = app.names[doc.label[y * doc.width + x]] ?? "";
      if (doc.areas) {
        const node = doc.areas.at(x, y);
        level = `${doc.areas.count.toLocaleString("en")} areas`;
        if (tool === "area" || (tool === "brush" && app.inside)) {
          view.hovered = node;
          text += ` · area of ${doc.areas.pixels[node].toLocaleString("en")} px`;
        }
      }
    }
    if (tool === "brush") view.brush = {x: px, y: py, radius: app.radius};
  }
  $("pointed").textContent = text;
  $("level").textContent = level;
  $("toolinfo").textContent = tool === "brush" ? `brush ${(2 * app.radius).toFixed(app.radius < 3 ? 1 : 0)} px` : "";
  view.drawPointer();
}

function choose(id) {
  app.active = id;
  view.colour = app.colours[id];
  app.showClasses(id, app.classOf, app.locked, app.solo);
  if (app.doc) hover();
}

function toggleLock(id = app.active) {
  const one = app.classes[app.classOf[id]], whole = id === one.id;
  const own = whole ? [one.id, ...one.parts.map(part => part.id)] : [id], on = !app.locked.has(id);
  for (const each of own) app.locked[on ? "add" : "delete"](each);
  toast(`${app.names[id]} ${on ? "is locked: it loses no pixel" : "is no longer locked"}`);
  choose(app.active);
}

function toggleSolo(id = app.classOf[app.active]) {
  app.solo = view.solo = app.solo === id ? -1 : id;
  choose(app.active);
  view.redraw();
}

function setTool(tool) {
  app.tool = tool;
  showTools(tool, app.inside);
  hover();
}

async function setMode(mode) {
  if (mode === "before" && app.doc && !app.doc.base) app.doc.base = new Uint8Array((await app.server.plane("base")).bytes);
  view.mode = mode;
  $("outlines").setAttribute("aria-pressed", String(mode === "outlines"));
  $("before").setAttribute("aria-pressed", String(mode === "before"));
  view.redraw();
}

async function toggleHeat() {
  if (!app.doc?.label) return;
  if (!app.doc.confidence) app.doc.confidence = new Uint8Array((await app.server.plane("confidence")).bytes);
  view.heat = view.heat ? null : app.doc.confidence;
  $("heat").setAttribute("aria-pressed", String(Boolean(view.heat)));
  view.redraw();
}

// --- painting ---------------------------------------------------------------------------------------------------

// Whether the label map may be changed: by one stroke or rule at a time, so that all is kept in the order it is seen in.
function ready() {
  return app.actions && !app.actions.closed && app.actions.computing === 0 && !app.stroke && view.mode !== "before";
}

function press(sx, sy, pressure) {
  app.at = [sx, sy];
  view.cross = null;
  if (!ready()) return hover();
  const [x, y] = view.toPicture(sx, sy);
  app.stroke = new Stroke(app.doc, app.active, app.locked);
  const inside = view.inside(Math.floor(x), Math.floor(y));
  app.within = app.tool === "brush" && app.inside && app.doc.areas && inside ? app.doc.areas.at(Math.floor(x), Math.floor(y)) : -1;
  app.last = {x, y, r: brushRadius(pressure)};
  app.seen = new Set();
  if (app.tool === "fill") {
    if (inside) app.stroke.fill(Math.floor(x), Math.floor(y));
    redrawStroke();
  } else drag(sx, sy, pressure);
}

// A pen paints with half to all of the brush, by its pressure; at half pressure as a mouse does.
const brushRadius = pressure => app.radius * (pressure === 0.5 ? 1 : 0.35 + 0.65 * Math.min(1, 1.25 * pressure));

function drag(sx, sy, pressure) {
  app.at = [sx, sy];
  const {stroke, last, doc} = app;
  if (!stroke) return hover();
  const [x, y] = view.toPicture(sx, sy);
  if (app.tool === "brush") {
    const r = brushRadius(pressure);
    stroke.line(last.x, last.y, last.r, x, y, r, app.within);
    app.last = {x, y, r};
  } else if (app.tool === "area" && doc.areas) {
    const steps = Math.max(1, Math.ceil(Math.hypot(x - last.x, y - last.y) / 2));
    for (let i = 1; i <= steps; i++) {  // a quick hand passes several areas between two points
      const px = Math.floor(last.x + (x - last.x) * i / steps), py = Math.floor(last.y + (y - last.y) * i / steps);
      if (!view.inside(px, py)) continue;
      const node = doc.areas.at(px, py);
      if (!app.seen.has(node)) {
        app.seen.add(node);
        stroke.area(node);
      }
    }
    app.last = {x, y, r: 1};
  }
  redrawStroke();
  hover();
}

function redrawStroke() {
  const box = app.stroke.takeDirty();
  if (box) view.drawLabels(box);
}

function lift() {
  const {stroke} = app;
  app.stroke = null;
  if (!stroke || stroke.isEmpty) return;
  app.actions.paint(stroke, app.tool);
  refreshPlaces(REFRESH);
}

function pixel() {
  if (!app.doc?.label || !app.at) return null;
  const [x, y] = view.toPicture(...app.at).map(Math.floor);
  return view.inside(x, y) && !(app.doc.clear && app.doc.label[y * app.doc.width + x] === CLEAR) ? [x, y] : null;
}

function pick() {
  const here = pixel();
  if (here) choose(app.doc.label[here[1] * app.doc.width + here[0]]);
}

async function rule(name) {
  if (!ready()) return;
  const here = app.place ? [app.place.x, app.place.y] : pixel();
  if (!here) return toast("Point at a piece first.");
  const {actions, doc} = app, before = doc.state;
  await actions.rule(name, ...here, [...app.locked]);
  if (doc === app.doc && doc.state === before && !actions.closed) toast("That changes nothing here.");
}

// --- suspicious places ------------------------------------------------------------------------------------------

let later = 0, asked = 0;
function refreshPlaces(wait) {
  const mine = ++asked;
  clearTimeout(later);
  later = setTimeout(async () => {
    const {doc, actions, server} = app;
    if (!actions) return;
    await actions.last;
    try {
      const found = await server.places();
      if (doc !== app.doc || mine !== asked) return;
      app.places = found.map(place => ({...place, colour: app.colours[place.id]}));
      app.looked = true;
      showPlacesNow();
    } catch {
      // whoever paints next is told
    }
  }, wait);
}

function showPlacesNow() {
  showPlaces(app.looked || !app.server ? app.places : null, app.place, go);
  $("placebar").hidden = !app.place;
  if (app.place) $("placetext").textContent = app.place.text;
}

function go(place) {
  app.place = view.place = place;
  if (place) {
    view.show(place.box);
    app.at = view.toStage(place.x + 0.5, place.y + 0.5);
    view.cross = null;
  }
  showPlacesNow();
  hover();
}

function nextPlace(back) {
  if (!app.places.length) return toast(app.looked ? "Nothing looks suspicious." : "The places are still being looked for.");
  const now = app.places.findIndex(place => place.key === app.place?.key), count = app.places.length;
  go(app.places[now < 0 ? (back ? count - 1 : 0) : (now + (back ? count - 1 : 1)) % count]);
}

function placeIsRight() {
  const {place} = app;
  if (!place || !ready()) return;
  app.actions.right(place.key);
  leaveOut(place);
  refreshPlaces(REFRESH);  // an answer that is under way may still have it
}

function leaveOut(place) {
  const now = app.places.findIndex(other => other.key === place.key);
  app.places = app.places.filter(other => other.key !== place.key);
  if (app.places.length) go(app.places[Math.max(0, now) % app.places.length]);
  else {
    go(null);
    toast("That was the last place.", "good");
  }
}

// Says what the piece at the place is; a part's key may follow, so the place stays.
function answerPlace(id) {
  const {place} = app;
  if (!place || !ready()) return;
  const stroke = new Stroke(app.doc, id, app.locked);
  stroke.fill(place.x, place.y);
  const box = stroke.takeDirty();
  if (!box) return;
  view.drawLabels(box);
  app.actions.paint(stroke, "place", place.key);
  refreshPlaces(REFRESH);
}

// --- writing ----------------------------------------------------------------------------------------------------

// Of the picture that is open when it is called, whichever is open later.
async function write(overwrite = false, {server, actions, number} = app) {
  if (!actions || app.writing) return false;
  const wanted = {...app.pane.wanted, overwrite};
  app.writing = true;
  busy("Writing the layers and the PSD…");
  try {
    await actions.last;
    const done = await server.write(wanted);
    wrote({number, ...done});
    app.written = done;
    return true;
  } catch (error) {
    const ours = error.message.includes("--overwrite");
    toast(error.message, "bad", ours ? {text: "Replace it", act: () => write(true, {server, actions, number})} : null);
    return false;
  } finally {
    app.writing = false;
    busy("");
  }
}

const MOST_FINDINGS = 2;
function wrote({number, folder, layers, findings}) {
  const more = findings.length > MOST_FINDINGS ? `; and ${findings.length - MOST_FINDINGS} more, which cubiseg lint lists` : "";
  const faults = findings.length ? `; ${findings.slice(0, MOST_FINDINGS).join("; ")}${more}` : ", nothing that Live2D would not import";
  const button = {text: "Download PSD", act: () => fetchPsd(number)};
  toast(`${folder}: ${layers} layers${faults}`, findings.length ? "bad" : "good", button);
}

// The browser saves it where it saves all that is downloaded.
function fetchPsd(number) {
  const link = element("a", {href: api.picture(number).psd, download: ""});
  document.body.append(link);
  link.click();
  link.remove();
}

async function download({number} = app) {
  if (await write()) fetchPsd(number);
}

// --- keys -------------------------------------------------------------------------------------------------------

function chooseKey(id) {
  choose(id);
  if (app.place) answerPlace(id);
}

function moveCross(code, far) {
  const step = far ? 40 : 4, [x, y] = app.at ?? [view.width / 2, view.height / 2];
  const dx = {ArrowLeft: -step, ArrowRight: step}[code] ?? 0, dy = {ArrowUp: -step, ArrowDown: step}[code] ?? 0;
  app.at = view.cross = [Math.min(view.width - 1, Math.max(0, x + dx)), Math.min(view.height - 1, Math.max(0, y + dy))];
  hover();
}

function setLevel(up) {
  const here = pixel();
  if (!here || !app.doc.areas) return;
  app.doc.areas[up ? "up" : "down"](...here);
  hover();
}

const COMMANDS = {
  chooseClass: ({code}) => chooseKey(CLASS_KEYS.indexOf(code)),
  choosePart: ({code}) => {
    const part = app.classes[app.classOf[app.active]].parts[PART_KEYS.indexOf(code)];
    if (part) chooseKey(part.id);
  },
  paintHere: () => {
    if (app.stroke) return;
    if (app.place) return placeIsRight();
    if (!app.at) return;
    const {cross} = view;
    press(...app.at, 0.5);
    if (app.stroke) lift();
    view.cross = cross;
    hover();
  },
  pick,
  level: ({code}) => setLevel(code === "Period"),
  brushSize: ({code, shift}) => {
    const factor = shift ? 1.6 : 1.12;
    app.radius = Math.min(400, Math.max(0.5, code === "BracketLeft" ? app.radius / factor : app.radius * factor));
    hover();
  },
  stayInside: () => {
    app.inside = !app.inside;
    setTool("brush");
  },
  lock: () => toggleLock(),
  solo: () => toggleSolo(),
  bare: () => {
    if (view.mode === "bare") return;
    app.modeBefore = view.mode;
    setMode("bare");
  },
  outlines: () => setMode(view.mode === "outlines" ? "labels" : "outlines"),
  before: () => setMode(view.mode === "before" ? "labels" : "before"),
  heat: toggleHeat,
  zoom: ({code}) => view.zoomAt(code === "PageUp" ? 1.25 : 0.8, ...(app.at ?? [view.width / 2, view.height / 2])),
  pan: ({code}) => view.pan({ArrowLeft: 60, ArrowRight: -60}[code] ?? 0, {ArrowUp: 60, ArrowDown: -60}[code] ?? 0),
  fit: () => view.fit(),
  move: ({code, shift}) => moveCross(code, shift),
  nextPlace: ({shift}) => nextPlace(shift),
  leave: () => (app.place ? go(null) : app.review ? $("accept").focus() : $("pictures").hidden ? $("open").focus() : $("pictures").focus()),
  undo: () => app.stroke || app.actions?.undo(),
  redo: () => app.stroke || app.actions?.redo(),
  write: () => write(),
  openFile: () => $("file").click(),
  layers: () => (app.pane.isOpen ? app.pane.close() : app.actions && app.pane.open()),
  help: () => ($("keys").open ? $("keys").close() : $("keys").showModal()),
};
for (const tool of ["area", "brush", "fill"]) COMMANDS[`tool:${tool}`] = () => setTool(tool);
for (const name of ["give", "holes", "largest", "swap"]) COMMANDS[`rule:${name}`] = () => rule(name);

for (const name of ["accept", "reject", "unsure", "next", "previous", "sheet"]) COMMANDS[`review:${name}`] = () => app.review?.[name]();

const ANYWHERE = new Set(["undo", "redo", "write", "openFile", "help", "layers"]);
const run = (name, code = "", shift = false) => COMMANDS[name]({code, shift});

document.addEventListener("keydown", event => {
  if ($("keys").open) {
    if (event.code === "Slash") $("keys").close();
    return;
  }
  if (app.review?.takes(event)) return;
  if (event.code === "Escape" && app.pane.isOpen) return app.pane.close();
  const found = command(event), there = event.target, onStage = there === $("stage") || there === document.body;
  if (!found || (found.name.startsWith("review:") && !app.review)) return;
  // In a list, a slider or on a button, keys do what they always do there, but for those that mean nothing to it.
  const plain = !event.ctrlKey && !event.metaKey;
  if (!onStage && plain && (/^(SELECT|INPUT)$/.test(there.tagName) || /^(Tab|Enter|NumpadEnter|Space|Arrow.*|Page.*|Home)$/.test(event.code))) return;
  if (app.pane.isOpen && !ANYWHERE.has(found.name)) return;
  event.preventDefault();
  if (event.repeat && ["outlines", "before", "heat", "layers", "help", "lock", "solo", "write", "review:accept", "review:reject", "review:unsure"].includes(found.name)) return;
  run(found.name, found.code, event.shiftKey);
});
document.addEventListener("keyup", event => {
  if (event.code === "Space" && view.mode === "bare") setMode(app.modeBefore ?? "labels");
});
window.addEventListener("blur", () => view.mode === "bare" && setMode(app.modeBefore ?? "labels"));

// --- what belongs together --------------------------------------------------------------------------------------

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  view.paper = null;
  view.redraw();
}

async function begin() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  setTheme(dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => setTheme(dark.matches ? "dark" : "light"));
  makeTools(name => {
    $("stage").focus({preventScroll: true});
    run(name);
  });
  const click = (id, act) => $(id).addEventListener("click", act);
  for (const [id, keys] of Object.entries({undo: "Ctrl+Z", redo: "Ctrl+Y", outlines: "V", before: "\\", heat: "C", help: "?"})) $(id).title = `${$(id).getAttribute("aria-label")} (${keys})`;
  $("theme").title = "Dark or light";
  $("layers").title = "Look at the layers as they would be written (N)";
  $("write").title = "Write the folder of layers with its PSD (Ctrl+S)";
  for (const id of ["undo", "redo", "outlines", "before", "heat", "help", "fit", "layers"]) click(id, () => run(id));
  $("download").title = "Write the PSD, and save a copy where the browser puts downloads";
  click("write", () => write());
  click("download", () => download());
  click("theme", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  click("closekeys", () => $("keys").close());
  for (const id of ["open", "open2"]) click(id, () => $("file").click());
  click("placeright", placeIsRight);
  click("placenext", () => nextPlace(false));
  click("placeleave", () => go(null));
  $("file").addEventListener("change", () => {
    const files = [...$("file").files];
    $("file").value = "";
    openFiles(files);
  });
  $("opacity").addEventListener("input", () => {
    view.opacity = Number($("opacity").value) / 100;
    view.redraw();
  });
  let chosen = 0;
  $("pictures").addEventListener("change", () => {  // whoever passes several with the arrows opens the last
    clearTimeout(chosen);
    chosen = setTimeout(() => {
      openPicture(Number($("pictures").value));
      $("stage").focus();
    }, CHOICE);
  });
  view.onzoom = zoom => { $("zoom").value = `${Math.round(100 * zoom)} %`; };
  new Pointers($("stage"), {
    hover: (x, y) => {
      app.at = [x, y];
      view.cross = null;
      hover();
    },
    leave: () => {
      app.at = null;
      hover();
    },
    press, drag, lift,
    pick: (x, y) => {
      app.at = [x, y];
      pick();
    },
    pan: (dx, dy) => view.pan(dx, dy),
    zoom: (factor, x, y) => view.zoomAt(factor, x, y),
    level: setLevel,
  });
  dropping();
  app.pane = new LayerPane({server: () => app.server, settled: () => app.actions.last, closed: () => $("stage").focus()});
  try {
    const {pictures, classes, profiles, review, out, most, begins_empty: beginsEmpty} = await api.session();
    Object.assign(app, {pictures, out, most});
    makeKeys(Boolean(review));
    learn(classes);
    setTool("area");
    choose(1);
    $("profile").replaceChildren(...profiles.map(name => element("option", {value: name, textContent: name})));
    listPictures();
    $("stage").focus();
    if (review) {
      app.names[CLEAR] = "not told";
      app.colours[CLEAR] = [128, 128, 128];
      view.setColours(app.colours);
      app.review = new Review(app, review, openPicture);
      await app.review.begin();
    } else if (pictures.length && !beginsEmpty) await openPicture(0);
    else showEmpty();
  } catch (error) {
    toast(error.message, "bad stay");
  }
}

function dropping() {
  let depth = 0;
  const show = by => document.body.classList.toggle("dropping", (depth = Math.max(0, depth + by)) > 0);
  document.addEventListener("dragenter", event => {
    event.preventDefault();
    show(1);
  });
  document.addEventListener("dragleave", () => show(-1));
  document.addEventListener("dragover", event => event.preventDefault());
  document.addEventListener("drop", event => {
    event.preventDefault();
    show(-depth);
    const things = [...event.dataTransfer.items].filter(one => one.kind === "file");
    const files = things.filter(one => !one.webkitGetAsEntry?.()?.isDirectory).map(one => one.getAsFile());
    if (files.length < things.length) toast("A folder was dropped: open it and drop the pictures in it.", "bad");
    if (files.length) openFiles(files);
  });
}

begin();
