"use strict";
// Finds headings whose text or first words hold all the words that are typed; nothing leaves the page.
if (window.innerWidth < 800) document.getElementById("menu").removeAttribute("open");
const field = document.getElementById("search"), list = document.getElementById("found"), MOST = 12;
const low = INDEX.map(([, title, lead]) => [title.toLowerCase(), lead.toLowerCase()]);
function score(n, words) {
  const [title, lead] = low[n];
  if (!words.every((word) => title.includes(word) || lead.includes(word))) return 0;
  return words.reduce((sum, word) => sum + (title.includes(word) ? 4 : 1) + (title.endsWith(word) ? 4 : 0), 0);
}
field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = words.length ? INDEX.map((row, n) => [score(n, words), row]).filter(([s]) => s) : [];
  hits.sort((a, b) => b[0] - a[0]);
  list.replaceChildren(...hits.slice(0, MOST).map(([, [place, title, lead]]) => {
    const item = document.createElement("li"), link = document.createElement("a"), small = document.createElement("small");
    link.href = place; link.textContent = title; small.textContent = lead;
    item.append(link, small);
    return item;
  }));
});
