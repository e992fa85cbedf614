/**
 * A destination of the tunnel: it is reached by sources, proves who it is and sees who they are, and connects their streams to targets.
 * Each session is its own: nothing of one source can touch what is another's.
 */
import { randomBytes } from "node:crypto";
import { createRecordCipher } from "@ropewalk/crypto/record-cipher";
import { sha384 } from "@ropewalk/crypto/sha384";
import type { Native } from "@ropewalk/host/linux/native";
import type { Tcp, TcpConnection } from "@ropewalk/host/tcp";
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { admissionOf } from "./admission-config.ts";
import { Carrier, type StreamEnd } from "./carrier.ts";
import type { DestinationConfig } from "./config/destination-table.ts";
import { listeningPlace } from "./config/network-texts.ts";
import type { TunnelConfig } from "./config.ts";
import { DestinationSession } from "./destination-session.ts";
import type { HandshakeConnection } from "./io/handshake-connection.ts";
import { HandshakeThread } from "./io/handshake-thread.ts";
import type { IdentityFiles } from "./io/identity.ts";
import { Lane, type SessionFrame } from "./io/lane.ts";
import { LaneDoor } from "./io/lane-door.ts";
import { ReadSlab } from "./io/read-slab.ts";
import { TargetConnector } from "./io/target-connector.ts";
import { createLookUp } from "./io/target-names.ts";
import type { Established } from "./io/thread-messages.ts";
import { type NewEpoch, WaitingEpochs } from "./io/waiting-epochs.ts";
import { laneConfigOf, sessionConfigOf } from "./limits.ts";
import { TunnelListener } from "./listener.ts";
import { LiveSessions } from "./live-sessions.ts";
import type { Welcomed } from "./pure/lane/lane-hello.ts";
import { decodeOpenRequest, describeOpenRequest } from "./pure/open-request.ts";
import { isSamePeer, peerIdentity } from "./pure/peer-identity.ts";
import { SessionEpochs } from "./pure/session/epochs.ts";
import { Session } from "./pure/session/session.ts";
import type { Frame, StreamId } from "./pure/wire/frame.ts";
import type { ResetReason } from "./pure/wire/reset-reason.ts";
import type { SessionEnd, TunnelEvent } from "./tunnel-event.ts";

export interface DestinationDeps {
  readonly clock: Clock;
  readonly native: Native;
  readonly tcp: Tcp;
  readonly files: IdentityFiles;
  readonly kemKeyFolder: string | undefined;
  readonly onEvent: (event: TunnelEvent) => void;
}

export type DestinationTunnelConfig = TunnelConfig & { readonly destination: DestinationConfig };

/** What a session has besides itself. */
interface Resident {
  readonly session: DestinationSession;
  remote: string;
  /** Disposing it says that the session has ended by itself. */
  standing: Disposable;
  /** What ends connecting for streams that are gone. */
  readonly connecting: Map<StreamId, AbortController>;
  /** Places of targets that streams have. */
  readonly places: Map<StreamId, Disposable>;
}

export class TunnelDestination implements AsyncDisposable {
  readonly #deps: DestinationDeps;
  readonly #thread: HandshakeThread;
  readonly #live: LiveSessions;
  readonly #epochs: WaitingEpochs;
  readonly #door: LaneDoor;
  readonly #connector: TargetConnector;
  readonly #slab = new ReadSlab();
  readonly #residents = new Map<string, Resident>();
  /** Lanes whose first frame has not come. */
  readonly #opening = new Set<Lane>();
  #listeners: readonly TunnelListener[] = [];
  #config: DestinationTunnelConfig;

