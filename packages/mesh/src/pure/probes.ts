/** Questions to other nodes that wait for their answers: each has a nonce that only its destination can read, and a deadline. */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "./link.ts";
import type { MeshAddress } from "./mesh-address.ts";

export interface Probe {
  readonly id: number;
  readonly to: MeshAddress;
  /** By which it went. */
  readonly link: LinkId;
  readonly sentAt: Millis;
}

const within = seconds(2);
export const mostProbes = 1024;

export class Probes {
  /** By nonce, the oldest first. */
  readonly #waiting = new Map<string, Probe>();

  get size(): number {
    return this.#waiting.size;
  }

  get isFull(): boolean {
    return this.#waiting.size >= mostProbes;
  }

  add(nonce: Uint8Array, probe: Probe): void {
    this.#waiting.set(nonce.toHex(), probe);
  }

  answer(nonce: Uint8Array): Probe | undefined {
    const key = nonce.toHex();
    const probe = this.#waiting.get(key);
    this.#waiting.delete(key);
    return probe;
  }

  /** Those that nobody has answered in time. */
  expire(now: Millis): readonly Probe[] {
    const lost: Probe[] = [];
    for (const [nonce, probe] of this.#waiting) {
      if (probe.sentAt + within > now) break;
      this.#waiting.delete(nonce);
      lost.push(probe);
    }
    return lost;
  }

  deadline(): Millis | undefined {
    const [first] = this.#waiting.values();
    return first === undefined ? undefined : millis(first.sentAt + within);
  }
}
