/** The picture of a node as text for people. Pure: a status in, lines out. */
import type { NodeStatus } from "@ropewalk/api/http";
import type { MeshSummaryDocument } from "@ropewalk/api/mesh";
import { decisionLines } from "./decision-view.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./table.ts";
import { healthTable, type View } from "./uplink-table.ts";

/** The whole answer of `ropewalk status`. */
export function statusLines(status: NodeStatus, view: View): readonly string[] {
  const { backhaul, health, mesh } = status;
  return [
    ...healthTable(backhaul, view),
    "",
    ...decisionLines(backhaul),
    ...(mesh === undefined ? [] : ["", meshLine(mesh)]),
    ...(health.state === "healthy" ? [] : ["", ...healthLines(status, view.paint)]),
  ];
}

export function meshLine({ address, neighbours, reachable }: MeshSummaryDocument): string {
  const nodes = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
  return `Mesh ${address}: ${nodes(neighbours, "neighbour")}, a way to ${nodes(reachable, "node")}.`;
}

/** What is wrong with the node itself. */
export function healthLines({ health }: Pick<NodeStatus, "health">, paint: Paint): readonly string[] {
  const ill = health.subsystems.filter((subsystem) => subsystem.state !== "healthy");
  return [
    paint.bad(`The node itself is ${health.state}:`),
    ...ill.map(({ name, state, reason }) => {
      return `  ${name} ${state === null ? "has not reported yet" : `is ${state}`}${reason === null ? "" : `: ${printable(reason)}`}`;
    }),
  ];
}
