// The charts of the month report: bars of each month beside last year's, and running totals. Colours are the sheet's.
"use strict";
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const NAMES = ["now", "before", "older"];
  const FONT = `11px ${getComputedStyle(document.body).fontFamily}`;

  function dollars(value) {
    const size = Math.abs(value);
    const sign = value < 0 ? "\u2212" : "";
    const short = (number) => number.toFixed(1).replace(/\.0$/, "");
    if (size >= 1e6) return `${sign}$${short(size / 1e6)}M`;
    if (size >= 1e3) return `${sign}$${short(size / 1e3)}k`;
    return `${sign}$${Math.round(size)}`;
  }

  const whole = (value) => `${value < 0 ? "\u2212" : ""}$${Math.abs(value).toLocaleString("en-US")}`;

  function running(values) {
    let sum = 0;
    return values.map((value) => (sum += value));
  }

  function axes(figures) {
    const line = { stroke: colour("line"), width: 1 };
    return [
      {
        stroke: colour("muted"), font: FONT, grid: { show: false }, ticks: { show: false }, size: 22, gap: 4,
        splits: () => figures.months.map((_, index) => index),
        values: (plot, splits) => {
          const narrow = plot.bbox.width / devicePixelRatio / splits.length < 23;
          return splits.map((index) => (narrow ? figures.months[index][0] : figures.months[index]));
        },
      },
      {
        stroke: colour("muted"), font: FONT, grid: line, ticks: { show: false }, size: 46, gap: 6, space: 34,
        values: (_, splits) => splits.map(dollars),
      },
    ];
  }

  function bars(figures) {
    const complete = figures.complete.map((whole) => (whole ? colour("now") : colour("ahead")));
    const shared = { size: [0.36, 22], radius: [0.12, 0] };
    const thisYear = uPlot.paths.bars({
      ...shared, align: 1,
      disp: { fill: { unit: 3, values: () => complete }, stroke: { unit: 3, values: () => complete } },
    });
    const lastYear = uPlot.paths.bars({ ...shared, align: -1 });
    return {
      values: figures.dollars.slice(0, 2),
      // Drawn last is drawn on top; they stand beside each other, so the order is only that of the key.
      series: [
        { label: String(figures.years[0]), fill: colour("now"), stroke: colour("now"), width: 0, paths: thisYear, points: { show: false } },
        { label: String(figures.years[1]), fill: colour("before"), stroke: colour("before"), width: 0, paths: lastYear, points: { show: false } },
      ],
      range: (_, low, high) => [Math.min(0, low), high * 1.06 || 1],
    };
  }

  function lines(figures) {
    const values = figures.dollars.map(running);
    const solid = figures.complete.lastIndexOf(true);
    const series = figures.years.map((year, index) => ({
      label: String(year), stroke: colour(NAMES[index]), width: index === 0 ? 2.5 : 1.5, points: { show: false },
    }));
    if (solid >= 0 && solid < figures.months.length - 1) {
      const soFar = values[0].map((value, index) => (index <= solid ? value : null));
      const ahead = values[0].map((value, index) => (index >= solid ? value : null));
      values.splice(0, 1, soFar, ahead);
      series.splice(1, 0, { ...series[0], dash: [4, 4], width: 2, label: `${figures.years[0]} booked ahead` });
    }
    return { values, series, range: (_, low, high) => [Math.min(0, low), high * 1.06 || 1] };
  }

  function tooltip(figures, kind) {
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    const shown = kind === "running" ? figures.dollars.map(running) : figures.dollars.slice(0, 2);
    return {
      hooks: {
        init: (plot) => plot.over.append(tip),
        setCursor: (plot) => {
          const { left, idx } = plot.cursor;
          tip.hidden = idx == null || left < 0;
          if (tip.hidden) return;
          tip.replaceChildren(...shown.map((values, index) => {
            const row = document.createElement("div");
            const amount = document.createElement("b");
            amount.textContent = whole(values[idx]);
            row.append(`${figures.months[idx]} ${figures.years[index]}`, amount);
            return row;
          }));
          const onTheRight = left > plot.over.clientWidth / 2;
          tip.style.left = `${onTheRight ? left - tip.offsetWidth - 10 : left + 10}px`;
          tip.style.top = "4px";
        },
      },
    };
  }

  function key(box, figures, kind) {
    const old = box.querySelector(".key");
    if (old) old.remove();
    const row = document.createElement("span");
    row.className = "key";
    const add = (name, words) => {
      const mark = document.createElement("i");
      mark.className = name;
      row.append(mark, words);
    };
    const years = kind === "running" ? figures.years : figures.years.slice(0, 2);
    years.forEach((year, index) => add(NAMES[index], String(year)));
    if (kind === "bars" && figures.complete.includes(false)) add("ahead", "not over yet");
    box.append(row);
  }

  // What was booked for one month, by days before its end, beside the same month of last year.
  function drawPace(box, figures) {
    if (figures.days.length < 2) {
      box.textContent = "Not enough days are recorded yet.";
      return;
    }
    const stepped = uPlot.paths.stepped({ align: 1 });
    const line = (label, name, width) => ({ label, stroke: colour(name), width, paths: stepped, points: { show: false } });
    const axis = { stroke: colour("muted"), font: FONT, ticks: { show: false }, gap: 4 };
    if (box.plot) box.plot.destroy();
    box.plot = new uPlot(
      {
        width: box.clientWidth, height: box.clientHeight, padding: [8, 4, 0, 0], legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false } },
        scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low), high * 1.06 || 1] } },
        series: [{}, line("this year", "now", 2.5), line("last year", "before", 1.5)],
        axes: [
          { ...axis, grid: { show: false }, size: 22, values: (_, splits) => splits.map((day) => (day === 0 ? "end" : `${day} d`.replace("-", "\u2212"))) },
          { ...axis, grid: { stroke: colour("line"), width: 1 }, size: 46, values: (_, splits) => splits.map(dollars) },
        ],
      },
      [figures.days, figures.now, figures.before],
      box,
    );
    key(box, { years: ["this year", "last year"], complete: [] }, "bars");
  }

  function draw(box) {
    const figures = JSON.parse(box.dataset.figures);
    const kind = box.dataset.chart;
    if (kind === "pace") {
      drawPace(box, figures);
      return;
    }
    if (figures.months.length === 0) return;
    const { values, series, range } = kind === "running" ? lines(figures) : bars(figures);
    if (box.plot) box.plot.destroy();
    box.plot = new uPlot(
      {
        width: box.clientWidth, height: box.clientHeight, padding: [8, 4, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { show: kind === "running" } },
        scales: { x: { time: false, range: [-0.6, figures.months.length - 0.4] }, y: { range } },
        series: [{}, ...series],
        axes: axes(figures),
        plugins: [tooltip(figures, kind)],
      },
      [figures.months.map((_, index) => index), ...values],
      box,
    );
    key(box, figures, kind);
  }

  const boxes = [...document.querySelectorAll(".chart")];
  const drawAll = () => boxes.forEach(draw);
  drawAll();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  let waiting = 0;
  new ResizeObserver(() => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => boxes.forEach((box) => {
      if (box.plot && box.plot.width !== box.clientWidth) box.plot.setSize({ width: box.clientWidth, height: box.clientHeight });
    }));
  }).observe(document.body);
})();
