/** The numbers from which uplinks get their firewall marks: 1…255, one an uplink, never the same for two. */

const slotCount = 255;

/** The lowest slot nobody has, `preferred` before it; undefined when all are taken. */
export function freeSlot(taken: ReadonlySet<number>, preferred?: number): number | undefined {
  if (preferred !== undefined && isSlot(preferred) && !taken.has(preferred)) return preferred;
  for (let slot = 1; slot <= slotCount; slot += 1) if (!taken.has(slot)) return slot;
  return undefined;
}

export function isSlot(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= slotCount;
}
