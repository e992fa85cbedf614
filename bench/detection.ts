/**
 * How soon a monitor finds out that an uplink carries nothing any more although its carrier stays: Ropewalk in `fast`, and
 * others at their defaults and at the same rate of probes, in one lab, against the same faults, in interleaved rounds.
 */
import { createLab } from "@ropewalk/lab/lab";
import { raceLine } from "./detection-line.ts";
import { DetectionTable } from "./detection-table.ts";
import { ecoDetectionRows } from "./eco-detection.ts";
import { dpinger } from "./peers/dpinger.ts";
import { frrBfdd } from "./peers/frr-bfdd.ts";
import { keepalived } from "./peers/keepalived.ts";
import type { Entrant } from "./peers/peer.ts";
import { describeMachine, type RaceOptions, type RaceReport } from "./race.ts";

const allRoundTripsMs = [0, 10, 50, 200];
/** One takes most of a minute, for an uplink that is probed once a minute also returns slowly. */
const defaultEcoTrials = 10;

const needsFarEnd =
  "BFD (keepalived, FRR) needs a second daemon at the far end of the path; Ropewalk and dpinger do not.";
const fromWhen =
  "Times are from the moment nft's drop is in force in the ISP to the arrival of the decision in the measuring process.";

/** `--only ours`, `peers`, `eco`, or a peer's name; `--trials N` of Ropewalk, `--rounds N` of peers, `--rtt 0,50`. */
export async function race(options: RaceOptions): Promise<RaceReport> {
  const { only } = options;
  const trials = only === undefined || only === "ours" ? Number(options["trials"] ?? 200) : 0;
  const rounds = Number(options["rounds"] ?? 5);
  const roundTripsMs = options["rtt"]?.split(",").map(Number) ?? allRoundTripsMs;
  const entrants = only === "ours" || only === "eco" ? [] : enter(only);
  const table = new DetectionTable(entrants.flatMap(columnsOf));
  for (const entrant of entrants) if (entrant.kind === "not run") table.leaveOut(entrant.columns, entrant.why);
  const peers = entrants.flatMap((entrant) => (entrant.kind === "ready" ? [entrant.peer] : []));
  if (only !== "eco") {
    await using lab = await createLab({ uplinks: 2 });
    for (const roundTripMs of roundTripsMs) await raceLine(lab, { roundTripMs, trials, rounds, peers }, table);
  }
  const ecoTrials = ecoTrialsOf(options);
  const eco = ecoTrials > 0 ? await ecoDetectionRows(ecoTrials) : [];
  const said = peers.length === 0 ? [fromWhen] : [fromWhen, needsFarEnd, ...peers.flatMap(({ notes }) => notes)];
  const counts = [
    trials > 0 ? `at least ${trials} trials of Ropewalk a row` : "",
    peers.length > 0 ? `${rounds} interleaved rounds of peers` : "",
    ecoTrials > 0 ? `${ecoTrials} trials a direction in eco` : "",
  ];
  return {
    race: "detection",
    machine: describeMachine(),
    rounds: counts.filter((text) => text !== "").join(", "),
    rows: [...table.rows(), ...eco],
    notes: [...said, ...table.notes],
  };
}

/** As many as are asked for when they alone are run; beside the others no more than their default. */
function ecoTrialsOf({ only, trials }: RaceOptions): number {
  const asked = Number(trials ?? defaultEcoTrials);
  if (only === "eco") return asked;
  return only === undefined ? Math.min(asked, defaultEcoTrials) : 0;
}

/** All of them, or the one whose name is `only`; nobody else's packages are fetched. */
function enter(only: string | undefined): readonly Entrant[] {
  const all = {
    bfdd: frrBfdd,
    keepalived,
    dpinger: () => dpinger(process.env["DPINGER"]),
  };
  const chosen = Object.entries(all).filter(([name]) => only === undefined || only === "peers" || only === name);
  if (chosen.length === 0) throw new Error(`--only ${only}: expected ours, peers, eco, ${Object.keys(all).join(", ")}`);
  return chosen.map(([, prepare]) => prepare());
}

function columnsOf(entrant: Entrant): readonly string[] {
  return entrant.kind === "ready" ? entrant.peer.columns : entrant.columns;
}
