/** What TLS sends in a handshake, octet by octet, with one bit changed on its way. */
import type { Socket } from "node:net";
import { millis } from "@ropewalk/kernel/units";
import type { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import type { Role } from "@ropewalk/tunnel/pure/handshake/message";
import { connectedSockets, handshakeOver, type Outcome, taskOf } from "./two-threads.ts";

export interface ChangedBit {
  readonly from: Role;
  /** In octets since the first that this end sent. */
  readonly offset: number;
  readonly bit: number;
}

export type Flights = Readonly<Record<Role, Uint8Array>>;

const within = millis(1_500);

/** One handshake with a changed bit, or none: what it came to at both ends, and what each sent. */
export async function meetChanged(
  threads: Readonly<Record<Role, HandshakeThread>>,
  change: ChangedBit | undefined,
): Promise<{ readonly outcomes: Readonly<Record<Role, Outcome>>; readonly flights: Flights }> {
  await using near = await connectedSockets();
  await using far = await connectedSockets();
  const sent = { source: relay(near.destination, far.source, "source", change), destination: [] as Uint8Array[] };
  sent.destination = relay(far.source, near.destination, "destination", change);
  const task = { authenticateWithin: within };
  const [source, destination] = await Promise.all([
    handshakeOver(near.source, threads.source, taskOf("source", task)),
    handshakeOver(far.destination, threads.destination, taskOf("destination", task)),
  ]);
  for (const outcome of [source, destination]) if (outcome.kind === "established") outcome.connection.end();
  return {
    outcomes: { source, destination },
    flights: { source: Buffer.concat(sent.source), destination: Buffer.concat(sent.destination) },
  };
}

/** Carries what one end says; returns what it has said so far. */
function relay(from: Socket, to: Socket, role: Role, change: ChangedBit | undefined): Uint8Array[] {
  const sent: Uint8Array[] = [];
  let passed = 0;
  from.on("data", (bytes: Buffer) => {
    sent.push(Uint8Array.from(bytes));
    const at = change?.from === role ? change.offset - passed : -1;
    if (change !== undefined && at >= 0 && at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << change.bit);
    passed += bytes.length;
    to.write(bytes);
  });
  from.on("error", () => {});
  from.on("end", () => to.end());
  from.on("close", () => to.destroySoon());
  from.resume();
  return sent;
}

/**
 * What of a flight TLS itself does not look at. RFC 8446 §5.1: the version in the header of a record without encryption "MUST be
 * ignored for all purposes".
 */
export function ignoredByTls(flight: Uint8Array): ReadonlySet<number> {
  const ignored = new Set<number>();
  for (let at = 0; at + 5 <= flight.length; at += 5 + ((flight[at + 3] ?? 0) << 8) + (flight[at + 4] ?? 0)) {
    const isPlain = flight[at] !== 23;
    if (isPlain) ignored.add(at + 1).add(at + 2);
  }
  return ignored;
}

export interface Trials {
  readonly tried: number;
  /** Bits that made no difference although TLS looks at them. */
  readonly accepted: readonly ChangedBit[];
  /** Bits that made none, of those that it does not look at. */
  readonly ignored: readonly ChangedBit[];
}

/** Handshakes that wait for octets that do not come cost no time of the processor. */
const atOnce = 8;

/** Tries each change; one is accepted where the end that received it has a session. */
export async function tryChanges(
  threads: Readonly<Record<Role, HandshakeThread>>,
  flights: Flights,
  changes: readonly ChangedBit[],
  onTried: (count: number) => void = () => {},
): Promise<Trials> {
  const unseen = { source: ignoredByTls(flights.source), destination: ignoredByTls(flights.destination) };
  const [accepted, ignored]: [ChangedBit[], ChangedBit[]] = [[], []];
  let next = 0;
  const run = async () => {
    for (let change = changes[next++]; change !== undefined; change = changes[next++]) {
      const { outcomes } = await meetChanged(threads, change);
      const receiver = outcomes[change.from === "source" ? "destination" : "source"];
      if (receiver.kind === "established") (unseen[change.from].has(change.offset) ? ignored : accepted).push(change);
      onTried(next);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  return { tried: changes.length, accepted, ignored };
}
