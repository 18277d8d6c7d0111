// The menu, and the filter bar: it asks as soon as something is chosen, keeps the address short, and `/` leads to the search field.
"use strict";
(() => {
  document.documentElement.classList.add("scripted");
  const form = document.getElementById("filters");
  const fold = form && form.closest("details");

  // A folded menu closes when somebody clicks elsewhere, opens the other one, or presses Escape.
  const folds = [...document.querySelectorAll(".fold")];
  const close = (target) => folds.forEach((fold) => { if (!fold.contains(target)) fold.open = false; });
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = folds.find((fold) => fold.open && fold.contains(document.activeElement));
    close(null);
    if (open) open.querySelector("summary").focus();
  });

  // On a narrow window the menu is behind a button.
  const button = document.querySelector(".unfold");
  if (button) button.addEventListener("click", () => {
    const opened = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(opened));
  });

  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = form && form.elements.customer;
    if (!field) return;
    event.preventDefault();
    if (fold) fold.open = true;
    field.focus();
    field.select();
  });
  if (!form) return;

  // On a phone the figures come first and the fields when asked for; without scripts they are simply open.
  if (fold && window.matchMedia("(max-width: 640px)").matches) fold.open = false;

  const leaveOutEmpty = () => {
    for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
  };
  form.addEventListener("submit", leaveOutEmpty);
  form.addEventListener("change", () => form.requestSubmit());
  // On the way back browsers put into the fields what was chosen last; the fields must say what the page shows.
  window.addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false;
    form.reset();
  });

  const copy = document.getElementById("copy-link");
  copy.addEventListener("click", async () => {
    const words = copy.textContent;
    copy.textContent = (await copied(window.location.href)) ? "Copied" : "Not copied";
    setTimeout(() => { copy.textContent = words; }, 1500);
  });

  // Browsers offer the clipboard to https and localhost only; elsewhere the old way still works.
  async function copied(text) {
    if (navigator.clipboard) {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch { /* not allowed: try the old way */ }
    }
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
})();
