/** A node of which it matters only that it lives: it has links, and says nothing. */
import type { SimulatedNode } from "./simulated-node.ts";

export const absentNode: SimulatedNode = {
  linkUp: () => [],
  linkDown: () => [],
  receive: () => [],
  probe: () => [],
  expire: () => [],
  deadline: () => undefined,
  routes: () => [],
};
