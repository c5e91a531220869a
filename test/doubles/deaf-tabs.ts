/** A tab that nothing reaches. */
import type { Tabs } from '../../src/core/ports.ts';

/** A tab that nothing reaches. */
export const deafTabs: Tabs = {
  announce: () => {},
  hear: () => () => {},
  isLeader: () => false,
  ask: async () => undefined,
  answer: () => () => {},
};
