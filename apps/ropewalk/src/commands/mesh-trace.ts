/** `ropewalk mesh trace ADDRESS`: whether a node answers, and over whom it was asked. */
import type { RunCommand } from "../command-line/command.ts";
import { askMesh } from "../local-api/ask-mesh.ts";
import { traceLines } from "../render/mesh-view.ts";

export const run: RunCommand = (given, context) => askMesh("trace", given, context, traceLines);
