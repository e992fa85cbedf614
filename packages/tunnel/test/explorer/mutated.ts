/** The handshake's own sources with something changed in them, loaded beside the real ones. Nothing is written anywhere. */
import { registerHooks } from "node:module";
import type { Machine } from "./machine.ts";

/** What stands in a source, exactly once, and what shall stand there instead. */
export interface Patch {
  /** "handshake.ts": of the tunnel's handshake, or of what it takes from crypto. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const sources = /\/(?:tunnel\/src\/pure\/handshake|crypto\/src\/pure)\/([^/?]+)/;
const entries = {
  handshake: import.meta.resolve("@ropewalk/tunnel/pure/handshake/handshake"),
  sessionKeys: import.meta.resolve("@ropewalk/tunnel/pure/handshake/session-keys"),
  combiner: import.meta.resolve("@ropewalk/crypto/pure/hybrid-combiner"),
} as const;

/** Throws RangeError unless each patch fits in one place. `name` must be new. */
export async function mutantOf(name: string, patches: readonly Patch[]): Promise<Machine> {
  const mark = `?mutant=${name.replaceAll(/\W+/g, "-")}`;
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const found = next(specifier, context);
      const isMutants = context.parentURL?.endsWith(mark) === true && sources.test(found.url);
      return isMutants ? { ...found, url: `${found.url}${mark}` } : found;
    },
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (!url.endsWith(mark)) return loaded;
      const [, file] = sources.exec(url) ?? [];
      const own = patches.filter((patch) => patch.file === file);
      return { ...loaded, source: own.reduce(patched, String(Buffer.from(loaded.source as Uint8Array))) };
    },
  });
  try {
    const [handshake, sessionKeys, combiner] = await Promise.all([
      import(`${entries.handshake}${mark}`),
      import(`${entries.sessionKeys}${mark}`),
      import(`${entries.combiner}${mark}`),
    ]);
    return { ...handshake, ...sessionKeys, ...combiner };
  } finally {
    hooks.deregister();
  }
}

function patched(source: string, { file, find, replace }: Patch): string {
  const places = source.split(find).length - 1;
  if (places !== 1) throw new RangeError(`a patch fits in ${places} places of ${file}, not in one: ${find}`);
  return source.replace(find, () => replace);
}
