// The region editor: boxes by dragging, polygons by their corners, all of it by keyboard, too.
"use strict";
const editor = document.querySelector("[data-regions]");
const canvas = editor.querySelector("svg");
const listing = editor.querySelector(".region-list");
const said = editor.querySelector("[data-said]");
const still = "still" in editor.dataset;
const NAMES = { interaction: "reach", inventory: "goods", ignore: "ignored" };
const WORDS = { interaction: "Where people reach in", inventory: "Goods", ignore: "Not looked at" };
const CLOSE = 0.02, STEP = 0.01, LEAST_CORNERS = 3, MOST_CORNERS = 32;
let stored = JSON.parse(editor.dataset.regions), regions = structuredClone(stored);
let expected = Number(editor.dataset.expected), kind = "interaction", chosen = -1, corner = -1, byCorners = false, drawing = null, taught = {};

const clamp = (value) => Math.min(1, Math.max(0, value));
const at = (event) => {
  const box = canvas.getBoundingClientRect();
  return [clamp((event.clientX - box.left) / box.width), clamp((event.clientY - box.top) / box.height)];
};
const box = ([x1, y1], [x2, y2]) => [[Math.min(x1, x2), Math.min(y1, y2)], [Math.max(x1, x2), Math.min(y1, y2)], [Math.max(x1, x2), Math.max(y1, y2)], [Math.min(x1, x2), Math.max(y1, y2)]];
const svg = (name, attributes) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

function freeName(wanted) {
  const taken = new Set(regions.map((region) => region.name));
  if (!taken.has(wanted)) return wanted;
  for (let number = 2; ; number++) if (!taken.has(`${wanted} ${number}`)) return `${wanted} ${number}`;
}

function add(points) {
  regions.push({ name: freeName(NAMES[kind]), kind, points: points.map(([x, y]) => [clamp(x), clamp(y)]) });
  choose(regions.length - 1);
  changed();
}

function choose(place, itsCorner = -1) {
  chosen = place; corner = itsCorner;
  if (corner >= 0) said.textContent = `Corner ${corner + 1} of ${regions[chosen].points.length} of “${regions[chosen].name}”`;
  else if (said.textContent.startsWith("Corner ")) said.textContent = "";
}

const between = ([x1, y1], [x2, y2]) => [(x1 + x2) / 2, (y1 + y2) / 2];

function addCorner(after) {
  const points = regions[chosen].points;
  if (points.length >= MOST_CORNERS) { said.textContent = `${MOST_CORNERS} corners are the most.`; return; }
  points.splice(after + 1, 0, between(points[after], points[(after + 1) % points.length]));
  choose(chosen, after + 1);
}

function removeCorner() {
  const points = regions[chosen].points;
  if (points.length <= LEAST_CORNERS) { said.textContent = "A region has three corners at least."; return; }
  points.splice(corner, 1);
  choose(chosen, Math.min(corner, points.length - 1));
  changed();
}

function changed() {
  const differs = JSON.stringify(regions) !== JSON.stringify(stored) || Object.keys(taught).length > 0;
  for (const button of editor.querySelectorAll("[data-store], [data-undo]")) button.disabled = !differs;
  show();
}

function show() {
  canvas.replaceChildren();
  regions.forEach((region, place) => {
    const shape = svg("polygon", { class: region.kind + (place === chosen ? " chosen" : ""), points: region.points.map(([x, y]) => `${x * 1000},${y * 1000}`).join(" "), "data-place": place });
    canvas.append(shape);
  });
  if (regions[chosen] && !still) handles(regions[chosen].points);
  if (drawing?.points?.length) canvas.append(svg("polyline", { points: drawing.points.map(([x, y]) => `${x * 1000},${y * 1000}`).join(" "), fill: "none", stroke: "#fff", "stroke-width": 3, "vector-effect": "non-scaling-stroke" }));
  if (drawing?.from && drawing.to) canvas.append(svg("polygon", { class: kind, points: box(drawing.from, drawing.to).map(([x, y]) => `${x * 1000},${y * 1000}`).join(" ") }));
  for (const button of editor.querySelectorAll("[data-add-corner]")) button.disabled = !regions[chosen] || regions[chosen].points.length >= MOST_CORNERS;
  for (const button of editor.querySelectorAll("[data-remove-corner]")) button.disabled = corner < 0 || regions[chosen].points.length <= LEAST_CORNERS;
  list();
  editor.dispatchEvent(new Event("shown"));
}

