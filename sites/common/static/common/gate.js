// The side panel 发布检查: asks the server how the unsaved form stands whenever something was typed.
(() => {
  const PAUSE = 900;

  function serialized(form) {
    const data = new FormData(form);
    data.delete("gate_reason");
    return new URLSearchParams([...data].filter(([, value]) => typeof value === "string")).toString();
  }

  function begin(panel) {
    const form = document.getElementById("page-edit-form");
    if (!form) return;
    const button = document.querySelector('[data-side-panel-toggle="gate"]');
    let known = serialized(form);
    let asking = false;

    async function ask(now) {
      asking = true;
      try {
        const answer = await fetch(panel.dataset.gateUrl, {
          method: "POST",
          headers: { "Content-Type": "application/x-www-form-urlencoded" },
          body: now,
        });
        if (!answer.ok) return;
        show(await answer.json());
        known = now;
      } catch {
        // Without the server the panel keeps what it last knew; publishing asks again anyway.
      } finally {
        asking = false;
      }
    }

    function show(state) {
      panel.querySelector("[data-gate-state]").innerHTML = state.html;
      panel.querySelector("[data-gate-reason]").hidden = !state.needs_reason;
      const counter = button && button.querySelector("[data-side-panel-toggle-counter]");
      if (counter) {
        counter.textContent = state.count;
        counter.hidden = !state.count;
      }
    }

    window.setInterval(() => {
      if (asking) return;
      const now = serialized(form);
      if (now !== known) ask(now);
    }, PAUSE);
    if ("gateOpen" in panel.dataset && button && button.getAttribute("aria-expanded") !== "true") button.click();
  }

  window.addEventListener("load", () => document.querySelectorAll("[data-gate]").forEach(begin));
})();
