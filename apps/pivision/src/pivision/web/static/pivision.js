// On every page: pictures that stay fresh while somebody looks. Without this script everything is there, only still.
"use strict";
document.documentElement.classList.add("scripted");

const EVERY_MS = 2000;

// On a narrow window what was noticed comes first, and the filters are behind a word.
if (matchMedia("(max-width: 759px)").matches) {
  for (const each of document.querySelectorAll("details.narrow")) each.open = false;
}

// Behind an answer that refused a form: what was typed is still there.
document.querySelector("[data-back]")?.addEventListener("click", () => history.back());

// The menu may be wider than a phone: the page one is on is in sight.
document.querySelector(".bar [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

function refreshPictures() {
  if (document.hidden) return;
  for (const image of document.querySelectorAll("img[data-live]")) {
    if (!image.complete) continue; // the last one is still on its way
    const address = new URL(image.src);
    address.searchParams.set("t", Date.now());
    image.src = address;
  }
}

if (document.querySelector("img[data-live]")) setInterval(refreshPictures, EVERY_MS);

// Words beside the pictures, too: the section is asked for again, and put in the place of the old one.
for (const section of document.querySelectorAll("[data-refresh]")) {
  setInterval(async () => {
    if (document.hidden || section.contains(document.activeElement)) return;
    try {
      const answer = await fetch(location.href, { headers: { "X-Refresh": "1" } });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector(`[aria-label="${section.getAttribute("aria-label")}"]`);
      if (!fresh) return;
      const shown = [...section.querySelectorAll("img[data-live]")].map((image) => image.src);
      fresh.querySelectorAll("img[data-live]").forEach((image, place) => { if (shown[place]) image.src = shown[place]; });
      section.replaceChildren(...fresh.childNodes);
    } catch { /* away for a moment: the next try comes soon */ }
  }, Number(section.dataset.refresh) * 1000);
}
