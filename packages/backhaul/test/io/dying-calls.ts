/** A process that dies between two of its writes to the disk: from a chosen step on, nothing it does has any effect. */
import { closeSync } from "node:fs";
import { type FileCalls, fileCalls } from "@ropewalk/backhaul/io/file-calls";
import type { FileJournal } from "@ropewalk/backhaul/io/file-journal";

export class DyingCalls implements Disposable {
  readonly #open = new Set<number>();
  readonly #dieAt: number;
  #steps = 0;

  /** Dies instead of taking step `dieAt`, counted from 0. */
  constructor(dieAt: number) {
    this.#dieAt = dieAt;
  }

  get isDead(): boolean {
    return this.#steps > this.#dieAt;
  }

  readonly calls: FileCalls = {
    create: (path) => this.#opened(this.#step(() => fileCalls.create(path))),
    open: (path) => this.#opened(this.#step(() => fileCalls.open(path))),
    write: (descriptor, bytes, position) => this.#step(() => fileCalls.write(descriptor, bytes, position)),
    truncate: (descriptor, length) => this.#step(() => fileCalls.truncate(descriptor, length)),
    changeOwner: (descriptor, user, group) => this.#step(() => fileCalls.changeOwner(descriptor, user, group)),
    changeMode: (descriptor, mode) => this.#step(() => fileCalls.changeMode(descriptor, mode)),
    rename: (from, to) => this.#step(() => fileCalls.rename(from, to)),
    remove: (path) => this.#step(() => fileCalls.remove(path)),
    // The kernel closes what a dead process held open.
    close: () => {},
    closeDurably: () => {},
  };

  journal({ all, put, remove }: FileJournal): FileJournal {
    return { all, put: (file) => this.#step(() => put(file)), remove: (path) => this.#step(() => remove(path)) };
  }

  [Symbol.dispose](): void {
    for (const descriptor of this.#open) closeSync(descriptor);
  }

  #step<T>(work: () => T): T {
    this.#steps += 1;
    if (this.isDead) throw new Error("killed");
    return work();
  }

  #opened(descriptor: number): number {
    this.#open.add(descriptor);
    return descriptor;
  }
}
