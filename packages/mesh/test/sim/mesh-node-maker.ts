/** The node that is proved, as the simulator makes it: with what the product ships. */
import { seconds } from "@ropewalk/kernel/units";
import { MeshNode } from "@ropewalk/mesh/pure/mesh-node";
import type { MeshNodeConfig } from "@ropewalk/mesh/pure/mesh-node-config";
import type { MakeNode } from "./simulated-node.ts";

/** Makes nodes that are set up as the shipped ones are, but for what is told. */
export type MeshNodes = (unlike?: Partial<MeshNodeConfig>) => MakeNode;

const shipped: MeshNodeConfig = {
  capabilities: 1,
  kind: "standard",
  interval: seconds(600),
  lifetime: seconds(1800),
  routes: { most: 4096, contacts: [] },
};

export const meshNodes: MeshNodes = meshNodesOf(MeshNode);

/** Of the node as it is, or of a mutant of it. */
export function meshNodesOf(Node: typeof MeshNode): MeshNodes {
  return (unlike = {}) => {
    const config = { ...shipped, ...unlike };
    return ({ crypto, mark, random }) => new Node(config, crypto, mark, random);
  };
}
