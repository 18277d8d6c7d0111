// What other settings would have found: the form as it stands is sent, and nothing is saved.
"use strict";
const panel = document.querySelector("[data-what-if]");
const form = document.querySelector("form.settings");
const found = panel.querySelector("[data-found]");
const counted = (number, word) => `${number.toLocaleString()} ${word}${number === 1 ? "" : "s"}`;
const words = (text) => { const line = document.createElement("p"); line.textContent = text; return line; };

// A refusal names a field as programs do; here it is named as the page does.
const named = (text) => text.replace(/\b(?:settings|tuning|cadence)\.(\w+)/, (all, name) => form.elements[name]?.labels[0].firstChild.textContent.trim() ?? all);

function list(title, events) {
  const part = document.createElement("div");
  const head = document.createElement("h2");
  head.textContent = `${title}: ${events.length}`;
  part.append(head);
  const lines = document.createElement("ul");
  for (const event of events.slice(0, 20)) {
    const line = document.createElement("li");
    line.textContent = `${event.at}  ${(event.kind === "interaction_detected" ? "visit" : event.kind.replaceAll("_", " "))}${event.slot ? ` (${event.slot})` : ""}`;
    lines.append(line);
  }
  part.append(lines);
  return part;
}

for (const button of panel.querySelectorAll("[data-by]")) {
  button.addEventListener("click", async () => {
    const settings = Object.fromEntries([...new FormData(form)]
      .filter(([name, text]) => !["csrf_token", "expected", "why"].includes(name) && text.trim())
      .map(([name, text]) => [name, Number.isFinite(Number(text)) ? Number(text) : text])); // what is no number is told
    const asked = { settings, hours: Number(panel.querySelector("select").value), by: button.dataset.by };
    found.replaceChildren(words("Comparing…"));
    button.disabled = true;
    try {
      const answer = await fetch(panel.dataset.whatIf, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("meta[name=csrf]").content },
        body: JSON.stringify(asked),
      });
      const body = await answer.json();
      if (!answer.ok) { found.replaceChildren(words(named(body.error))); return; }
      found.replaceChildren(
        words(`${counted(body.pictures, "picture")}: ${counted(body.before, "event")} as it is, ${body.after} with these settings.`),
        list("More", body.gained), list("No more", body.lost));
    } catch { found.replaceChildren(words("The appliance did not answer. Try again.")); }
    finally { button.disabled = false; }
  });
}
