import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const END = '<!-- end of measured -->';

/**
 * Puts what a command measured into a document, in place of what stands there between `<!-- measured: COMMAND -->` and
 * `<!-- end of measured -->`. `file` is a path from the root of the repository.
 */
export function writeMeasured(file: string, command: string, measured: string): void {
  const absolute = path.join(__dirname, '..', file);
  const text = readFileSync(absolute, 'utf8');
  const begin = `<!-- measured: ${command} -->\n`;
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(END, from);
  if (from < begin.length || to < 0) throw new Error(`${file} has no place for what ${command} measured`);
  writeFileSync(absolute, `${text.slice(0, from)}\n${measured}\n\n${text.slice(to)}`);
}
