/** The mesh node's own sources with a defence taken out of them, loaded beside the real ones. Nothing is written anywhere. */
import { registerHooks } from "node:module";
import { type MeshNodes, meshNodesOf } from "./mesh-node-maker.ts";

/** What stands in a source, exactly once, and what shall stand there instead. */
export interface Patch {
  /** In the mesh's `pure/`: "routing/route.ts". */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const sources = /\/mesh\/src\/pure\/([^?]+)/;
const entry = import.meta.resolve("@ropewalk/mesh/pure/mesh-node");
const proof = import.meta.resolve("@ropewalk/mesh/pure/wire/announce-proof");

/** Throws RangeError unless each patch fits in one place of a file that the node is made of. `name` must be new. */
export async function mutatedMesh(name: string, patches: readonly Patch[]): Promise<MeshNodes> {
  const mark = `?mutant=${name.replaceAll(/\W+/g, "-")}`;
  const loadedFiles = new Set<string>();
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const found = next(specifier, context);
      const isMutants = context.parentURL?.endsWith(mark) === true && sources.test(found.url);
      return isMutants ? { ...found, url: `${found.url}${mark}` } : found;
    },
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (!url.endsWith(mark)) return loaded;
      const [, file = ""] = sources.exec(url.slice(0, -mark.length)) ?? [];
      loadedFiles.add(file);
      const own = patches.filter((patch) => patch.file === file);
      return { ...loaded, source: own.reduce(patched, String(Buffer.from(loaded.source as Uint8Array))) };
    },
  });
  try {
    const { MeshNode } = await import(`${entry}${mark}`);
    const { isProved } = await import(`${proof}${mark}`);
    const unused = patches.find(({ file }) => !loadedFiles.has(file));
    if (unused !== undefined) throw new RangeError(`the node is not made of ${unused.file}`);
    return meshNodesOf(MeshNode, isProved);
  } finally {
    hooks.deregister();
  }
}

function patched(source: string, { file, find, replace }: Patch): string {
  const places = source.split(find).length - 1;
  if (places !== 1) throw new RangeError(`a patch fits in ${places} places of ${file}, not in one: ${find}`);
  return source.replace(find, () => replace);
}
