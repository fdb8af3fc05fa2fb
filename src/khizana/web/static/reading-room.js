// What a browser with JavaScript adds to a page image: turning pages at once, zoom in place, and beyond that the
// deep-zoom viewer. The page is whole without it. One module, no framework; every listener of a page ends with it.

const AT_ONCE = 4; // pages kept as documents, so that going back and forth needs no network
const DEEP = 2; // times the fitted size: from here on tiles show more than one image file can
const SHALLOW = 1.9; // back below this, our own zoom goes on
const SWIPE = 48; // CSS pixels
const TAP = 300; // milliseconds between the two taps of a double tap

const pages = new Map(); // address → promise of its document
let leave = () => {};

function sparing() {
  return navigator.connection?.saveData || matchMedia("(prefers-reduced-data: reduce)").matches;
}

// ---- Turning pages ----

function fetched(address) {
  if (!pages.has(address)) {
    const page = fetch(address, { priority: "low", headers: { Accept: "text/html" } })
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.statusText))))
      .then((text) => {
        const parsed = new DOMParser().parseFromString(text, "text/html");
        const picture = parsed.querySelector(".stage picture");
        // Brought into this document, the picture chooses and loads the file that its own page will show.
        return { parsed, held: picture && document.importNode(picture, true) };
      });
    page.catch(() => pages.delete(address));
    pages.set(address, page);
    if (pages.size > AT_ONCE) {
      pages.delete(pages.keys().next().value);
    }
  }
  return pages.get(address);
}

function show({ parsed }, focused) {
  leave();
  document.title = parsed.title;
  for (const rel of ["prev", "next", "alternate", "canonical"]) {
    document.head.querySelectorAll(`link[rel=${rel}]`).forEach((link) => link.remove());
    document.head.append(...[...parsed.head.querySelectorAll(`link[rel=${rel}]`)].map((link) => document.importNode(link)));
  }
  const body = document.importNode(parsed.body, true);
  const image = body.querySelector(".stage img");
  if (image) {
    image.decoding = "sync"; // it has come already: no empty frame in between
  }
  document.body.replaceWith(body);
  scrollTo(0, 0);
  (focused && body.querySelector(`.turn.${focused}`) || body.querySelector("h1"))?.focus({ preventScroll: true });
  begin();
}

async function turn(link) {
  const address = link.href;
  const focused = document.activeElement === link ? link.rel : "";
  const page = await pages.get(address)?.catch(() => null);
  if (!page) {
    location.href = address;
    return;
  }
  history.pushState(null, "", address);
  show(page, focused);
}

addEventListener("popstate", () => {
  fetched(location.href).then((page) => show(page, ""), () => location.reload());
});

// ---- Zoom in place ----

class Stage {
  constructor(room, signal) {
    this.room = room;
    this.box = room.querySelector(".stage");
    this.image = room.querySelector(".stage img");
    this.buttons = room.querySelector(".zoom");
    this.signal = signal;
    this.pointers = new Map();
    this.scale = 1;
    this.x = 0; // of the image's left edge, in the box, CSS pixels
    this.y = 0;
    this.deep = null;
    this.box.style.touchAction = "pan-y";
    this.image.style.transformOrigin = "0 0";
    this.image.draggable = false;
    this.buttons.hidden = false;
    const on = (target, name, act, passive = true) => target.addEventListener(name, act, { signal, passive });
    on(this.box, "pointerdown", (event) => this.press(event));
    on(this.box, "pointermove", (event) => this.drag(event));
    on(this.box, "pointerup", (event) => this.lift(event));
    on(this.box, "pointercancel", (event) => this.pointers.delete(event.pointerId));
    on(this.box, "wheel", (event) => this.wheel(event), false);
    on(this.box, "dblclick", (event) => this.double(this.point(event)));
    on(this.buttons, "click", (event) => this.button(event.target.closest("button")?.dataset.zoom));
    this.place();
    // A phone's address bar comes and goes while one reads: only another width is another place to fit.
    const width = innerWidth;
    on(window, "resize", () => innerWidth !== width && this.reset());
  }

  // The image's place and size at scale 1, before any transform.
  get fitted() {
    return { left: this.image.offsetLeft, top: this.image.offsetTop, width: this.image.offsetWidth, height: this.image.offsetHeight };
  }

  // Twice the pixels of the master, but never less than four times the fitted size.
  get most() {
    return Math.max(4, (2 * Number(this.image.getAttribute("width"))) / this.fitted.width);
  }

