/** A loaded configuration as a TOML text that says where each value came from; loading it again gives the same values. */
import type { LoadedConfig, Sections } from "./config.ts";
import { formatKey, formatPath, type PathStep } from "./pure/config-path.ts";

/** Secrets show as "[secret]"; optional keys without a value are left out. The same configuration gives the same text. */
export function renderConfig(config: Pick<LoadedConfig<Sections>, "leaves" | "origins">): string {
  // By path, so that each table of a list of tables is its own.
  const tables = new Map<string, string[]>();
  for (const { path, shown } of config.leaves) {
    const table = path.slice(0, -1);
    const lines = tables.getOrInsertComputed(formatPath(table), () => [headerOf(table)]);
    if (shown === undefined) continue;
    const origin = config.origins.get(formatPath(path)) ?? "default";
    const line = `${formatKey(String(path.at(-1)))} = ${shown}`;
    lines.push(origin === "default" ? line : `${line} # ${onOneLine(origin)}`);
  }
  return [...tables.values()].map((lines) => `${lines.join("\n")}\n`).join("\n");
}

function headerOf(table: readonly PathStep[]): string {
  const isOfList = typeof table.at(-1) === "number";
  const name = table
    .filter((step) => typeof step === "string")
    .map(formatKey)
    .join(".");
  return isOfList ? `[[${name}]]` : `[${name}]`;
}

/** A comment ends with its line, and the path of a file may hold any character. */
function onOneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}