// Large ones at the corners, to be moved; small ones between them, that become corners when they are.
function handles(points) {
  points.forEach((point, place) => {
    const [x, y] = between(point, points[(place + 1) % points.length]);
    if (points.length < MOST_CORNERS) canvas.append(svg("ellipse", { cx: x * 1000, cy: y * 1000, rx: 6, ry: 8, class: "between", "data-between": place }));
  });
  points.forEach(([x, y], place) => canvas.append(svg("ellipse", { cx: x * 1000, cy: y * 1000, rx: 9, ry: 12, class: place === corner ? "corner chosen" : "corner", "data-corner": place })));
}

function list() {
  const active = document.activeElement?.closest?.(".region-list li")?.dataset.place;
  if (active !== undefined && document.activeElement.tagName === "INPUT") return; // somebody is writing a name
  listing.replaceChildren(...regions.map((region, place) => {
    const line = document.createElement("li");
    line.dataset.place = place;
    if (place === chosen) line.className = "chosen";
    const mark = document.createElement("span");
    mark.className = `key ${region.kind}`;
    mark.title = WORDS[region.kind];
    const name = document.createElement("input");
    name.value = region.name; name.maxLength = 64; name.readOnly = still;
    name.setAttribute("aria-label", `Name of the region (${WORDS[region.kind]})`);
    name.addEventListener("focus", () => { choose(place); for (const each of listing.children) each.classList.toggle("chosen", each === line); editor.dispatchEvent(new Event("shown")); });
    name.addEventListener("change", () => { region.name = name.value.trim() || freeName(NAMES[region.kind]); changed(); });
    line.append(mark, name);
    if (!still) {
      const remove = document.createElement("button");
      remove.type = "button"; remove.className = "quiet"; remove.textContent = "Remove";
      remove.addEventListener("click", () => { regions.splice(place, 1); choose(-1); changed(); });
      line.append(remove);
    }
    return line;
  }));
  editor.querySelector("[data-empty]").hidden = regions.length > 0;
}

if (!still) {
  canvas.addEventListener("pointerdown", (event) => {
    const point = at(event), { corner: touched, between: gap, place } = event.target.dataset ?? {};
    canvas.setPointerCapture(event.pointerId);
    if (byCorners) { nextCorner(point); return; }
    if (gap !== undefined) addCorner(Number(gap));
    if (gap !== undefined || touched !== undefined) { choose(chosen, touched === undefined ? corner : Number(touched)); drawing = { corner }; show(); }
    else if (place !== undefined) { choose(Number(place)); drawing = { moving: point }; show(); }
    else drawing = { from: point };
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing || byCorners) return;
    const point = at(event);
    if (drawing.corner !== undefined) regions[chosen].points[drawing.corner] = point;
    else if (drawing.moving) { move(point[0] - drawing.moving[0], point[1] - drawing.moving[1]); drawing.moving = point; }
    else drawing.to = point;
    show();
  });
  canvas.addEventListener("pointerup", () => {
    if (!drawing || byCorners) return;
    const { from, to } = drawing;
    drawing = null;
    if (from && to && Math.abs(from[0] - to[0]) > CLOSE && Math.abs(from[1] - to[1]) > CLOSE) add(box(from, to));
    else changed();
  });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    if (event.key === "Enter" && chosen < 0) add(box([0.35, 0.35], [0.65, 0.65]));
    else if (event.key === "Enter") { choose(chosen, (corner + 1) % regions[chosen].points.length); show(); }
    else if (event.key === "Tab" && regions.length && !event.shiftKey && chosen < regions.length - 1) { choose(chosen + 1); show(); }
    else if (event.key === "Escape") { choose(corner >= 0 ? chosen : -1); drawing = null; show(); }
    else if ((event.key === "+" || event.key === "Insert") && chosen >= 0) { addCorner(Math.max(corner, 0)); changed(); }
    else if ((event.key === "Delete" || event.key === "Backspace") && corner >= 0) removeCorner();
    else if ((event.key === "Delete" || event.key === "Backspace") && chosen >= 0) { regions.splice(chosen, 1); choose(-1); changed(); }
    else if (step && corner >= 0) { regions[chosen].points[corner] = regions[chosen].points[corner].map((value, axis) => clamp(value + step[axis])); changed(); }
    else if (step && chosen >= 0) { if (event.shiftKey) grow(...step); else move(...step); changed(); }
    else return;
    event.preventDefault();
  });
  for (const button of editor.querySelectorAll("[data-kind]")) button.addEventListener("click", () => {
    kind = button.dataset.kind;
    for (const each of editor.querySelectorAll("[data-kind]")) each.setAttribute("aria-pressed", String(each === button));
  });
  const shape = editor.querySelector("[data-shape]");
  shape.addEventListener("click", () => { byCorners = !byCorners; drawing = null; shape.setAttribute("aria-pressed", String(byCorners)); show(); });
  editor.querySelector("[data-whole]")?.addEventListener("click", whole);
  editor.querySelector("[data-fresh]")?.addEventListener("click", () => {
    const image = editor.querySelector(".drawing img");
    if (image) { const address = new URL(image.src); address.searchParams.set("t", Date.now()); image.src = address; }
  });
  editor.querySelector("[data-undo]").addEventListener("click", () => { regions = structuredClone(stored); taught = {}; choose(-1); changed(); });
  editor.querySelector("[data-add-corner]").addEventListener("click", () => { addCorner(Math.max(corner, 0)); changed(); });
  editor.querySelector("[data-remove-corner]").addEventListener("click", removeCorner);
  editor.querySelector("[data-store]").addEventListener("click", save);
}

