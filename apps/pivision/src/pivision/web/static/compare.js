// Before and after: a slider that uncovers one picture over the other, and blinking between them.
"use strict";
for (const compare of document.querySelectorAll("[data-compare]")) {
  const tools = compare.nextElementSibling;
  const slider = tools.querySelector("input");
  const blink = tools.querySelector("[data-blink]");
  const show = () => compare.style.setProperty("--edge-at", `${100 - slider.value}%`);
  slider.addEventListener("input", () => { setBlinking(false); show(); });
  compare.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" && !event.pressure) return;
    const box = compare.getBoundingClientRect();
    slider.value = 100 - ((event.clientX - box.left) / box.width) * 100;
    show();
  });
  function setBlinking(wanted) {
    compare.classList.toggle("blinking", wanted);
    blink.setAttribute("aria-pressed", String(wanted));
  }
  blink.addEventListener("click", () => setBlinking(!compare.classList.contains("blinking")));
  show();
}
