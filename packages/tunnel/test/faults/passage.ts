/**
 * One direction of a relayed connection: it reads one socket and writes the other, with what faults do to time and octets in
 * between. What it holds is bounded: it stops reading while too much waits.
 */
import type { Socket } from "node:net";
import type { Act } from "./fault.ts";
import { type Mark, OctetChanges } from "./octet-changes.ts";

const mostWaiting = 1 << 20;

type Waiting =
  | { readonly kind: "octets"; readonly octets: Uint8Array; readonly from: number }
  | { readonly kind: "end"; readonly from: number }
  | { readonly kind: "call"; readonly call: () => void; readonly from: number };

export interface PassageEvents {
  /** What was to be sent before this has been given to the kernel, or to Node. */
  readonly onMark: (mark: Mark) => void;
  readonly onEnd: () => void;
}

export class Passage {
  readonly changes: OctetChanges = new OctetChanges();
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #events: PassageEvents;
  #waiting: Waiting[] = [];
  #waitingOctets = 0;
  #isSilent = false;
  #isHeld = false;
  #toSlice = 0;
  #delay = 0;
  #rate: number | undefined;
  /** Nothing is written before; set by the rate. */
  #notBefore = 0;
  #turn: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #waitsForDrain = false;

  constructor(from: Socket, to: Socket, events: PassageEvents) {
    this.#from = from;
    this.#to = to;
    this.#events = events;
    from.on("data", (octets: Buffer) => this.#onOctets(octets));
    from.on("end", () => this.#onEnd());
    to.on("drain", () => {
      this.#waitsForDrain = false;
      this.#write();
    });
  }

  /** In the order of what was read. */
  shape(act: Act): void {
    if (act.kind === "slice") this.#toSlice = act.count;
    if (act.kind === "delay") this.#delay = act.ms;
    if (act.kind === "rate") this.#rate = act.bytesPerSecond;
  }

  /** From now on all is read and nothing said. */
  silence(): void {
    this.#isSilent = true;
    this.#waiting = [];
    this.#waitingOctets = 0;
    this.#from.resume();
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld) this.#write();
  }

  #onOctets(octets: Buffer): void {
    for (const passed of this.changes.pass(octets)) {
      if (this.#isSilent) return;
      if (passed.kind === "octets") this.#queue({ kind: "octets", octets: passed.octets, from: this.#release() });
      else this.#queue({ kind: "call", call: () => this.#events.onMark(passed.mark), from: this.#release() });
    }
  }

  #onEnd(): void {
    if (this.#isSilent) return;
    for (const octets of this.changes.end()) this.#queue({ kind: "octets", octets, from: this.#release() });
    this.#queue({ kind: "end", from: this.#release() });
  }

  #release(): number {
    return this.#delay === 0 ? 0 : performance.now() + this.#delay;
  }

  #queue(waiting: Waiting): void {
    this.#waiting.push(waiting);
    if (waiting.kind === "octets") this.#waitingOctets += waiting.octets.length;
    this.#write();
    if (this.#waitingOctets > mostWaiting) this.#from.pause();
  }

  #write(): void {
    while (!this.#isSilent && !this.#isHeld && !this.#waitsForDrain && this.#turn === undefined) {
      const first = this.#waiting[0];
      if (first === undefined) return;
      const wait = Math.max(first.from, this.#notBefore) - performance.now();
      if (wait > 0) {
        this.#again(wait);
        return;
      }
      this.#perform(first);
    }
  }

  #again(wait: number): void {
    const turn = () => {
      this.#turn = undefined;
      this.#write();
    };
    this.#turn = wait > 0 ? setTimeout(turn, wait) : setImmediate(turn);
  }

  #perform(first: Waiting): void {
    if (first.kind !== "octets") {
      this.#waiting.shift();
      if (first.kind === "call") first.call();
      else this.#events.onEnd();
      return;
    }
    const isSliced = this.#toSlice > 0;
    const most = isSliced ? 1 : this.#rate === undefined ? first.octets.length : Math.ceil(this.#rate / 200);
    const part = first.octets.subarray(0, most);
    if (part.length === first.octets.length) this.#waiting.shift();
    else this.#waiting[0] = { ...first, octets: first.octets.subarray(most) };
    this.#waitingOctets -= part.length;
    if (this.#rate !== undefined) {
      this.#notBefore = Math.max(this.#notBefore, performance.now()) + (part.length / this.#rate) * 1000;
    }
    if (this.#waitingOctets <= mostWaiting && this.#from.isPaused()) this.#from.resume();
    if (this.#to.writable) this.#waitsForDrain = !this.#to.write(part);
    if (!isSliced) return;
    this.#toSlice -= 1;
    this.#again(0);
  }
}
