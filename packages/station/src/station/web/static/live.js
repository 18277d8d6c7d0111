// Brings the page up to date every two seconds: asks for the changing part, replaces only what differs.
"use strict";
(() => {
  const EVERY_MS = 2000, STALE_MS = 10000;
  const live = document.getElementById("live");
  const pulse = document.getElementById("pulse");
  const pulseText = document.getElementById("pulse-text");
  const spoken = document.getElementById("spoken");
  let etag = "", heardAt = Date.now();

  function replaceChanged(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    const pairs = [...fresh.children];
    const same = old.children.length === pairs.length && pairs.length > 0 && old.tagName === fresh.tagName &&
      pairs.every((child, i) => child.id && child.id === old.children[i].id);
    if (!same) { old.replaceWith(fresh); return; }
    pairs.forEach((child, i) => replaceChanged(old.children[i], child));
  }

  function show(html) {
    const fresh = document.createElement("main");
    fresh.id = live.id;
    fresh.innerHTML = html;
    const asOf = fresh.querySelector("#as-of");
    pulseText.textContent = asOf.dataset.text;
    // a screen reader hears the verdict only when it changes
    if (spoken.textContent.trim() !== asOf.dataset.spoken.trim()) spoken.textContent = asOf.dataset.spoken;
    const same = live.children.length === fresh.children.length;
    if (!same) { live.replaceChildren(...fresh.children); return; }
    [...fresh.children].forEach((child, i) => replaceChanged(live.children[i], child));
  }

  async function ask() {
    try {
      const answer = await fetch(live.dataset.live, { headers: etag ? { "If-None-Match": etag } : {}, cache: "no-store" });
      if (answer.status === 401) { location.reload(); return; }
      if (answer.status === 200) {
        etag = answer.headers.get("ETag") || "";
        show(await answer.text());
      }
      if (answer.status === 200 || answer.status === 304) heardAt = Date.now();
    } catch (gone) { /* told below, when it lasts */ }
    const silentMs = Date.now() - heardAt;
    document.body.classList.toggle("stale", silentMs > STALE_MS);
    if (silentMs > STALE_MS) {
      pulseText.textContent = `no news for ${Math.round(silentMs / 1000)} s: what you see is old`;
    }
    setTimeout(ask, EVERY_MS);
  }
  setTimeout(ask, EVERY_MS);
})();
