/**
 * One place of the simulated mesh: a node while it lives, what it has kept on its disk, its links, and the time that its processor
 * needs. Who meddles with it sees all that comes and goes.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { LinkFacts, LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { MeshOutput, SequenceMark } from "@ropewalk/mesh/pure/mesh-output";
import type { MessageDesk } from "@ropewalk/mesh/pure/messages/message-desk";
import type { MessageEvent } from "@ropewalk/mesh/pure/messages/message-terms";
import type { StoreOperation } from "@ropewalk/mesh/pure/messages/store-operations";
import { frameType } from "@ropewalk/mesh/pure/wire/link-frame";
import { Happening, type VirtualTime } from "@ropewalk/simnet/virtual-time";
import { copied } from "./copied.ts";
import { Ear, type Listener } from "./ear.ts";
import type { Line, Outlet } from "./outlet.ts";
import type { SimCrypto } from "./sim-crypto.ts";
import { SimDisk } from "./sim-disk.ts";
import type { MakeNode, SimulatedNode } from "./simulated-node.ts";

/** One end of a link that is up. */
export interface Port {
  readonly link: LinkId;
  readonly peer: Station;
  readonly out: Outlet;
}

/** Does with a node what its owner would not. What it leaves out happens as it would. */
export interface Meddler {
  /** What leaves in place of a frame of the node's. */
  sends?(frame: Uint8Array, to: Port): readonly Uint8Array[];
  /** What the node hears in place of a frame. */
  hears?(frame: Uint8Array, from: Port): readonly Uint8Array[];
}

export type ProbeResult = Extract<MeshOutput, { readonly kind: "answered" | "unanswered" }>;

export interface StationOptions {
  readonly index: number;
  readonly time: VirtualTime;
  /** When it listens to its links: see Listener. */
  readonly phase: number;
  readonly crypto: SimCrypto;
  readonly make: MakeNode;
  readonly random: () => number;
  /** The node wants the link cut. */
  readonly cut: (station: Station, port: Port, why: string) => void;
  readonly onMessage?: ((station: Station, event: MessageEvent) => void) | undefined;
}

/** What one verification costs a core. Source: 8,630 a second measured on the machine that this was written on. */
const verifying = 0.12;
/** What a commit takes, or a read. */
const committing = millis(5);
const messageFrames: ReadonlySet<number> = new Set([frameType.message, frameType.proof, frameType.deposit]);
/** How soon an event loop comes round again. */
const turn = 0.1;
const fresh: SequenceMark = { epoch: 1, sequence: 0 };

export class Station implements Listener {
  readonly index: number;
  readonly crypto: SimCrypto;
  readonly ports: Map<LinkId, Port> = new Map();
  readonly results: Map<number, ProbeResult> = new Map();
  meddler: Meddler | undefined;
  /** Added to the time that the node is told: its clock is off. */
  clockError = 0;
  /** The same of its calendar, from the next start on. */
  calendarError = 0;
  busyUntil = 0;
  readonly phase: number;
  /** The disk. */
  mark: SequenceMark = fresh;
  disk: SimDisk = new SimDisk();
  /** Of frames with envelopes and proofs that it has sent. */
  messageOctets = 0;
  readonly #options: StationOptions;
  readonly #alarm: Alarm;
  readonly #ear: Ear;
  #node: SimulatedNode | undefined;
  #links = 0;

  constructor(options: StationOptions) {
    this.index = options.index;
    this.crypto = options.crypto;
    this.phase = options.phase;
    this.#options = options;
    this.#alarm = new Alarm(() => this.#wake());
    this.#ear = new Ear(options.time, this);
  }

  get address(): MeshAddress {
    return this.crypto.address;
  }

  get node(): SimulatedNode | undefined {
    return this.#node;
  }

  get isAlive(): boolean {
    return this.#node !== undefined;
  }

