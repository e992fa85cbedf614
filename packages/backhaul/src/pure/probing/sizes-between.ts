/** Where to look next for the largest size that passes: three places at once, since each look costs a round trip. */

const looks = 3;

/** Sizes above `passes` and below `fails`, evenly spread; every one of them when there are few. */
export function sizesBetween(passes: number, fails: number): readonly number[] {
  const inside = Math.max(0, Math.ceil(fails - passes) - 1);
  const count = Math.min(looks, inside);
  return Array.from({ length: count }, (_, index) => passes + Math.round(((inside + 1) * (index + 1)) / (count + 1)));
}
