/** Files that real programs wrote; `fixtures/README.md` says which and how. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const fixtureFolder: string = join(import.meta.dirname, "fixtures");

export function fixtureBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(fixtureFolder, name)));
}

export function fixtureText(name: string): string {
  return readFileSync(join(fixtureFolder, name), "utf8");
}
