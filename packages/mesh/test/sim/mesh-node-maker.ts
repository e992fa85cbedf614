/** The node that is proved, as the simulator makes it: with what the product ships. */
import { seconds } from "@ropewalk/kernel/units";
import { MeshNode } from "@ropewalk/mesh/pure/mesh-node";
import type { MeshNodeConfig } from "@ropewalk/mesh/pure/mesh-node-config";
import { isProved } from "@ropewalk/mesh/pure/wire/announce-proof";
import type { Prove } from "./memoised-verdicts.ts";
import type { MakeNode } from "./simulated-node.ts";

/** Makes nodes that are set up as the shipped ones are, but for what is told. */
export type MeshNodes = (unlike?: Partial<MeshNodeConfig>) => MakeNode;

export const shipped: MeshNodeConfig = {
  capabilities: 1,
  kind: "standard",
  interval: seconds(600),
  lifetime: seconds(1800),
  routes: { most: 4096, contacts: [] },
};

export const meshNodes: MeshNodes = meshNodesOf(MeshNode, isProved);

/** Of the node as it is, or of a mutant of it: with how it judges announces. */
export function meshNodesOf(Node: typeof MeshNode, prove: Prove): MeshNodes {
  return (unlike = {}) => {
    const config = { ...shipped, ...unlike };
    return ({ crypto, mark, random }) => {
      crypto.prove = prove;
      return new Node(config, crypto, mark, random);
    };
  };
}
