// What Unfold's charts don't do by themselves: a bar leads to the rows it counts, and the text of the axes
// is as readable in one theme as in the other.
(function () {
  "use strict";

  function charts() {
    return Array.from(document.querySelectorAll("[data-links] canvas"))
      .map((canvas) => Chart.getChart(canvas))
      .filter(Boolean);
  }

  function linkAt(chart, event) {
    const found = chart.getElementsAtEventForMode(event, "nearest", { intersect: true }, false)[0];
    if (!found) {
      return null;
    }
    const links = JSON.parse(chart.canvas.closest("[data-links]").dataset.links);
    return links[found.datasetIndex][found.index];
  }

  function colour() {
    const name = document.documentElement.classList.contains("dark") ? "300" : "600";
    const text = getComputedStyle(document.documentElement).getPropertyValue(`--color-base-${name}`).trim();
    for (const chart of charts()) {
      for (const axis of Object.values(chart.options.scales)) {
        axis.ticks.color = text;
      }
      chart.update("none");
    }
  }

  for (const holder of document.querySelectorAll("[data-links]")) {
    holder.addEventListener("click", (event) => {
      const chart = Chart.getChart(event.target);
      const address = chart && linkAt(chart, event);
      if (address) {
        window.location = address;
      }
    });
    holder.addEventListener("mousemove", (event) => {
      const chart = Chart.getChart(event.target);
      holder.style.cursor = chart && linkAt(chart, event) ? "pointer" : "";
    });
  }

  // Unfold makes its charts when the page has loaded; this has to come after it.
  window.addEventListener("load", () => window.setTimeout(colour));
  new MutationObserver(colour).observe(document.documentElement, { attributeFilter: ["class"] });
})();
