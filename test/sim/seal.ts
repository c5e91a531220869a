/** The seal: empty objects, and only the simulation knows what they stand for. Stored or posted, they say nothing. */
import type { Seal } from '../../src/core/ports.ts';
import type { Page, Place } from './page.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

interface Content {
  readonly text: string;
  readonly context: string;
}

const contents = new WeakMap<object, Content>();

export interface SealOptions {
  readonly page: Page;
  readonly timeline: Timeline;
  readonly random: Random;
  /** False: seals are empty. */
  readonly keepsTokens: boolean;
  readonly sealed: (page: Page, text: string, context: string) => void;
}

export function createSeal({ keepsTokens, page, random, sealed: told, timeline }: SealOptions): Seal {
  const soon = (place: Place, task: () => void): void =>
    void timeline.after(random.between(0.1, 0.5), () => page.settle(place, task));
  return {
    seal: (text, context) =>
      new Promise((resolve) => {
        if (!page.call('seal')) return;
        told(page, text, context);
        const sealed = Object.freeze({});
        contents.set(sealed, { text, context });
        soon('sealed', () => resolve(keepsTokens ? sealed : undefined));
      }),
    open: (sealed, context) =>
      new Promise((resolve, reject) => {
        if (!page.call('open')) return;
        soon('opened', () => {
          const content = typeof sealed === 'object' && sealed !== null ? contents.get(sealed) : undefined;
          if (content?.context === context) resolve(content.text);
          else reject(new Error('The simulated seal was made for something else.'));
        });
      }),
  };
}
