/** How many symbols are asked for at a time: few where stores are mostly alike, and then as many as the difference seems to need. */

/** Both ends reckon it for themselves: it comes unasked. */
const [leastFirst, mostFirst] = [3, 64];
/** From here on an estimate is worth something. */
const leastSecond = 16;
/** Symbols that a difference of many elements takes, each. */
const perElement = 1.4;
const fastestGrowth = 8;
/** Beyond that: now and then two elements come to the same symbols for long. */
const [leastGrowth, leastShare, mostShare] = [8, 1 / 8, 1];

/** Of slices of so many elements: as many as their sizes differ in are needed at least. */
export function firstPortion(one: number, other: number): number {
  return Math.min(mostFirst, leastFirst + Math.floor(1.5 * Math.abs(one - other)));
}

/** Up to which symbol to ask, with `length` that came and were not enough for a difference of about `estimate`. */
export function nextPortion(length: number, estimate: number): number {
  const needed = symbolsFor(estimate);
  const share = Math.min(mostShare, Math.max(leastShare, length / needed - 1));
  const least = length + Math.max(leastGrowth, Math.ceil(length * share));
  const most = Math.max(leastSecond, length * fastestGrowth);
  return Math.max(least, Math.min(most, needed));
}

/** About as many as a difference of so many elements takes. */
export function symbolsFor(differences: number): number {
  return Math.ceil(perElement * differences) + 4;
}