  /** Throws TunnelError: TUNNEL_IDENTITY, TUNNEL_LISTEN. */
  static async start(config: DestinationTunnelConfig, deps: DestinationDeps): Promise<TunnelDestination> {
    const events = {
      onDeath: (error: Error) => deps.onEvent({ kind: "failed", reason: describeError(error) }),
      onTrouble: (text: string) => deps.onEvent({ kind: "trouble", text }),
    };
    const thread = await HandshakeThread.start(deps.files, events, { kemKeyFolder: deps.kemKeyFolder });
    const destination = new TunnelDestination(config, thread, deps);
    try {
      await destination.#listen();
      return destination;
    } catch (error) {
      await destination[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(config: DestinationTunnelConfig, thread: HandshakeThread, deps: DestinationDeps) {
    const { clock, native, tcp, onEvent } = deps;
    this.#config = config;
    this.#deps = deps;
    this.#thread = thread;
    this.#live = new LiveSessions({ trust: thread.facts.trust, allow: config.allow }, clock);
    this.#epochs = new WaitingEpochs(clock);
    this.#door = new LaneDoor({
      ...{ native, tcp, clock, random },
      welcomesOf: (epoch) => this.#epochs.welcomesOf(epoch),
      onLane: (epoch, welcomed, connection, rest) => this.#onLane(epoch, welcomed, connection, rest),
      onTrouble: (text) => onEvent({ kind: "trouble", text }),
    });
    this.#connector = new TargetConnector({ tcp, clock, lookUp: createLookUp() }, rulesOf(config.destination));
  }

  /** Where it listens. */
  get addresses(): readonly { readonly address: string; readonly port: number }[] {
    return this.#listeners.map(({ address }) => address);
  }

  get sessions(): readonly DestinationSession[] {
    return [...this.#residents.values()].map(({ session }) => session);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners) listener[Symbol.dispose]();
    this.#door[Symbol.dispose]();
    this.#epochs[Symbol.dispose]();
    for (const lane of this.#opening) lane[Symbol.dispose]();
    for (const resident of [...this.#residents.values()]) this.#end(resident, "going-away", "stopped");
    this.#live[Symbol.dispose]();
    await this.#thread[Symbol.asyncDispose]();
  }

  async #listen(): Promise<void> {
    const { clock, onEvent } = this.#deps;
    const { allow, mode, handshake, destination } = this.#config;
    const places = destination.listen.map((text) => listeningPlace(text));
    this.#listeners = await Promise.all(
      places.map(({ address: host, port }) =>
        TunnelListener.listen({
          ...{ host, port, clock, thread: this.#thread, admission: admissionOf(handshake) },
          task: () => ({ role: "destination", mode, allow, authenticateWithin: handshake.within }),
          onEstablished: (established, connection) => this.#onEstablished(established, connection),
          onRefused: (refusal, remote) => onEvent({ kind: "handshake-refused", remote, refusal }),
          onLane: (socket, early) => this.#door.take(socket, early),
        }),
      ),
    );
  }

  #onEstablished(established: Established, connection: HandshakeConnection): void {
    this.#epochs.add(established, connection);
  }

  #onLane(id: string, { welcome, secrets }: Welcomed, connection: TcpConnection, early: Uint8Array): void {
    const made = this.#epochs.take(id);
    if (made === undefined) {
      connection.reset();
      return;
    }
    made.connection.end();
    const { clock } = this.#deps;
    const lane = new Lane(
      connection,
      "destination",
      secrets,
      laneConfigOf(this.#config),
      { clock, crypto },
      { early, welcome },
    );
    this.#opening.add(lane);
    lane.start({
      onFrames: (frames) => this.#onOpening(lane, made, frames),
      onWritable: () => {},
      onLost: () => this.#opening.delete(lane),
    });
  }

  #onOpening(lane: Lane, made: NewEpoch, [first, ...others]: readonly SessionFrame[]): void {
    switch (first?.type) {
      case "start":
        this.#opening.delete(lane);
        this.#begin(lane, made, first.settings, others);
        return;
      case "resume":
        this.#resume(lane, made, first, others);
        return;
      default:
        this.#opening.delete(lane);
        lane[Symbol.dispose]();
    }
  }

  #begin(
    lane: Lane,
    made: NewEpoch,
    settings: (Frame & { type: "start" })["settings"],
    others: readonly SessionFrame[],
  ): void {
    const { clock, onEvent } = this.#deps;
    const session = new Session("destination", sessionConfigOf(this.#config));
    session.begin(settings);
    const epochs = new SessionEpochs(sha384, "destination", made.epoch);
    const owner = {
      onAsked: (stream: StreamId, request: Uint8Array) => void this.#connect(resident, stream, request),
      onOver: (stream: StreamId, how: StreamEnd) => this.#onOver(resident, stream, how),
      onGoingAway: () => {},
      onBroken: (why: string) => this.#end(resident, "broken", "broken", why),
    };
    const carrier = new Carrier(session, owner, { clock, slab: this.#slab });
    const identity = peerIdentity(made.established.chain);
    const resident: Resident = {
      session: new DestinationSession({
        ...{ clock, carrier, epochs, identity, hold: this.#config.sessionHold },
        onAbsent: (why) => {
          const { id } = resident.session;
          const heldFor = this.#config.sessionHold;
          onEvent({
            kind: "session-absent",
            session: id,
            remote: resident.remote,
            why,
            streams: carrier.streams.size,
            heldFor,
          });
        },
        onHoldOver: () => this.#end(resident, "aborted", "hold-over"),
        onBroken: (why) => this.#end(resident, "broken", "broken", why),
      }),
      remote: lane.remote,
      standing: { [Symbol.dispose]: () => {} },
      connecting: new Map(),
      places: new Map(),
    };
    this.#residents.set(resident.session.id, resident);
    this.#stand(resident, made.established);
    const { peer, until } = made.established;
    const known = { names: identity.names, authority: identity.ca, until };
    void peer;
    onEvent({ kind: "session-opened", session: resident.session.id, remote: lane.remote, peer: known });
    lane.say({ type: "started", settings: session.settings });
    resident.session.begin(lane, others);
  }

  #resume(lane: Lane, made: NewEpoch, claim: Frame & { type: "resume" }, others: readonly SessionFrame[]): void {
    const resident = this.#residents.get(claim.session.toHex());
    const identity = peerIdentity(made.established.chain);
    const verdict =
      resident === undefined || !isSamePeer(identity, resident.session.identity)
        ? "wrong"
        : resident.session.epochs.judge(claim, made.epoch);
    if (resident === undefined || verdict === "wrong") {
      lane.say({ type: "unknown" });
      return;
    }
    this.#opening.delete(lane);
    if (verdict === "old") {
      lane[Symbol.dispose]();
      return;
    }
    const { session } = resident;
    const hadLane = session.carrier.lane !== undefined;
    resident.remote = lane.remote;
    this.#stand(resident, made.established);
    lane.say({ type: "resumed", proof: session.epochs.answer(), state: session.carrier.session.state() });
    const absentFor = session.resume(lane, claim.state, others);
    this.#deps.onEvent({
      ...{ kind: "session-resumed", session: session.id, remote: lane.remote, after: hadLane ? "move" : "loss" },
      ...{ absentFor, streams: session.carrier.streams.size, resent: 0 },
    });
  }

  /** What its right to be rests on is watched. */
  #stand(resident: Resident, { peer, until }: Established): void {
    resident.standing[Symbol.dispose]();
    const end = (refusal: { readonly reason: string }) => this.#end(resident, "revoked", "revoked", refusal.reason);
    resident.standing = this.#live.add({ peer, until, end });
  }

  async #connect(resident: Resident, stream: StreamId, octets: Uint8Array): Promise<void> {
    const { carrier, id } = resident.session;
    const request = decodeOpenRequest(octets);
    if (request === undefined) {
      carrier.reset(stream, "not-allowed");
      return;
    }
    const controller = new AbortController();
    resident.connecting.set(stream, controller);
    const opener = { session: id, maxConnections: this.#config.maxStreams };
    const outcome = await this.#connector.connect(request, opener, controller.signal);
    resident.connecting.delete(stream);
    if (outcome.kind === "failed") {
      carrier.reset(stream, outcome.reason);
      if (controller.signal.aborted) return;
      const { reason, detail } = outcome;
      this.#deps.onEvent({
        kind: "stream-refused",
        session: id,
        request: describeOpenRequest(request),
        by: "us",
        reason,
        detail,
      });
      return;
    }
    if (carrier.streams.has(stream)) resident.places.set(stream, outcome.place);
    else outcome.place[Symbol.dispose]();
    carrier.accept(stream, outcome.connection);
  }

  #onOver(resident: Resident, stream: StreamId, _how: StreamEnd): void {
    resident.connecting.get(stream)?.abort();
    resident.places.get(stream)?.[Symbol.dispose]();
    resident.places.delete(stream);
  }

  #end(resident: Resident, reason: ResetReason, why: SessionEnd, detail = ""): void {
    const { session } = resident;
    if (!this.#residents.delete(session.id)) return;
    const streams = session.carrier.streams.size;
    resident.standing[Symbol.dispose]();
    session.end(reason);
    this.#deps.onEvent({ kind: "session-ended", session: session.id, remote: resident.remote, why, detail, streams });
  }
}

const crypto = { sha384, createCipher: createRecordCipher };

function random(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}

function rulesOf({ service, allowTarget, connectWithin }: DestinationConfig) {
  return { services: service, allowed: allowTarget, connectWithin };
}
