/**
 * The ports through which the product touches the operating system's network.
 * `linux/` implements them on the real kernel, `fake/` in memory; one contract suite holds both to the same promises.
 */
import type { Socket as TcpSocket } from "node:net";
import type { Family, IpAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import type { Millis } from "@ropewalk/kernel/units";
import type {
  DeviceFacts,
  LinkCounters,
  NeighbourFacts,
  NetworkFacts,
  PowerFacts,
  RouteFacts,
  RuleFacts,
} from "./facts.ts";

/** Why the facts are new. `resync` follows lost events: everything was read again. */
export type NetworkChange =
  | {
      readonly kind: "events";
      readonly at: Millis;
      readonly facts: NetworkFacts;
      readonly ifindexes: ReadonlySet<number>;
    }
  | {
      readonly kind: "carrier-poll";
      readonly at: Millis;
      readonly facts: NetworkFacts;
      readonly ifindexes: ReadonlySet<number>;
    }
  | { readonly kind: "resync"; readonly at: Millis; readonly facts: NetworkFacts; readonly cause: string };

/**
 * Watches links, addresses, routes and router advertisements. Listeners are called in the order of the kernel's
 * messages, with facts that already contain the change; a carrier that goes down and up again inside one batch is two
 * calls, so that no edge is lost.
 */
export interface NetworkWatch extends AsyncDisposable {
  readonly facts: NetworkFacts;
  subscribe(listener: (change: NetworkChange) => void): Disposable;
  /** Polls the carrier of these every 50 ms, besides any whose carrier changed in the last 10 s; all others every second. */
  pollClosely(ifindexes: ReadonlySet<number>): void;
  readonly counts: NetworkWatchCounts;
}

export interface NetworkWatchCounts {
  readonly messages: number;
  readonly undecodable: number;
  readonly resyncs: number;
  readonly carrierPolls: number;
  /** Edges that a poll saw before any event told of them. */
  readonly carrierEdgesByPoll: number;
}

export interface NetworkWatchOptions {
  /** Routes for which this is false are not kept: a router with a full table must not fill our memory. */
  readonly keepRoute: (route: RouteFacts) => boolean;
}

/** Facts that are read when asked for, not watched. */
export interface NetworkReader {
  counters(): ReadonlyMap<number, LinkCounters>;
  rules(): readonly RuleFacts[];
  neighbours(): readonly NeighbourFacts[];
  /** Undefined when the interface vanished while it was read. */
  device(name: string): DeviceFacts | undefined;
  power(): PowerFacts;
}

/** A datagram socket on one path: bound to its device and source, marked. */
export interface PathDatagramSocket extends AsyncDisposable {
  readonly binding: PathBinding;
  readonly localPort: number;
  /** False when the kernel's queue was full or the path refused the datagram; `lastError` then says why. */
  send(payload: Uint8Array, to: { readonly address: IpAddress; readonly port: number }): boolean;
  onMessage(
    listener: (payload: Uint8Array, from: { readonly address: IpAddress; readonly port: number }) => void,
  ): Disposable;
  readonly lastError: string | undefined;
}

/** An echo socket on one path. `method` says which of the two ways the kernel allowed. */
export interface PathEchoSocket extends AsyncDisposable {
  readonly binding: PathBinding;
  readonly method: "ping-socket" | "raw-socket";
  send(to: IpAddress, sequence: number, payload: Uint8Array): boolean;
  /** Only replies to requests of this socket. */
  onReply(
    listener: (reply: { readonly from: IpAddress; readonly sequence: number; readonly payload: Uint8Array }) => void,
  ): Disposable;
  readonly lastError: string | undefined;
}

/** Opens sockets that can leave by one path only. All throw HostError. */
export interface PathSockets {
  datagram(binding: PathBinding, options?: { readonly port?: number }): Promise<PathDatagramSocket>;
  /** Connected, or rejected with the signal's reason, HOST_PATH_GONE or the system's error. The caller owns the socket. */
  connect(
    binding: PathBinding,
    to: { readonly address: IpAddress; readonly port: number },
    signal: AbortSignal,
  ): Promise<TcpSocket>;
  /** HOST_NO_ICMP when neither a ping socket nor CAP_NET_RAW is to be had; the message says which would do. */
  echo(binding: PathBinding): Promise<PathEchoSocket>;
}

/** What this process may do on this kernel; each lack names what would cure it. */
export interface HostAbilities {
  readonly kernelRelease: string;
  readonly isRoot: boolean;
  readonly netAdmin: boolean;
  readonly netRaw: boolean;
  readonly pingSocket: Readonly<Record<Family, boolean>>;
  readonly bindToDevice: boolean;
  readonly socketMark: boolean;
  readonly ipv6: boolean;
}
