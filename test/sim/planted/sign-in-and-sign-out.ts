/** Planted faults: the beginning and the end of a session, in all tabs. */
import type { PlantedFault } from './planted-fault.ts';

export const SIGN_IN_AND_SIGN_OUT: readonly PlantedFault[] = [
  {
    name: 'a sign-out is not written',
    file: 'sign-out.ts',
    find: 'return ended(record, reason, isPending ? attempt.until + LONGEST_REQUEST : undefined);',
    replace: 'return undefined;',
    scenario: 'sign-out',
  },
  {
    name: 'a sign-out is not announced',
    file: 'sign-out.ts',
    find: "tabs.announce({ v: 1, kind: 'ended', epoch, generation });",
    replace: '',
    scenario: 'sign-out',
  },
  {
    name: 'the end of a stale tab hits the next user',
    file: 'sign-out.ts',
    find: 'if (record.epoch !== epoch) return undefined;',
    replace: 'if (record.ended !== undefined) return undefined;',
    scenario: 'sign-out',
  },
  {
    name: 'a sign-out does not revoke',
    file: 'sign-out.ts',
    find: 'if (tokens !== undefined && (isOurs || !server.keepalive))',
    replace: 'if (tokens === null)',
    scenario: 'sign-out',
  },
  {
    name: 'a logout that a rotation may have overtaken is not repeated',
    file: 'sign-out.ts',
    find: 'onEnd();',
    replace: '',
    scenario: 'cookies',
  },
  {
    name: 'everybody is the same person',
    file: 'record.ts',
    find: 'return one.epoch === other.epoch || (one.user !== undefined && one.user === other.user);',
    replace: 'return true;',
    scenario: 'sign-out',
  },
  {
    name: 'a tab without a session is signed in by another tab',
    file: 'view.ts',
    find: 'if (hasRead) return;',
    replace: '',
    scenario: 'sign-out',
  },
  {
    name: 'requests do not wait for a sign-in',
    file: 'sign-in.ts',
    find: '      pending = flight;\n',
    replace: '',
    scenario: 'sign-out',
  },
  {
    name: 'a sign-in is announced with its tokens',
    file: 'sign-in.ts',
    find: "tabs.announce({ v: 1, kind: 'started', epoch, generation: 0 });",
    replace: "tabs.announce({ v: 1, kind: 'started', epoch, generation: 0, tokens });",
    scenario: 'calm',
  },
  {
    name: 'a sign-in is not announced',
    file: 'sign-in.ts',
    find: "tabs.announce({ v: 1, kind: 'started', epoch, generation: 0 });",
    replace: '',
    scenario: 'farewell',
  },
];
