/* What a script adds to pages that work without one: lists change in place, and focus follows. */
(() => {
  "use strict";

  const MAIN = "#main";
  const PLACES = `${MAIN} thead a, ${MAIN} .pagination a, ${MAIN} .tabs a`;

  /* Orders, pages and tabs of a list replace the main part alone; files and forms that write do not. */
  function prepare(root) {
    const links = root.querySelectorAll(PLACES);
    const filters = root.querySelectorAll(`${MAIN} form.filters`);
    for (const element of [...links, ...filters]) {
      if (element.hasAttribute("hx-boost")) continue;
      element.setAttribute("hx-boost", "true");
      element.setAttribute("hx-target", MAIN);
      element.setAttribute("hx-select", MAIN);
      element.setAttribute("hx-swap", "outerHTML show:none");
      window.htmx.process(element);
    }
  }

  function closeMenus(except) {
    for (const open of document.querySelectorAll("details.menu[open], details.account[open]")) {
      if (open !== except) open.removeAttribute("open");
    }
  }

  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details.menu, details.account"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.menu[open], details.account[open]");
    if (!open) return;
    open.removeAttribute("open");
    open.querySelector("summary").focus();
  });

  /* One box ticks all of a page; it is shown where a script can do so. */
  function ticksOf(form) {
    return [...document.querySelectorAll(`tbody input[type="checkbox"][form="${form}"]`)];
  }

  function showTicks() {
    for (const all of document.querySelectorAll("[data-ticks]")) {
      const ticks = ticksOf(all.dataset.ticks);
      const count = ticks.filter((tick) => tick.checked).length;
      all.hidden = ticks.length === 0;
      all.checked = count > 0 && count === ticks.length;
      all.indeterminate = count > 0 && count < ticks.length;
    }
  }

  document.addEventListener("change", (event) => {
    const form = event.target.dataset?.ticks;
    if (form) for (const tick of ticksOf(form)) tick.checked = event.target.checked;
    if (form || event.target.closest?.("td.tick")) showTicks();
  });

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelector(".form-errors")?.focus();
    showTicks();
    if (!window.htmx) return;
    prepare(document);
    document.body.addEventListener("htmx:afterSettle", () => {
      prepare(document);
      showTicks();
      if (document.activeElement === document.body) document.querySelector(MAIN)?.focus({ preventScroll: true });
    });
  });
})();
