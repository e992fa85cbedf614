/**
 * How many nodes may hold an own message, whatever became of what was sealed of it before. Of the copies some go with it by a way, for who has to
 * keep it there, and the others stay. Each try has one: where all tries of what was sealed anew end with relays, three nodes more have the message.
 */

/** Tries by a way before it is left to custody: the first with the copies that are given, the others with one each. */
export const mostTries = 3;

/** Of what is sealed for the first time. Source: docs/decisions/2026-11-22-mesh-messages.md. */
export const sprayedCopies = 8;

export function givenOf(copies: number): number {
  return Math.max(1, Math.floor(copies / 2));
}

/** What is left when it has gone as often as it does. */
export function keptOf(copies: number): number {
  return Math.max(1, copies - givenOf(copies) - (mostTries - 1));
}

/** Of what a start finds unsealed: it may have gone by a way, and what went then is with others. */
export const copiesAfterStart: number = sprayedCopies - givenOf(sprayedCopies);

/** Of what is sealed anew though a copy of it may be with each who was given one: the node's own takes the place of its former. */
export const copiesAnew = 1;