function nextCorner(point) {
  drawing ??= { points: [] };
  const first = drawing.points[0];
  if (first && drawing.points.length > 2 && Math.hypot(point[0] - first[0], point[1] - first[1]) < CLOSE * 1.5) {
    const points = drawing.points;
    drawing = null;
    add(points);
    return;
  }
  drawing.points.push(point);
  show();
}

function move(x, y) {
  const points = regions[chosen].points;
  const dx = Math.min(Math.max(x, -Math.min(...points.map((point) => point[0]))), 1 - Math.max(...points.map((point) => point[0])));
  const dy = Math.min(Math.max(y, -Math.min(...points.map((point) => point[1]))), 1 - Math.max(...points.map((point) => point[1])));
  regions[chosen].points = points.map(([px, py]) => [px + dx, py + dy]);
}

function grow(x, y) {
  const points = regions[chosen].points;
  const left = Math.min(...points.map((point) => point[0])), top = Math.min(...points.map((point) => point[1]));
  const width = Math.max(...points.map((point) => point[0])) - left, height = Math.max(...points.map((point) => point[1])) - top;
  const wide = Math.max(CLOSE, width + x) / width, high = Math.max(CLOSE, height + y) / height;
  regions[chosen].points = points.map(([px, py]) => [clamp(left + (px - left) * wide), clamp(top + (py - top) * high)]);
}

// Of a camera whose pictures are blurred: asked for by a deed that is written down, kept in this page alone.
async function whole(event) {
  const image = editor.querySelector(".drawing img");
  const answer = await fetch(event.currentTarget.dataset.whole, { method: "POST", headers: { "X-CSRFToken": document.querySelector("meta[name=csrf]").content } });
  if (!answer.ok) { said.textContent = "No picture is kept now. Try again in a moment."; return; }
  const before = image.src;
  image.src = URL.createObjectURL(await answer.blob());
  if (before.startsWith("blob:")) URL.revokeObjectURL(before);
}

async function save() {
  const button = editor.querySelector("[data-store]");
  button.disabled = true;
  said.textContent = "Saving…";
  try {
    const answer = await fetch(editor.dataset.save, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("meta[name=csrf]").content },
      body: JSON.stringify({ expected, regions, ...taught }),
    });
    const body = await answer.json();
    if (!answer.ok) { said.textContent = body.error; button.disabled = false; return; }
    expected = body.version;
    stored = structuredClone(regions);
    taught = {};
    said.textContent = `Saved as version ${body.version}: the next picture is judged by it.`;
    changed();
  } catch { said.textContent = "The appliance did not answer. Try again; what you drew is still here."; button.disabled = false; }
}

show();
