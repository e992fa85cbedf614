/**
 * A node of the mesh on this machine: its identity, its links, and the pure node between them, until it is disposed of. Whoever has the
 * address of another node asks it by `ping` and `trace`, over as many nodes as lie between.
 */

import type { SigningKey } from "@ropewalk/crypto/signing-key";
import type { PathSockets } from "@ropewalk/host/ports";
import type { Clock } from "@ropewalk/kernel/clock";
import type { Connectivity, Reachability } from "@ropewalk/kernel/connectivity";
import { describeError } from "@ropewalk/kernel/errors";
import type { Watched } from "@ropewalk/kernel/latest";
import { Listeners } from "@ropewalk/kernel/listeners";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { askUntilAnswered } from "./asking.ts";
import { nodeConfig } from "./config/node-config.ts";
import { messagesConfig } from "./config/store.ts";
import type { MeshConfig } from "./config.ts";
import { Connections } from "./connections.ts";
import { linkIdentity } from "./io/link-tls.ts";
import type { MeshEvent } from "./mesh-event.ts";
import { createMeshCrypto } from "./mesh-identity.ts";
import { Messages } from "./messages.ts";
import { NodeShell, type ProbeOutcome, type QuestionKind } from "./node-shell.ts";
import type { MeshAddress } from "./pure/mesh-address.ts";
import { MeshNode } from "./pure/mesh-node.ts";
import type { SequenceMark } from "./pure/mesh-output.ts";
import type { OnlineState } from "./pure/wire/link-frame.ts";
import {
  type ListeningPlace,
  type MeshState,
  type MeshStatus,
  peerStatus,
  type RouteStatus,
  routeStatus,
} from "./status.ts";
import { type StatusOrder, type StatusOutcome, sendStatus } from "./status-sending.ts";

export interface MeshDeps {
  /** Whose node it is; stays the caller's. */
  readonly key: SigningKey<"ed25519">;
  /** What it has set aside, one store for one key; the caller's, who disposes of it behind the service. */
  readonly sequences: SequenceStore;
  readonly clock: Clock;
  /** 0…1, for what need not be secret. */
  readonly chance: () => number;
  /** The node's uplinks; without them the kernel decides by which a peer is dialled. */
  readonly connectivity?: Watched<Connectivity>;
  /** When `connectivity` was measured last, whatever came of it: what is told of it is as old as that. Default: when it changed. */
  readonly measuredAt?: () => Millis | undefined;
  readonly sockets?: Pick<PathSockets, "connect">;
  /** Addresses of this machine; default is what the system says. */
  readonly readAddresses?: () => ReadonlySet<string>;
  /** The file of messages, of which nobody else has one of this node; undefined: it carries none. */
  readonly store?: string;
  /** Everything from the first moment on; `subscribe` comes later. */
  readonly onEvent?: (event: MeshEvent) => void;
}

/** As `SequenceFile` is one. */
export interface SequenceStore {
  readonly mark: SequenceMark;
  /** On the disk when it returns, else it throws. */
  keep(mark: SequenceMark): void;
}

export interface AskOptions {
  /** For all tries together; default is 5 s. */
  readonly within?: Millis;
  readonly signal?: AbortSignal;
}

const usualPatience = seconds(5);

export class MeshService implements AsyncDisposable {
  /** Undefined: this node carries none. */
  readonly messages: Messages | undefined;
  #config: MeshConfig;
  readonly #deps: MeshDeps;
  readonly #node: MeshNode;
  readonly #shell: NodeShell;
  readonly #connections: Connections;
  readonly #listeners = new Listeners<[MeshEvent]>();
  readonly #stop = new AbortController();
  readonly #startedAt: Millis;
  #contacts: ReadonlySet<MeshAddress>;
  #following: Promise<void> | undefined;
  #state: MeshState = "running";
  #held: string | undefined;

