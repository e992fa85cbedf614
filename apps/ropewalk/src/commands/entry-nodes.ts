/** `ropewalk entry nodes`: the nodes that are registered, and how each is, as it told last. */
import { coreStatusSchema, nodesSchema } from "@ropewalk/api/entry-nodes-schema";
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askEntry } from "../local-api/ask-entry.ts";
import { createPaint } from "../render/paint.ts";
import { tableLines } from "../render/table.ts";

export const run: RunCommand = async (given, context) => {
  const { nodes } = await askEntry(given, context, { method: "GET", path: "/v1/admin/nodes", answer: nodesSchema });
  const asked = { method: "GET", path: "/v1/admin/core/status", answer: coreStatusSchema } as const;
  const { nodes: told } = await askEntry(given, context, asked);
  const { output } = context;
  const all = nodes.map((node) => ({ ...node, status: told.find(({ id }) => id === node.id) ?? null }));
  if (given.flags.has("json")) {
    output.write(`${JSON.stringify({ nodes: all }, undefined, 2)}\n`);
    return exitCodes.ok;
  }
  const rows = all.map(({ name, region, admission, capacity, placements, endpoint, status }) =>
    [name, region, admission, `${placements} of ${capacity}`, endpoint ?? "–", healthOf(status)].map((text) => ({
      text,
    })),
  );
  const headings = ["node", "region", "admission", "placements", "endpoint", "health"];
  for (const line of tableLines({ headings, rows }, output.size?.columns, createPaint(output.hasColour).dim))
    output.write(`${line}\n`);
  return exitCodes.ok;
};

interface Status {
  readonly heartbeatAgeMs: number | null;
  readonly isFresh: boolean;
  readonly isHealthy: boolean;
  readonly troubles: readonly string[];
}

function healthOf(status: Status | null): string {
  if (status === null || status.heartbeatAgeMs === null) return "never heard of";
  const age = `${Math.round(status.heartbeatAgeMs / 1000)} s ago`;
  if (!status.isFresh) return `last heard of ${age}`;
  return status.isHealthy ? `healthy ${age}` : `unhealthy ${age}: ${status.troubles.join("; ")}`;
}
