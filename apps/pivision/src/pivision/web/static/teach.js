// Teach from a drawn box: asks what the newest pictures suggest, shows why, and takes it over; "Save" keeps it.
"use strict";
const teachButton = editor.querySelector("[data-teach]"), suggestion = editor.querySelector("[data-taught]");

if (teachButton) {
  let found = null;
  const isGoods = (region) => region?.kind === "inventory";
  editor.addEventListener("shown", () => {
    const region = regions[chosen];
    teachButton.disabled = !region || region.kind === "ignore";
    if (found && found.box !== region?.name) { found = null; suggestion.hidden = true; }
  });
  teachButton.addEventListener("click", async () => {
    const box = regions[chosen].name;
    teachButton.disabled = true;
    said.textContent = "Looking at the newest pictures…";
    try {
      const answer = await fetch(teachButton.dataset.teach, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("meta[name=csrf]").content },
        body: JSON.stringify({ regions, box }),
      });
      const body = await answer.json();
      said.textContent = answer.ok ? "" : body.error;
      if (answer.ok) tell({ ...body, box });
    } catch { said.textContent = "The appliance did not answer. Try again; what you drew is still here."; }
    teachButton.disabled = false;
  });
  suggestion.querySelector("[data-take]").addEventListener("click", () => {
    const slot = regions.find((region) => region.name === found.slot);
    if (slot && found.min_area) slot.min_area = found.min_area;
    if (isGoods(slot) && found.box !== found.slot) regions.splice(regions.findIndex((region) => region.name === found.box), 1); // it was one item
    if (!slot) taught = { interaction_threshold: found.interaction_threshold };
    choose(regions.indexOf(slot ?? regions[chosen]));
    found = null;
    suggestion.hidden = true;
    said.textContent = "Taken over. Save keeps it.";
    changed();
  });

  function tell(body) {
    found = body;
    suggestion.querySelector("ul").replaceChildren(...body.why.map((words) => {
      const line = document.createElement("li");
      line.textContent = words;
      return line;
    }));
    suggestion.hidden = false;
  }
  show();
}
