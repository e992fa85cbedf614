/** Where the programs of others are, whatever the search path of this process says. */
import { accessSync, constants } from "node:fs";
import { join } from "node:path";

export const programFolders: readonly string[] = [
  "/usr/local/sbin",
  "/usr/sbin",
  "/sbin",
  "/usr/local/bin",
  "/usr/bin",
  "/bin",
  "/run/current-system/sw/bin",
];

export function findProgram(name: string, searched: readonly string[] = programFolders): string | undefined {
  return searched.map((folder) => join(folder, name)).find(isExecutable);
}

/** Also as the file system sees it. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
