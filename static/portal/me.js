/* Copy buttons. Without this file the texts can be selected and copied by hand. */
"use strict";

(() => {
  const announcement = document.getElementById("announcement");

  function select(text) {
    const range = document.createRange();
    range.selectNodeContents(text);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }

  async function copy(text) {
    if (navigator.clipboard && window.isSecureContext) {
      await navigator.clipboard.writeText(text.textContent);
      return true;
    }
    // Over plain http browsers offer only the old way, which copies what is selected.
    select(text);
    return document.execCommand("copy");
  }

  for (const button of document.querySelectorAll("button[data-copy]")) {
    const text = document.getElementById(button.dataset.copy);
    const first = button.firstChild;
    button.hidden = false;
    button.addEventListener("click", async () => {
      let done = false;
      try {
        done = await copy(text);
      } catch {
        select(text);
      }
      first.textContent = done ? "Copied " : "Press Ctrl+C ";
      // Emptied first: a region that says the same again is not read out again.
      announcement.textContent = "";
      window.setTimeout(() => {
        announcement.textContent = done
          ? `Copied ${button.dataset.name}`
          : `${button.dataset.name} is selected: press Ctrl+C to copy`;
      }, 50);
      window.setTimeout(() => {
        first.textContent = "Copy ";
      }, 3000);
    });
  }
})();
