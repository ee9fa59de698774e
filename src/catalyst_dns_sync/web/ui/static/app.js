// The little that htmx does not do: the theme's switch, ages that grow, the line that was lost.
"use strict";

document.addEventListener("alpine:init", () => {
  Alpine.data("theme", () => ({
    flip(event) {
      event.preventDefault();
      const root = document.documentElement;
      const isDark = getComputedStyle(root).colorScheme === "dark";
      root.dataset.theme = isDark ? "light" : "dark";
      // Where the pages begin, under whatever path; the server's own cookie lies there, too.
      const path = new URL(document.querySelector(".brand").href).pathname.replace(/\/$/, "");
      document.cookie = `theme=${root.dataset.theme}; path=${path}; max-age=31536000; samesite=lax`;
    },
  }));

  Alpine.data("line", () => ({
    lost: false,
    from: "",
    lastSeen: new Date(),
    init() {
      const body = document.body;
      const seen = () => { this.lost = false; this.lastSeen = new Date(); };
      const gone = () => {
        if (this.lost) return;
        this.lost = true;
        this.from = this.lastSeen.toLocaleTimeString([], { hour12: false });
      };
      body.addEventListener("htmx:sseOpen", seen);
      body.addEventListener("htmx:sseMessage", seen);
      body.addEventListener("htmx:sseError", gone);
      body.addEventListener("htmx:afterOnLoad", seen);
      body.addEventListener("htmx:sendError", gone);
      window.addEventListener("offline", gone);
    },
  }));
});

// A page that comes back from the browser's cache shows what was, so it asks at once.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
