/** A place in the page to render into, where React's complaints are failures. */
import { expect, onTestFinished, vi } from 'vitest';
import type { ReactNode } from 'react';
import type { UnderTest } from './reacts.ts';

export interface Stage {
  readonly element: HTMLElement;
  readonly text: () => string;
  readonly render: (node: ReactNode) => void;
  readonly unmount: () => void;
}

/** Removed when the test is finished, and unmounted if it still shows anything. */
export function place(html = ''): HTMLElement {
  const element = document.createElement('main');
  element.innerHTML = html;
  document.body.append(element);
  onTestFinished(() => element.remove());
  return element;
}

/** What is complained of on the console fails the test, unless it is forgiven before it comes. */
export function expectNoComplaints(): { readonly forgive: () => void } {
  let isForgiving = false;
  const complaints: unknown[] = [];
  const complain = (...given: readonly unknown[]) => void (isForgiving || complaints.push(String(given)));
  const spies = [
    vi.spyOn(console, 'error').mockImplementation(complain),
    vi.spyOn(console, 'warn').mockImplementation(complain),
  ];
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
    expect(complaints).toEqual([]);
  });
  return { forgive: () => (isForgiving = true) };
}

/** A root of React's, whose changes are in the page when a call returns. */
export function stage({ act, createRoot }: Pick<UnderTest, 'act' | 'createRoot'>, element = place()): Stage {
  const root = createRoot(element);
  const unmount = () => act(() => root.unmount());
  onTestFinished(unmount);
  return {
    element,
    text: () => element.textContent,
    render: (node) => act(() => root.render(node)),
    unmount,
  };
}
