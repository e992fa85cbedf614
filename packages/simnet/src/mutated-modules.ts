/**
 * Modules loaded once more with something changed in their sources, beside the real ones: what guards a defence must find a program that
 * lacks it. Nothing is written anywhere.
 */
import { registerHooks } from "node:module";

/** What stands in a source, exactly once, and what shall stand there instead. */
export interface Patch {
  /** As `sources` names it. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutation {
  /** New in this process: it becomes part of the modules' addresses, in which all but letters, digits and _ is the same. */
  readonly name: string;
  /** Addresses of what is the mutant's own, whose first group is the name of the file; all else it shares with the real program. */
  readonly sources: RegExp;
  /** The modules that are wanted, as `import.meta.resolve` tells them. */
  readonly entries: readonly string[];
  readonly patches: readonly Patch[];
}

/** The modules of `entries`, in their order. Throws RangeError unless each patch fits in one place of a file that they are made of. */
export async function mutatedModules({ name, sources, entries, patches }: Mutation): Promise<readonly object[]> {
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
    const modules: readonly object[] = await Promise.all(entries.map((entry) => import(`${entry}${mark}`)));
    const unused = patches.find(({ file }) => !loadedFiles.has(file));
    if (unused !== undefined) throw new RangeError(`no module is made of ${unused.file}`);
    return modules;
  } finally {
    hooks.deregister();
  }
}

function patched(source: string, { file, find, replace }: Patch): string {
  const places = source.split(find).length - 1;
  if (places !== 1) throw new RangeError(`a patch fits in ${places} places of ${file}, not in one: ${find}`);
  return source.replace(find, () => replace);
}
