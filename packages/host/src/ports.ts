/**
 * The ports through which the product touches the operating system's network.
 * `linux/` implements them on the real kernel, `fake/` in memory; one contract suite holds both to the same promises.
 */
import type { Duplex } from "node:stream";
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
import type { RoutingChange } from "./routing.ts";

/**
 * Why the facts are new, and of which interfaces; 0 stands for routes that leave by none (a blackhole).
 * `resync` follows lost events: everything was read again.
 */
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
  /** Takes in what the kernel has told so far; listeners hear of it before this returns. */
  catchUp(): void;
  /**
   * Polls the carrier of these every 50 ms, besides any whose carrier changed in the last 10 s (the 64 latest); all others
   * every second, or above 64 links those with a kept route.
   */
  pollClosely(ifindexes: ReadonlySet<number>): void;
  readonly counts: NetworkWatchCounts;
}

export interface NetworkWatchCounts {
  readonly messages: number;
  readonly undecodable: number;
  readonly resyncs: number;
  readonly carrierPolls: number;
  /** Edges that a poll saw before any event told of them; the poll may itself have made the kernel send the event. */
  readonly carrierEdgesByPoll: number;
  /** Links whose carrier cannot be polled, since sysfs is absent or shows another network namespace: events alone tell of them. */
  readonly unpolledLinks: number;
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

/**
 * What came of one change. `unchanged`: a rule to add was there, or what to remove was gone. `refused`: the kernel said why, in
 * its own words where it has any; EEXIST means that somebody else's route is in the place of a new one.
 */
export type WriteResult =
  | { readonly kind: "done" }
  | { readonly kind: "unchanged" }
  | { readonly kind: "refused"; readonly errno: number; readonly text: string | undefined };

/** Changes routes and rules, each in one step for whoever looks it up; needs CAP_NET_ADMIN. */
export interface RoutingWriter extends Disposable {
  perform(change: RoutingChange): WriteResult;
}

/** The rules of everybody, followed as they change. */
export interface RuleWatch extends Disposable {
  /** The same object until something changes. */
  readonly rules: readonly RuleFacts[];
  /** Called after each batch of changes. */
  subscribe(listener: () => void): Disposable;
  /** Takes in what the kernel has told so far; listeners hear of it before this returns. */
  catchUp(): void;
}

/** What anybody does to one table of nftables, told as it happens. */
export interface FirewallWatch extends Disposable {
  /** Takes in what the kernel has told so far; the listener hears of it before this returns. */
  catchUp(): void;
}

/** What holds for every socket on one path: it is bound to the binding's device and source and can leave by no other. */
export interface PathSocket extends AsyncDisposable {
  /** As it was when the socket was opened. */
  readonly binding: PathBinding;
  /** False when this process may not set the binding's mark (SO_MARK): rules that look for the mark do not see the socket. */
  readonly isMarked: boolean;
}

export interface PathDatagramSocket extends PathSocket {
  readonly localPort: number;
  /** False when the kernel's send queue was full or the path refused the datagram; `lastError` then says why. */
  send(payload: Uint8Array, to: { readonly address: IpAddress; readonly port: number }): boolean;
  onMessage(
    listener: (payload: Uint8Array, from: { readonly address: IpAddress; readonly port: number }) => void,
  ): Disposable;
  /** The latest failure; a later success does not clear it. Whatever ICMP says of a datagram is not told (RFC 1122 §4.1.3.3). */
  readonly lastError: string | undefined;
}

export interface EchoOptions {
  /**
   * True: each request leaves in one packet that nobody may cut, or is refused (EMSGSIZE) because it exceeds the MTU that the
   * kernel knows of the path: the interface's, a route's, or what a router told. False, the default: requests are cut where
   * they must.
   */
  readonly dontFragment?: boolean;
  /**
   * True: replies wait in the kernel until `read`. To be woken costs several times what a reply does, so who sends on many
   * paths at a steady pace reads them all when it is awake anyway. False, the default: each is told when it comes.
   */
  readonly isReadOnDemand?: boolean;
}

/** The answer to an echo request. `payload` is as it came back: equal to what was sent, unless the peer or the path changed it. */
export interface EchoReply {
  readonly from: IpAddress;
  readonly sequence: number;
  readonly payload: Uint8Array;
  /**
   * How long it lay in the kernel before it was read: our time, not the path's. Taken by the wall clock, which was set
   * meanwhile when this is longer than the whole wait for the reply.
   */
  readonly waited: Millis;
}

/** `method` says which of the two ways the kernel allowed. */
export interface PathEchoSocket extends PathSocket {
  readonly method: "ping-socket" | "raw-socket";
  /** `sequence` counts modulo 65,536. False as with datagrams. */
  send(to: IpAddress, sequence: number, payload: Uint8Array): boolean;
  /** Tells the replies that have come, up to 64 of them. */
  read(): void;
  /** Each request's reply, once; a reply to any but the last 1,024 requests is dropped. */
  onReply(listener: (reply: EchoReply) => void): Disposable;
  /** The latest failure; a later success does not clear it. */
  readonly lastError: string | undefined;
  readonly dropped: {
    /** Cut short, wrong checksum, or no echo reply at all. */
    readonly undecodable: number;
    /** Replies to requests of others, from others, repeated, or too late. */
    readonly foreign: number;
  };
}

/**
 * A TCP connection. Disposing it destroys the stream and waits until it is closed. An error that nobody listens for closes
 * the stream and does not end the process.
 */
export interface PathStream extends PathSocket {
  readonly stream: Duplex;
}

/** Opens sockets that can leave by one path only. All throw HostError; what they return is the caller's to dispose. */
export interface PathSockets {
  datagram(binding: PathBinding, options?: { readonly port?: number }): Promise<PathDatagramSocket>;
  /** Connected, with Nagle's algorithm off, or rejected with the signal's reason, HOST_PATH_GONE or the system's error. */
  connect(
    binding: PathBinding,
    to: { readonly address: IpAddress; readonly port: number },
    signal: AbortSignal,
  ): Promise<PathStream>;
  /** HOST_NO_ICMP when neither a ping socket nor CAP_NET_RAW is to be had; the message says which would do. */
  echo(binding: PathBinding, options?: EchoOptions): Promise<PathEchoSocket>;
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
