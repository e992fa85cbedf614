/**
 * One attempt of a source at a lane: the destination's name, a connection, the handshake, another connection, the welcome. What it has
 * made is its caller's; what it leaves, when it fails or is abandoned, is nothing.
 */
import type { Tcp } from "@ropewalk/host/tcp";
import { familyOf, type IpAddress } from "@ropewalk/kernel/addresses";
import { describeError } from "@ropewalk/kernel/errors";
import { addressOf, type HostName, type HostPort } from "@ropewalk/kernel/host-port";
import { type ConnectDeps, connectFirst } from "./io/connect-first.ts";
import type { HandshakeConnection } from "./io/handshake-connection.ts";
import type { HandshakeThread } from "./io/handshake-thread.ts";
import { insistentConnect } from "./io/insistent-connect.ts";
import type { Lane, LaneConfig } from "./io/lane.ts";
import { type OfferDeps, offerLane } from "./io/lane-offer-run.ts";
import type { LookUp } from "./io/target-names.ts";
import type { Established, HandshakeTask } from "./io/thread-messages.ts";
import { epochOf } from "./io/waiting-epochs.ts";
import type { DialFailure } from "./pure/reach/attempt.ts";
import type { Way } from "./pure/reach/way.ts";
import type { Refusal } from "./pure/refusal.ts";
import { type Epoch, eraseEpoch } from "./pure/session/epochs.ts";

export interface AttemptDeps extends OfferDeps {
  readonly thread: HandshakeThread;
  readonly lookUp: LookUp;
  readonly onTrouble: (text: string) => void;
}

export interface AttemptOptions {
  readonly way: Way;
  readonly place: HostPort;
  readonly task: HandshakeTask;
  readonly lane: LaneConfig;
  readonly signal: AbortSignal;
}

/** A lane that has come up, not started, and what the handshake before it has made. */
export interface Candidate {
  readonly lane: Lane;
  readonly epoch: Epoch;
  readonly established: Established;
  /** Another lane of the epoch, not started, to where the first went and by its path; undefined: it was not welcomed. May reject. */
  readonly offer: (lane: number, signal: AbortSignal) => Promise<Lane | undefined>;
}

export type AttemptOutcome =
  | ({ readonly kind: "ready" } & Candidate)
  | { readonly kind: "failed"; readonly reason: DialFailure; readonly detail: string };

/** Never rejects; abandoned, it has failed. */
export async function attemptLane(options: AttemptOptions, deps: AttemptDeps): Promise<AttemptOutcome> {
  const { way, signal } = options;
  try {
    const reached = await reach(options, deps);
    if (reached.kind === "failed") return reached;
    const { remote } = reached.connection;
    const shaken = await shakeHands(options, deps, reached.connection.release());
    if (shaken.kind === "failed") return shaken;
    const { established, connection } = shaken;
    const epoch = epochOf(established);
    try {
      const offer: Candidate["offer"] = (number, until) =>
        offerLane({ to: remote, binding: way.path, epoch, lane: number, config: options.lane, signal: until }, deps);
      const lane = await offer(1, signal);
      if (lane !== undefined) return { kind: "ready", lane, epoch, established, offer };
      eraseEpoch(epoch);
      return { kind: "failed", reason: "no-welcome", detail: "the lane's hello was not answered" };
    } catch (error) {
      eraseEpoch(epoch);
      throw error;
    } finally {
      connection.end();
    }
  } catch (error) {
    return { kind: "failed", reason: "unreachable", detail: describeError(error) };
  }
}

async function reach({ way: { path }, place, signal }: AttemptOptions, { tcp, clock, lookUp }: AttemptDeps) {
  const insist = insistentConnect(tcp, clock);
  const connect: Pick<Tcp, "connect"> = {
    connect: (to, options) => insist(to, path === undefined ? options : { ...options, binding: path }),
  };
  const known = addressOf(place.host);
  const found: readonly IpAddress[] = known === undefined ? await lookUp(place.host as HostName) : [known];
  const addresses = found.filter((address) => path === undefined || familyOf(address) === path.family);
  if (addresses.length === 0)
    return {
      kind: "failed",
      reason: "unreachable",
      detail: `${place.host} has no address of the path's family`,
    } as const;
  const deps: ConnectDeps = { tcp: connect, clock };
  const limit = new AbortController();
  const abandon = () => limit.abort(signal.reason);
  signal.addEventListener("abort", abandon, { once: true });
  if (signal.aborted) abandon();
  const outcome = await connectFirst(deps, addresses, place.port, limit);
  signal.removeEventListener("abort", abandon);
  return outcome.kind === "connected" ? outcome : ({ ...outcome, reason: "unreachable" } as const);
}

type Shaken =
  | { readonly kind: "established"; readonly established: Established; readonly connection: HandshakeConnection }
  | { readonly kind: "failed"; readonly reason: DialFailure; readonly detail: string };

function shakeHands({ task, signal }: AttemptOptions, { thread, onTrouble }: AttemptDeps, fd: number): Promise<Shaken> {
  const { promise, resolve } = Promise.withResolvers<Shaken>();
  const connection: HandshakeConnection = thread.beginOn(task, fd, {
    onEstablished: (established) => {
      signal.removeEventListener("abort", abandon);
      resolve({ kind: "established", established, connection });
    },
    onRefused: (refusal) => {
      signal.removeEventListener("abort", abandon);
      resolve({ kind: "failed", reason: failureOf(refusal), detail: refusal.text ?? refusal.reason });
    },
    onTrouble,
  });
  const abandon = () => {
    connection.abort();
    resolve({ kind: "failed", reason: "deadline", detail: "abandoned" });
  };
  signal.addEventListener("abort", abandon, { once: true });
  if (signal.aborted) abandon();
  return promise;
}

function failureOf({ reason }: Refusal): DialFailure {
  if (reason === "cut-off" || reason === "ended") return "cut-off";
  return reason === "deadline" ? "deadline" : "refused";
}
