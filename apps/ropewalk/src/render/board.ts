/**
 * What `ropewalk up` shows: what runs, where to look, the uplinks now, and what is off with the key that would turn it on.
 * Only what exists is offered; what this version lacks is said to be lacking.
 */
import type { BackhaulDocument, NodeStatus } from "@ropewalk/api/http";
import type { StandingName } from "@ropewalk/api/steering";
import { decisionLines } from "./decision-view.ts";
import { sizeText } from "./quantity.ts";
import { healthLines, meshLine } from "./status-view.ts";
import { alignRows } from "./table.ts";
import { healthTable, type View } from "./uplink-table.ts";

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
    ["", `${program} uplink explain    why each uplink is judged as it is`],
    ["", `${program} doctor            what this machine lacks, and how to get it`],
    ["socket", socket],
    ["http", http === undefined ? 'off: node.http = "off"' : `${http}/v1/status   (read-only, this machine only)`],
    ["config", hasConfigFile ? configFile : `defaults; ${configFile} is not there`],
    ["state", stateDirectory],
  ];
  return [`Ropewalk ${version} watches the uplinks of this machine.`, "", ...alignRows(rows, "  "), ""];
}

/** What keeps traffic from being moved; nothing while it is. */
const switches: Readonly<Partial<Record<StandingName, string>>> = {
  watching: "off: backhaul.monitor_only = true",
  "dry-run": "only said: backhaul.execute_commands = false",
  waiting: "off until `ropewalk uplink take`",
};

/** What is off, after the uplinks. */
function boardFoot({ backhaul: { probing, steering }, mesh }: NodeStatus): readonly string[] {
  const switched = switches[steering.standing];
  const rows = [
    ...(switched === undefined ? [] : [["moving traffic", switched]]),
    ...(probing ? [] : [["measuring health", "off: backhaul.probe.enabled = false"]]),
    ...(mesh === undefined ? [["mesh", "off: [mesh] is not in the configuration"]] : []),
    ["the rest", "console and hotspot are not in this version"],
  ];
  return ["Off:", ...alignRows(rows, "  ")];
}

/** What measuring sends, and the key that ends it. */
function probingLines({ probing, uplinks }: BackhaulDocument): readonly string[] {
  if (!probing) return [];
  const aDay = uplinks.reduce((sum, uplink) => sum + (uplink.probing?.bytesPerDay ?? 0), 0);
  return [`Probes take ${sizeText(aDay)} a day while nothing is wrong; backhaul.probe.enabled = false sends none.`];
}

/** The part that changes. */
export function boardBody(status: NodeStatus, view: View): readonly string[] {
  return [
    ...healthTable(status.backhaul, view),
    "",
    ...decisionLines(status.backhaul),
    ...probingLines(status.backhaul),
    ...(status.mesh === undefined ? [] : [meshLine(status.mesh)]),
    ...(status.health.state === "healthy" ? [] : ["", ...healthLines(status, view.paint)]),
    "",
    ...boardFoot(status),
    "",
    "Ctrl-C stops it.",
  ];
}
