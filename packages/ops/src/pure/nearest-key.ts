/** The known key that a mistyped one most likely meant, by Damerau–Levenshtein distance (optimal string alignment). */

/** Further away than this, a suggestion is noise. */
export const farthestSuggestion = 3;

/**
 * The nearest of `known` within `farthestSuggestion` edits (insert, delete, replace, swap of neighbours), the first one
 * on a tie. Keys of which most letters would have to change are not suggested.
 */
export function nearestKey(unknown: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = farthestSuggestion + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - unknown.length) >= bestDistance) continue;
    const distance = editDistance(unknown, candidate);
    if (distance >= bestDistance || distance * 2 > Math.max(candidate.length, unknown.length)) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** Edits between two strings, counted in UTF-16 units; a swap of two neighbours is one edit. */
export function editDistance(from: string, to: string): number {
  let twoBack: number[] = [];
  let previous: number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let least = Math.min(at(previous, column) + 1, at(current, column - 1) + 1, at(previous, column - 1) + +!same);
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        least = Math.min(least, at(twoBack, column - 2) + 1);
      }
      current.push(least);
    }
    twoBack = previous;
    previous = current;
  }
  return at(previous, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
