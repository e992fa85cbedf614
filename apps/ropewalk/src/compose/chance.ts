/** Chance that nobody who would forge an answer, or crowd out another, can foresee. */
import { randomInt } from "node:crypto";

/** `randomInt` takes no wider range. */
const range = 2 ** 48 - 1;

/** 0…1. */
export function chance(): number {
  return randomInt(range) / range;
}
