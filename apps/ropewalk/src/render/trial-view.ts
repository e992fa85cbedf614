/** What `ropewalk tunnel try` shows: what runs, what to type, and how the tunnel bears what is done to it. */
import type { TunnelStatus } from "@ropewalk/tunnel/status";
import type { Paint } from "./paint.ts";
import { durationText, roundTripText, sizeText } from "./quantity.ts";
import { alignRows } from "./table.ts";

export interface TrialPlaces {
  readonly version: string;
  readonly httpPort: number;
  readonly echoPort: number;
}

/** The part that stays: printed once. */
export function trialHead({ version, httpPort, echoPort }: TrialPlaces): readonly string[] {
  const rows = [
    ["try", `curl http://127.0.0.1:${httpPort}/`],
    ["", `curl http://127.0.0.1:${httpPort}/download > /dev/null    a file without an end`],
    ["", `nc 127.0.0.1 ${echoPort}    it says what you say`],
  ];
  return [
    `Ropewalk ${version}: both ends of a tunnel in this one process, on loopback, with certificates made for the occasion.`,
    "",
    "  you ──▶ source ══ one encrypted connection ══▶ destination ──▶ a small service",
    "",
    ...alignRows(rows, "  "),
    "",
  ];
}

export interface TrialPicture {
  readonly source: TunnelStatus;
  readonly download: {
    readonly octets: number;
    readonly wrong: number;
    readonly longestStall: number;
    readonly ended: string | undefined;
  };
  readonly cuts: number;
  /** Wall time, milliseconds since 1970. */
  readonly at: number;
}

/** The part that changes. */
export function trialBody(picture: TrialPicture, paint: Paint): readonly string[] {
  const rows = [
    ["lane", laneText(picture, paint)],
    ["cut", picture.cuts === 0 ? "not yet" : `${picture.cuts} ${picture.cuts === 1 ? "time" : "times"}`],
    ["download", downloadText(picture, paint)],
    ["streams", streamsText(picture)],
  ];
  return alignRows(rows, "  ");
}

/** For who has a terminal. */
export const trialKeys = "c cuts the line, r asks for a new lane, q or Ctrl-C ends this.";

function laneText({ source, at }: TrialPicture, paint: Paint): string {
  const [session] = source.sessions;
  if (session === undefined) return paint.unsure("none yet");
  const { state, resumptions } = session;
  const resumed = resumptions === 0 ? "" : `; the ${ordinal(resumptions + 1)} of one session`;
  if (state.kind === "absent") return paint.bad(`lost for ${durationText(Math.max(0, at - state.since))}`);
  const { rttMs, since } = state.lane;
  const trip = rttMs === null ? "" : `, round trip ${roundTripText(rttMs)}`;
  return paint.good(`up for ${durationText(Math.max(0, at - since))}${trip}${resumed}`);
}

function downloadText({ download }: TrialPicture, paint: Paint): string {
  const { octets, wrong, longestStall, ended } = download;
  const stall = `longest pause ${durationText(longestStall)}`;
  const text = `${sizeText(octets)}, every octet checked, ${wrong} wrong; ${stall}`;
  if (ended !== undefined) return paint.bad(`${text}; it has ended: ${ended}`);
  return wrong > 0 ? paint.bad(text) : text;
}

function streamsText({ source }: TrialPicture): string {
  const open = source.sessions.reduce((sum, session) => sum + session.streams.open, 0);
  return open === 0 ? "none" : `${open} open; one of them is the download, which this program makes for itself`;
}

function ordinal(number: number): string {
  const last = number % 10;
  const isTeen = Math.floor(number / 10) % 10 === 1;
  const ending = isTeen ? "th" : (["th", "st", "nd", "rd"][last] ?? "th");
  return `${number}${ending}`;
}
