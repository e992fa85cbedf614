/** Look-ups of a name in the lab, by a program in C at a steady rate. Whoever starts it stops it to be told, or disposes of it. */
import type { Millis } from "@ropewalk/kernel/units";
import type { LabHost } from "./lab-host.ts";
import type { Packet } from "./pure/packet-record.ts";
import { flagWords, optionWords } from "./pure/program-words.ts";
import { TrafficProcess } from "./traffic-process.ts";

export interface NamePlan {
  readonly name: string;
  /** Look-ups a second; default 10. */
  readonly rate?: number;
  /** How long one server is waited for before the next is asked besides; default 200 ms. */
  readonly retry?: Millis;
  /** The C library looks up, as it is set up, by DNS alone. By default a client does that reads resolv.conf for every try. */
  readonly isByLibrary?: boolean;
}

export interface AskedNames {
  /** Look-ups that were begun, numbered from 0. */
  readonly asked: number;
  /** By the address of the server; "::" when the C library asked. */
  readonly answers: readonly Packet[];
  /** Look-ups that were given up; the rest had not ended. */
  readonly failed: number;
  /** Nanoseconds after which the most patient of those was given up; 0 without any. */
  readonly longestFailure: bigint;
}

/** Looks a name up at a steady rate, however long each look-up takes. */
export function askNames(
  host: LabHost,
  { name, rate, retry, isByLibrary = false }: NamePlan,
): Promise<TrafficProcess<AskedNames>> {
  const words = [...optionWords({ name, rate, retry }), ...flagWords({ library: isByLibrary })];
  return TrafficProcess.start(host, "name-ask", words, ({ line, packets }) => ({
    asked: Number(line["asked"]),
    answers: packets,
    failed: Number(line["failed"]),
    longestFailure: BigInt(String(line["longest_failure"])),
  }));
}
