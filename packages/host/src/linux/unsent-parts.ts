/** What a connection still has to give to the kernel: the parts of one write, borrowed from whoever wrote them. */
import { ERRNO } from "./native.ts";
import { mostParts, type TcpCalls } from "./native-tcp.ts";

const none: readonly Uint8Array[] = [];

export class UnsentParts {
  readonly #calls: TcpCalls;
  #parts = none;
  /** The part that is next, and how much of it the kernel has. */
  #first = 0;
  #skip = 0;

  constructor(calls: TcpCalls) {
    this.#calls = calls;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  take(parts: readonly Uint8Array[]): void {
    this.#parts = parts;
    this.#first = 0;
    this.#skip = 0;
    this.#passEmpty();
  }

  /** Behind what is left. */
  append(parts: readonly Uint8Array[]): void {
    if (this.isEmpty) {
      this.take(parts);
      return;
    }
    this.#parts = [...this.#parts.slice(this.#first), ...parts];
    this.#first = 0;
  }

  /** 0 when the kernel took as much as it wanted, which is all of it if `isEmpty`; else a negated errno. */
  push(fd: number): number {
    while (this.#parts.length > 0) {
      const sent = this.#calls.send(fd, this.#parts, this.#first, this.#skip);
      if (sent === -ERRNO.EINTR) continue;
      if (sent < 0) return sent === -ERRNO.EAGAIN ? 0 : sent;
      // After a part of them the kernel wants no more: it tells when it does.
      if (!this.#advance(sent)) return 0;
    }
    return 0;
  }

  /** What is left is borrowed no longer. */
  keep(): void {
    const rest = this.#parts.slice(this.#first);
    const [head] = rest;
    if (head !== undefined) rest[0] = head.subarray(this.#skip);
    this.#parts = rest.map((part) => part.slice());
    this.#first = 0;
    this.#skip = 0;
  }

  drop(): void {
    this.#parts = none;
  }

  /** Whether all that was offered in one call was taken. */
  #advance(sent: number): boolean {
    const last = Math.min(this.#parts.length, this.#first + mostParts);
    let left = sent;
    while (this.#first < last) {
      const length = (this.#parts[this.#first]?.length ?? 0) - this.#skip;
      if (left < length) {
        this.#skip += left;
        return false;
      }
      left -= length;
      this.#first += 1;
      this.#skip = 0;
    }
    this.#passEmpty();
    return true;
  }

  #passEmpty(): void {
    while (this.#parts[this.#first]?.length === 0) this.#first += 1;
    if (this.#first >= this.#parts.length) this.#parts = none;
  }
}
