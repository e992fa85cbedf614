/** How the lab starts its own Node programs: the same Node, from sources in a clone and compiled when installed. */
import { fileURLToPath } from "node:url";

/** The command and arguments for `name`, a file beside this one, followed by `args`. */
export function labProgram(name: string, args: readonly string[] = []): [command: string, args: string[]] {
  const isSource = import.meta.url.endsWith(".ts");
  const condition = isSource ? ["--conditions=@ropewalk/source"] : [];
  const file = fileURLToPath(new URL(`./${name}${isSource ? ".ts" : ".js"}`, import.meta.url));
  return [process.execPath, [...condition, "--disable-warning=ExperimentalWarning", file, ...args]];
}
