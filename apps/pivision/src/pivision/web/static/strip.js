// The score strip: what the detector measured in the last pictures, beside the thresholds. Asked for every two seconds.
"use strict";
const SVG = "http://www.w3.org/2000/svg";
const EVERY_STRIP_MS = 2000;

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// What is being typed moves the line at once; what is no number leaves it where it is in force.
function threshold(strip) {
  const typed = document.querySelector("input[name=interaction_threshold]")?.value.trim();
  return typed && Number.isFinite(Number(typed)) ? Number(typed) : Number(strip.dataset.threshold);
}

function draw(strip, scores) {
  const svg = element("svg", { viewBox: "0 0 1000 100", preserveAspectRatio: "none", role: "img", "aria-label": "Scores of the last pictures" });
  const height = (value) => 98 - 96 * Math.min(1, Math.max(0, value));
  const across = (place) => scores.length < 2 ? 500 : (place / (scores.length - 1)) * 1000;
  scores.forEach((score, place) => {
    if (score.phase === "active" || score.phase === "settling") {
      const width = 1000 / Math.max(1, scores.length - 1);
      svg.append(element("rect", { class: "visit", x: across(place) - width / 2, width, y: 0, height: 100 }));
    }
  });
  const line = height(threshold(strip));
  svg.append(element("line", { class: "threshold", x1: 0, x2: 1000, y1: line, y2: line }));
  const stock = (score) => Math.max(0, ...Object.entries(score).filter(([name]) => name.startsWith("stock")).map(([, value]) => Number(value) || 0));
  svg.append(element("polyline", { class: "stock", points: scores.map((score, place) => `${across(place)},${height(stock(score))}`).join(" ") }));
  svg.append(element("polyline", { class: "motion", points: scores.map((score, place) => `${across(place)},${height(score.motion ?? 0)}`).join(" ") }));
  strip.replaceChildren(svg, legend(scores.at(-1), stock));
}

// Which line is which, and where both are now.
function legend(last, stock) {
  const words = document.createElement("p"), key = (kind) => { const mark = document.createElement("span"); mark.className = `key ${kind}`; return mark; };
  if (last) words.append(key("visits"), `motion ${(last.motion ?? 0).toFixed(2)}`, key("changes"), `stock ${stock(last).toFixed(2)}`);
  else words.append("no picture was looked at in the last half hour");
  return words;
}

for (const strip of document.querySelectorAll("[data-strip]")) {
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(strip.dataset.strip, { headers: { Accept: "application/json" } });
      if (answer.ok) draw(strip, (await answer.json()).scores);
    } catch { /* away for a moment */ }
  };
  ask();
  setInterval(ask, EVERY_STRIP_MS);
}
