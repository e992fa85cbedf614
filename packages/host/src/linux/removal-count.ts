/** What came of removing many things that may end by themselves meanwhile. */
import { describeErrno } from "../system-error.ts";
import { ERRNO } from "./native.ts";
import type { Verdict } from "./netlink-exchange.ts";

export interface Removed {
  readonly removed: number;
  /** Ended by themselves meanwhile. */
  readonly gone: number;
  readonly refused: number;
  /** What the kernel said of the first that it refused. */
  readonly detail: string | undefined;
}

export class RemovalCount {
  #result: Removed = { removed: 0, gone: 0, refused: 0, detail: undefined };

  get result(): Removed {
    return this.#result;
  }

  /** The verdict on one of them. */
  add({ errno }: Verdict): void {
    const { removed, gone, refused, detail } = this.#result;
    if (errno === 0) this.#result = { ...this.#result, removed: removed + 1 };
    else if (errno === ERRNO.ENOENT) this.#result = { ...this.#result, gone: gone + 1 };
    else this.#result = { ...this.#result, refused: refused + 1, detail: detail ?? describeErrno(-errno) };
  }
}
