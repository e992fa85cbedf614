/** How the place of a value is written for people: "backhaul.uplink[1].metered". */
import { tomlString } from "./toml-string.ts";

export type PathStep = string | number;

/** A key that TOML would need to quote is quoted here too. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += `${text === "" ? "" : "."}${formatKey(String(step))}`;
  }
  return text;
}

/** A bare key (TOML 1.0 "Keys") as it is, any other as a quoted string on one line. */
export function formatKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : tomlString(key);
}
