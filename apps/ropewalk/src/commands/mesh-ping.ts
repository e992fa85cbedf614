/** `ropewalk mesh ping ADDRESS`: whether a node answers, and after how long. */
import type { RunCommand } from "../command-line/command.ts";
import { askMesh } from "../local-api/ask-mesh.ts";
import { pingLines } from "../render/mesh-view.ts";

export const run: RunCommand = (given, context) => askMesh("ping", given, context, pingLines);