  point(event) {
    const box = this.box.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  get middle() {
    return { x: this.box.clientWidth / 2, y: this.box.clientHeight / 2 };
  }

  place() {
    const { left, top, width, height } = this.fitted;
    const within = (at, size, room) => (size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, at)));
    this.x = within(this.x, width * this.scale, this.box.clientWidth);
    this.y = within(this.y, height * this.scale, this.box.clientHeight);
    const still = this.scale === 1;
    this.image.style.transform = still ? "" : `translate(${this.x - left}px,${this.y - top}px) scale(${this.scale})`;
    this.box.style.touchAction = still ? "pan-y" : "none";
    this.box.style.cursor = still ? "" : "grab";
    this.box.toggleAttribute("data-zoomed", !still);
    // Not disabled: what has the focus would lose it.
    const idle = { in: this.scale >= this.most, out: still, whole: still };
    for (const button of this.buttons.children) {
      button.setAttribute("aria-disabled", idle[button.dataset.zoom]);
    }
  }

  // Zooms to `scale` with the image's point under `at` kept there.
  zoom(scale, at = this.middle) {
    const wanted = Math.min(this.most, Math.max(1, scale));
    const { left, top } = this.fitted;
    const from = this.scale === 1 ? { x: left, y: top } : this;
    this.x = at.x - ((at.x - from.x) / this.scale) * wanted;
    this.y = at.y - ((at.y - from.y) / this.scale) * wanted;
    this.scale = wanted;
    this.place();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.sharpen(), 150);
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.place();
  }

  reset() {
    this.deep?.end();
    this.scale = 1;
    this.place();
  }

  // Asks for a larger file of the same picture; the browser keeps the one shown until it has come.
  sharpen() {
    const width = Math.ceil(this.fitted.width * this.scale);
    if (this.scale > 1 && width > (this.asked ?? 0)) {
      this.asked = width;
      for (const each of this.image.parentElement.children) {
        each.sizes = `${width}px`;
      }
    }
    if (this.scale > DEEP && this.room.dataset.zoom && !this.deep) {
      this.deep = new Deep(this);
    }
  }

  press(event) {
    if (event.button || this.deep?.shown || (event.pointerType === "mouse" && this.scale === 1)) {
      return;
    }
    this.pointers.set(event.pointerId, this.point(event));
    this.box.setPointerCapture(event.pointerId);
    this.start = this.pointers.size === 1 ? this.point(event) : null;
  }

  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      return;
    }
    const now = this.point(event);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    if (other) {
      const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) || 1;
      const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
      const [was, is] = [middle(before, other), middle(now, other)];
      this.zoom((this.scale * apart(now, other)) / apart(before, other), is);
      this.pan(is.x - was.x, is.y - was.y);
    } else if (this.scale > 1) {
      this.pan(now.x - before.x, now.y - before.y);
    }
  }

  lift(event) {
    if (!this.pointers.delete(event.pointerId) || !this.start || event.pointerType === "mouse") {
      return;
    }
    const at = this.point(event);
    const [dx, dy] = [at.x - this.start.x, at.y - this.start.y];
    if (this.scale === 1 && Math.abs(dx) > SWIPE && Math.abs(dx) > 1.5 * Math.abs(dy)) {
      // What a finger draws to the right comes from the left.
      turnTo(dx > 0 ? "left" : "right");
    } else if (Math.hypot(dx, dy) < 10) {
      if (event.timeStamp - (this.tapped ?? -TAP) < TAP) {
        this.double(at);
        this.tapped = undefined;
      } else {
        this.tapped = event.timeStamp;
      }
    }
  }

  double(at) {
    // Some browsers follow a double tap by a double click of their own.
    const now = performance.now();
    if (now - (this.doubled ?? -TAP) > TAP) {
      this.doubled = now;
      this.zoom(this.scale > 1 ? 1 : DEEP, at);
    }
  }

  wheel(event) {
    if (this.deep?.shown) {
      return;
    }
    // A wheel that would scroll the page, or has nothing more to make smaller, scrolls the page.
    const larger = event.deltaY < 0;
    if (!event.ctrlKey && (larger ? scrollY > 0 && this.scale === 1 : this.scale === 1)) {
      return;
    }
    event.preventDefault();
    const step = event.deltaMode ? event.deltaY * 16 : event.deltaY;
    this.zoom(this.scale * Math.exp(-Math.max(-120, Math.min(120, step)) / (event.ctrlKey ? 100 : 400)), this.point(event));
  }

  button(name) {
    const to = { in: 1.5, out: 1 / 1.5 }[name];
    if (this.deep?.shown) {
      this.deep.button(name, to);
    } else if (name === "whole") {
      this.reset();
    } else if (to) {
      this.zoom(this.scale * to);
    }
  }
}

// ---- Beyond twice the size: tiles ----

class Deep {
  constructor(stage) {
    this.stage = stage;
    this.shown = false;
    this.layer = document.createElement("div");
    this.layer.className = "deep";
    this.layer.setAttribute("aria-hidden", "true");
    this.open().catch(() => this.end());
  }

