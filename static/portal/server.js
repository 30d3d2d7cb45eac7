// A server's pages: how far a sync is, and how long a replaced key is still kept.
"use strict";

(function () {
  const EVERY_MS = 1000;

  function followSync(region) {
    let failures = 0;
    async function ask() {
      try {
        const answer = await fetch(region.dataset.syncStatus, { credentials: "same-origin" });
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        const sync = await answer.json();
        failures = 0;
        // Written only when it differs: a screen reader would read the same sentence every second.
        const sentence = sync.is_open ? sync.sentence : sync.sentence + " Reload the page to see its tools.";
        if (region.textContent !== sentence) {
          region.textContent = sentence;
        }
        if (!sync.is_open) {
          return;
        }
      } catch (error) {
        failures += 1;
        if (failures >= 5) {
          region.textContent = "How far the sync is could not be asked for. Reload the page.";
          return;
        }
      }
      window.setTimeout(ask, EVERY_MS);
    }
    window.setTimeout(ask, EVERY_MS);
  }

  function inWords(seconds) {
    const parts = [
      [Math.floor(seconds / 86400), "d"],
      [Math.floor(seconds / 3600) % 24, "h"],
      [Math.floor(seconds / 60) % 60, "min"],
      [seconds % 60, "s"],
    ].filter((part) => part[0] > 0);
    return parts.slice(0, 2).map((part) => part.join(" ")).join(" ");
  }

  function countDown(time) {
    const end = Date.parse(time.dateTime);
    const left = document.createElement("span");
    left.setAttribute("role", "timer");
    left.setAttribute("aria-live", "off");
    time.after(left);
    const tick = function () {
      const seconds = Math.floor((end - Date.now()) / 1000);
      left.textContent = seconds > 0 ? " (" + inWords(seconds) + " left)" : " (over: it is revoked within a minute)";
      if (seconds > 0) {
        window.setTimeout(tick, EVERY_MS);
      }
    };
    tick();
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-sync-status][data-open=yes]").forEach(followSync);
    document.querySelectorAll("time[data-countdown]").forEach(countDown);
  });
})();
