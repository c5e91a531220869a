/** The code blocks of the README: what people copy. */
import { readFileSync } from 'node:fs';

/** A code block. */
export interface Block {
  /** The line of the README that it begins in. */
  readonly line: number;
  /** The heading that it stands under. */
  readonly heading: string;
  readonly language: string;
  /** The file that its first line names, if it is a whole one. */
  readonly file: string | undefined;
  readonly code: string;
}

const FILE = /^(?:\/\/|<!--) (\S+\/\S+\.\w+)(?: -->)?$/;

/** All of them, in order. */
export function readBlocks(): readonly Block[] {
  const lines = readFileSync('README.md', 'utf8').split('\n');
  const blocks: Block[] = [];
  let heading = '';
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (/^#+ /.test(line)) heading = line.replace(/^#+ /, '');
    if (!line.startsWith('```')) continue;
    const end = lines.indexOf('```', at + 1);
    const [first = '', ...rest] = lines.slice(at + 1, end);
    const file = FILE.exec(first)?.[1];
    const code = `${(file === undefined ? [first, ...rest] : rest).join('\n')}\n`;
    blocks.push({ line: at + 1, heading, language: line.slice(3), file, code });
    at = end;
  }
  return blocks;
}

/** The whole files under a heading, by name. */
export function filesUnder(heading: string): Readonly<Record<string, string>> {
  const blocks = readBlocks().filter((block) => block.heading === heading);
  return Object.fromEntries(blocks.flatMap(({ code, file }) => (file === undefined ? [] : [[file, code]])));
}
