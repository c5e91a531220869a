/** Planted faults: what tabs tell and hand to each other, and what they look at when they return. */
import type { PlantedFault } from './planted-fault.ts';

export const TABS: readonly PlantedFault[] = [
  {
    name: 'nobody heeds that another tab has signed out or in',
    file: 'session.ts',
    find: "if (kind !== 'rotated') return void view.recheck();",
    replace: "if (kind !== 'rotated') return;",
    scenario: 'sign-out',
  },
  {
    name: 'a tab that returns does not look at the record',
    file: 'session.ts',
    find: 'activity.onReturn(() => void view.recheck().then(onChange)),',
    replace: 'activity.onReturn(onChange),',
    scenario: 'frozen',
  },
  {
    name: 'a rotation is not announced',
    file: 'outcomes.ts',
    find: "tabs.announce({ v: 1, kind: 'rotated', epoch, generation: generation + 1 });",
    replace: '',
    scenario: 'calm',
  },
  {
    name: 'a tab that missed a rotation never opens what it reads',
    file: 'view.ts',
    find: 'the one that is stored counts.\n      await open(record, before);',
    replace: '',
  },
  {
    name: 'a tab hands over tokens unsealed, in a message',
    file: 'session.ts',
    find: 'const unanswer = tabs.answer((wanted) => answerTo(wanted, view.held()));',
    replace: 'const unanswer = tabs.answer((wanted) => (tabs.announce(view.held()), answerTo(wanted, view.held())));',
    scenario: 'memory',
  },
];
