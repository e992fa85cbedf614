/**
 * Runs the pure node in real time: what happens is told to it, and what it asks for is done, in its order. What it sets aside is on the
 * disk before anything behind it leaves; where that fails, nothing leaves at all until it can be kept.
 */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { Messages } from "./messages.ts";
import type { LinkFacts, LinkId } from "./pure/link.ts";
import type { MeshAddress } from "./pure/mesh-address.ts";
import type { MeshNode } from "./pure/mesh-node.ts";
import type { MeshNodeConfig } from "./pure/mesh-node-config.ts";
import type { MeshOutput, SequenceMark } from "./pure/mesh-output.ts";
import type { MessageDesk } from "./pure/messages/message-desk.ts";
import type { NodeKind, OnlineState } from "./pure/wire/link-frame.ts";

/** Announces of one neighbour that wait for their proof, at which it is read no further, and at which it is again. */
const mostWaiting = 1024;
const fewWaiting = 256;
const keepAgain = seconds(1);

export type QuestionKind = "ping" | "trace";

export type ProbeOutcome =
  /** `path`: who passed it on, of a trace. */
  | { readonly kind: "answered"; readonly roundTrip: Millis; readonly path: readonly MeshAddress[] }
  | { readonly kind: "unanswered"; readonly why: "no-route" | "lost" | "busy" | "closed" };

/** What carries the node's frames. */
export interface NodeLinks {
  send(link: LinkId, frame: Uint8Array): void;
  cut(link: LinkId, why: string): void;
  pause(link: LinkId): void;
  resume(link: LinkId): void;
}

export interface NodeShellDeps {
  readonly node: MeshNode;
  readonly clock: Clock;
  readonly links: NodeLinks;
  /** On the disk when it returns, else it throws. */
  readonly keep: (mark: SequenceMark) => void;
  /** It could not be kept, or can be again: until then every link must be cut. */
  readonly onHeld: (error: unknown) => void;
  readonly onKept: () => void;
  /** When this node last measured its way to the internet; undefined: never. */
  readonly measuredAt?: (() => Millis | undefined) | undefined;
  readonly messages?: Pick<Messages, "perform"> | undefined;
}

export class NodeShell implements Disposable {
  readonly #deps: NodeShellDeps;
  readonly #waiting: MeshOutput[] = [];
  readonly #probes = new Map<number, (outcome: ProbeOutcome) => void>();
  readonly #paused = new Set<LinkId>();
  #isPerforming = false;
  /** At the end of this turn. */
  #isFinishing = false;
  #isOver = false;
  /** What could not be kept. */
  #held: SequenceMark | undefined;
  #timer: Timer | undefined;
  #timerAt: Millis | undefined;
  #keepTimer: Timer | undefined;
  #lastProbe = 0;

  constructor(deps: NodeShellDeps) {
    this.#deps = deps;
    this.#arm();
  }

  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  linkUp(link: LinkId, facts: LinkFacts): void {
    this.#tell((node, now) => node.linkUp(now, link, facts));
  }

  linkDown(link: LinkId): void {
    this.#paused.delete(link);
    this.#tell((node, now) => node.linkDown(now, link));
  }

