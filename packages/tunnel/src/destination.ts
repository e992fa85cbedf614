/** A destination of the tunnel: it is reached by sources, proves who it is and sees who they are, and connects their streams to targets. */
import { randomBytes } from "node:crypto";
import type { Native } from "@ropewalk/host/linux/native";
import type { Tcp, TcpConnection } from "@ropewalk/host/tcp";
import { type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { formatHostPort } from "@ropewalk/kernel/host-port";
import type { Millis } from "@ropewalk/kernel/units";
import { listeningPlace } from "@ropewalk/ops/config-places";
import { admissionOf } from "./admission-config.ts";
import type { DestinationConfig } from "./config/destination-table.ts";
import type { TunnelConfig } from "./config.ts";
import { DestinationSessions } from "./destination-sessions.ts";
import { drained } from "./draining.ts";
import { IdentityKeeper } from "./identity-keeper.ts";
import { identityStatus } from "./identity-picture.ts";
import { HandshakeThread } from "./io/handshake-thread.ts";
import type { IdentityFiles } from "./io/identity.ts";
import { Lane } from "./io/lane.ts";
import { LaneDoor } from "./io/lane-door.ts";
import { recordCrypto } from "./io/native-record-cipher.ts";
import { type ConnectorRules, TargetConnector } from "./io/target-connector.ts";
import { createLookUp } from "./io/target-names.ts";
import { WaitingEpochs } from "./io/waiting-epochs.ts";
import { laneConfigOf } from "./limits.ts";
import { TunnelListener } from "./listener.ts";
import { LiveSessions } from "./live-sessions.ts";
import { OpeningLanes } from "./opening-lanes.ts";
import type { RecordCrypto } from "./pure/lane/key-chain.ts";
import type { Welcomed } from "./pure/lane/lane-hello.ts";
import { eraseEpoch } from "./pure/session/epochs.ts";
import type { DestinationStatus, ListenerStatus, ReloadResult, StreamStatus, TunnelCounts } from "./status.ts";
import { Tally } from "./tally.ts";
import type { TunnelEvent } from "./tunnel-event.ts";

export interface DestinationDeps {
  readonly clock: Clock;
  readonly native: Native;
  readonly tcp: Tcp;
  readonly files: IdentityFiles;
  readonly kemKeyFolder: string | undefined;
  readonly onEvent: (event: TunnelEvent) => void;
}

export type DestinationTunnelConfig = TunnelConfig & { readonly destination: DestinationConfig };

export class TunnelDestination implements AsyncDisposable {
  readonly #deps: DestinationDeps;
  readonly #thread: HandshakeThread;
  readonly #live: LiveSessions;
  readonly #keeper: IdentityKeeper;
  readonly #epochs: WaitingEpochs;
  readonly #door: LaneDoor;
  readonly #connector: TargetConnector;
  readonly #sessions: DestinationSessions;
  readonly #tally = new Tally();
  readonly #crypto: RecordCrypto;
  readonly #opening: OpeningLanes;
  /** By "address port" as configured. */
  #listeners = new Map<string, TunnelListener>();
  #config: DestinationTunnelConfig;
  #isDraining = false;

  /** Throws TunnelError: TUNNEL_IDENTITY, TUNNEL_LISTEN. */
  static async start(config: DestinationTunnelConfig, deps: DestinationDeps): Promise<TunnelDestination> {
    const events = {
      onDeath: (error: Error) => deps.onEvent({ kind: "failed", reason: describeError(error) }),
      onTrouble: (text: string) => deps.onEvent({ kind: "trouble", text }),
    };
    const thread = await HandshakeThread.start(deps.files, events, { kemKeyFolder: deps.kemKeyFolder });
    const destination = new TunnelDestination(config, thread, deps);
    try {
      destination.#listeners = await destination.#listenAt(config.destination.listen);
      return destination;
    } catch (error) {
      await destination[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(config: DestinationTunnelConfig, thread: HandshakeThread, deps: DestinationDeps) {
    const { clock, native, tcp, files, onEvent } = deps;
    this.#config = config;
    this.#deps = deps;
    this.#thread = thread;
    const { allow } = config;
    const live = new LiveSessions({ trust: thread.facts.trust, allow }, clock);
    this.#live = live;
    this.#keeper = new IdentityKeeper({
      ...{ files, role: "destination", thread, clock },
      onChanged: ({ leaf, trust }) => {
        live.use({ trust, allow: this.#config.allow });
        onEvent({ kind: "identity-changed", names: identityStatus(leaf).names, until: leaf.notAfter });
      },
      onKept: (reason) => onEvent({ kind: "identity-kept", reason }),
    });
    this.#crypto = recordCrypto((text) => onEvent({ kind: "trouble", text }));
    this.#epochs = new WaitingEpochs(clock);
    this.#door = new LaneDoor({
      ...{ native, tcp, clock, random },
      welcomesOf: (epoch) => this.#epochs.welcomesOf(epoch) ?? this.#sessions.welcomesOf(epoch),
      onLane: (epoch, welcomed, connection, rest) => this.#onLane(epoch, welcomed, connection, rest),
      onTrouble: (text) => onEvent({ kind: "trouble", text }),
    });
    const connector = new TargetConnector({ tcp, clock, lookUp: createLookUp() }, rulesOf(config.destination));
    this.#connector = connector;
    const tally = this.#tally;
    this.#sessions = new DestinationSessions({ clock, live, connector, tally, config: () => this.#config, onEvent });
    this.#opening = new OpeningLanes(clock, this.#sessions);
  }

  get counts(): TunnelCounts {
    return this.#tally.counts;
  }

  status(): DestinationStatus {
    const { service } = this.#config.destination;
    const open = this.#connector.services;
    return {
      role: "destination",
      isDraining: this.#isDraining,
      identity: identityStatus(this.#thread.facts.leaf),
      listeners: [...this.#listeners.values()].map((listener) => this.#listenerStatus(listener)),
      services: service.map(({ name, port, target, maxConnections }) => ({
        ...{ name, port: port ?? null, target: formatHostPort(target), limit: maxConnections },
        connections: open.get(name)?.open ?? 0,
      })),
      sessions: this.#sessions.status(),
    };
  }

  streams(): readonly StreamStatus[] {
    return this.#sessions.streamStatuses();
  }

  /** All of it, or nothing has changed. What is open stays. */
  async reload(config: DestinationTunnelConfig, files: IdentityFiles): Promise<ReloadResult> {
    const wanted = new Set<string>(config.destination.listen);
    const added = config.destination.listen.filter((place) => !this.#listeners.has(place));
    let opened: Map<string, TunnelListener>;
    try {
      opened = await this.#listenAt(added);
    } catch (error) {
      return { kind: "refused", reason: describeError(error) };
    }
    for (const [place, listener] of this.#listeners) {
      if (wanted.has(place)) opened.set(place, listener);
      else listener[Symbol.dispose]();
    }
    this.#listeners = opened;
    this.#config = config;
    this.#connector.use(rulesOf(config.destination));
    this.#live.use({ trust: this.#thread.facts.trust, allow: config.allow });
    await this.#keeper.reload(files);
    return { kind: "applied" };
  }

  /** No new sessions and streams; waits for those that there are. */
  async drain(within: Millis): Promise<"empty" | "cut"> {
    this.#isDraining = true;
    for (const listener of this.#listeners.values()) listener[Symbol.dispose]();
    // Pictures of this end are made until it is gone, and one that is closed has no address any more.
    this.#listeners = new Map();
    this.#sessions.goAway();
    return drained(this.#deps.clock, within, () => this.#sessions.streams);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners.values()) listener[Symbol.dispose]();
    this.#keeper[Symbol.dispose]();
    this.#door[Symbol.dispose]();
    this.#epochs[Symbol.dispose]();
    this.#opening[Symbol.dispose]();
    this.#sessions.endAll();
    this.#live[Symbol.dispose]();
    await this.#thread[Symbol.asyncDispose]();
  }

  #listenerStatus(listener: TunnelListener): ListenerStatus {
    const { address, port } = listener.address;
    const { unheard, begun } = listener.strangers;
    const { handshake } = this.#config;
    const limit = handshake.unheard + handshake.begun;
    return {
      address: ipAddress(address) satisfies IpAddress,
      port,
      request: null,
      connections: unheard + begun,
      limit,
    };
  }

  /** All, or none. */
  async #listenAt(places: DestinationConfig["listen"]): Promise<Map<string, TunnelListener>> {
    const opened = new Map<string, TunnelListener>();
    try {
      for (const place of places) opened.set(place, await this.#listen(place));
      return opened;
    } catch (error) {
      for (const listener of opened.values()) listener[Symbol.dispose]();
      throw error;
    }
  }

  #listen(place: DestinationConfig["listen"][number]): Promise<TunnelListener> {
    const { clock, onEvent } = this.#deps;
    const { address: host, port } = listeningPlace(place);
    return TunnelListener.listen({
      ...{ host, port, clock, thread: this.#thread, admission: admissionOf(this.#config.handshake) },
      task: () => {
        const { mode, allow, handshake } = this.#config;
        return { role: "destination", mode, allow, authenticateWithin: handshake.within };
      },
      onEstablished: (established, connection) => {
        this.#tally.handshakes += 1;
        const epoch = this.#epochs.add(established, connection);
        this.#door.admit(epoch);
      },
      onRefused: (refusal, remote) => {
        this.#tally.handshakeRefused(refusal.reason);
        onEvent({ kind: "handshake-refused", remote, refusal });
      },
      onLane: (socket, early) => this.#door.take(socket, early),
    });
  }

  #onLane(id: string, { welcome, secrets }: Welcomed, connection: TcpConnection, early: Uint8Array): void {
    const made = this.#epochs.take(id);
    made?.connection.end();
    if (this.#isDraining) {
      if (made !== undefined) eraseEpoch(made.epoch);
      connection.reset();
      return;
    }
    const deps = { clock: this.#deps.clock, crypto: this.#crypto, tally: this.#tally };
    const lane = new Lane(connection, "destination", secrets, laneConfigOf(this.#config), deps, { early, welcome });
    if (made === undefined) this.#opening.addExpress(lane, id);
    else this.#opening.add(lane, made);
  }
}

function random(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}

function rulesOf({ service, allowTarget, connectWithin }: DestinationConfig): ConnectorRules {
  return { services: service, allowed: allowTarget, connectWithin };
}
