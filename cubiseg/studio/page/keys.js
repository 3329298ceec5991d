// All keys in one table: what is pressed does what stands here, and the page of keys shows the same lines.
// Keys are named by their place (KeyboardEvent.code), so that they lie alike on every keyboard.

export const CLASS_KEYS = ["Digit0", "Digit1", "Digit2", "Digit3", "Digit4", "Digit5", "Digit6", "Digit7", "Digit8", "Digit9", "Minus", "Equal"];
export const PART_KEYS = ["KeyQ", "KeyW", "KeyE", "KeyR", "KeyT", "KeyY", "KeyU", "KeyI", "KeyO"];

const SHOWN = {Minus: "-", Equal: "=", BracketLeft: "[", BracketRight: "]", Comma: ",", Period: ".", Backslash: "\\", Slash: "/",
  ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", PageUp: "PgUp", PageDown: "PgDn", Escape: "Esc"};
export const shown = code => SHOWN[code] ?? code.replace(/^(Key|Digit)/, "");

// group, keys as shown, what they do, code(s), modifiers ("c" Ctrl or Cmd, "s" Shift; "*" any Shift), name of the command
const TABLE = [
  ["Paint", "1 … 9 0 - =", "choose the class", CLASS_KEYS, "", "chooseClass"],
  ["Paint", "Q … O", "choose its part", PART_KEYS, "", "choosePart"],
  ["Paint", "click, Enter", "paint the area, or with the brush", ["Enter", "NumpadEnter"], "*", "paintHere"],
  ["Paint", "drag", "paint all areas passed, one step", [], "", ""],
  ["Paint", "right click, P", "pick what is there", ["KeyP"], "", "pick"],
  ["Paint", ", .", "smaller, larger areas (Alt+wheel)", ["Comma", "Period"], "", "level"],
  ["Paint", "[ ]", "brush size; Shift: larger steps", ["BracketLeft", "BracketRight"], "*", "brushSize"],
  ["Tools", "A", "areas", ["KeyA"], "", "tool:area"],
  ["Tools", "B", "brush", ["KeyB"], "", "tool:brush"],
  ["Tools", "F", "fill a piece", ["KeyF"], "", "tool:fill"],
  ["Tools", "D", "brush: stay inside the area", ["KeyD"], "", "stayInside"],
  ["Mend what is pointed at", "G", "give this piece to what surrounds it", ["KeyG"], "", "rule:give"],
  ["Mend what is pointed at", "H", "fill the holes in this piece", ["KeyH"], "", "rule:holes"],
  ["Mend what is pointed at", "M", "keep only the main (largest) piece", ["KeyM"], "", "rule:largest"],
  ["Mend what is pointed at", "X", "swap left and right", ["KeyX"], "", "rule:swap"],
  ["Protect", "L", "lock the class: it loses no pixel", ["KeyL"], "", "lock"],
  ["Protect", "S", "show this class alone", ["KeyS"], "", "solo"],
  ["Look", "Space", "bare picture, while held", ["Space"], "", "bare"],
  ["Look", "V", "outlines only", ["KeyV"], "", "outlines"],
  ["Look", "\\", "before and after", ["Backslash"], "", "before"],
  ["Look", "C", "where the model was unsure", ["KeyC"], "", "heat"],
  ["Look", "Ctrl+wheel, PgUp PgDn", "zoom at the pointer", ["PageUp", "PageDown"], "", "zoom"],
  ["Look", "wheel, Ctrl+arrows", "move the picture; also the middle button", ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], "c", "pan"],
  ["Look", "Home", "the whole picture", ["Home"], "", "fit"],
  ["Look", "arrows", "move the pointer; Shift: farther", ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], "*", "move"],
  ["Worth a look", "Tab, Shift+Tab", "next place, the one before", ["Tab"], "*", "nextPlace"],
  ["Worth a look", "Enter", "it is right", [], "", ""],
  ["Worth a look", "a class key", "say what it is", [], "", ""],
  ["Worth a look", "Esc", "leave the place; then the picture", ["Escape"], "", "leave"],
  ["Review", "Ctrl+Enter", "accept, or keep what was mended", ["Enter", "NumpadEnter"], "c", "review:accept"],
  ["Review", "Del, Backspace", "reject with a reason", ["Delete", "Backspace"], "", "review:reject"],
  ["Review", "Ctrl+Shift+Enter", "unsure", ["Enter", "NumpadEnter"], "cs", "review:unsure"],
  ["Review", "J, K", "next, previous", ["KeyJ"], "", "review:next"],
  ["Review", "", "", ["KeyK"], "", "review:previous"],
  ["Review", "Z", "sheet of portraits, and back", ["KeyZ"], "", "review:sheet"],
  ["On the sheet", "click, Space", "needs work, or not", [], "", ""],
  ["On the sheet", "Enter", "accept the rest, then the next sheet", [], "", ""],
  ["On the sheet", "arrows", "go to another", [], "", ""],
  ["On the sheet", "O", "open the picture", [], "", ""],
  ["Undo and write", "Ctrl+Z", "undo, without limit", ["KeyZ"], "c", "undo"],
  ["Undo and write", "Ctrl+Y, Ctrl+Shift+Z", "redo", ["KeyY"], "c", "redo"],
  ["Undo and write", "", "", ["KeyZ"], "cs", "redo"],
  ["Undo and write", "Ctrl+S", "write the PSD", ["KeyS"], "c", "write"],
  ["Undo and write", "Ctrl+O", "open pictures", ["KeyO"], "c", "openFile"],
  ["Undo and write", "N", "the layers", ["KeyN"], "", "layers"],
  ["Undo and write", "?", "this page", ["Slash"], "*", "help"],
];

const COMMANDS = new Map();
for (const [, , , codes, mods, name] of TABLE) {
  const ways = mods === "*" ? ["", "s"] : [mods];
  for (const code of codes) for (const way of ways) COMMANDS.set(code + "+" + way, {name, code});
}

// The command of a key event, with its code; undefined where there is none.
export function command(event) {
  if (event.altKey) return undefined;
  const way = (event.ctrlKey || event.metaKey ? "c" : "") + (event.shiftKey ? "s" : "");
  const code = event.code.replace(/^Numpad(\d)$/, "Digit$1");
  return COMMANDS.get(code + "+" + way);
}

export const sections = reviewing => {
  const groups = new Map(), other = reviewing ? [] : ["Review", "On the sheet"];
  for (const [group, keys, text] of TABLE) {
    if (other.includes(group)) continue;
    if (!groups.has(group)) groups.set(group, []);
    if (text) groups.get(group).push([keys, text]);
  }
  return groups;
};
