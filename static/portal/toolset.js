// The form of a toolset: shows the part that its kind uses, and what a rule holds as boxes are ticked.
(function () {
  "use strict";
  const place = document.querySelector(".toolset-preview");
  const form = place && document.querySelector("#toolset_form");
  if (!form) return;

  const parts = ["servers", "domains", "actions", "risks"];
  const content = place.querySelector(".toolset-preview-content");
  let asked = 0;

  function isRule() {
    const kind = form.querySelector("[name=kind]:checked, [name=kind][type=hidden]");
    return kind ? kind.value === "rule" : Boolean(form.querySelector(".toolset-rule"));
  }

  function arrange() {
    const rule = isRule();
    place.hidden = !rule;
    form.querySelectorAll(".toolset-rule").forEach((part) => { part.hidden = !rule; });
    form.querySelectorAll(".toolset-tools").forEach((part) => { part.hidden = rule; });
    if (rule) preview();
  }

  async function preview() {
    const query = new URLSearchParams();
    parts.forEach((name) => {
      form.querySelectorAll(`[name=${name}]:checked`).forEach((box) => query.append(name, box.value));
    });
    const number = ++asked;
    try {
      const answer = await fetch(`${place.dataset.previewUrl}?${query}`, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(answer.statusText);
      const text = await answer.text();
      // An answer that was overtaken by a later question is about boxes that are no longer so.
      if (number === asked) content.innerHTML = text;
    } catch {
      if (number === asked) content.textContent = "The preview could not be loaded. Saving works all the same.";
    }
  }

  form.addEventListener("change", arrange);
  arrange();
})();
