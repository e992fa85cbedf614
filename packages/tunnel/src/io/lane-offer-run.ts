/** A source's way from an epoch to a lane: one connection, the hello, and the welcome that must come in time. */
import type { Tcp, TcpConnection, TcpEndpoint } from "@ropewalk/host/tcp";
import type { Clock } from "@ropewalk/kernel/clock";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { RecordCrypto } from "../pure/lane/key-chain.ts";
import { LaneOffer } from "../pure/lane/lane-hello.ts";
import type { Epoch } from "../pure/session/epochs.ts";
import type { Tally } from "../tally.ts";
import { insistentConnect } from "./insistent-connect.ts";
import { Lane, type LaneConfig } from "./lane.ts";

export interface OfferDeps {
  readonly tcp: Tcp;
  readonly clock: Clock;
  readonly crypto: RecordCrypto;
  readonly tally: Tally;
  /** Octets that nobody can guess. */
  readonly random: (length: number) => Uint8Array;
}

export interface OfferOptions {
  readonly to: TcpEndpoint;
  readonly binding: PathBinding | undefined;
  readonly epoch: Epoch;
  /** Its number: of one epoch none twice. */
  readonly lane: number;
  readonly config: LaneConfig;
  readonly signal: AbortSignal;
}

/** The lane, not started; undefined where there was no welcome. Throws HostError, or the signal's reason. */
export async function offerLane(options: OfferOptions, deps: OfferDeps): Promise<Lane | undefined> {
  const { to, binding, epoch, lane, config, signal } = options;
  const { tcp, clock, crypto, tally, random } = deps;
  const connection = await insistentConnect(tcp, clock)(to, binding === undefined ? { signal } : { signal, binding });
  const offer = new LaneOffer(crypto.sha384, { epoch: epoch.id, keys: epoch.keys, lane, nonce: random(32) });
  const beganAt = clock.now();
  const welcomed = await welcome(connection, offer, signal);
  if (welcomed === undefined) return undefined;
  const adopted = tcp.adopt(connection.release());
  const roundTrip: Millis = millis(clock.now() - beganAt);
  return new Lane(
    adopted,
    "source",
    welcomed.secrets,
    config,
    { clock, crypto, tally },
    { early: welcomed.rest, roundTrip },
  );
}

type Welcome = Extract<ReturnType<LaneOffer["receive"]>, { readonly kind: "welcomed" }>;

function welcome(connection: TcpConnection, offer: LaneOffer, signal: AbortSignal): Promise<Welcome | undefined> {
  const { promise, resolve } = Promise.withResolvers<Welcome | undefined>();
  const buffer = new Uint8Array(1024);
  let isOver = false;
  const settle = (welcomed: Welcome | undefined) => {
    if (isOver) return;
    isOver = true;
    signal.removeEventListener("abort", abandon);
    if (welcomed === undefined) connection.reset();
    resolve(welcomed);
  };
  const abandon = () => settle(undefined);
  signal.addEventListener("abort", abandon, { once: true });
  connection.start({
    // What comes behind the welcome stays in the kernel until the lane reads it.
    room: () => (isOver ? undefined : buffer),
    onOctets: (octets) => {
      const step = offer.receive(octets);
      if (step.kind === "refused") settle(undefined);
      if (step.kind === "welcomed") settle({ ...step, rest: step.rest.slice() });
    },
    onEnd: abandon,
    onWritable: () => {},
    onClosed: abandon,
  });
  if (signal.aborted) abandon();
  else connection.write([offer.hello]);
  return promise;
}
