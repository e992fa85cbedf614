/** The text of a configuration file as a tree of tables and the lines that set its keys, or the fault in its syntax. */
import { parse, TomlError } from "smol-toml";
import type { ConfigFault } from "../config-fault.ts";
import { isTable, type RawTable } from "./config-tree.ts";
import { lineOf, tomlLines } from "./toml-lines.ts";

/** Deeper nesting than any schema has; it bounds the parser's recursion. */
const deepestNesting = 32;

export interface ConfigText {
  /** The name of the file, as faults show it. */
  readonly path: string;
  readonly content: string;
}

export interface ConfigFileTree {
  readonly root: RawTable;
  /** "ropewalk.toml:14" for the line that sets `path`, or the nearest table above it. */
  place(path: readonly PropertyKey[]): string | undefined;
}

export type ConfigTextReading =
  | { readonly kind: "tree"; readonly tree: ConfigFileTree }
  | { readonly kind: "fault"; readonly fault: ConfigFault };

export function readConfigText(text: ConfigText | undefined): ConfigTextReading {
  if (text === undefined) return { kind: "tree", tree: { root: Object.create(null), place: () => undefined } };
  try {
    const root = parse(text.content, { maxDepth: deepestNesting });
    if (!isTable(root)) return syntaxFault(text.path, "not a TOML document");
    return { kind: "tree", tree: { root, place: placeIn(text) } };
  } catch (error) {
    if (!(error instanceof TomlError)) return syntaxFault(text.path, "not a TOML document");
    // Only the first line: the parser's code block below it may show a secret.
    const reason = error.message.split("\n", 1)[0]?.replace(/^Invalid TOML document: /, "") ?? "";
    return syntaxFault(`${text.path}:${error.line}:${error.column}`, `TOML syntax: ${reason}`);
  }
}

function syntaxFault(origin: string, reason: string): ConfigTextReading {
  return { kind: "fault", fault: { path: "", value: undefined, reason, origin } };
}

/** Lines are looked for only once a fault or a reader asks. */
function placeIn(text: ConfigText): ConfigFileTree["place"] {
  let lines: ReadonlyMap<string, number> | undefined;
  return (path) => {
    lines ??= tomlLines(text.content);
    const line = lineOf(lines, path);
    return line === undefined ? undefined : `${text.path}:${line}`;
  };
}
