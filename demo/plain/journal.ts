/** The list of what happened, newest first. */
import { part, write } from '../shared/page.ts';

/** One line of the journal. */
export interface Entry {
  readonly kind: 'session' | 'rotation' | 'request' | 'server';
  /** An HTTP status, or a word for what became of it. */
  readonly status: string;
  /** How it went: decides the colour. */
  readonly tone: 'plain' | 'good' | 'waiting' | 'bad';
  /** A sentence, or a request line. */
  readonly text: string;
  /** What is shown at the end of the line. */
  readonly result?: string;
}

/** A line that was written. */
export interface WrittenEntry {
  /** Changes parts of it, in place. */
  readonly amend: (change: Partial<Entry>) => void;
}

const LIMIT = 200;

function clockTime(at: Date): string {
  const time = at.toLocaleTimeString('en-GB');
  return `${time}.${Math.floor(at.getMilliseconds() / 100)}`;
}

function child(parent: HTMLElement, tag: 'time' | 'span', name: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  parent.append(element);
  return element;
}

/** Writes a line on top of the journal. */
export function record(entry: Entry): WrittenEntry {
  const now = new Date();
  const line = document.createElement('li');
  line.dataset['testid'] = 'entry';
  const time = child(line, 'time', 'time');
  const kind = child(line, 'span', 'kind');
  const text = child(line, 'span', 'text');
  const result = child(line, 'span', 'result');
  time.textContent = clockTime(now);
  time.setAttribute('datetime', now.toISOString());

  let current = entry;
  const show = (): void => {
    line.dataset['kind'] = current.kind;
    line.dataset['status'] = current.status;
    line.dataset['tone'] = current.tone;
    write(kind, current.kind);
    write(text, current.text);
    write(result, current.result ?? '');
  };
  show();

  const log = part('log');
  log.prepend(line);
  while (log.childElementCount > LIMIT) log.lastElementChild?.remove();

  return {
    amend: (change) => {
      current = { ...current, ...change };
      show();
    },
  };
}
