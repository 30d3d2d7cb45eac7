// Shortcuts of the review inbox, the countdown of an undo, and what is said aloud. All of it is also there without.
"use strict";

(() => {
  const inbox = document.getElementById("inbox");
  const STORED = "portcullis.inbox.shortcuts";
  const stored = {
    // A browser may refuse to keep anything: then the shortcuts are on.
    get: () => {
      try {
        return localStorage.getItem(STORED) !== "off";
      } catch {
        return true;
      }
    },
    set: (on) => {
      try {
        localStorage.setItem(STORED, on ? "on" : "off");
      } catch {
        // Nothing to do: it counts for this page.
      }
    },
  };

  function sayAloud() {
    const said = document.getElementById("inbox-said");
    // A live region that is filled when the page arrives is not read: it must change after that.
    if (said) setTimeout(() => (said.textContent = said.dataset.say.trim()), 150);
  }

  function countDown() {
    const undo = document.getElementById("inbox-undo");
    if (!undo) return;
    const left = document.getElementById("inbox-undo-left");
    const end = Date.now() + Number(undo.dataset.seconds) * 1000;
    const timer = setInterval(() => {
      const seconds = Math.ceil((end - Date.now()) / 1000);
      if (seconds > 0) {
        left.textContent = `Possible for ${seconds} more second${seconds === 1 ? "" : "s"}.`;
        return;
      }
      clearInterval(timer);
      undo.querySelector("button").remove();
      left.textContent = "The minute for undoing is over.";
    }, 1000);
  }

  function follow(id) {
    const link = document.getElementById(id);
    if (link) window.location.assign(link.href);
  }

  function decide(decision) {
    const form = document.getElementById("inbox-decision");
    const button = form?.querySelector(`button[name=decision][value=${decision}]`);
    if (button) form.requestSubmit(button);
  }

  function isTyping(target) {
    return target instanceof Element && target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  }

  const KEYS = {
    n: () => follow("inbox-next"),
    j: () => follow("inbox-next"),
    p: () => follow("inbox-previous"),
    k: () => follow("inbox-previous"),
    a: () => decide("approve"),
    d: () => decide("disable"),
    c: () => document.getElementById("id_comment")?.focus(),
    u: () => document.querySelector("#inbox-undo button")?.click(),
    "?": () => {
      const help = document.getElementById("inbox-help");
      help.open = !help.open;
      if (help.open) help.querySelector("summary").focus();
    },
  };

  function listen() {
    const wanted = document.getElementById("inbox-shortcuts");
    if (!wanted) return;
    wanted.checked = stored.get();
    wanted.addEventListener("change", () => stored.set(wanted.checked));
    let sent = false;
    document.getElementById("inbox-decision")?.addEventListener("submit", () => (sent = true));
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
      if (isTyping(event.target)) {
        if (event.key === "Escape" && event.target.closest("#inbox-decision")) event.target.blur();
        return;
      }
      const act = KEYS[event.key];
      // One decision a page: a second press before the next tool is there must not count for it.
      if (!act || sent || !wanted.checked) return;
      event.preventDefault();
      act();
    });
  }

  function offerGroups() {
    for (const group of document.querySelectorAll("#inbox-bulk fieldset.inbox-group")) {
      const boxes = group.querySelectorAll("input[name=chosen]");
      if (boxes.length < 2 || group.classList.contains("inbox-flagged")) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "inbox-button";
      const name = () => ([...boxes].some((box) => box.checked) ? "Untick this group" : "Tick this group");
      button.textContent = name();
      button.addEventListener("click", () => {
        const tick = ![...boxes].some((box) => box.checked);
        boxes.forEach((box) => (box.checked = tick));
        button.textContent = name();
      });
      group.querySelector("legend").after(button);
    }
  }

  countDown();
  offerGroups();
  if (inbox) {
    inbox.classList.add("inbox-has-script");
    sayAloud();
    listen();
    document.getElementById("inbox-tool-name")?.focus({ preventScroll: true });
  }
})();
