/** Nexthop objects (`ip nexthop`), which routes may point at instead of naming their own way out. */
import type { NextHopFacts } from "../facts.ts";
import type { NextHopObject } from "./network-event.ts";

export class NextHopTable {
  #objects = new Map<number, NextHopObject>();

  set(nextHop: NextHopObject): void {
    this.#objects.set(nextHop.id, nextHop);
  }

  remove(id: number): void {
    this.#objects.delete(id);
  }

  adopt(other: NextHopTable): void {
    this.#objects = new Map(other.#objects);
  }

  /** The ways out that `id` stands for; none when the object is not known. The kernel forbids groups of groups. */
  resolve(id: number | undefined): readonly NextHopFacts[] {
    const object = id === undefined ? undefined : this.#objects.get(id);
    if (object === undefined) return [];
    if (object.kind === "single") return [hopOf(object, 1)];
    return object.members.flatMap((member) => {
      const single = this.#objects.get(member.id);
      return single?.kind === "single" ? [hopOf(single, member.weight)] : [];
    });
  }
}

function hopOf(single: Extract<NextHopObject, { kind: "single" }>, weight: number): NextHopFacts {
  return { ifindex: single.ifindex, gateway: single.gateway, weight, isDead: false };
}
