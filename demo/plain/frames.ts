/** The page's beat: 30 times a second, or once for who prefers less motion. Hidden pages do not beat. */

const stillness = matchMedia('(prefers-reduced-motion: reduce)');

/** Calls the task at each beat, with epoch milliseconds, until undone. */
export function onFrame(task: (now: number) => void): () => void {
  let last = 0;
  let frame = requestAnimationFrame(function beat() {
    frame = requestAnimationFrame(beat);
    const now = Date.now();
    if (now - last < (stillness.matches ? 1000 : 30)) return;
    last = now;
    task(now);
  });
  return () => cancelAnimationFrame(frame);
}