  /** A node that goes on from what the disk has. */
  start(): void {
    if (this.#node !== undefined) throw new InternalError(`node ${this.index} lives already`);
    const { make, random } = this.#options;
    this.busyUntil = 0;
    const { crypto, mark, disk, calendarError } = this;
    this.#node = make({ crypto, mark, random, disk, now: this.#now, calendarError });
    this.withMessages((now, desk) => desk.restore(now, this.disk.found()));
    this.#settle();
  }

  /** Its neighbours are told by their cables. */
  stop(): void {
    this.#options.time.cancel(this.#alarm);
    this.#ear.closeAll();
    this.ports.clear();
    this.#node = undefined;
  }

  /** The disk is gone. */
  wipe(): void {
    this.mark = fresh;
    this.disk = new SimDisk();
  }

  nextLink(): LinkId {
    this.#links += 1;
    return this.#links as LinkId;
  }

  linkUp(port: Port, facts: LinkFacts): void {
    this.ports.set(port.link, port);
    this.#do((node, now) => node.linkUp(now, port.link, facts));
  }

  linkDown(port: Port): void {
    this.#ear.close(port.link);
    if (this.ports.delete(port.link)) this.#do((node, now) => node.linkDown(now, port.link));
  }

  /** By its id in `results`, once it is over. */
  probe(id: number, to: MeshAddress, kind: "ping" | "trace"): void {
    this.#do((node, now) => node.probe(now, id, to, kind));
  }

  /** Undefined: it is dead, or carries no messages. */
  withMessages<T>(act: (now: Millis, desk: MessageDesk) => T): T | undefined {
    const [now, node] = [this.#now, this.#node];
    if (node?.messages === undefined) return undefined;
    const value = act(now, node.messages);
    this.#do(() => node.finish?.(now) ?? []);
    return value;
  }

  /** From now on what is put into it is heard when it arrives. */
  listen(link: LinkId): Line {
    return this.#ear.open(link);
  }

  hear(link: LinkId, frames: readonly Uint8Array[]): void {
    const node = this.#node;
    const port = this.ports.get(link);
    if (node === undefined || port === undefined) return;
    const now = this.#now;
    const { meddler } = this;
    for (const frame of frames) {
      if (meddler?.hears === undefined) this.#take(node, now, link, frame);
      else for (const other of meddler.hears(frame, port)) this.#take(node, now, link, other);
      if (!this.ports.has(link)) break;
    }
    this.#perform(node.finish?.(now) ?? []);
    this.#settle();
  }

  /** What follows from frames that came together is done behind them, and from what is none at once. */
  #take(node: SimulatedNode, now: Millis, link: LinkId, frame: Uint8Array): void {
    if (node.take === undefined) this.#perform(node.receive(now, link, frame));
    else if (!node.take(now, link, frame)) this.#perform(node.finish?.(now) ?? []);
  }

  get #now(): Millis {
    return (this.#options.time.now + this.clockError) as Millis;
  }

  #wake(): void {
    const { time } = this.#options;
    if (this.busyUntil > time.now) time.schedule(this.busyUntil, this.#alarm);
    else this.#do((node, now) => node.expire(now));
  }

  #do(work: (node: SimulatedNode, now: Millis) => readonly MeshOutput[]): void {
    if (this.#node === undefined) return;
    this.#perform(work(this.#node, this.#now));
    this.#settle();
  }

  #perform(outputs: readonly MeshOutput[]): void {
    for (const output of outputs) {
      switch (output.kind) {
        case "transmit":
          this.#transmit(output.link, output.frame);
          break;
        case "keep":
          this.mark = output.mark;
          break;
        case "cut": {
          const port = this.ports.get(output.link);
          if (port !== undefined) this.#options.cut(this, port, output.why);
          break;
        }
        case "answered":
        case "unanswered":
          this.results.set(output.probe, output);
          break;
        case "write":
          this.#write(output.call, copied(output.operations));
          break;
        case "read":
          this.#later(() => {
            const value = this.disk.answer(output.question);
            this.withMessages((now, desk) => desk.answered(now, output.call, { kind: "read", value }));
          });
          break;
        case "message":
          this.#options.onMessage?.(this, output.event);
          break;
      }
    }
  }

  #write(call: number, operations: readonly StoreOperation[]): void {
    this.#later(() => {
      const outcomes = operations.map((operation) => this.disk.perform(operation));
      this.withMessages((now, desk) => desk.written(now, call, { kind: "committed", outcomes }));
    });
  }

  /** When the disk has done it; who dies before has not. */
  #later(work: () => void): void {
    const node = this.#node;
    this.#options.time.after(committing, () => {
      if (this.#node === node) work();
    });
  }

  #transmit(link: LinkId, frame: Uint8Array): void {
    const port = this.ports.get(link);
    // A link that is down swallows what was said before its end was heard of, as a socket does.
    if (port === undefined) return;
    if (messageFrames.has(frame[0] ?? 0)) this.messageOctets += frame.length;
    if (this.meddler?.sends === undefined) port.out.send(frame);
    else for (const other of this.meddler.sends(frame, port)) port.out.send(other);
  }

  /** The processor's time for what was verified, and when the node wants to be called next. */
  #settle(): void {
    const { time } = this.#options;
    const verified = this.crypto.takeVerified();
    if (verified > 0) this.busyUntil = Math.max(this.busyUntil, time.now) + verified * verifying;
    const deadline = this.#node?.deadline();
    if (deadline === undefined) return;
    const at = Math.max(deadline - this.clockError, time.now + turn);
    // To be called early does no harm, and an alarm that is put off each time never rings.
    if (this.#alarm.isScheduled && this.#alarm.at <= at) return;
    time.cancel(this.#alarm);
    time.schedule(at, this.#alarm);
  }
}

class Alarm extends Happening {
  readonly #ring: () => void;

  constructor(ring: () => void) {
    super();
    this.#ring = ring;
  }

  happen(): void {
    this.#ring();
  }
}
