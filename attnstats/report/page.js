"use strict";
// What the pages do beyond showing: another theme, tables that sort and filter, figures unpacked when they are unfolded.
(() => {
  const root = document.documentElement;
  const make = (tag, attributes, text) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // Theme: the system's until the reader chooses one, which is kept where the browser allows it.
  const themes = document.querySelector("#theme");
  const isDark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const remember = (theme) => { try { localStorage.setItem("attnstats-theme", theme); } catch { /* no storage */ } };
  const recall = () => { try { return localStorage.getItem("attnstats-theme"); } catch { return null; } };
  const show = () => themes.setAttribute("aria-pressed", String(isDark()));
  if (["dark", "light"].includes(recall())) root.dataset.theme = recall();
  themes.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember(root.dataset.theme);
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();

  // Folding: all at once, and whatever an address points into.
  const folds = [...document.querySelectorAll("details")];
  const unfold = document.querySelector("#unfold");
  const allOpen = () => folds.every((fold) => fold.open);
  const count = () => { unfold.textContent = allOpen() ? "Fold all" : "Unfold all"; };
  unfold.hidden = !folds.length;
  unfold.addEventListener("click", () => {
    const open = !allOpen();
    for (const fold of folds) fold.open = open;
  });
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let fold = target && target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);

  // Figures that are folded lie in the page compressed.
  const unpack = async (image) => {
    const packed = Uint8Array.from(atob(image.dataset.packed), (letter) => letter.charCodeAt(0));
    delete image.dataset.packed;
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    image.src = "data:image/svg+xml," + encodeURIComponent(await new Response(stream).text());
  };
  for (const fold of folds) {
    fold.addEventListener("toggle", () => {
      count();
      if (fold.open) fold.querySelectorAll("img[data-packed]").forEach(unpack);
    });
  }

  // Tables: a button in every heading sorts, a field above every table of more than a few filters.
  const place = (text) => {
    const number = text.replace(/\u2212/g, "-").replace(/,(?=\d{3})/g, "").match(/^[<>]?\s*(-?(?:\d*\.\d+|\d+)(?:e-?\d+)?|-?\u221e)/);
    if (!number) return null;
    const value = number[1].includes("\u221e") ? Infinity * (number[1][0] === "-" ? -1 : 1) : Number(number[1]);
    return text[0] === "<" ? value - 1e-9 : text[0] === ">" ? value + 1e-9 : value;
  };
  const isNone = (text) => text === "\u2013" || text === "";
  const compare = (a, b) => {
    const [x, y] = [place(a), place(b)];
    return x !== null && y !== null ? x - y : a.localeCompare(b, "en", { numeric: true });
  };
  const sort = (table, column, down) => {
    for (const body of table.tBodies) {
      const rows = [...body.rows].filter((row) => !row.querySelector("th[scope=rowgroup]"));
      const read = (row) => row.cells[column].textContent.trim();
      rows.sort((a, b) => isNone(read(a)) - isNone(read(b)) || (down ? -1 : 1) * compare(read(a), read(b)));
      body.append(...rows);
    }
  };
  document.querySelectorAll(".wide table").forEach((table, number) => {
    const body = [...table.tBodies].flatMap((each) => [...each.rows]).filter((row) => !row.querySelector("th[scope=rowgroup]"));
    if (body.length < 2) return;
    const headings = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    headings.forEach((heading, column) => {
      const button = make("button", { type: "button", class: "sort" });
      button.append(...heading.childNodes);
      heading.append(button);
      heading.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const down = heading.getAttribute("aria-sort") === "ascending";
        for (const each of headings) each.setAttribute("aria-sort", "none");
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(table, column, down);
      });
    });
    if (body.length < 6) return;
    const wide = table.closest(".wide");
    const of = table.caption ? table.caption.textContent : wide.getAttribute("aria-label") || "this table";
    const search = make("div", { class: "search" });
    const name = `filter-${number + 1}`;
    const field = make("input", { type: "search", id: name, autocomplete: "off", "aria-label": `Rows that contain, in: ${of}` });
    const shown = make("output", { for: name }, `${body.length} rows`);
    search.append(make("label", { for: name }, "Rows that contain"), field, shown);
    wide.before(search);
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of body) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
      const left = body.filter((row) => !row.hidden).length;
      shown.textContent = left < body.length ? `${left} of ${body.length} rows` : `${body.length} rows`;
    });
  });

  document.querySelector("#controls").hidden = false;
  count();
  reveal();
})();