  async open() {
    const { room, box, signal } = this.stage;
    const [answer] = await Promise.all([fetch(room.dataset.zoom), viewer(room.dataset.viewer)]);
    const image = await answer.json();
    // The library's public address may not be the one this reader came by: tiles come from where the page came from.
    const address = new URL(room.dataset.zoom, location.href);
    if (address.origin === location.origin) {
      image.id = address.href.replace(/\/info\.json$/, "");
    }
    if (signal.aborted || this.stage.deep !== this) {
      return;
    }
    box.append(this.layer);
    this.osd = OpenSeadragon({
      element: this.layer,
      tileSources: image,
      drawer: "canvas",
      showNavigationControl: false,
      visibilityRatio: 1,
      constrainDuringPan: true,
      minZoomImageRatio: 1,
      maxZoomPixelRatio: 2,
      animationTime: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 0.4,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      keyboardNavEnabled: false,
      preserveImageSizeOnResize: true,
    });
    this.osd.innerTracker.keyHandler = null;
    this.osd.innerTracker.keyDownHandler = null;
    signal.addEventListener("abort", () => this.end());
    this.osd.addHandler("open-failed", () => this.end());
    this.osd.addHandler("open", () => {
      this.take();
      const tiles = this.osd.world.getItemAt(0);
      const ready = () => tiles.getFullyLoaded() && this.appear();
      tiles.addHandler("fully-loaded-change", ready);
      ready();
    });
    this.osd.addHandler("zoom", () => this.shown && this.size < SHALLOW && this.yield());
  }

  // Shows in tiles what our own zoom shows, at the same place and size.
  take() {
    const { fitted, scale, x, y, box } = this.stage;
    const width = fitted.width * scale;
    const rect = new OpenSeadragon.Rect(-x / width, -y / width, box.clientWidth / width, box.clientHeight / width);
    this.osd.viewport.fitBounds(rect, true);
  }

  appear() {
    if (!this.shown && this.stage.scale > DEEP) {
      this.take();
      this.shown = true;
      this.stage.pointers.clear();
      this.layer.dataset.shown = "";
    }
  }

  // Times the fitted size.
  get size() {
    return (this.osd.viewport.getZoom(false) * this.stage.box.clientWidth) / this.stage.fitted.width;
  }

  // Gives the view back to our own zoom, at the same place and size.
  yield() {
    const { stage } = this;
    const bounds = this.osd.viewport.getBounds(false);
    stage.scale = Math.max(1, this.size);
    stage.x = -bounds.x * stage.fitted.width * stage.scale;
    stage.y = -bounds.y * stage.fitted.width * stage.scale;
    this.end();
    stage.place();
  }

  button(name, to) {
    if (name === "whole") {
      this.stage.reset();
    } else if (to) {
      this.osd.viewport.zoomBy(to).applyConstraints();
    }
  }

  pan(dx, dy) {
    this.osd.viewport.panBy(this.osd.viewport.deltaPointsFromPixels(new OpenSeadragon.Point(-dx, -dy))).applyConstraints();
  }

  end() {
    if (this.stage.deep === this) {
      this.stage.deep = null;
    }
    this.shown = false;
    this.osd?.destroy();
    this.osd = null;
    this.layer.remove();
  }
}

let loading;
function viewer(address) {
  loading ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = () => {
      loading = undefined;
      failed(new Error(address));
    };
    document.head.append(script);
  });
  return loading;
}

// ---- One page ----

function turnTo(side) {
  const room = document.querySelector(".room");
  const onward = (room.dir === "rtl") === (side === "left") ? "next" : "prev";
  const link = room.querySelector(`a.turn.${onward}`);
  if (link) {
    turn(link);
  }
}

function begin() {
  const room = document.querySelector(".room");
  const image = room?.querySelector(".stage img");
  if (!image) {
    return;
  }
  const ending = new AbortController();
  const { signal } = ending;
  leave = () => ending.abort();
  const stage = new Stage(room, signal);
  const strip = document.querySelector(".strip");
  const here = strip?.querySelector("[aria-current]");
  if (here) {
    strip.scrollLeft += here.getBoundingClientRect().left + here.offsetWidth / 2 - strip.getBoundingClientRect().left - strip.clientWidth / 2;
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-turn]");
    if (link && !event.button && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)) {
      event.preventDefault();
      turn(link);
    }
  }, { signal });
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest?.("input,select,textarea")) {
      return;
    }
    const step = 80;
    const arrows = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    const zooms = { "+": "in", "=": "in", "-": "out", "−": "out", 0: "whole", "٠": "whole", Escape: "whole" };
    if (event.key in zooms) {
      stage.button(zooms[event.key]);
    } else if (event.key in arrows && stage.scale > 1) {
      (stage.deep?.shown ? stage.deep : stage).pan(...arrows[event.key]);
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      turnTo(event.key === "ArrowLeft" ? "left" : "right");
    } else {
      return;
    }
    event.preventDefault();
  }, { signal });
  const ahead = () => {
    const next = room.querySelector("a.turn.next");
    if (next && !signal.aborted && !sparing()) {
      fetched(next.href).catch(() => {});
    }
  };
  // After the image that the reader waits for, never beside it.
  if (image.complete && document.readyState === "complete") {
    ahead();
  } else if (document.readyState === "complete") {
    image.addEventListener("load", ahead, { signal, once: true });
  } else {
    addEventListener("load", ahead, { signal, once: true });
  }
}

begin();
