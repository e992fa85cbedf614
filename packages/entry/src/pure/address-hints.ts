/**
 * Where the search for a free address of a node goes on: behind the one that was given last. What was freed a moment ago is then not looked
 * through again by each search, and comes back last. It is a guess that is only ever slow, never wrong.
 */
import { type Family, familyOf, type IpAddress } from "@ropewalk/kernel/addresses";
import type { NodeId } from "./node-fitness.ts";

export class AddressHints {
  readonly #last = new Map<NodeId, Partial<Record<Family, IpAddress>>>();

  of(node: NodeId, family: Family): IpAddress | undefined {
    return this.#last.get(node)?.[family];
  }

  /** The sets that were found, in the order of their addresses. */
  note(node: NodeId, found: readonly (readonly IpAddress[])[]): void {
    const last = found.at(-1);
    if (last !== undefined)
      this.#last.set(node, Object.fromEntries(last.map((address) => [familyOf(address), address])));
  }
}
