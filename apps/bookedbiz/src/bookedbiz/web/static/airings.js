// Every number opens its airings: a cell becomes a link where its column, or its line, says which months it counts.
"use strict";
(() => {
  const NOT_ASKED = ["year", "measure", "months", "sort", "status", "lines", "first", "last", "basis", "period"];

  // `202601-202603` so many months before.
  const shifted = (months, back) => months.split(",").map((run) => run.split("-").map((month) => {
    const count = Math.floor(month / 100) * 12 + (month % 100) - 1 - back;
    return String(Math.floor(count / 12) * 100 + (count % 12) + 1);
  }).join("-")).join(",");

  const page = new URLSearchParams(window.location.search);
  NOT_ASKED.forEach((name) => page.delete(name));

  function monthsOf(head, row) {
    if (!head) return "";
    if (head.dataset.months) return head.dataset.months;
    return head.dataset.back && row.dataset.months ? shifted(row.dataset.months, Number(head.dataset.back)) : "";
  }

  for (const table of document.querySelectorAll("table.figures")) {
    const heads = table.tHead ? [...table.tHead.rows[0].cells] : [];
    if (!heads.some((head) => head.dataset.months || head.dataset.back)) continue;
    for (const row of table.rows) {
      if (row.dataset.airings === undefined) continue;
      for (const cell of row.cells) {
        const months = monthsOf(heads[cell.cellIndex], row);
        if (!months || cell.querySelector("a") || !/[0-9]/.test(cell.textContent)) continue;
        const link = document.createElement("a");
        const asked = row.dataset.airings || page.toString();
        link.href = `/reports/spots?${[asked, `period=${months}`].filter(Boolean).join("&")}`;
        link.className = "airs";
        link.append(...cell.childNodes);
        cell.append(link);
      }
    }
  }
})();
