/** The `tc` commands that narrow an uplink to a rate, by token buckets (tc-tbf(8)) at the ISP. */
import { type BitsPerSecond, type Bytes, bitsPerSecond, bytes, type Millis, millis } from "@ropewalk/kernel/units";
import { interfaces } from "./topology.ts";

export interface Shape {
  readonly rate: BitsPerSecond;
  /** How long a packet may wait in the queue before it is dropped. */
  readonly queue: Millis;
}

/** How an uplink is narrowed: alike in both directions, or towards edge with a queue that is kept filled. */
export type Narrowing =
  | ({ readonly kind: "shape" } & Shape)
  /** A packet towards edge waits for so long. */
  | { readonly kind: "bloat"; readonly queue: Millis };

/** Slow, so that few packets fill the queue and what Ropewalk sends is little beside them. */
const bloatRate: BitsPerSecond = bitsPerSecond(1_000_000);

/** What waits when a bloated queue is as long as it shall be, with the headers of the link. */
export function standingQueue(queue: Millis): Bytes {
  return bytes(Math.round((bloatRate / 8) * (queue / 1000)));
}

/** Arguments of `tc` and the host where it runs. */
export interface TcCommand {
  readonly host: string;
  readonly args: readonly string[];
}

/** A command for each device concerned. */
export function narrowingCommands(narrowing: Narrowing, isp: string): readonly TcCommand[] {
  return buckets(narrowing, isp).map(({ host, device, rate, queue }) => {
    const size = ["rate", `${Math.round(rate)}bit`, "burst", String(burstBytes(rate)), "latency", `${queue}ms`];
    return { host, args: ["qdisc", "replace", "dev", device, "root", "tbf", ...size] };
  });
}

/** Undoes it. */
export function wideningCommands(narrowing: Narrowing, isp: string): readonly TcCommand[] {
  return buckets(narrowing, isp).map(({ host, device }) => ({ host, args: ["qdisc", "del", "dev", device, "root"] }));
}

interface Bucket extends Shape {
  readonly host: string;
  readonly device: string;
}

function buckets(narrowing: Narrowing, isp: string): readonly Bucket[] {
  switch (narrowing.kind) {
    case "shape":
      return [interfaces.customer, interfaces.upstream].map((device) => ({ ...narrowing, host: isp, device }));
    case "bloat":
      // Before the ISP, so that ARP between edge and its gateway does not wait in it. There is room beyond the standing
      // queue: what others send is late and not lost.
      return [{ host: "core", device: isp, rate: bloatRate, queue: millis(narrowing.queue * 1.25 + 100) }];
  }
}

/** Ten packets of full size, or 10 ms of the rate when that is more: less, and timers cap the rate below what is asked. */
function burstBytes(rate: BitsPerSecond): number {
  return Math.max(15_140, Math.ceil(rate / 8 / 100));
}
