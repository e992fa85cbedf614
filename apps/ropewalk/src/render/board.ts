/**
 * What `ropewalk up` shows: what runs, where to look, the uplinks now, and what is off with the key that would turn it on.
 * Only what exists is offered; what this version lacks is said to be lacking.
 */
import type { NodeStatus } from "@ropewalk/api/http";
import { decisionLines, healthLines, uplinkTable, type View } from "./status-view.ts";
import { alignRows } from "./table.ts";

export interface BoardPlaces {
  readonly program: string;
  readonly version: string;
  readonly socket: string;
  /** "http://127.0.0.1:7410", or why there is none. */
  readonly http: string | undefined;
  readonly configFile: string;
  readonly hasConfigFile: boolean;
  readonly stateDirectory: string;
}

/** The part that stays: printed once. */
export function boardHead(places: BoardPlaces): readonly string[] {
  const { program, version, socket, http, configFile, hasConfigFile, stateDirectory } = places;
  const rows = [
    ["look", `${program} status            (--watch to stay, --json for programs)`],
    ["", `${program} doctor            what this machine lacks, and how to get it`],
    ["socket", socket],
    ["http", http === undefined ? 'off: node.http = "off"' : `${http}/v1/status   (read-only, this machine only)`],
    ["config", hasConfigFile ? configFile : `defaults; ${configFile} is not there`],
    ["state", stateDirectory],
  ];
  return [
    `Ropewalk ${version} watches the uplinks of this machine and changes nothing.`,
    "",
    ...alignRows(rows, "  "),
    "",
  ];
}

/** What is off, after the uplinks. */
const boardFoot: readonly string[] = [
  "Off:",
  ...alignRows(
    [
      ["moving traffic", "not in this version: backhaul.monitor_only = false is refused"],
      ["measuring health", "not in this version: backhaul.probe.enabled = true is refused"],
      ["the rest", "mesh, tunnel, VPN, entry, console and hotspot are not in this version"],
    ],
    "  ",
  ),
];

/** The part that changes. */
export function boardBody(status: NodeStatus, view: View): readonly string[] {
  return [
    ...uplinkTable(status.backhaul, view),
    "",
    ...decisionLines(status.backhaul),
    ...(status.health.state === "healthy" ? [] : ["", ...healthLines(status, view.paint)]),
    "",
    ...boardFoot,
    "",
    "Ctrl-C stops it.",
  ];
}
