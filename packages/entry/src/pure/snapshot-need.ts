/** Whether a node is to be told all anew with the answer to its heartbeat. */
import type { Millis } from "@ropewalk/kernel/units";

export interface KnownNode {
  /** Undefined: it sent no heartbeat. */
  readonly boot: string | undefined;
  /** Of the heartbeat before. */
  readonly age: number | undefined;
  readonly generation: number;
}

export interface HeardNode {
  readonly boot: string;
  readonly wantsSnapshot: boolean;
  readonly latestGeneration: number;
}

/**
 * It says so, it is another life, its leases may be over since it was away, or it knows orders that the database does not: that one was
 * restored.
 */
export function wantsSnapshot(known: KnownNode, heard: HeardNode, freshness: Millis): boolean {
  if (heard.wantsSnapshot || heard.boot !== known.boot) return true;
  return known.age === undefined || known.age > freshness || heard.latestGeneration > known.generation;
}
