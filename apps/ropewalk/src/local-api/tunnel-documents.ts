/**
 * What an end of the tunnel says of itself, as its API tells it. The API's names carry the units that are in the types here; all
 * else is the same, and the compiler sees to it.
 */
import type { DestinationDocument, SourceDocument, StreamDocument } from "@ropewalk/api/tunnel";
import type { EitherEventDocument, SessionEventDocument, SourceEventDocument } from "@ropewalk/api/tunnel-events";
import type { StreamStatus, TunnelStatus } from "@ropewalk/tunnel/status";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";

const names = {
  absentFor: "absentForMs",
  budget: "budgetBytes",
  heldFor: "heldForMs",
  offlineFor: "offlineForMs",
  openFor: "openForMs",
  resent: "resentBytes",
  retryIn: "retryInMs",
  silence: "silenceMs",
  toApplication: "toApplicationBytes",
  toPeer: "toPeerBytes",
  took: "tookMs",
  used: "usedBytes",
} as const;

type Names = typeof names;
type NameOf<Key> = Key extends keyof Names ? Names[Key] : Key;

/** `Value` with the names of the API, all the way down. */
type Named<Value> = Value extends readonly (infer Item)[]
  ? readonly Named<Item>[]
  : Value extends number | string
    ? Value
    : Value extends object
      ? { readonly [Key in keyof Value as NameOf<Key>]: Named<Value[Key]> }
      : Value;

export function endDocument(status: TunnelStatus): SourceDocument | DestinationDocument {
  return named(status);
}

export function streamDocument(stream: StreamStatus): StreamDocument {
  return named(stream);
}

export function eventDocument(event: TunnelEvent): SourceEventDocument | SessionEventDocument | EitherEventDocument {
  return named(event);
}

function named<Value>(value: Value): Named<Value> {
  return renamed(value) as Named<Value>;
}

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [nameOf(key), renamed(each)]));
}

function nameOf(key: string): string {
  return Object.hasOwn(names, key) ? names[key as keyof Names] : key;
}
