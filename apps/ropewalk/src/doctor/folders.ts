/** Whether the node could keep its state and open its socket where it would; nothing is made to find out. */
import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import { type PathsInput, runtimeDirectory, stateDirectory } from "../paths.ts";
import { type Finding, fault, good, lack } from "./finding.ts";

export function folderFindings(input: PathsInput): readonly Finding[] {
  const runtime = runtimeDirectory(input).path;
  const state = stateDirectory(input).path;
  return [
    isUsable(runtime)
      ? good("privilege", "socket folder", runtime)
      : fault(
          "privilege",
          "socket folder",
          `${runtime} cannot be written`,
          "the node does not start, since nobody could ask it",
          "choose another folder with ROPEWALK_RUNTIME_DIR",
        ),
    isUsable(state)
      ? good("privilege", "state folder", state)
      : lack(
          "privilege",
          "state folder",
          `${state} cannot be written`,
          "the node forgets its uplinks at each restart",
          "choose another folder with ROPEWALK_STATE_DIR",
        ),
  ];
}

/** True when the folder, or the nearest one above it that exists, may be written to. */
function isUsable(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      accessSync(folder, constants.W_OK | constants.X_OK);
      return true;
    } catch (error) {
      const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!isAbsent || folder === "/") return false;
    }
  }
}
