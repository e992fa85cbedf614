/**
 * Room on the disk that is given up when there is no other, so that what only removes can still be written, and the store become
 * smaller. The disk is full for the store from then until the reserve could be made again.
 */
import { randomFillSync } from "node:crypto";
import { closeSync, constants, fdatasyncSync, fstatSync, openSync, rmSync, writeSync } from "node:fs";
import type { Clock } from "@ropewalk/kernel/clock";
import { type Bytes, bytes, type Millis, seconds } from "@ropewalk/kernel/units";

/** Twice what the journal holds between two checkpoints: with less, what is in it could not be moved to the file. */
export const usualReserve: Bytes = bytes(8 * 1024 * 1024);
/** Between two attempts to make it again. */
const tryAgain: Millis = seconds(1);

export class Reserve {
  readonly #path: string;
  readonly #size: Bytes;
  readonly #clock: Pick<Clock, "now">;
  #isThere = false;
  #triedAt: Millis | undefined;

  constructor(path: string, size: Bytes, clock: Pick<Clock, "now">) {
    this.#path = path;
    this.#size = size;
    this.#clock = clock;
  }

  /** Whether there is room; looks for it where there was none, but not at every call. */
  isThere(): boolean {
    const now = this.#clock.now();
    if (this.#isThere || (this.#triedAt !== undefined && now - this.#triedAt < tryAgain)) return this.#isThere;
    this.#triedAt = now;
    this.#isThere = this.#make();
    if (!this.#isThere) rmSync(this.#path, { force: true });
    return this.#isThere;
  }

  giveUp(): void {
    rmSync(this.#path, { force: true });
    this.#isThere = false;
    this.#triedAt = this.#clock.now();
  }

  #make(): boolean {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
    let fd: number | undefined;
    try {
      fd = openSync(this.#path, flags, 0o600);
      if (fstatSync(fd).size === this.#size) return true;
      // A file system that compresses would keep no room for zeros.
      const octets = randomFillSync(new Uint8Array(this.#size));
      for (let at = 0; at < octets.length; ) at += writeSync(fd, octets, at, octets.length - at, at);
      fdatasyncSync(fd);
      return true;
    } catch {
      return false;
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }
}
