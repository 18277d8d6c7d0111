// Accounts: `n` leads to the line to write in, and a choice of whose accounts asks at once.
"use strict";
(() => {
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key !== "n" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const line = document.getElementById("line");
    if (!line) return;
    event.preventDefault();
    line.focus();
  });
  for (const form of document.querySelectorAll("form[data-at-once]")) {
    form.querySelector("button").hidden = true;
    form.addEventListener("change", () => form.requestSubmit());
  }
})();
