/** What the owner of the store and its thread say to each other. */
import type { Bytes } from "@ropewalk/kernel/units";
import type { MeshErrorCode } from "../../errors.ts";
import type { StoreAnswer, StoreOperation } from "../../pure/messages/store-operations.ts";
import type { StoreQuestion, StoreReading, StoreReply } from "../../pure/messages/store-questions.ts";
import type { StoreTime } from "../../pure/messages/store-time.ts";
import type { SalvagedTable } from "./salvage.ts";

/** What the thread is started with. */
export interface StoreThreadOptions {
  readonly path: string;
  /** Of the room that is kept for removing. */
  readonly reserve: Bytes;
}

/** To the thread. */
export type ToStore =
  /** One transaction of several groups; the next batch comes when this one is settled. */
  | { readonly kind: "batch"; readonly groups: readonly (readonly StoreOperation[])[] }
  | { readonly kind: "ask"; readonly id: number; readonly question: StoreQuestion }
  | { readonly kind: "stop" };

export type FromStore =
  | { readonly kind: "opened"; readonly opened: OpenedFile }
  | { readonly kind: "unopened"; readonly code: MeshErrorCode; readonly reason: string }
  /** Of each group of the batch. */
  | { readonly kind: "settled"; readonly answers: readonly StoreAnswer[] }
  | {
      readonly kind: "answer";
      readonly id: number;
      readonly reading: StoreReading<StoreReply[StoreQuestion["kind"]]>;
    }
  | { readonly kind: "event"; readonly event: StoreEvent };

export interface OpenedFile {
  /** "lost": there was one, and nothing of it is left; "salvaged": it was damaged, and `salvaged` says what is left of it. */
  readonly start: "new" | "kept" | "lost" | "salvaged";
  readonly salvaged: Salvaged | undefined;
  /** As far as the store's time had come; 0 where it is new. */
  readonly lastTime: StoreTime;
}

export interface Salvaged {
  /** Where the damaged one is. */
  readonly aside: string;
  /** What was wrong with it. */
  readonly reason: string;
  readonly tables: readonly SalvagedTable[];
}

/** What its owner tells people. */
export type StoreEvent =
  /** Damage was found while the store was in use. */
  | { readonly kind: "salvaged"; readonly salvaged: Salvaged }
  /** The disk is full: only what removes is done. */
  | { readonly kind: "full" }
  /** There is room again. */
  | { readonly kind: "roomy" }
  /** The disk or the file fails, for now; each cause once until it works again. */
  | { readonly kind: "failing"; readonly reason: string }
  | { readonly kind: "working" };
