/** Moves links with the uplinks of this machine: those of a path that is gone end at once, and their peers are dialled by what is there. */
import type { Connectivity } from "@ropewalk/kernel/connectivity";
import type { Watched } from "@ropewalk/kernel/latest";
import { pathChange } from "../pure/path-change.ts";
import type { Dialler } from "./dialler.ts";
import type { Links } from "./links.ts";

/** Settles when the signal aborts. */
export async function followPaths(
  connectivity: Watched<Connectivity>,
  { links, dialler }: { readonly links: Pick<Links, "endGone">; readonly dialler: Pick<Dialler, "pathsChanged"> },
  signal: AbortSignal,
): Promise<void> {
  let before = connectivity.current.usable;
  for await (const { usable } of connectivity.watch(signal)) {
    const { gone, isOther } = pathChange(before, usable);
    before = usable;
    if (gone.length > 0)
      links.endGone(({ local, binding }) => gone.some((source) => local === source || binding?.source === source));
    if (isOther) dialler.pathsChanged();
  }
}
