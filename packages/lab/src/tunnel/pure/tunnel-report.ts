/** What a demo of the tunnel found out, step by step, and whether each came out as said. Everything in it is fit for JSON. */
import type { StepName, Told } from "../../demo/pure/report.ts";
import type { EchoFigures } from "./echoes.ts";

/** A word of the source on its lane. */
interface LaneNote {
  /** Since the deed. */
  readonly afterMs: number;
  readonly event: string;
  readonly by: string | null;
  readonly detail: string;
}

export interface TunnelStep {
  readonly step: StepName;
  /** What was done, as a sentence. */
  readonly deed: string;
  readonly from: string;
  readonly to: string;
  readonly node: Told;
  readonly lane: readonly LaneNote[];
  /** The uplink of the lane at the step's end; null where there was none. */
  readonly laneBy: string | null;
  readonly ssh: EchoFigures & { readonly isAnswered: boolean };
  readonly download: { readonly longestPauseMs: number; readonly megabitsPerSecondAfter: number };
  /** What did not come out as said; empty when all did. */
  readonly wrong: readonly string[];
}

export interface TunnelReport {
  readonly kind: "tunnel";
  readonly ok: boolean;
  readonly settings: Readonly<Record<string, string>>;
  readonly steps: readonly TunnelStep[];
  /** In the end. `ended`: why it was over early; null for one that lived. */
  readonly ssh: {
    readonly pressed: number;
    readonly echoed: number;
    readonly wrong: number;
    readonly ended: string | null;
  };
  readonly download: {
    readonly octets: number;
    readonly wanted: number;
    /** By its SHA-256. */
    readonly isWhole: boolean;
    readonly broken: string | null;
  };
  /** Of the whole of it: sessions that the source began, and those that it lost. */
  readonly sessions: { readonly begun: number; readonly lost: number };
  readonly tookSeconds: number;
}

export type ObservedStep = Omit<TunnelStep, "wrong">;

/** Whatever happened to an uplink: the lane is on the other one, and both streams go on. */
export function wrongInStep({ to, node, laneBy, ssh, download }: ObservedStep): readonly string[] {
  const checks: readonly (readonly [isRight: boolean, otherwise: string])[] = [
    [node.cause !== null, `Ropewalk did not say that it moved traffic to ${to}`],
    [laneBy === to, `the lane was on ${laneBy ?? "no uplink"} in the end, not on ${to}`],
    [ssh.isAnswered, "keys were not echoed any more in the end"],
    [download.megabitsPerSecondAfter > 0, "the download stood still in the end"],
  ];
  return checks.filter(([isRight]) => !isRight).map(([, otherwise]) => otherwise);
}

type Whole = Pick<TunnelReport, "steps" | "ssh" | "download" | "sessions">;

/** One session carried both streams from beginning to end, and not an octet is missing. */
export function wrongInAll({ ssh, download, sessions }: Omit<Whole, "steps">): readonly string[] {
  const checks: readonly (readonly [isRight: boolean, otherwise: string])[] = [
    [ssh.ended === null, `the login is over: ${ssh.ended}`],
    [ssh.wrong === 0, `${ssh.wrong} octets came to the terminal that nobody had typed`],
    [ssh.echoed === ssh.pressed, `${ssh.pressed - ssh.echoed} of ${ssh.pressed} keys were not echoed`],
    [download.broken === null, `the download broke: ${download.broken}`],
    [download.isWhole, `the file is not the one that was sent; ${download.octets} of ${download.wanted} octets came`],
    [sessions.begun === 1 && sessions.lost === 0, `there were ${sessions.begun} sessions, ${sessions.lost} were lost`],
  ];
  return checks.filter(([isRight]) => !isRight).map(([, otherwise]) => otherwise);
}
