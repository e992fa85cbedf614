/** The commands that ask a node about the mesh that it is part of. */
import type { CommandSpec, OptionSpec } from "./command.ts";

const json: OptionSpec = { name: "json", summary: "print JSON for programs instead of text for people" };
const node = {
  name: "ADDRESS",
  summary: "a node: 32 hexadecimal digits, or the first few where only one is known",
  completion: "nothing",
} as const;

export const meshCommands: readonly CommandSpec[] = [
  {
    words: ["mesh", "peers"],
    summary: "list the neighbours of this node in the mesh, one link a line",
    options: [json],
    operands: [],
    load: () => import("../commands/mesh-peers.ts"),
  },
  {
    words: ["mesh", "routes"],
    summary: "list the nodes that this one knows, the nearest first, and their ways",
    options: [json],
    operands: [],
    load: () => import("../commands/mesh-routes.ts"),
  },
  {
    words: ["mesh", "ping"],
    summary: "ask a node for an answer that only it can give, and say how long it took",
    detail: "Exit code 1 when no answer comes within 4 s.",
    options: [json],
    operands: [node],
    load: () => import("../commands/mesh-ping.ts"),
  },
  {
    words: ["mesh", "trace"],
    summary: "ask a node for an answer, and say over whom the question went",
    detail: "Exit code 1 when no answer comes within 4 s. Nodes on the way say that they are; nothing proves it.",
    options: [json],
    operands: [node],
    load: () => import("../commands/mesh-trace.ts"),
  },
  {
    words: ["mesh", "stats"],
    summary: "show this node's address in the mesh, and what it has counted",
    options: [json],
    operands: [],
    load: () => import("../commands/mesh-stats.ts"),
  },
];
