/** What the process that is all customers is told, a line of JSON each, and what it tells. Times are in milliseconds. */

import type { BareGround } from "./bare-task.ts";

export interface CustomersTask {
  /** Of entry, "https://…". */
  readonly url: string;
  readonly authority: string;
  readonly adminKey: string;
  /** How many customers there are, each with a device. */
  readonly customers: number;
  /** An echo service beyond the exit; undefined: nobody opens a tunnel. */
  readonly echo: { readonly address: string; readonly port: number } | undefined;
  readonly region: string;
}

export type CustomersOrder =
  /** So many sessions, one after another or so many begun a second: from the request to the first echo, then ended. */
  | { readonly kind: "echo"; readonly sessions: number; readonly perSecond: number | undefined }
  /** Sessions begun and ended, so many a second for so long, whatever becomes of those before. */
  | { readonly kind: "cycles"; readonly perSecond: number; readonly seconds: number }
  /** One session for each customer, which is not ended. */
  | { readonly kind: "hold" }
  /** As `echo`, with wireguard-go alone: from asking for the peer to the first echo. */
  | { readonly kind: "bare"; readonly ground: BareGround; readonly sessions: number };

export type CustomersWord =
  | { readonly kind: "ready" }
  | { readonly kind: "held"; readonly failed: readonly string[] }
  | { readonly kind: "bared"; readonly echoed: readonly number[]; readonly failed: readonly string[] }
  | {
      readonly kind: "echoed";
      /** From the request until its answer, and until the first payload that came back. */
      readonly answered: readonly number[];
      readonly echoed: readonly number[];
      readonly ended: readonly number[];
      readonly failed: readonly string[];
    }
  | {
      readonly kind: "cycled";
      readonly begun: readonly number[];
      readonly ended: readonly number[];
      readonly failed: readonly string[];
      /** From the first request until the last answer. */
      readonly took: number;
      /** Of this process, in milliseconds of processor. */
      readonly processor: number;
    };