  /** Throws MeshError: MESH_LISTEN, MESH_STORE, MESH_STORE_HELD; nothing is left then. */
  static async start(config: MeshConfig, deps: MeshDeps): Promise<MeshService> {
    const messages = await openMessages(config, deps);
    const service = new MeshService(config, deps, messages);
    try {
      await service.#connections.use(config);
    } catch (error) {
      await service[Symbol.asyncDispose]();
      throw error;
    }
    service.#following = service.#follow();
    return service;
  }

  private constructor(config: MeshConfig, deps: MeshDeps, messages: Messages | undefined) {
    const { key, clock, chance, sockets, readAddresses } = deps;
    this.#config = config;
    this.#deps = deps;
    this.#startedAt = clock.now();
    this.#contacts = new Set(config.routing.contacts);
    this.messages = messages;
    const { mark } = deps.sequences;
    this.#node = new MeshNode(nodeConfig(config), createMeshCrypto(key), mark, chance, messages?.making);
    this.#connections = new Connections(
      config,
      { identity: linkIdentity(key), clock, chance, sockets, readAddresses },
      {
        onUp: (link, facts) => this.#shell.linkUp(link, facts),
        onFrame: (link, frame) => this.#shell.receive(link, frame),
        onDown: (link) => this.#shell.linkDown(link),
        tell: (event) => this.#tell(event),
      },
    );
    this.#shell = new NodeShell({
      ...{ node: this.#node, clock, links: this.#connections.links, measuredAt: deps.measuredAt },
      keep: (mark) => deps.sequences.keep(mark),
      onHeld: (error) => this.#hold(describeError(error)),
      onKept: () => this.#release(),
      messages,
    });
    messages?.begin((act) => this.#shell.withDesk(act));
  }

  get address(): MeshAddress {
    return this.#node.address;
  }

  /** Where it can be dialled, with the ports that the system chose. */
  get listening(): readonly ListeningPlace[] {
    return this.#connections.listening;
  }

  subscribe(listener: (event: MeshEvent) => void): Disposable {
    return this.#listeners.add(listener);
  }

  /** What its health is judged by, for a look at each event. `named`: peers of the configuration. */
  get pulse(): { readonly held: string | undefined; readonly neighbours: number; readonly named: number } {
    return { held: this.#held, neighbours: this.#connections.links.size, named: this.#config.peer.length };
  }

  /**
   * Goes on by another configuration, while links that it still calls for stay. What the node is made of stays too: its preset, its
   * identity, and how many routes it has. One call at a time. Throws MeshError, MESH_LISTEN; then nothing was changed.
   */
  async reconfigure(wanted: MeshConfig): Promise<void> {
    const { preset, identity, routing } = this.#config;
    const config = { ...wanted, preset, identity, routing: { ...wanted.routing, maxRoutes: routing.maxRoutes } };
    await this.#connections.use(config);
    if (this.#state !== "running") return;
    this.#config = config;
    this.#contacts = new Set(config.routing.contacts);
    this.#shell.reconfigure(nodeConfig(config));
    this.#tell({ kind: "reconfigured" });
  }

  status(): MeshStatus {
    const now = this.#now();
    const routes = [...this.#node.routes()];
    return {
      state: this.#state,
      address: this.address,
      held: this.#held,
      listening: this.listening,
      discovered: this.#connections.discovery?.neighbours,
      runningFor: millis(now - this.#startedAt),
      peers: this.#connections.links
        .picture()
        .map((picture) => peerStatus(now, picture, this.#node.neighbours.get(picture.id))),
      routes: {
        known: routes.length,
        reachable: routes.filter(({ best }) => best !== undefined).length,
        limit: this.#config.routing.maxRoutes,
      },
      strangers: this.#connections.strangers,
      strangersRefused: this.#connections.strangersRefused,
      tally: this.#node.tally,
    };
  }

  /** The nearest first; of those that are as far, by address. */
  routes(): readonly RouteStatus[] {
    const now = this.#now();
    return [...this.#node.routes()]
      .map((route) => routeStatus(now, this.#node, route, this.#contacts.has(route.address)))
      .toSorted(
        (one, other) => (one.distance ?? 65) - (other.distance ?? 65) || (one.address < other.address ? -1 : 1),
      );
  }

  /** The identity that an address follows from: 32 octets; undefined where nobody has announced it here. */
  keyOf(address: MeshAddress): Uint8Array | undefined {
    for (const route of this.#node.routes()) if (route.address === address) return route.announce.key;
    return undefined;
  }

  /** Whether it is there: it answers with what only it can know. Never rejects. */
  ping(to: MeshAddress, options: AskOptions = {}): Promise<ProbeOutcome> {
    return this.#ask(to, "ping", options);
  }

  /** As `ping`, and over whom the question came there. Never rejects. */
  trace(to: MeshAddress, options: AskOptions = {}): Promise<ProbeOutcome> {
    return this.#ask(to, "trace", options);
  }

  /** Tells an entry how this node is, by a message to where the entry gets it. Never rejects. */
  sendStatus(order: StatusOrder): Promise<StatusOutcome> {
    const { connectivity, key } = this.#deps;
    const online = connectivity === undefined ? "unknown" : onlineState(connectivity.current);
    const { kind } = this.#config;
    return sendStatus({ key, messages: this.messages, now: this.#now(), status: this.status(), kind, online }, order);
  }

  /** Makes no further link. */
  drain(): void {
    if (this.#state !== "running") return;
    this.#state = "draining";
    this.#stop.abort();
    this.#connections.close();
  }

  /** Ends every link, at which neighbours look for other ways at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.drain();
    await this.#following;
    if (this.#state !== "draining") return;
    // What must last was kept before it was used, or is about to be.
    this.#state = "persisting";
    await this.messages?.[Symbol.asyncDispose]();
    this.#shell[Symbol.dispose]();
    this.#state = "clean-up";
    this.#connections[Symbol.dispose]();
    this.#state = "complete";
  }

  #ask(to: MeshAddress, kind: QuestionKind, { within = usualPatience, signal }: AskOptions): Promise<ProbeOutcome> {
    const { clock } = this.#deps;
    const stop = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]);
    return askUntilAnswered(() => this.#shell.ask(to, kind), { clock, within, stop });
  }

  async #follow(): Promise<void> {
    const { connectivity } = this.#deps;
    if (connectivity === undefined) return;
    for await (const latest of connectivity.watch(this.#stop.signal)) {
      this.#connections.setConnectivity(latest);
      this.#shell.setConnectivity(this.#config.kind, onlineState(latest));
    }
  }

  #hold(why: string): void {
    this.#held = why;
    this.#tell({ kind: "held", why });
    this.#connections.hold("sequences cannot be set aside");
  }

  #release(): void {
    this.#held = undefined;
    this.#tell({ kind: "kept" });
    this.#connections.release();
  }

  #tell(event: MeshEvent): void {
    this.#deps.onEvent?.(event);
    this.#listeners.emit(event);
  }

  #now(): Millis {
    return this.#deps.clock.now();
  }
}

/** Undefined where the configuration or its owner wants none. */
async function openMessages({ store, preset }: MeshConfig, deps: MeshDeps): Promise<Messages | undefined> {
  const { key, clock, onEvent } = deps;
  if (!store.enabled || deps.store === undefined) return undefined;
  return await Messages.open(deps.store, messagesConfig(store, preset === "constrained"), {
    ...{ key, clock },
    onEvent: (event) => onEvent?.({ kind: "store", event }),
    onDeath: (error) => onEvent?.({ kind: "store-died", why: describeError(error) }),
  });
}

function onlineState({ ipv4, ipv6 }: Connectivity): OnlineState {
  const families: readonly Reachability[] = [ipv4, ipv6];
  if (families.includes("online")) return "online";
  return families.includes("unknown") ? "unknown" : "offline";
}
