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

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelector(".form-errors")?.focus();
    if (!window.htmx) return;
    prepare(document);
    document.body.addEventListener("htmx:afterSettle", () => {
      prepare(document);
      if (document.activeElement === document.body) document.querySelector(MAIN)?.focus({ preventScroll: true });
    });
  });
})();
