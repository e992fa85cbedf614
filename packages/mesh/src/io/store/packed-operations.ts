/**
 * Operations on their way to the store's thread: copied, with all their octets in one buffer that goes over as it is. A view of a small
 * part of a large buffer would else take the whole of it along.
 */
import type { StoreOperation } from "../../pure/messages/store-operations.ts";

export interface PackedOperations {
  readonly operations: readonly StoreOperation[];
  /** To be transferred with them. */
  readonly buffer: ArrayBuffer;
}

export function packOperations(operations: readonly StoreOperation[]): PackedOperations {
  const octets = new Uint8Array(octetsIn(operations));
  let at = 0;
  const place = (part: Uint8Array) => {
    octets.set(part, at);
    at += part.length;
    return octets.subarray(at - part.length, at);
  };
  return { operations: packed(operations, place) as StoreOperation[], buffer: octets.buffer };
}

/** They are plain values, of few levels. */
function octetsIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (value instanceof Uint8Array) return value.length;
  let sum = 0;
  for (const part of Object.values(value)) sum += octetsIn(part);
  return sum;
}

function packed(value: unknown, place: (octets: Uint8Array) => Uint8Array): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return place(value);
  if (Array.isArray(value)) return value.map((part) => packed(part, place));
  const copy: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) copy[name] = packed(part, place);
  return copy;
}
