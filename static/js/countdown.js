/* Counts down to a time that the page says in words anyway. <p data-until="ISO time" data-left="Still {time}." data-over="…">. */
(() => {
  "use strict";
  const two = (number) => String(number).padStart(2, "0");

  const words = (line, left) => {
    if (left <= 0) return line.dataset.over;
    const seconds = Math.ceil(left / 1000);
    return line.dataset.left.replace("{time}", `${Math.floor(seconds / 60)}:${two(seconds % 60)}`);
  };

  const run = (line) => {
    // The server's clock counts: the page says how many seconds it had left when it was made.
    const ends = performance.now() + Number(line.dataset.seconds) * 1000;
    const show = () => {
      const left = ends - performance.now();
      line.textContent = words(line, left);
      if (left <= 0 || !line.isConnected) clearInterval(timer);
    };
    const timer = setInterval(show, 1000);
    show();
  };

  const known = new WeakSet();
  const all = () => {
    for (const line of document.querySelectorAll("[data-until]")) {
      if (known.has(line)) continue;
      known.add(line);
      run(line);
    }
  };
  all();
  // A part of the page that was fetched again has a line of its own.
  new MutationObserver(all).observe(document.body, { childList: true, subtree: true });
})();
