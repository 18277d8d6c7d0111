// The score strip: what the detector measured in the last pictures, beside the thresholds. Asked for every two seconds.
"use strict";
const SVG = "http://www.w3.org/2000/svg";
const EVERY_STRIP_MS = 2000;

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
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
  const threshold = Number(document.querySelector("input[name=interaction_threshold]")?.value || strip.dataset.threshold);
  svg.append(element("line", { class: "threshold", x1: 0, x2: 1000, y1: height(threshold), y2: height(threshold) }));
  const stock = (score) => Math.max(0, ...Object.entries(score).filter(([name]) => name.startsWith("stock")).map(([, value]) => Number(value) || 0));
  svg.append(element("polyline", { class: "stock", points: scores.map((score, place) => `${across(place)},${height(stock(score))}`).join(" ") }));
  svg.append(element("polyline", { class: "motion", points: scores.map((score, place) => `${across(place)},${height(score.motion ?? 0)}`).join(" ") }));
  const words = document.createElement("p");
  const last = scores.at(-1);
  words.textContent = last ? `motion ${(last.motion ?? 0).toFixed(2)}, stock ${stock(last).toFixed(2)}` : "no picture was looked at in the last half hour";
  strip.replaceChildren(svg, words);
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
