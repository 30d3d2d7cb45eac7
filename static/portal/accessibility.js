// What Unfold's pages lack for a keyboard and for a screen reader, added to the pages as they come.
// Written against django-unfold 0.91.0. It reads three things of Unfold's markup: what an `x-on:click` does, which
// element an `x-show` shows, and the class of its icons.
(() => {
  "use strict";

  const FOCUSABLE =
    "a[href], button:not([disabled]), input:not([disabled]):not([type=hidden]), select:not([disabled])," +
    " textarea:not([disabled]), summary, [tabindex]:not([tabindex='-1'])";
  const ICON = ".material-symbols-outlined";
  const ICON_NAMES = {
    close: "Close",
    computer: "Theme",
    dark_mode: "Theme",
    dock_to_right: "Menu",
    light_mode: "Theme",
    more_horiz: "More actions",
    more_vert: "Look at, change or add what is chosen",
    search: "Search",
    shield_lock: "Overview",
    visibility: "Show the password",
    visibility_off: "Show the password",
  };
  // What these show is part of the page, not laid over it: it stays until it is closed.
  const PART_OF_THE_PAGE = ["sidebarDesktopOpen", "rowOpen", "navigationOpen", "showPassword"];
  const NAMED = {
    "#nav-sidebar-inner": "Pages",
    "#nav-sidebar-inner nav": "Account",
    "#tabs-items": "Parts of this page",
    "#tabs-dropdown": "More parts of this page",
  };

  const root = document.documentElement;
  const disclosures = new Set();
  let opener = null;

  const read = (element, name) => Boolean(window.Alpine.evaluate(element, name));
  const shown = (element) => element.isConnected && element.getClientRects().length > 0;
  const all = (within, selector) => [
    ...(within.matches?.(selector) ? [within] : []),
    ...within.querySelectorAll(selector),
  ];
  // A region that scrolls can have the focus too, but nobody opens a panel for that.
  const firstFocusable = (within) =>
    [...within.querySelectorAll(FOCUSABLE)].find((found) => shown(found) && found.getAttribute("role") !== "region");

  // --- Controls that only a mouse could use ---------------------------------------------------------------

  function makeOperable(control) {
    if (control.matches("button, input, select, textarea, summary, label")) return;
    if (control.id === "changelist-filter-close" || control.querySelector(FOCUSABLE)) return;
    // A link that leads somewhere stays one, even if it does something on the way.
    if (control.matches("a[href]") && control.getAttribute("href") !== "#") return;
    control.setAttribute("role", "button");
    if (!control.hasAttribute("href")) control.tabIndex = 0;
  }

  function pressByKey(event) {
    const control = event.target.closest?.("[role=button]");
    if (!control || control !== event.target || control.matches("button")) return;
    const opensByItself = event.key === "Enter" && control.hasAttribute("href");
    if ((event.key === "Enter" || event.key === " ") && !opensByItself) {
      event.preventDefault();
      control.click();
    }
  }

  // --- What opens and closes ------------------------------------------------------------------------------

  function follow(control) {
    const action = control.getAttribute("x-on:click");
    const theme = /^switchTheme\('(\w+)'\)/.exec(action);
    if (theme) {
      window.Alpine.effect(() => {
        const chosen = window.Alpine.evaluate(root, "adminTheme") === theme[1];
        control.setAttribute("aria-pressed", String(chosen));
      });
    }
    const name = /^\s*(\w+)\s*=\s*(?:!|true)/.exec(action)?.[1];
    if (!name) return;
    const disclosure = { control, name };
    disclosures.add(disclosure);
    const state = name === "showPassword" ? "aria-pressed" : "aria-expanded";
    let before = read(control, name);
    window.Alpine.effect(() => {
      const now = read(control, name);
      control.setAttribute(state, String(now));
      if (now && !before && document.activeElement === control) enter(disclosure);
      before = now;
    });
  }

  function panelOf({ control, name }) {
    if (name === "sidebarMobileOpen") return document.getElementById("nav-sidebar");
    const around = control.closest("[x-data]");
    const shows = `[x-show="${name}"]`;
    // Some lists are shown by a class: what belongs to the control is then all that stands around it.
    return around.querySelector(shows) ?? document.querySelector(shows) ?? around;
  }

  function enter(disclosure) {
    if (PART_OF_THE_PAGE.includes(disclosure.name)) return;
    // Alpine shows the panel after this: what is hidden can't be focused.
    setTimeout(() => firstFocusable(panelOf(disclosure))?.focus(), 50);
  }

  function openOnes() {
    return [...disclosures].filter((disclosure) => {
      if (!disclosure.control.isConnected) disclosures.delete(disclosure);
      const kept = disclosures.has(disclosure) && !PART_OF_THE_PAGE.includes(disclosure.name);
      return kept && read(disclosure.control, disclosure.name);
    });
  }

  function close({ control, name }) {
    window.Alpine.evaluate(control, `${name} = false`);
  }

  function closeByEscape(event) {
    if (event.key !== "Escape" || read(root, "openModal")) return;
    for (const disclosure of openOnes()) {
      const inside = panelOf(disclosure).contains(document.activeElement);
      close(disclosure);
      if (inside && shown(disclosure.control)) disclosure.control.focus();
    }
  }

  function closeWhatWasLeft(event) {
    // The lists that a choice opens are at the end of the page, wherever the choice is.
    if (event.target.closest(".select2-container")) return;
    for (const disclosure of openOnes()) {
      const panel = panelOf(disclosure);
      if (!panel.contains(event.target) && !disclosure.control.contains(event.target)) close(disclosure);
    }
  }

  // --- Dialogs --------------------------------------------------------------------------------------------

  function announceDialog() {
    const content = document.getElementById("modal-content");
    const heading = content?.querySelector("h1");
    if (!heading) return;
    heading.id = "dialog-title";
    content.setAttribute("role", "dialog");
    content.setAttribute("aria-modal", "true");
    content.setAttribute("aria-labelledby", heading.id);
    content.tabIndex = -1;
  }

  function followDialog() {
    const page = document.getElementById("page");
    let before = false;
    window.Alpine.effect(() => {
      const now = read(root, "openModal");
      if (page) page.inert = now;
      if (now && !before) setTimeout(enterDialog, 50);
      if (!now && before) setTimeout(leaveDialog, 50);
      before = now;
    });
  }

  function enterDialog() {
    const content = document.getElementById("modal-content");
    const field = content.querySelector("input:not([type=hidden]), select, textarea");
    // Without a field the dialog itself, so that it is read out before anything can be pressed.
    (field && shown(field) ? field : content).focus();
  }

  function leaveDialog() {
    if (opener && shown(opener)) opener.focus();
    opener = null;
  }

  function rememberOpener(event) {
    if (event.detail.target?.id !== "modal-content") return;
    const link = event.detail.elt;
    // A link in a menu is gone once the dialog closes: its menu's button is where one came from.
    const menu = openOnes().find((disclosure) => panelOf(disclosure).contains(link));
    opener = menu?.control ?? link;
  }

  // --- Names ----------------------------------------------------------------------------------------------

  function nameControl(control) {
    const icon = control.matches(ICON) ? control : control.querySelector(ICON);
    if (!icon || control.hasAttribute("aria-label")) return;
    const words = control.matches(ICON) ? "" : wordsOf(control);
    const name = words ? null : (control.title || ICON_NAMES[icon.textContent.trim()]);
    if (name) control.setAttribute("aria-label", name.trim());
  }

  function wordsOf(element) {
    const copy = element.cloneNode(true);
    copy.querySelectorAll(ICON).forEach((icon) => icon.remove());
    return copy.textContent.trim();
  }

  function nameIcon(icon) {
    // Its text is the picture's name in the font, which nobody should be read.
    if (!icon.matches("[role=button]")) icon.setAttribute("aria-hidden", "true");
    const box = icon.parentElement;
    if (box?.matches("div[title]")) {
      box.setAttribute("role", "img");
      box.setAttribute("aria-label", box.title);
    }
  }

  function tieErrors(field) {
    const id = `${field.id}_error`;
    const row = field.closest(".field-row, .form-row, [class*=field-]");
    const errors = row?.querySelector(".errorlist, .text-red-600:not(span)");
    if (errors && !document.getElementById(id)) errors.id = id;
  }

  // A list of choices with a search in it, made by select2: it names neither the field nor what it opens.
  function nameSearch(field) {
    field.setAttribute("aria-label", "Search");
    document.querySelectorAll(".select2-selection[aria-owns]").forEach((opener) => {
      opener.setAttribute("aria-controls", opener.getAttribute("aria-owns"));
    });
  }

  function nameChoice(opener) {
    const field = opener.closest(".select2-container")?.previousElementSibling;
    const label = field?.id && document.querySelector(`label[for="${field.id}"]`);
    if (!label) return;
    // While nothing is chosen, what select2 names it by is empty.
    const name = label.textContent.replace("*", "").trim();
    opener.setAttribute("aria-label", name);
    opener.removeAttribute("aria-labelledby");
    opener.querySelector("[role=textbox]")?.setAttribute("aria-label", name);
  }

  function mend(within) {
    all(within, "[x-on\\:click]").forEach((control) => {
      if (control.dataset.reachable) return;
      control.dataset.reachable = "yes";
      makeOperable(control);
      follow(control);
    });
    all(within, "a, button, [role=button]").forEach(nameControl);
    all(within, ICON).forEach(nameIcon);
    all(within, ".select2-selection").forEach(nameChoice);
    all(within, ".select2-search__field").forEach(nameSearch);
    all(within, "input#searchbar").forEach((field) => field.setAttribute("aria-label", "Search"));
    all(within, ".selector .search-label-icon[aria-label]").forEach((icon) => icon.setAttribute("role", "img"));
    all(within, "[aria-invalid=true]").forEach(tieErrors);
    if (within.id === "dialog" || within.querySelector("#dialog")) announceDialog();
  }

  function addLandmarks() {
    document.getElementById("main")?.setAttribute("role", "main");
    for (const [selector, name] of Object.entries(NAMED)) {
      document.querySelector(selector)?.setAttribute("aria-label", name);
    }
    const content = document.getElementById("content");
    if (!content || !document.getElementById("nav-sidebar")) return;
    const skip = document.createElement("a");
    skip.href = "#content";
    skip.className = "portal-skip";
    skip.textContent = "Skip to the content";
    // Not by the address: tabs keep their state there.
    skip.addEventListener("click", (event) => {
      event.preventDefault();
      content.tabIndex = -1;
      content.focus();
    });
    document.body.prepend(skip);
  }

  function markTab() {
    window.Alpine.effect(() => {
      const active = window.Alpine.evaluate(document.body, "activeTab");
      document.querySelectorAll("#tabs-items > a, #tabs-dropdown > a").forEach((tab) => {
        if (tab.hash) tab.setAttribute("aria-current", String(tab.hash === `#${active}`));
      });
    });
  }

  function start() {
    addLandmarks();
    mend(document.body);
    followDialog();
    markTab();
    document.addEventListener("keydown", pressByKey);
    document.addEventListener("keydown", closeByEscape);
    document.addEventListener("focusin", closeWhatWasLeft);
    document.addEventListener("htmx:beforeRequest", rememberOpener);
    // These lead nowhere: without this they would scroll to the top and forget the open tab.
    document.addEventListener("click", (event) => {
      if (event.target.closest?.("a[href='#']")) event.preventDefault();
    });
    new MutationObserver((changes) => {
      for (const change of changes) {
        change.addedNodes.forEach((node) => node.nodeType === Node.ELEMENT_NODE && mend(node));
      }
    }).observe(document.body, { childList: true, subtree: true });
  }

  document.addEventListener("alpine:initialized", start);
})();
