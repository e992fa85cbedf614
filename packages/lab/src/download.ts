/**
 * A download that never ends, at the pace that its server sets: what a site does all day. Whoever starts either end stops it to
 * be told, or disposes of it.
 */
import type { Bytes, Millis } from "@ropewalk/kernel/units";
import type { LabHost } from "./lab-host.ts";
import { optionWords } from "./pure/program-words.ts";
import type { FarEnd } from "./traffic.ts";
import { TrafficProcess } from "./traffic-process.ts";

/** A TCP server that gives each connection what it asks for, at `pace` octets a second. */
export function serveDownloads(
  host: LabHost,
  { port, pace }: { readonly port: number; readonly pace: Bytes },
): Promise<TrafficProcess<void>> {
  return TrafficProcess.start(host, "tcp-source", optionWords({ port, pace }), () => {});
}

export interface DownloadPlan extends FarEnd {
  /** What one connection is for; default 4 MiB. */
  readonly piece?: Bytes;
  /** How long a connection may be silent before it is left; default 5 s. */
  readonly patience?: Millis;
}

export interface Downloaded {
  readonly octets: number;
  readonly connections: number;
  readonly broken: number;
}

/** Downloads piece after piece until stopped, and tells as it goes: octets, pauses of 20 ms or more, and what broke. */
export function download(host: LabHost, plan: DownloadPlan): Promise<TrafficProcess<Downloaded>> {
  const { to, port, piece, patience } = plan;
  return TrafficProcess.start(host, "tcp-fetch", optionWords({ to, port, piece, patience }), ({ line }) => ({
    octets: Number(line["octets"]),
    connections: Number(line["connections"]),
    broken: Number(line["broken"]),
  }));
}
