/**
 * What an epidemic router without any bound comes to: a message is at once with everybody whom whoever has it can reach, and stays there. Nobody
 * delivers sooner or more by any rule, and nobody stores more. Source: Vahdat and Becker, "Epidemic Routing for Partially-Connected Ad Hoc
 * Networks" (2000). What it is told of the network is as old as it was looked at last.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { componentsOf, type Graph } from "./graphs.ts";

interface Posted {
  readonly at: Millis;
  readonly to: number;
  readonly octets: number;
  readonly has: Uint8Array;
  copies: number;
}

export class Epidemic {
  readonly #isAlive: (node: number) => boolean;
  readonly #posted: Posted[] = [];
  #spreading: Posted[] = [];
  /** How long each took that is there. */
  readonly latencies: Millis[] = [];
  /** Of envelopes, each copy once, when nobody is ever given one twice. */
  octets = 0;

  constructor(isAlive: (node: number) => boolean) {
    this.#isAlive = isAlive;
  }

  /** Of each message, how many nodes have it. */
  get copies(): readonly number[] {
    return this.#posted.map(({ copies }) => copies);
  }

  /** Somebody has written to somebody, in the network as it is then. */
  post(
    now: Millis,
    graph: Graph,
    { from, to, octets }: { readonly from: number; readonly to: number; readonly octets: number },
  ): void {
    const has = new Uint8Array(graph.size);
    has[from] = 1;
    const message = { at: now, to, octets, has, copies: 1 };
    this.#posted.push(message);
    if (!this.#spread(now, message, componentsOf(graph))) this.#spreading.push(message);
  }

  look(now: Millis, graph: Graph): void {
    const components = componentsOf(graph);
    this.#spreading = this.#spreading.filter((message) => !this.#spread(now, message, components));
  }

  /** Whether it is there: who has it then gives it to nobody more. */
  #spread(now: Millis, message: Posted, components: readonly number[]): boolean {
    const { has, to } = message;
    // Of thousands of messages and hundreds of nodes each time: no more is made for it than this.
    const reached = new Uint8Array(components.length);
    for (let node = 0; node < components.length; node += 1)
      if (has[node] === 1 && this.#isAlive(node)) reached[components[node] as number] = 1;
    for (let node = 0; node < components.length; node += 1) {
      if (has[node] === 1 || reached[components[node] as number] !== 1 || !this.#isAlive(node)) continue;
      has[node] = 1;
      message.copies += 1;
      this.octets += message.octets;
    }
    if (has[to] === 0) return false;
    this.latencies.push(millis(now - message.at));
    return true;
  }
}
