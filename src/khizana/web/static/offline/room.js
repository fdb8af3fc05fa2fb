"use strict";
// What a page of an offline edition does with JavaScript: pages one at a time, near and far, and damage told by name.
// A classic script: a page that was opened from a disk may run no other.

(function () {
  const said = document.documentElement.dataset;
  const problem = document.querySelector(".damage");

  function tell(file) {
    if (problem) {
      problem.hidden = false;
      problem.textContent = said.damaged.replace("{file}", file);
    }
  }

  // Every image that cannot be shown is named; those that failed before this script began are looked at once.
  const named = (image) => decodeURI(image.currentSrc || image.src).split("/i/").pop();
  addEventListener("error", ({ target }) => target instanceof HTMLImageElement && tell(`i/${named(target)}`), true);
  for (const image of document.images) {
    if (image.currentSrc && image.complete && !image.naturalWidth) {
      tell(`i/${named(image)}`);
    }
  }

  window.khizanaTell = tell;

  const leaves = [...document.querySelectorAll(".leaves figure")];
  const room = document.querySelector("dialog.room");
  if (!leaves.length || !room || !room.showModal) {
    return;
  }
  const rightToLeft = room.dir === "rtl";
  const image = room.querySelector("img");
  const label = room.querySelector("h2");
  const at = { leaf: 0, scale: 1, x: 0, y: 0 };
  const MOST = 8;

  function place() {
    image.style.transform = `translate(${at.x}px,${at.y}px) scale(${at.scale})`;
    room.toggleAttribute("data-zoomed", at.scale > 1);
    const link = leaves[at.leaf].querySelector("a");
    // The larger file is read once the smaller one has no more to show.
    if (at.scale > 1.4 && link && image.getAttribute("src") !== link.getAttribute("href")) {
      image.src = link.href;
    }
  }

  function zoom(by, x = image.clientWidth / 2, y = image.clientHeight / 2) {
    const scale = Math.min(MOST, Math.max(1, at.scale * by));
    at.x = scale === 1 ? 0 : x - ((x - at.x) * scale) / at.scale;
    at.y = scale === 1 ? 0 : y - ((y - at.y) * scale) / at.scale;
    at.scale = scale;
    place();
  }

  function show(number) {
    if (number < 0 || number >= leaves.length) {
      return;
    }
    Object.assign(at, { leaf: number, scale: 1, x: 0, y: 0 });
    const small = leaves[number].querySelector("img");
    image.src = small.src;
    image.alt = small.alt;
    image.width = small.width;
    image.height = small.height;
    label.textContent = said.place
      .replace("{label}", leaves[number].querySelector("figcaption").textContent)
      .replace("{number}", number + 1)
      .replace("{all}", leaves.length);
    for (const [name, next] of [["next", number + 1], ["prev", number - 1]]) {
      room.querySelector(`[data-do=${name}]`).setAttribute("aria-disabled", next < 0 || next >= leaves.length);
    }
    place();
    if (!room.open) {
      room.showModal();
    }
    if (location.hash !== `#${leaves[number].id}`) {
      history.replaceState(null, "", `#${leaves[number].id}`);
    }
  }

  const deeds = {
    next: () => show(at.leaf + 1),
    prev: () => show(at.leaf - 1),
    in: () => zoom(1.5),
    out: () => zoom(1 / 1.5),
    whole: () => zoom(0),
    close: () => room.close(),
  };

  function opened() {
    const number = leaves.findIndex((leaf) => `#${leaf.id}` === location.hash);
    if (number >= 0) {
      show(number);
    }
  }

  document.querySelector(".leaves").addEventListener("click", (event) => {
    const leaf = event.target.closest("figure");
    if (leaf && !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      show(leaves.indexOf(leaf));
    }
  });
  room.addEventListener("click", (event) => deeds[event.target.closest("[data-do]")?.dataset.do]?.());
  room.addEventListener("close", () => {
    history.replaceState(null, "", location.pathname + location.search);
    leaves[at.leaf].querySelector("a")?.focus();
  });
  room.addEventListener("keydown", (event) => {
    const left = rightToLeft ? "next" : "prev";
    const right = rightToLeft ? "prev" : "next";
    const turn = { ArrowLeft: left, ArrowRight: right, "+": "in", "=": "in", "-": "out", "−": "out", 0: "whole", "٠": "whole" };
    const moves = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] };
    if (event.key in moves && at.scale > 1) {
      at.x += moves[event.key][0];
      at.y += moves[event.key][1];
      place();
    } else if (event.key in turn) {
      deeds[turn[event.key]]();
    } else {
      return;
    }
    event.preventDefault();
  });

  const stage = room.querySelector(".stage");
  const pointers = new Map();
  let begun = null;
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 400), event.clientX - box.left - image.offsetLeft, event.clientY - box.top - image.offsetTop);
  }, { passive: false });
  stage.addEventListener("dblclick", () => zoom(at.scale > 1 ? 0 : 2.5));
  stage.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, event);
    begun = pointers.size === 1 ? event : null;
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) {
      return;
    }
    const other = [...pointers.values()].find((each) => each.pointerId !== event.pointerId);
    pointers.set(event.pointerId, event);
    if (other) {
      const apart = (a, b) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1;
      zoom(apart(event, other) / apart(before, other));
    } else if (at.scale > 1) {
      at.x += event.clientX - before.clientX;
      at.y += event.clientY - before.clientY;
      place();
    }
  });
  const lift = (event) => {
    pointers.delete(event.pointerId);
    const moved = begun && at.scale === 1 ? event.clientX - begun.clientX : 0;
    begun = null;
    if (Math.abs(moved) > 40) {
      // What a finger draws to the right comes from the left.
      deeds[(moved > 0) === rightToLeft ? "next" : "prev"]();
    }
  };
  stage.addEventListener("pointerup", lift);
  stage.addEventListener("pointercancel", (event) => pointers.delete(event.pointerId));

  addEventListener("hashchange", opened);
  opened();
})();
