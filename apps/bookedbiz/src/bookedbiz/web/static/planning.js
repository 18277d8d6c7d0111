// The planning grid: changed fields are marked and counted, up and down walk the columns, a copied row spreads out.
"use strict";
(() => {
  const form = document.getElementById("plan");
  if (!form) return;
  const fields = [...form.querySelectorAll(".plan input")];
  const told = document.getElementById("changed");
  const isChanged = (field) => field.value.trim() !== field.defaultValue;

  const tell = () => {
    let count = 0;
    for (const field of fields) {
      const changed = isChanged(field);
      field.classList.toggle("changed", changed);
      if (changed) count += 1;
    }
    if (told) told.textContent = count ? `${count} not saved yet` : "";
    return count;
  };

  const step = (field, rows) => {
    const row = field.closest("tr");
    const place = [...row.children].indexOf(field.closest("td"));
    const lines = [...form.querySelectorAll(".plan tbody tr")].filter((line) => {
      const cell = line.children[place];
      return cell && cell.querySelector("input");
    });
    const next = lines[lines.indexOf(row) + rows];
    if (next) next.children[place].querySelector("input").select();
  };

  form.addEventListener("input", tell);
  form.addEventListener("keydown", (event) => {
    if (!fields.includes(event.target)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.target, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") {
      event.target.value = event.target.defaultValue;
      tell();
    }
  });
  form.addEventListener("paste", (event) => {
    const values = event.clipboardData.getData("text").trim().split("\t");
    if (values.length < 2 || !fields.includes(event.target)) return;
    event.preventDefault();
    const beside = [...event.target.closest("tr").querySelectorAll("input")];
    const from = beside.indexOf(event.target);
    values.forEach((value, place) => {
      if (beside[from + place]) beside[from + place].value = value.trim();
    });
    tell();
  });

  let sending = false;
  form.addEventListener("submit", () => { sending = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!sending && tell()) event.preventDefault();
  });
  tell();
})();
