/**
 * Inputs of the machine as the beginning of a line, and back. What comes many times a second has a layout of its own; what
 * repeats the state is told as the difference to it. The layouts stand in docs/protocols/decision-log.md.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { ProbeOutcome, ProbeResult } from "../health/probe.ts";
import type { OperatorOrder, Orders } from "../orders.ts";
import type { BackhaulInput, BackhaulState, TrafficCounts } from "../state.ts";
import { applyDifference, differenceBetween } from "./difference.ts";
import { encodeNumber, encodeText, encodeValue } from "./value-codec.ts";

/** What a reader knows before the line. */
export interface KnownBefore {
  readonly state: BackhaulState;
  /** Of the "traffic" before it in the segment. */
  readonly counts: ReadonlyMap<number, TrafficCounts>;
}

export type ReadInput =
  /** `rest` is what follows the input in its line. */
  | { readonly kind: "input"; readonly input: BackhaulInput; readonly rest: readonly unknown[] }
  | { readonly kind: "malformed"; readonly reason: string };

/** `T`, provided that it has no field but these: a new field must be given a place in the line, here and in the reader. */
type Only<T, Fields extends PropertyKey> = Exclude<keyof T, Fields> extends never ? T : never;
type Of<Kind extends BackhaulInput["kind"]> = Extract<BackhaulInput, { readonly kind: Kind }>;
type Answered = Extract<ProbeResult, { readonly kind: "answered" }>;

/** The line up to what the step asked for, without its closing bracket. */
export function encodeInput(input: BackhaulInput, known: KnownBefore): string {
  switch (input.kind) {
    case "tick":
      return encodeTick(input);
    case "probed":
      return encodeProbed(input.at, input.outcome);
    case "traffic":
      return `["traffic",${encodeNumber(input.at)},[${encodeTraffic(input.counts, known.counts)}]`;
    case "network":
      return encodeField(input, differenceBetween(known.state.network, input.facts));
    case "resolvers":
      return encodeField(input, differenceBetween(known.state.resolvers, input.facts));
    case "devices":
      return encodeField(input, input.answers);
    case "remembered":
      return encodeField(input, input.uplinks);
    case "standing-orders":
      return encodeField(input, input.orders);
    case "order":
      return encodeField(input, input.order);
    case "config":
      return `["config",${encodeNumber(input.at)}`;
  }
}

function encodeTick({ at, due }: Only<Of<"tick">, "kind" | "at" | "due">): string {
  return `["tick",${encodeNumber(at)},${encodeNumber(due)}`;
}

function encodeProbed(at: Millis, { id, result, traffic }: Only<ProbeOutcome, "id" | "result" | "traffic">): string {
  const text = result.kind === "answered" ? encodeAnswered(result) : encodeValue(result);
  return `["probed",${encodeNumber(at)},${encodeNumber(id)},${text},${encodeNumber(traffic.sent)},${encodeNumber(traffic.received)}`;
}

/** By far the most frequent result: its round trip alone. */
function encodeAnswered({ rtt }: Only<Answered, "kind" | "rtt">): string {
  return encodeNumber(rtt);
}

/** Differences to what was counted before; of an interface where nothing moved, its number alone. */
function encodeTraffic(counts: ReadonlyMap<number, TrafficCounts>, before: KnownBefore["counts"]): string {
  const texts: string[] = [];
  for (const [ifindex, now] of counts) texts.push(encodeCounts(ifindex, now, before.get(ifindex) ?? nothingCounted));
  return texts.join(",");
}

const nothingCounted: TrafficCounts = { receivedBytes: 0, receivedPackets: 0, sentPackets: 0 };

function encodeCounts(
  ifindex: number,
  now: Only<TrafficCounts, keyof typeof nothingCounted>,
  before: TrafficCounts,
): string {
  const received = now.receivedBytes - before.receivedBytes;
  const packets = now.receivedPackets - before.receivedPackets;
  const sent = now.sentPackets - before.sentPackets;
  if (received === 0 && packets === 0 && sent === 0) return `[${encodeNumber(ifindex)}]`;
  // Beyond 2^53 a difference may not lead back to the number.
  if (![received, packets, sent].every(Number.isSafeInteger)) return `[${encodeNumber(ifindex)},${encodeValue(now)}]`;
  return `[${encodeNumber(ifindex)},${received},${packets},${sent}]`;
}

