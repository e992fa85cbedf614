/**
 * The check at the end of each line: FNV-1a over the line and the check before it, so that a line that was changed, left out
 * or moved is told from one that the machine decides otherwise. It guards against accidents, not against forgers.
 * Source: draft-eastlake-fnv §2.
 */

/** Where a segment's chain begins. */
export const chainStart = 0x811c9dc5;

const prime = 0x01000193;

/** Every character counts by its UTF-16 code unit; a change of one always changes the result. */
export function chain(before: number, text: string): number {
  let hash = before;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), prime);
  return hash >>> 0;
}

/** Eight hexadecimal digits. */
export function checkText(hash: number): string {
  return hash.toString(16).padStart(8, "0");
}

/** True when `line` ends with the check that follows from the line before it, as `,"1f3a9c07"]`. */
export function isInChain(before: number, line: string): boolean {
  const open = line.slice(0, -closing.length);
  return line.slice(open.length) === `,"${checkText(chain(before, open))}"]`;
}

const closing = ',"00000000"]';
