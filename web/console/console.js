/* What HTML can't do by itself: the palette, dialogs, menus that close, toasts that go. Every page works without it. */
"use strict";

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/* Dialogs: htmx puts a page's fragment into #dialog; without a script its link opens the same page in full. */
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "dialog" && !event.target.open) event.target.showModal();
});
document.addEventListener("click", (event) => {
  const close = event.target.closest("[data-close]");
  const dialog = close?.closest("dialog");
  if (dialog) { event.preventDefault(); dialog.close(); }
  if (event.target.matches("dialog[open]")) event.target.close();
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(one(copy.dataset.copy).textContent.trim()).then(() => { copy.textContent = copy.dataset.copied; });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of all("details.menu[open]")) { menu.open = false; one("summary", menu).focus(); }
});

/* Toasts stay long enough to be read slowly. */
const fade = (toast) => setTimeout(() => toast.remove(), 9000);
all("[data-toast]").forEach(fade);

/* Palette: filters what the server wrote into the page; nothing typed leaves it until a person is looked for. */
const palette = one("#palette");
if (palette) {
  const input = one("[name=text]", palette);
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const shown = () => all("li:not([hidden])", palette);
  const choose = (item) => {
    all("li", palette).forEach((other) => other.classList.toggle("chosen", other === item));
    item?.scrollIntoView({ block: "nearest" });
  };
  const filter = () => {
    const wanted = plain(input.value.trim());
    for (const item of all("li[data-words]", palette)) item.hidden = !plain(item.dataset.words).includes(wanted);
    for (const item of all("li[data-always]", palette)) { item.hidden = !wanted; one("[data-typed]", item).textContent = input.value.trim(); }
    choose(shown()[0]);
  };
  const open = () => { input.value = ""; filter(); palette.showModal(); input.focus(); };
  all("[data-palette]").forEach((button) => { button.hidden = false; button.addEventListener("click", open); });
  input.addEventListener("input", filter);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); palette.open ? palette.close() : open(); }
  });
  input.addEventListener("keydown", (event) => {
    const items = shown();
    const at = items.findIndex((item) => item.classList.contains("chosen"));
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length) { event.preventDefault(); choose(items[(at + step + items.length) % items.length]); }
    if (event.key === "Enter") { event.preventDefault(); if (items[at]) one("a, button", items[at]).click(); }
  });
}
