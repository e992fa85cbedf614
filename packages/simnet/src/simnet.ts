/** The network: nodes and links on one virtual time, all chance from one seed. The same seed and the same calls give the same run. */
import type { Millis } from "@ropewalk/kernel/units";
import { Link } from "./link.ts";
import type { LinkProfile } from "./link-profile.ts";
import type { Trace } from "./packet.ts";
import { Random } from "./random.ts";
import { SimClock } from "./sim-clock.ts";
import { SimNode } from "./sim-node.ts";
import { VirtualTime } from "./virtual-time.ts";

/** Both directions of a link. */
export interface Wire<Payload> {
  readonly there: Link<Payload>;
  readonly back: Link<Payload>;
}

export class SimNet<Payload> {
  readonly seed: number;
  readonly time: VirtualTime = new VirtualTime();
  /** Fork it by name for each consumer. */
  readonly random: Random;
  readonly #trace: Trace<Payload> | undefined;

  constructor(seed: number, options: { readonly trace?: Trace<Payload> } = {}) {
    this.seed = seed;
    this.random = new Random(seed);
    this.#trace = options.trace;
  }

  node(name: string): SimNode<Payload> {
    return new SimNode(name, new SimClock(this.time));
  }

  /** Joins two nodes by a link called `name`; `back` is like `there` when left out. Routes over it are the nodes' to make. */
  connect(
    name: string,
    from: SimNode<Payload>,
    to: SimNode<Payload>,
    there: LinkProfile,
    back: LinkProfile = there,
  ): Wire<Payload> {
    return {
      there: this.#link(`${name}>`, to, there),
      back: this.#link(`${name}<`, from, back),
    };
  }

  /** Lets `time` pass. */
  run(time: Millis): void {
    this.time.run(time);
  }

  #link(name: string, end: SimNode<Payload>, profile: LinkProfile): Link<Payload> {
    const random = this.random.fork(`link ${name}`);
    return new Link(profile, { name, time: this.time, random, end, trace: this.#trace });
  }
}
