/* The policy's editor: line numbers that follow, findings beside their fields, a word before unsaved work is left. */
"use strict";

{
  const at = (selector, root = document) => root.querySelector(selector);
  const every = (selector, root = document) => [...root.querySelectorAll(selector)];

  /* Line numbers: as many as there are lines; the text grows with them, so that both scroll as one. */
  const number = () => {
    const text = at("#yaml");
    const gutter = at("#gutter");
    if (!text || !gutter) return;
    const lines = text.value.split("\n").length;
    if (gutter.childElementCount === lines) return;
    const first = Number(gutter.dataset.first);
    gutter.replaceChildren();
    for (let line = 0; line < lines; line += 1) {
      const span = document.createElement("span");
      span.id = `line-${first + line}`;
      span.textContent = first + line;
      gutter.append(span, "\n");
    }
    text.rows = lines;
  };

  /* Findings: each is also said beside its field, and marked at its line. */
  const told = () => {
    every("#fields .wrong").forEach((place) => place.replaceChildren());
    every("#fields [aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
    every("#gutter .flawed").forEach((line) => line.classList.remove("flawed"));
    for (const finding of every("#checked [data-place]")) {
      if (finding.dataset.file.endsWith("policy.yaml")) at(`#line-${finding.dataset.line}`)?.classList.add("flawed");
      const path = finding.dataset.place.split(".");
      let field = null;
      while (path.length && !(field = at(`#fields [data-path="${CSS.escape(path.join("."))}"]`))) path.pop();
      if (!field) continue;
      const words = document.createElement("p");
      words.textContent = at(".said", finding).textContent.replace(/\s+/g, " ").trim();
      const wrong = at(".wrong", field) ?? field.appendChild(Object.assign(document.createElement("div"), { className: "wrong" }));
      wrong.append(words);
      const input = at("input:not([type=checkbox]), select, textarea", field);
      if (input && field.matches(".field")) {
        input.setAttribute("aria-invalid", "true");
        if (wrong.id) input.setAttribute("aria-describedby", wrong.id);
      }
      field.closest("details")?.setAttribute("open", "");
    }
  };

  document.addEventListener("input", (event) => { if (event.target.id === "yaml") number(); });
  document.addEventListener("htmx:afterSettle", () => { number(); told(); });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    const form = event.target.closest?.("form[data-guard]");
    if (form) { event.preventDefault(); at("[name=do][value=save]", form).click(); }
  });

  let unsaved = false;
  document.addEventListener("input", (event) => { if (event.target.closest("form[data-guard]")) unsaved = true; });
  document.addEventListener("submit", () => { unsaved = false; });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  number();
}
