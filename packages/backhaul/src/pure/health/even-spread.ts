/**
 * Places that are spread evenly however many are taken, and never repeat: multiples of the golden ratio, modulo 1. Source: H. Weyl,
 * "Über die Gleichverteilung von Zahlen mod. Eins" (1916).
 */
const goldenRatio = (Math.sqrt(5) - 1) / 2;

/** From 0 to less than 1. */
export function evenSpread(index: number): number {
  return (index * goldenRatio) % 1;
}
