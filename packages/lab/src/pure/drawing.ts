/** The lab as a drawing of lines of text: the site on the left, its uplinks, and what lies behind them. */
import { servers, type Uplink, uplinkSubnets } from "./topology.ts";

const site = "client ── edge ─";
const core = "─ core ─";

export interface DrawnUplink {
  readonly uplink: Uplink;
  readonly faults: readonly string[];
}

export function drawLab(uplinks: readonly DrawnUplink[]): string {
  const near = uplinks.map(({ uplink }) => {
    const address = uplink.addressing === "none" ? "no address" : (uplinkSubnets(uplink)[0]?.member ?? "no address");
    return [uplink.name, address, uplink.isp] as const;
  });
  const far = servers.map(({ name, subnets }) => [name, subnets[0]?.member ?? ""] as const);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...near.map((cells) => cells[column]?.length ?? 0)));
  const rows = Math.max(near.length, far.length, 1);
  const lines = Array.from({ length: rows }, (_, row) => {
    const left = row === 0 ? site : " ".repeat(site.length);
    const cells = near[row];
    const text = cells?.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
    const uplink = text === undefined ? blank(widths) : `${fork(row, near.length)}─ ${text} ─${join(row, near.length)}`;
    const middle = row === 0 ? core : " ".repeat(core.length);
    const server = far[row] === undefined ? "" : `${fork(row, far.length)}─ ${far[row].join("  ")}`;
    return `${left}${uplink}${middle}${server}`.trimEnd();
  });
  const broken = uplinks.filter(({ faults }) => faults.length > 0);
  const faults = broken.map(({ uplink, faults: words }) => `${uplink.name}: ${words.join(", ")}`);
  return [...lines, ...faults].join("\n");
}

function blank(widths: readonly number[]): string {
  // Two gaps of two between three cells, and a corner, a dash and a blank on each side.
  return " ".repeat(widths.reduce((sum, width) => sum + width, 0) + 4 + 6);
}

/** The corner where one line becomes `count`, seen in row `row`. */
function fork(row: number, count: number): string {
  if (count === 1) return "─";
  if (row === 0) return "┬";
  return row === count - 1 ? "└" : "├";
}

/** The corner where `count` lines become one. */
function join(row: number, count: number): string {
  if (count === 1) return "─";
  if (row === 0) return "┬";
  return row === count - 1 ? "┘" : "┤";
}
