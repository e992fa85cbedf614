/**
 * What a node must not forget, in one file of SQLite that only its user may read, since preshared keys are in it. What a write returned from is on the
 * disk.
 */
import { randomUUID } from "node:crypto";
import type { Clock } from "@ropewalk/kernel/clock";
import { type OpenedStore, openStore, type Store } from "@ropewalk/ops/store";
import { DamagedContent } from "@ropewalk/ops/store-errors";
import { setAsideStore } from "@ropewalk/ops/store-file";
import type { Held, Rest } from "./pure/held.ts";
import type { Generation, PlacementId } from "./pure/order.ts";
import type { StoredLeases } from "./pure/reopen.ts";
import { generationIn, heldIn, restIn, textIn } from "./stored-rows.ts";

const migrations: readonly string[] = [
  `CREATE TABLE node (
     only INTEGER PRIMARY KEY CHECK (only = 1),
     store TEXT NOT NULL,
     boot TEXT NOT NULL,
     watermark INTEGER NOT NULL,
     snapshot_boot TEXT
   ) STRICT;
   CREATE TABLE held (
     placement TEXT PRIMARY KEY,
     generation INTEGER NOT NULL,
     public_key TEXT NOT NULL,
     addresses TEXT,
     preshared_key BLOB,
     over_at REAL NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE resting (
     address TEXT PRIMARY KEY,
     placement TEXT,
     until REAL NOT NULL
   ) STRICT, WITHOUT ROWID`,
];

/** Undefined is to be deleted. */
export interface LeaseChanges {
  readonly rows: ReadonlyMap<PlacementId, Held | undefined>;
  readonly rests: ReadonlyMap<string, Rest | undefined>;
  /** Of a snapshot that was taken. */
  readonly watermark: Generation | undefined;
}

export interface LeaseStoreOptions {
  readonly path: string;
  /** Of the machine that runs. */
  readonly kernelBoot: string;
  readonly clock: Pick<Clock, "wall">;
}

export class LeaseStore implements Disposable {
  /** Of this life of the node. */
  readonly boot: string;
  /** Undefined: the store begins now. */
  readonly stored: StoredLeases | undefined;
  /** A damaged file that was moved away, and what was wrong with it. */
  readonly setAside: OpenedStore["setAside"];
  readonly #store: Store;
  #hasSnapshot: boolean;

  /** One that is damaged is set aside, and another begins. Throws OpsError, OPS_STORE_*, where there can be none. */
  static open(options: LeaseStoreOptions): LeaseStore {
    const opened = openStore(options.path, { migrations, clock: options.clock });
    try {
      return new LeaseStore(opened, options);
    } catch (error) {
      opened.store[Symbol.dispose]();
      if (!(error instanceof DamagedContent)) throw error;
      const path = setAsideStore(options.path, options.clock.wall());
      const fresh = openStore(options.path, { migrations, clock: options.clock });
      return new LeaseStore({ ...fresh, setAside: { path, reason: error.message } }, options);
    }
  }

  private constructor({ store, setAside }: OpenedStore, { kernelBoot }: LeaseStoreOptions) {
    this.#store = store;
    this.setAside = setAside;
    // What is removed is overwritten: keys are among it.
    store.all("PRAGMA secure_delete = ON");
    const [node] = store.all("SELECT store, boot, watermark, snapshot_boot FROM node");
    const name = node === undefined ? randomUUID() : textIn(node, "store");
    this.boot = `${kernelBoot}.${name}`;
    this.#hasSnapshot = node !== undefined && node["snapshot_boot"] === this.boot;
    this.stored = node && {
      boot: textIn(node, "boot"),
      watermark: generationIn(node, "watermark"),
      held: store.all("SELECT * FROM held").map(heldIn),
      resting: store.all("SELECT * FROM resting").map(restIn),
    };
    if (node === undefined) store.run("INSERT INTO node VALUES (1, ?, ?, 0, NULL)", name, this.boot);
    else if (textIn(node, "boot") !== this.boot) this.#begin();
  }

  /** Whether a snapshot was taken in this boot. */
  get hasSnapshot(): boolean {
    return this.#hasSnapshot;
  }

  /** All of it, or nothing. Throws OpsError, OPS_STORE_*. */
  write({ rows, rests, watermark }: LeaseChanges): void {
    if (rows.size + rests.size === 0 && watermark === undefined) return;
    this.#store.transaction(() => {
      for (const [placement, held] of rows) this.#writeRow(placement, held);
      for (const [address, rest] of rests) this.#writeRest(address, rest);
      if (watermark !== undefined)
        this.#store.run("UPDATE node SET watermark = ?, snapshot_boot = ?", watermark, this.boot);
    });
    if (watermark !== undefined) this.#hasSnapshot = true;
  }

  [Symbol.dispose](): void {
    this.#store[Symbol.dispose]();
  }

  /** The machine has started again: nothing that was counted by its former clock is of use. */
  #begin(): void {
    this.#store.transaction(() => {
      this.#store.run("DELETE FROM held");
      this.#store.run("DELETE FROM resting");
      this.#store.run("UPDATE node SET boot = ?", this.boot);
    });
  }

  #writeRow(placement: PlacementId, held: Held | undefined): void {
    if (held === undefined) {
      this.#store.run("DELETE FROM held WHERE placement = ?", placement);
      return;
    }
    const [key, addresses, presharedKey, over] =
      held.kind === "gone"
        ? [held.publicKey, null, null, held.forgetAt]
        : [held.peer.publicKey, held.peer.addresses.join(" "), held.peer.presharedKey?.reveal() ?? null, held.endsAt];
    this.#store.run(
      "INSERT OR REPLACE INTO held (placement, generation, public_key, addresses, preshared_key, over_at) VALUES (?, ?, ?, ?, ?, ?)",
      ...[placement, held.generation, key, addresses, presharedKey, over],
    );
  }

  #writeRest(address: string, rest: Rest | undefined): void {
    if (rest === undefined) this.#store.run("DELETE FROM resting WHERE address = ?", address);
    else
      this.#store.run(
        "INSERT OR REPLACE INTO resting (address, placement, until) VALUES (?, ?, ?)",
        ...[address, rest.formerly ?? null, rest.until],
      );
  }
}
