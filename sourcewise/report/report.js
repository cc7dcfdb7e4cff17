"use strict";
// Figures are scripts, figures/<name>.js, that call figure(): a page opened from the disk may not read JSON.
const figures = {};
function figure(name, content) { figures[name] = content; }

const scripts = {};
function load(path) {
  scripts[path] ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = path;
    script.onload = done;
    script.onerror = () => failed(new Error(`${path} is missing`));
    document.head.append(script);
  });
  return scripts[path];
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const [ink, line] = ["--ink", "--line"].map((name) => style.getPropertyValue(name).trim());
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line };
  return { ink, axis };
}

function themed(layout) {
  const { ink, axis } = colours();
  const scene = Object.fromEntries(["xaxis", "yaxis", "zaxis"].map((name) => [name, { ...layout.scene?.[name], ...axis }]));
  const axes = Object.keys(layout).filter((name) => /^[xy]axis/.test(name)).concat(["xaxis", "yaxis"]);
  return {
    ...layout,
    ...Object.fromEntries(axes.map((name) => [name, { automargin: true, ...layout[name], ...axis }])),
    ...(layout.scene ? { scene: { ...layout.scene, ...scene } } : {}),
    margin: { l: 60, r: 20, t: 20, b: 50, ...layout.margin },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: ink },
  };
}

async function draw(element) {
  const name = element.dataset.figure;
  try {
    await Promise.all([load("plotly.min.js"), load(`figures/${name}.js`)]);
    const { data, layout } = figures[name];
    element.style.height = `${layout.height ?? (layout.scene ? 520 : 360)}px`;
    await Plotly.react(element, data, themed(layout), { responsive: true, displaylogo: false });
    element.dataset.drawn = "yes";
  } catch (error) {
    element.textContent = `This figure cannot be drawn: ${error.message}`;
  }
}

const visible = new IntersectionObserver((entries) => {
  for (const entry of entries.filter((entry) => entry.isIntersecting)) {
    visible.unobserve(entry.target);
    draw(entry.target);
  }
}, { rootMargin: "200px" });
document.querySelectorAll(".figure").forEach((element) => visible.observe(element));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
  document.querySelectorAll(".figure[data-drawn]").forEach(draw));

// Tables sort by a column, numbers numerically; the heading shows the direction.
function sortable(table) {
  table.querySelectorAll("thead th").forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const text = (row) => row.cells[column].textContent.trim();
      const order = (a, b) => {
        const [x, y] = [parseFloat(text(a)), parseFloat(text(b))];
        const least = Number.isNaN(x) || Number.isNaN(y) ? text(a).localeCompare(text(b)) : x - y;
        return descending ? -least : least;
      };
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order));
    });
  });
}
document.querySelectorAll("table.sortable").forEach(sortable);

// A link to a closed section opens it; one sound plays at a time.
function open() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) {
    target.open = true;
    target.scrollIntoView();
  }
}
addEventListener("hashchange", open);
open();
addEventListener("play", (event) =>
  document.querySelectorAll("audio").forEach((other) => other !== event.target && other.pause()), true);
