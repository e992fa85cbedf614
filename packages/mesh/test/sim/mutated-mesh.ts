/** The mesh node with a defence taken out of its sources, beside the real one. */
import { mutatedModules, type Patch } from "@ropewalk/simnet/mutated-modules";
import { type MeshNodes, meshNodesOf } from "./mesh-node-maker.ts";

/** "routing/route.ts": patches name files of the mesh's `pure/`. */
const sources = /\/mesh\/src\/pure\/([^?]+)/;
const entries = ["@ropewalk/mesh/pure/mesh-node", "@ropewalk/mesh/pure/wire/announce-proof"].map((name) =>
  import.meta.resolve(name),
);

/** Throws RangeError unless each patch fits in one place of a file that the node is made of. `name` must be new. */
export async function mutatedMesh(name: string, patches: readonly Patch[]): Promise<MeshNodes> {
  const [node, proof] = await mutatedModules({ name, sources, entries, patches });
  const { MeshNode } = node as typeof import("@ropewalk/mesh/pure/mesh-node");
  const { isProved } = proof as typeof import("@ropewalk/mesh/pure/wire/announce-proof");
  return meshNodesOf(MeshNode, isProved);
}
