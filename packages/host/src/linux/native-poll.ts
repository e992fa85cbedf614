/**
 * libuv's polling of descriptors, with one C callback for all of them. What is ready is told from inside that callback, not in
 * a macrotask of its own, which would cost every message a tenth more; so this file does what Node does around its own
 * callbacks: a throw becomes an uncaught exception and never reaches C, and promises and ticks have their turn afterwards.
 */
import { dlopen, getCurrentEventLoop, getRawPointer } from "node:ffi";
import { HostError } from "../errors.ts";

/** UV_READABLE, UV_WRITABLE and UV_PRIORITIZED of uv.h. */
export const POLL = { READABLE: 1, WRITABLE: 2, PRIORITIZED: 8 } as const;

const signatures = {
  uv_handle_size: { arguments: ["i32"], return: "u64" },
  uv_poll_init: { arguments: ["u64", "u64", "i32"], return: "i32" },
  uv_poll_start: { arguments: ["u64", "i32", "u64"], return: "i32" },
  uv_poll_stop: { arguments: ["u64"], return: "i32" },
  uv_close: { arguments: ["u64", "u64"], return: "void" },
} as const;

const UV_POLL = 8; // Asserted in native.ts.
const handlesInChunk = 64;

/** One polled descriptor. */
export interface Poll {
  /** POLL.*; 0 is silence. Told again and again while it is so. */
  listen(events: number): void;
  /** At once; the descriptor may be closed after that, and not before. */
  end(): void;
}

/** `events` is 0 when the descriptor has an error: to be asked of it, and polling has stopped. */
export type OnReady = (events: number) => void;

export interface Polls extends Disposable {
  /** Throws HOST_NATIVE_CALLS. */
  open(fd: number, onReady: OnReady): Poll;
}

/** The memory of a handle of libuv, which must stay until libuv has closed it. */
interface Slot {
  readonly address: bigint;
  onReady: OnReady | undefined;
}

export function createPolls(): Polls {
  return new UvPolls();
}

class UvPolls implements Polls {
  readonly #library = dlopen(null, signatures);
  readonly #size = Math.ceil(Number(this.#library.functions.uv_handle_size(UV_POLL)) / 16) * 16;
  readonly #loop: bigint = BigInt(getCurrentEventLoop());
  /** By the lower half of their address, which is a number where the whole would be a BigInt. */
  readonly #slots = new Map<number, Slot>();
  readonly #chunks: ArrayBuffer[] = [];
  readonly #free: Slot[] = [];
  #used = 0;
  #isDisposed = false;
  readonly #ready: bigint;
  readonly #closed: bigint;

  constructor() {
    const { lib } = this.#library;
    const runTicks = tickRunner();
    this.#ready = lib.registerCallback(
      { arguments: ["u32", "i32", "i32"], return: "void" },
      (address, status, events) => {
        attempt(() => this.#slots.get(address)?.onReady?.(status < 0 ? 0 : events));
        attempt(runTicks);
      },
    );
    this.#closed = lib.registerCallback({ arguments: ["u32"], return: "void" }, (address) => {
      const slot = this.#slots.get(address);
      if (slot !== undefined) this.#free.push(slot);
      this.#used -= 1;
      setImmediate(() => this.#forget());
    });
  }

  open(fd: number, onReady: OnReady): Poll {
    const { functions } = this.#library;
    const slot = this.#takeSlot();
    const { address } = slot;
    const begun = functions.uv_poll_init(this.#loop, address, fd);
    if (begun !== 0) {
      this.#free.push(slot);
      throw new HostError("HOST_NATIVE_CALLS", `the event loop refused descriptor ${fd} (libuv error ${begun})`, {
        errno: -begun,
      });
    }
    this.#used += 1;
    slot.onReady = onReady;
    return {
      listen: (events) => {
        if (events === 0) functions.uv_poll_stop(address);
        else functions.uv_poll_start(address, events, this.#ready);
      },
      end: () => {
        slot.onReady = undefined;
        functions.uv_close(address, this.#closed);
      },
    };
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#forget();
  }

  /** A callback cannot unregister itself, nor before libuv has closed the last handle. */
  #forget(): void {
    if (!this.#isDisposed || this.#used > 0 || this.#slots.size === 0) return;
    this.#slots.clear();
    this.#library.lib.unregisterCallback(this.#ready);
    this.#library.lib.unregisterCallback(this.#closed);
  }

  #takeSlot(): Slot {
    if (this.#free.length === 0) this.#addChunk();
    const slot = this.#free.pop();
    return slot ?? this.#takeSlot();
  }

  #addChunk(): void {
    const chunk = new ArrayBuffer(this.#size * handlesInChunk);
    const base = getRawPointer(chunk);
    this.#chunks.push(chunk);
    for (let index = 0; index < handlesInChunk; index += 1) {
      const address = base + BigInt(index * this.#size);
      const low = Number(address & 0xffff_ffffn);
      // 4 GiB from another one that is in use: this one is left out.
      if (this.#slots.has(low)) continue;
      const slot = { address, onReady: undefined };
      this.#slots.set(low, slot);
      this.#free.push(slot);
    }
  }
}

function attempt(call: () => void): void {
  try {
    call();
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
  }
}

/** What Node runs after each of its own callbacks. It has no public name; without it a macrotask does the same, later. */
function tickRunner(): () => void {
  const { _tickCallback: run } = process as unknown as { readonly _tickCallback?: () => void };
  return run === undefined ? () => void setImmediate(() => {}) : () => run.call(process);
}
