// The layers as they would be written now: shown, hidden, alone, slid apart.

import {$, element, toast} from "./panels.js";

export class LayerPane {
  // `server()` gives the picture's, `settled()` waits until all that was done is kept.
  constructor({server, settled, closed}) {
    Object.assign(this, {server, settled, closed, asked: 0, images: [], on: []});
    for (const id of ["profile", "background"]) $(id).addEventListener("change", () => this.load());
    $("apart").addEventListener("input", () => this.draw());
    $("alllayers").addEventListener("click", () => this.only(-1));
    $("closelayers").addEventListener("click", () => this.close());
    new ResizeObserver(() => this.data && this.size()).observe($("layerstage").parentElement);
  }

  get isOpen() {
    return !$("layerpane").hidden;
  }

  get wanted() {
    return {profile: $("profile").value, background: $("background").value || null};
  }

  open() {
    $("layerpane").hidden = false;
    document.body.classList.add("layering");
    $("layers").setAttribute("aria-pressed", "true");
    $("profile").focus();
    return this.load();
  }

  close() {
    this.asked++;  // what is under way is not shown
    Object.assign(this, {data: null, images: [], rows: [], on: []});
    $("layerstage").replaceChildren();
    $("layerlist").replaceChildren();
    $("layerbusy").hidden = $("layerpane").hidden = true;
    document.body.classList.remove("layering");
    $("layers").setAttribute("aria-pressed", "false");
    this.closed();
  }

  async load() {
    const mine = ++this.asked;
    $("layerbusy").hidden = false;
    try {
      await this.settled();
      if (mine !== this.asked) return;
      const data = await this.server().layers(this.wanted);
      if (mine === this.asked) this.show(data);
    } catch (error) {
      if (mine === this.asked) toast(error.message, "bad");
    } finally {
      if (mine === this.asked) $("layerbusy").hidden = true;
    }
  }

  show(data) {
    this.data = data;
    this.on = data.layers.map(layer => layer.visible);
    this.images = data.layers.map(layer => {
      const image = element("img", {src: layer.image, alt: ""}), [x, y, w, h] = layer.box.map(v => 100 * v + "%");
      Object.assign(image.style, {left: x, top: y, width: w, height: h});
      return image;
    });
    $("layerstage").replaceChildren(...this.images);
    this.rows = data.layers.map((layer, i) => {
      const box = element("input", {type: "checkbox"}), chip = element("span", {className: "chip"});
      chip.style.background = layer.colour;
      box.addEventListener("change", () => {
        this.on[i] = box.checked;
        this.draw();
      });
      const solo = element("button", {textContent: "Solo", "aria-label": `Only ${layer.name}`, "aria-pressed": "false"});
      solo.addEventListener("click", () => this.only(this.alone === i ? -1 : i));
      const name = element("label", {}, box, chip, element("span", {className: "name", textContent: layer.name}), element("span", {className: "folder", textContent: layer.folder}));
      return {item: element("li", {}, name, solo), box, solo};
    });
    $("layerlist").replaceChildren(...this.rows.map(row => row.item).reverse());  // the top one first
    this.size();
    this.draw();
  }

  // The one that is shown alone; -1 where there are several.
  get alone() {
    const shown = this.on.flatMap((on, i) => (on ? [i] : []));
    return shown.length === 1 ? shown[0] : -1;
  }

  only(which) {
    this.on = this.on.map((_, i) => which < 0 || i === which);
    this.draw();
  }

  size() {
    const room = $("layerstage").parentElement.getBoundingClientRect(), {width, height} = this.data;
    const scale = Math.min((room.width - 60) / width, (room.height - 60) / height);
    Object.assign($("layerstage").style, {width: `${width * scale}px`, height: `${height * scale}px`});
  }

  draw() {
    if (!this.data) return;
    const apart = Number($("apart").value) / 100, gap = apart * Math.min(90, 700 / this.images.length);
    $("layerstage").style.transform = apart
      ? `translateZ(${-420 * apart}px) rotateX(${20 * apart}deg) rotateY(${-42 * apart}deg) translateZ(${-gap * this.images.length / 2}px)` : "";
    this.images.forEach((image, i) => {
      image.hidden = !this.on[i];
      image.style.transform = apart ? `translateZ(${gap * (i + 1)}px)` : "";
    });
    this.rows.forEach(({box, solo}, i) => {
      box.checked = this.on[i];
      solo.setAttribute("aria-pressed", String(this.alone === i));
    });
  }
}