  /** What follows from it is done at the end of this turn, or at once where it is none. */
  receive(link: LinkId, frame: Uint8Array): void {
    if (this.#isOver) return;
    const { node, links, clock } = this.#deps;
    if (node.take(clock.now(), link, frame)) this.#finishLater();
    else this.#finish();
    if (node.waitingOf(link) < mostWaiting || this.#paused.has(link)) return;
    this.#paused.add(link);
    links.pause(link);
  }

  reconfigure(config: MeshNodeConfig): void {
    this.#tell((node, now) => node.reconfigure(now, config));
  }

  setConnectivity(kind: NodeKind, online: OnlineState): void {
    const at = this.#deps.measuredAt?.();
    this.#tell((node, now) => node.setConnectivity(now, kind, online, at));
  }

  /** What follows from it is done at the end of this turn. Undefined: it is over, or passes no messages on. */
  withDesk<T>(act: (now: Millis, desk: MessageDesk) => T): T | undefined {
    const { node, clock } = this.#deps;
    if (this.#isOver || node.messages === undefined) return undefined;
    this.#finishLater();
    return act(clock.now(), node.messages);
  }

  /** Once, without another try. Never rejects. */
  ask(to: MeshAddress, kind: QuestionKind): Promise<ProbeOutcome> {
    if (this.#isOver) return Promise.resolve({ kind: "unanswered", why: "closed" });
    this.#lastProbe += 1;
    const id = this.#lastProbe;
    const { promise, resolve } = Promise.withResolvers<ProbeOutcome>();
    this.#probes.set(id, resolve);
    this.#tell((node, now) => node.probe(now, id, to, kind));
    return promise;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    this.#keepTimer?.[Symbol.dispose]();
    for (const settle of this.#probes.values()) settle({ kind: "unanswered", why: "closed" });
    this.#probes.clear();
  }

  /** Frames that were read together, messages that were handed in together and what one transaction settled go on in one write and one group. */
  #finishLater(): void {
    if (this.#isFinishing) return;
    this.#isFinishing = true;
    queueMicrotask(() => {
      this.#isFinishing = false;
      this.#finish();
    });
  }

  #finish(): void {
    this.#tell((node, now) => node.finish(now));
  }

  #tell(act: (node: MeshNode, now: Millis) => readonly MeshOutput[]): void {
    if (this.#isOver) return;
    const { node, clock } = this.#deps;
    for (const output of act(node, clock.now())) this.#waiting.push(output);
    // What is done may make more happen, such as the end of a link: that comes behind what was asked for before.
    if (!this.#isPerforming) this.#performAll();
    this.#arm();
  }

  #performAll(): void {
    this.#isPerforming = true;
    try {
      for (let index = 0; index < this.#waiting.length; index += 1) {
        const output = this.#waiting[index];
        if (output !== undefined) this.#perform(output);
      }
    } finally {
      this.#waiting.length = 0;
      this.#isPerforming = false;
    }
  }

  #perform(output: MeshOutput): void {
    const { links } = this.#deps;
    switch (output.kind) {
      case "transmit":
        if (this.#held === undefined) links.send(output.link, output.frame);
        return;
      case "keep":
        this.#keep(output.mark);
        return;
      case "cut":
        links.cut(output.link, output.why);
        return;
      case "write":
      case "read":
      case "message":
        this.#deps.messages?.perform(output);
        return;
      case "answered":
        this.#settle(output.probe, { kind: "answered", roundTrip: output.roundTrip, path: output.path });
        return;
      case "unanswered":
        this.#settle(output.probe, { kind: "unanswered", why: output.why });
        return;
    }
  }

  #settle(probe: number, outcome: ProbeOutcome): void {
    this.#probes.get(probe)?.(outcome);
    this.#probes.delete(probe);
  }

  #keep(mark: SequenceMark): void {
    const { keep, onHeld, onKept, clock } = this.#deps;
    const wasHeld = this.#held !== undefined;
    try {
      keep(mark);
      this.#held = undefined;
      if (wasHeld) onKept();
    } catch (error) {
      this.#held = mark;
      this.#keepTimer?.[Symbol.dispose]();
      this.#keepTimer = clock.after("sequences that cannot be kept", keepAgain, () => this.#keep(this.#held ?? mark));
      if (!wasHeld) onHeld(error);
    }
  }

  /** One turn of the node is bounded; if more is due by then, others come before it. */
  #expire(): void {
    this.#timer = undefined;
    this.#timerAt = undefined;
    const { node, links, measuredAt } = this.#deps;
    const at = measuredAt?.();
    if (at !== undefined) node.measured(at);
    this.#tell((_, now) => node.expire(now));
    for (const link of this.#paused) {
      if (node.waitingOf(link) > fewWaiting) continue;
      this.#paused.delete(link);
      links.resume(link);
    }
  }

  #arm(): void {
    const { node, clock } = this.#deps;
    const at = node.deadline();
    if (this.#isOver || at === undefined || (this.#timerAt !== undefined && this.#timerAt <= at)) return;
    this.#timer?.[Symbol.dispose]();
    this.#timerAt = at;
    const wait = millis(Math.max(0, at - clock.now()));
    this.#timer = clock.after("mesh node", wait, () => this.#expire());
  }
}
