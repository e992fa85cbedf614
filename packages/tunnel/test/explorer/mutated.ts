/** The handshake with something changed in its sources, beside the real one. */
import { mutatedModules, type Patch } from "@ropewalk/simnet/mutated-modules";
import type { Machine } from "./machine.ts";

/** "handshake.ts": patches name files of the tunnel's handshake, or of what it takes from crypto. */
const sources = /\/(?:tunnel\/src\/pure\/handshake|crypto\/src\/pure)\/([^/?]+)/;
const entries = [
  import.meta.resolve("@ropewalk/tunnel/pure/handshake/handshake"),
  import.meta.resolve("@ropewalk/tunnel/pure/handshake/session-keys"),
  import.meta.resolve("@ropewalk/crypto/pure/hybrid-combiner"),
];

/** Throws RangeError unless each patch fits in one place of a file that the handshake is made of. `name` must be new. */
export async function mutantOf(name: string, patches: readonly Patch[]): Promise<Machine> {
  const modules = await mutatedModules({ name, sources, entries, patches });
  return Object.assign({}, ...modules) as Machine;
}
