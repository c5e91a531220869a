/** Finds the page's parts by the names that tests use as well. */

/** The part with this test id. */
export function part(name: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(`[data-testid="${name}"]`);
  if (element === null) throw new TypeError(`The page has no part named ${name}.`);
  return element;
}

/** Sets a text, touching the page only when it changed. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Does something at each press of a button. */
export function onPress(name: string, task: () => void): void {
  part(name).addEventListener('click', task);
}
