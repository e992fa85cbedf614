/**
 * What the fault proxy can be told to do, and what it reports. Times are milliseconds of CLOCK_MONOTONIC, which is one for all
 * processes of a machine; offsets count the octets of one direction from the connection's first.
 */

/** Up: from who opened the connection. */
export type Direction = "up" | "down";

/** By the first octet that its opener sends: TLS begins with 0x16. */
export type ConnectionKind = "handshake" | "lane";

export type Act =
  /** Both ends are told that the other has finished. */
  | { readonly kind: "fin" }
  | { readonly kind: "reset" }
  /** This connection for good: what comes is swallowed, and no end is told. */
  | { readonly kind: "silence" }
  /** As silence, in this direction alone. */
  | { readonly kind: "mute" }
  /** The link is away: connections that live are silent for good, newcomers are heard by nobody until it returns. */
  | { readonly kind: "blackhole"; readonly ms: number }
  /** The link holds its breath: nothing is lost, and all goes on afterwards. */
  | { readonly kind: "stall"; readonly ms: number }
  /** The next ones each alone. */
  | { readonly kind: "slice"; readonly count: number }
  /** From here on, in this direction. */
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "rate"; readonly bytesPerSecond: number }
  /** The octets themselves. */
  | { readonly kind: "flip"; readonly bit: number }
  | { readonly kind: "drop"; readonly count: number }
  /** The last `count` octets come again. */
  | { readonly kind: "repeat"; readonly count: number }
  /** The next `count` change places with the `count` behind them. */
  | { readonly kind: "swap"; readonly count: number }
  /** Octets that nobody has sent. */
  | { readonly kind: "insert"; readonly octets: readonly number[] };

export interface Rule {
  readonly id: number;
  readonly of: ConnectionKind | "any";
  /** "live": the newest that there is, `after` counted from now; the others count from its beginning. */
  readonly which: "live" | "next" | "each";
  readonly direction: Direction;
  readonly after: number;
  readonly act: Act;
}

export type ProxyCommand =
  | { readonly kind: "arm"; readonly rule: Rule }
  | { readonly kind: "disarm"; readonly rule: number }
  /** To all that live, now. */
  | { readonly kind: "act"; readonly act: Act }
  /** The listening socket is closed: who comes is refused by the kernel. */
  | { readonly kind: "refuse" }
  | { readonly kind: "listen" }
  /** What one end said before is said again, by a stranger, to the other. */
  | { readonly kind: "replay"; readonly connection: number; readonly octets: number }
  | { readonly kind: "half-close"; readonly becomes: "half-close" | "close" }
  | { readonly kind: "tally" };

export interface Octets {
  readonly up: number;
  readonly down: number;
}

export type ProxyReport =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "came"; readonly connection: number; readonly at: number; readonly of: ConnectionKind }
  /** `connection` is 0 for what was done to all. */
  | {
      readonly kind: "did";
      readonly rule: number;
      readonly connection: number;
      readonly at: number;
      readonly passed: Octets;
    }
  | { readonly kind: "returned"; readonly at: number }
  | {
      readonly kind: "gone";
      readonly connection: number;
      readonly at: number;
      readonly of: ConnectionKind | undefined;
      readonly passed: Octets;
    }
  /** What a stranger who repeats another's octets hears before the end. */
  | {
      readonly kind: "replayed";
      readonly connection: number;
      readonly sent: number;
      readonly heard: number;
      readonly ended: string;
    }
  | { readonly kind: "tally"; readonly live: number; readonly passed: Octets };

/** CLOCK_MONOTONIC in milliseconds. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
