/**
 * What people do on an uplink, as the interface's counters see it. Nothing of it is simulated packet by packet on the links:
 * the counters follow from when the uplink was alive.
 */
import { millis } from "@ropewalk/kernel/units";
import type { Happening, VirtualTime } from "@ropewalk/simnet/virtual-time";
import type { CarriedTraffic } from "./interface-counters.ts";

/**
 * `call`: fifty datagrams a second each way, sent on into a dead uplink. `upload`: TCP, which sends its window into the dead
 * uplink and then repeats one segment after 0.2, 0.6, 1.4 s … (RFC 6298 §5.5, Linux's least timeout). `browsing`: a
 * request and ten packets of answer now and then; unanswered, it is repeated like the upload's segment.
 */
export type LiveTraffic = "call" | "upload" | "browsing";

interface Pattern {
  /** From one exchange to the next, while the uplink lives. */
  readonly every: number;
  readonly sent: number;
  readonly received: number;
  /** Octets of a received packet. */
  readonly size: number;
  /** What is sent on its own after the uplink died: times since then, or at an even rhythm. */
  readonly intoDeath: readonly number[] | "as before";
}

const backedOff = [200, 600, 1_400, 3_000, 6_200, 12_600, 25_400];

const patterns: Readonly<Record<LiveTraffic, Pattern>> = {
  call: { every: 20, sent: 1, received: 1, size: 200, intoDeath: "as before" },
  upload: { every: 12, sent: 10, received: 5, size: 52, intoDeath: [0, 0, 0, 5, 5, 10, 10, 40, ...backedOff] },
  browsing: { every: 700, sent: 4, received: 10, size: 1_400, intoDeath: [0, ...backedOff] },
};

export class TrafficModel implements CarriedTraffic, Disposable {
  readonly #time: VirtualTime;
  readonly #pattern: Pattern;
  readonly #isAlive: () => boolean;
  #counts = { receivedBytes: 0, receivedPackets: 0, sentPackets: 0 };
  #wasAlive = true;
  #next: Happening;

  constructor(kind: LiveTraffic, time: VirtualTime, isAlive: () => boolean) {
    this.#time = time;
    this.#pattern = patterns[kind];
    this.#isAlive = isAlive;
    this.#next = this.#schedule();
  }

  get sentPackets(): number {
    return this.#counts.sentPackets;
  }

  get receivedPackets(): number {
    return this.#counts.receivedPackets;
  }

  get receivedBytes(): number {
    return this.#counts.receivedBytes;
  }

  #schedule(): Happening {
    return this.#time.after(millis(this.#pattern.every), () => {
      this.#exchange();
      this.#next = this.#schedule();
    });
  }

  #exchange(): void {
    const { sent, received, size, intoDeath } = this.#pattern;
    const isAlive = this.#isAlive();
    if (isAlive || intoDeath === "as before") this.#send(sent);
    if (isAlive) {
      this.#counts.receivedPackets += received;
      this.#counts.receivedBytes += received * size;
    } else if (this.#wasAlive && intoDeath !== "as before") {
      for (const after of intoDeath) this.#time.after(millis(after), () => this.#isAlive() || this.#send(1));
    }
    this.#wasAlive = isAlive;
  }

  #send(packets: number): void {
    this.#counts.sentPackets += packets;
  }

  [Symbol.dispose](): void {
    this.#time.cancel(this.#next);
  }
}
