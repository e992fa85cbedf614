/** Dials whom `Dialling` says, when it says so, and hands over every connection whose peer has proved his key. */
import type { Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { type DialTarget, type TargetKey, targetKey } from "../pure/dial-entry.ts";
import { Dialling, type DiallingConfig } from "../pure/dialling.ts";
import type { MeshAddress } from "../pure/mesh-address.ts";
import { connectLink, type LinkConnectDeps, type LinkConnection } from "./link-connect.ts";
import { LinkHandshake, type ProvedLink } from "./link-handshake.ts";
import type { LinkIdentity, LinkRefusal } from "./link-tls.ts";
import type { LinkPlace } from "./links.ts";
import { PeerNames } from "./peer-names.ts";

export interface DiallerConfig {
  readonly dialling: DiallingConfig;
  /** For the connection, and again for its handshake. */
  readonly within: Millis;
}

export interface DiallerDeps extends Omit<LinkConnectDeps, "names"> {
  readonly identity: LinkIdentity;
  /** 0…1. */
  readonly chance: () => number;
}

export interface DiallerEvents {
  readonly onProved: (link: ProvedLink, place: LinkPlace) => void;
  readonly onFailed: (
    target: DialTarget,
    why: LinkRefusal | { readonly reason: "unreachable"; readonly detail: string },
  ) => void;
}

export class Dialler implements Disposable {
  readonly #config: DiallerConfig;
  readonly #deps: DiallerDeps;
  readonly #events: DiallerEvents;
  readonly #dialling: Dialling;
  readonly #names: PeerNames;
  /** Those that are being dialled. */
  readonly #running = new Map<TargetKey, AbortController>();
  #timer: Timer | undefined;
  #isOver = false;

  constructor(config: DiallerConfig, deps: DiallerDeps, events: DiallerEvents) {
    this.#config = config;
    this.#deps = deps;
    this.#events = events;
    this.#dialling = new Dialling(config.dialling);
    this.#names = new PeerNames(deps.clock);
  }

  targets(): ReturnType<Dialling["targets"]> {
    return this.#dialling.targets();
  }

  /** These static targets and no others. */
  setStatic(targets: readonly DialTarget[]): void {
    this.#change(() => this.#dialling.setStatic(this.#now(), targets));
    this.#giveUpForgotten();
  }

  isLinkedAt(key: TargetKey): boolean {
    return this.#dialling.isLinkedAt(key);
  }

  /** Whether it is one of the nearest that were found on local networks, who rely on this node to take their link. */
  isNearest(peer: MeshAddress): boolean {
    return this.#dialling.isNearest(peer);
  }

  /** So many discovered peers are dialled or have a link. */
  setDiscovered(most: number): void {
    this.#change(() => this.#dialling.setDiscovered(most));
  }

  forgetDiscovered(): void {
    this.#change(() => this.#dialling.forgetDiscovered());
    this.#giveUpForgotten();
  }

  found(target: DialTarget): void {
    this.#change(() => this.#dialling.found(this.#now(), target, this.#deps.chance()));
  }

  forget(key: TargetKey): void {
    this.#change(() => this.#dialling.forget(key));
    this.#giveUpForgotten();
  }

  /** A peer has a link now, whoever dialled it. */
  linkUp(peer: MeshAddress): void {
    this.#change(() => this.#dialling.linkUp(this.#now(), peer));
  }

  linkDown(peer: MeshAddress): void {
    this.#change(() => this.#dialling.linkDown(this.#now(), peer, this.#deps.chance()));
  }

  /** The peer's link is down, for the peer has as many as it may. */
  turnedAway(peer: MeshAddress): void {
    this.#change(() => this.#dialling.turnedAway(this.#now(), peer, this.#deps.chance()));
  }

  /** This machine's paths are others now: what has no link is dialled at once by the new ones. */
  pathsChanged(): void {
    this.#change(() => {
      for (const key of this.#dialling.pathsChanged(this.#now())) this.#giveUp(key);
    });
  }

  /** Gives up what is being dialled, and dials no more. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    for (const key of [...this.#running.keys()]) this.#giveUp(key);
  }

  /** Those that are gone, or were named anew with another peer. */
  #giveUpForgotten(): void {
    for (const key of [...this.#running.keys()]) if (!this.#dialling.isDialling(key)) this.#giveUp(key);
  }

  #giveUp(key: TargetKey): void {
    this.#running.get(key)?.abort();
    this.#running.delete(key);
  }

  #change(act: () => void): void {
    if (this.#isOver) return;
    act();
    this.#timer?.[Symbol.dispose]();
    const at = this.#dialling.deadline();
    if (at === undefined) return;
    // Never from inside the caller's call, also where it is due now.
    const wait = millis(Math.max(0, at - this.#now()));
    this.#timer = this.#deps.clock.after("dial of a mesh peer", wait, () => this.#change(() => this.#dialDue()));
  }

  #dialDue(): void {
    for (const target of this.#dialling.due(this.#now())) {
      // Of a target that was named anew with another peer.
      this.#giveUp(targetKey(target));
      const running = new AbortController();
      this.#running.set(targetKey(target), running);
      void this.#dial(target, running);
    }
  }

  /** Never rejects. */
  async #dial(target: DialTarget, running: AbortController): Promise<void> {
    const { clock } = this.#deps;
    const startedAt = this.#now();
    const late = clock.after("connection to a mesh peer", this.#config.within, () =>
      running.abort(new Error("no answer")),
    );
    try {
      const connection = await connectLink({ ...this.#deps, names: this.#names }, target, running.signal);
      if (this.#running.get(targetKey(target)) === running) this.#handshake(target, running, connection, startedAt);
      else connection.stream.destroy();
    } catch (error) {
      this.#failed(target, running, { reason: "unreachable", detail: describeError(error) });
    } finally {
      late[Symbol.dispose]();
    }
  }

  #handshake(target: DialTarget, running: AbortController, connection: LinkConnection, startedAt: Millis): void {
    const { identity, clock } = this.#deps;
    const { stream, remote, local, binding } = connection;
    const handshake = new LinkHandshake(stream, {
      direction: "dialled",
      ...{ identity, clock, within: this.#config.within, expected: target.expected },
      onProved: (link) => {
        this.#running.delete(targetKey(target));
        this.#change(() => this.#dialling.proved(this.#now(), targetKey(target), link.peer));
        this.#events.onProved(link, { remote, remotePort: target.port, local, startedAt, binding });
      },
      onRefused: (refusal) => this.#failed(target, running, refusal),
    });
    running.signal.addEventListener("abort", () => handshake[Symbol.dispose](), { once: true });
  }

  #failed(target: DialTarget, running: AbortController, why: Parameters<DiallerEvents["onFailed"]>[1]): void {
    const key = targetKey(target);
    // What was given up has been told to nobody, and another attempt may run already.
    if (this.#isOver || this.#running.get(key) !== running) return;
    this.#running.delete(key);
    this.#change(() => {
      if (why.reason === "self") this.#dialling.isSelf(key);
      else this.#dialling.failed(this.#now(), key, this.#deps.chance());
    });
    this.#events.onFailed(target, why);
  }

  #now(): Millis {
    return this.#deps.clock.now();
  }
}
