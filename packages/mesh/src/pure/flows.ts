/**
 * What a node passed on and has not seen answered: answers go back the way that questions came, link by link, by numbers that mean
 * nothing elsewhere. So whoever answers needs no way to who asked, nobody between learns who either is, and every node on the way sees
 * which of its neighbours bring what they are given.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "./link.ts";
import type { MeshAddress } from "./mesh-address.ts";

export interface Flow {
  /** Whose question it is; undefined: this node's own. */
  readonly from: { readonly link: LinkId; readonly flow: number } | undefined;
  readonly to: MeshAddress;
  /** By which it went on. */
  readonly by: LinkId;
  readonly at: Millis;
}

/** For an answer, from as far as there is. */
export const answerWithin: Millis = seconds(2);
export const mostFlows = 8192;
const lastFlow = 0xffff_ffff;

export class Flows {
  /** By number, the oldest first. */
  readonly #waiting = new Map<number, Flow>();
  /** How many of each link's wait, and of this node's own. */
  readonly #counts = new Map<LinkId | undefined, number>();
  #last: number;

  /** `first`: any number. */
  constructor(first: number) {
    this.#last = first;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * The number under which its answer is to come; 0: too many wait, and none can. Of what is free nobody takes more than he leaves, so that
   * of many questions on one link those on others do not suffer.
   */
  add(flow: Flow): number {
    const count = this.#counts.get(flow.from?.link) ?? 0;
    if (count >= mostFlows - this.#waiting.size) return 0;
    this.#counts.set(flow.from?.link, count + 1);
    this.#last = this.#last >= lastFlow ? 1 : this.#last + 1;
    this.#waiting.set(this.#last, flow);
    return this.#last;
  }

  /** What a neighbour answers; undefined: it was not asked, or too long ago. */
  answer(by: LinkId, number: number): Flow | undefined {
    const flow = this.#waiting.get(number);
    if (flow === undefined || flow.by !== by) return undefined;
    this.#remove(number, flow);
    return flow;
  }

  /** Those that nobody has answered in time. */
  expire(now: Millis): readonly Flow[] {
    const lost: Flow[] = [];
    for (const [number, flow] of this.#waiting) {
      if (flow.at + answerWithin > now) break;
      this.#remove(number, flow);
      lost.push(flow);
    }
    return lost;
  }

  get deadline(): Millis | undefined {
    const [first] = this.#waiting.values();
    return first === undefined ? undefined : millis(first.at + answerWithin);
  }

  #remove(number: number, { from }: Flow): void {
    this.#waiting.delete(number);
    const count = (this.#counts.get(from?.link) ?? 0) - 1;
    if (count > 0) this.#counts.set(from?.link, count);
    else this.#counts.delete(from?.link);
  }
}