function encodeField({ kind, at }: BackhaulInput, value: unknown): string {
  return `[${encodeText(kind)},${encodeNumber(at)},${encodeValue(value)}`;
}

/** Total over lines as `readValue` gives them. Shapes inside facts are not looked at: the machine must find them as it wrote them. */
export function readInput(line: readonly unknown[], known: KnownBefore): ReadInput {
  const [kind, time, ...fields] = line;
  if (typeof time !== "number" || !Number.isFinite(time) || time < 0) return malformed("it has no time");
  const at = millis(time);
  const [first, ...afterFirst] = fields;
  switch (kind) {
    case "tick":
      return isCount(first) ? read({ kind, at, due: millis(first) }, afterFirst) : malformed("it has no due time");
    case "probed":
      return readProbed(at, fields);
    case "traffic":
      return readTraffic(at, first, known.counts, afterFirst);
    case "network":
    case "resolvers":
      return readFacts(kind, at, known.state[kind], fields);
    case "devices":
      return Array.isArray(first) ? read({ kind, at, answers: first }, afterFirst) : malformed("it has no answers");
    case "remembered":
      return Array.isArray(first) ? read({ kind, at, uplinks: first }, afterFirst) : malformed("it has no uplinks");
    case "standing-orders":
      return isObject(first) ? read({ kind, at, orders: first as Orders }, afterFirst) : malformed("it has no orders");
    case "order":
      return isObject(first)
        ? read({ kind, at, order: first as OperatorOrder }, afterFirst)
        : malformed("it has no order");
    case "config":
      return read({ kind, at }, fields);
    default:
      return malformed("it is of no known kind");
  }
}

function read(input: BackhaulInput, rest: readonly unknown[]): ReadInput {
  return { kind: "input", input, rest };
}

function malformed(reason: string): ReadInput {
  return { kind: "malformed", reason };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function readProbed(at: Millis, [id, told, sent, received, ...rest]: readonly unknown[]): ReadInput {
  const result = typeof told === "number" && told >= 0 ? { kind: "answered", rtt: told } : told;
  if (!isCount(id) || !isCount(sent) || !isCount(received) || typeof result !== "object" || result === null) {
    return malformed("it has no outcome");
  }
  const outcome = { id, result: result as ProbeResult, traffic: { sent, received } };
  return read({ kind: "probed", at, outcome }, rest);
}

function readTraffic(at: Millis, entries: unknown, before: KnownBefore["counts"], rest: readonly unknown[]): ReadInput {
  if (!Array.isArray(entries)) return malformed("it has no counts");
  const counts = new Map<number, TrafficCounts>();
  for (const entry of entries) {
    if (!Array.isArray(entry) || !isCount(entry[0])) return malformed("its counts are of no interface");
    const [ifindex, received = 0, packets = 0, sent = 0] = entry;
    const { receivedBytes, receivedPackets, sentPackets } = before.get(ifindex) ?? nothingCounted;
    const isWhole = typeof received === "object" && received !== null;
    const now = isWhole
      ? (received as TrafficCounts)
      : {
          receivedBytes: receivedBytes + Number(received),
          receivedPackets: receivedPackets + Number(packets),
          sentPackets: sentPackets + Number(sent),
        };
    counts.set(ifindex, now);
  }
  return read({ kind: "traffic", at, counts }, rest);
}

function readFacts(
  kind: "network" | "resolvers",
  at: Millis,
  before: unknown,
  [difference, ...rest]: readonly unknown[],
): ReadInput {
  const applied = applyDifference(before, difference);
  if (applied.kind === "malformed") return applied;
  if (typeof applied.value !== "object" || applied.value === null) return malformed("it has no facts");
  return read({ kind, at, facts: applied.value } as BackhaulInput, rest);
}
