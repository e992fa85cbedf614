/**
 * What an epidemic router without any bound comes to: a message is at once with everybody whom whoever has it can reach, and stays there. Nobody
 * delivers sooner or more by any rule, and nobody stores more. Source: Vahdat and Becker, "Epidemic Routing for Partially-Connected Ad Hoc
 * Networks" (2000). What it is told of the network is as old as it was looked at last.
 */
import { componentsOf, type Graph } from "./graphs.ts";

interface Spreading {
  readonly to: number;
  readonly octets: number;
  readonly has: Uint8Array;
}

export class Epidemic {
  readonly #isAlive: (node: number) => boolean;
  #spreading: Spreading[] = [];
  delivered = 0;
  /** Of envelopes, each copy once, when nobody is ever given one twice. */
  octets = 0;
  mostCopies = 0;

  constructor(isAlive: (node: number) => boolean) {
    this.#isAlive = isAlive;
  }

  /** Somebody has written to somebody, in the network as it is then. */
  post(
    graph: Graph,
    { from, to, octets }: { readonly from: number; readonly to: number; readonly octets: number },
  ): void {
    const has = new Uint8Array(graph.size);
    has[from] = 1;
    const message = { to, octets, has };
    if (!this.#spread(message, componentsOf(graph))) this.#spreading.push(message);
  }

  look(graph: Graph): void {
    const components = componentsOf(graph);
    this.#spreading = this.#spreading.filter((message) => !this.#spread(message, components));
  }

  /** Whether it is there: who has it then gives it to nobody more. */
  #spread({ to, octets, has }: Spreading, components: readonly number[]): boolean {
    const reached = new Set<number>();
    for (const [node, component] of components.entries())
      if (has[node] === 1 && this.#isAlive(node)) reached.add(component);
    let copies = 0;
    for (const [node, component] of components.entries()) {
      if (has[node] === 0 && this.#isAlive(node) && reached.has(component)) {
        has[node] = 1;
        this.octets += octets;
      }
      copies += has[node] ?? 0;
    }
    this.mostCopies = Math.max(this.mostCopies, copies);
    if (has[to] === 0) return false;
    this.delivered += 1;
    return true;
  }
}
