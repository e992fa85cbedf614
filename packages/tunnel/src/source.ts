/**
 * A source of the tunnel: connections to its exposed ports become streams of a session with a destination, whose lane is lost, renewed
 * and moved without any of them noticing more than a pause.
 */
import { randomBytes } from "node:crypto";
import { createRecordCipher } from "@ropewalk/crypto/record-cipher";
import { sha384 } from "@ropewalk/crypto/sha384";
import type { Tcp, TcpConnection } from "@ropewalk/host/tcp";
import type { Clock } from "@ropewalk/kernel/clock";
import type { Connectivity } from "@ropewalk/kernel/connectivity";
import { describeError, InternalError } from "@ropewalk/kernel/errors";
import type { Watched } from "@ropewalk/kernel/latest";
import { Carrier, type StreamEnd } from "./carrier.ts";
import type { SourceConfig } from "./config/source-table.ts";
import type { TunnelConfig } from "./config.ts";
import { ExposedPorts } from "./io/exposed-ports.ts";
import { HandshakeThread } from "./io/handshake-thread.ts";
import type { IdentityFiles } from "./io/identity.ts";
import type { SessionFrame } from "./io/lane.ts";
import { ReadSlab } from "./io/read-slab.ts";
import { createLookUp } from "./io/target-names.ts";
import type { Established } from "./io/thread-messages.ts";
import { LaneSeeker } from "./lane-seeker.ts";
import { laneConfigOf, sessionConfigOf } from "./limits.ts";
import { LiveSessions } from "./live-sessions.ts";
import { type Exposure, exposuresOf } from "./pure/exposures.ts";
import { formatHostPort, type HostPort } from "./pure/host-port.ts";
import { describeOpenRequest, encodeOpenRequest } from "./pure/open-request.ts";
import type { AttemptId, Purpose } from "./pure/reach/attempt.ts";
import type { ReachConfig } from "./pure/reach/reach-state.ts";
import type { Destination, Way } from "./pure/reach/way.ts";
import { SessionEpochs } from "./pure/session/epochs.ts";
import { Session, type StreamFrame } from "./pure/session/session.ts";
import type { ResumeState, StreamId } from "./pure/wire/frame.ts";
import { attemptLane } from "./source-attempt.ts";
import { type Answer, type Candidate, identityOf, isAnswer, type SourceSession } from "./source-session.ts";
import type { TunnelEvent } from "./tunnel-event.ts";
import { WaitingConnections } from "./waiting-connections.ts";

export type SourceTunnelConfig = TunnelConfig & { readonly source: SourceConfig };

export interface SourceDeps {
  readonly clock: Clock;
  readonly chance: () => number;
  readonly tcp: Tcp;
  readonly files: IdentityFiles;
  readonly kemKeyFolder: string | undefined;
  /** Undefined: the system's own routes decide. */
  readonly connectivity: Watched<Connectivity> | undefined;
  readonly onEvent: (event: TunnelEvent) => void;
}

/** A lane that was asked to carry a session, and what it said. */
interface Asked {
  readonly candidate: Candidate;
  session: SourceSession;
  state: ResumeState | undefined;
  /** Frames behind the answer. */
  readonly frames: SessionFrame[];
  lost: number;
}

export class TunnelSource implements AsyncDisposable {
  readonly #deps: SourceDeps;
  readonly #thread: HandshakeThread;
  readonly #live: LiveSessions;
  readonly #exposed: ExposedPorts;
  readonly #seeker: LaneSeeker;
  readonly #slab = new ReadSlab();
  readonly #lookUp = createLookUp();
  readonly #asked = new Map<AttemptId, Asked>();
  /** Places of exposed ports that streams have. */
  readonly #places = new Map<SourceSession, Map<StreamId, Disposable>>();
  readonly #waiting: WaitingConnections;
  readonly #stopping = new AbortController();
  #session: SourceSession | undefined;
  #config: SourceTunnelConfig;

  /** Throws TunnelError: TUNNEL_IDENTITY, TUNNEL_LISTEN. */
  static async start(config: SourceTunnelConfig, deps: SourceDeps): Promise<TunnelSource> {
    const events = {
      onDeath: (error: Error) => deps.onEvent({ kind: "failed", reason: describeError(error) }),
      onTrouble: (text: string) => deps.onEvent({ kind: "trouble", text }),
    };
    const thread = await HandshakeThread.start(deps.files, events, { kemKeyFolder: deps.kemKeyFolder });
    const source = new TunnelSource(config, thread, deps);
    try {
      source.#exposed.apply(exposuresOf(config.source.expose, config.source.listen));
      source.#begin();
      return source;
    } catch (error) {
      await source[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(config: SourceTunnelConfig, thread: HandshakeThread, deps: SourceDeps) {
    const { clock, chance, tcp, onEvent } = deps;
    this.#config = config;
    this.#deps = deps;
    this.#thread = thread;
    this.#live = new LiveSessions({ trust: thread.facts.trust, allow: undefined }, clock);
    this.#waiting = new WaitingConnections(clock);
    this.#exposed = new ExposedPorts(tcp, {
      onConnection: (connection, exposure, place) => this.#onConnection(connection, exposure, place),
      onExhausted: (code, { address, port }) =>
        onEvent({ kind: "listener-exhausted", place: `${address} ${port}`, code }),
    });
    this.#seeker = new LaneSeeker({
      ...{ clock, chance },
      config: () => reachConfigOf(this.#config),
      streams: () => this.#session?.carrier.streams.size ?? 0,
      attempt: (way, signal) => this.#attempt(way, signal),
      ask: (attempt, candidate, purpose) => this.#ask(attempt, candidate, purpose),
      adopt: (attempt) => this.#adopt(attempt),
      tell: (event) => onEvent(event),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#exposed[Symbol.dispose]();
    this.#waiting[Symbol.dispose]();
    this.#seeker[Symbol.dispose]();
    if (this.#session !== undefined) this.#end(this.#session, "going-away");
    this.#live[Symbol.dispose]();
    await this.#thread[Symbol.asyncDispose]();
  }

  /** Another lane, by a whole new handshake; the old one carries until it is there. */
  refresh(): void {
    this.#seeker.step({ kind: "refresh-now" });
  }

  #begin(): void {
    const { connectivity } = this.#deps;
    if (connectivity === undefined) this.#seeker.step({ kind: "started", paths: "unmanaged" });
    else void this.#follow(connectivity);
  }

  async #follow(connectivity: Watched<Connectivity>): Promise<void> {
    let isStarted = false;
    for await (const { usable } of connectivity.watch(this.#stopping.signal)) {
      this.#seeker.step({ kind: isStarted ? "connectivity" : "started", paths: usable });
      isStarted = true;
    }
  }

  #attempt(way: Way, signal: AbortSignal): ReturnType<typeof attemptLane> {
    const { clock, tcp, onEvent } = this.#deps;
    const { mode, handshake, source } = this.#config;
    const place = this.#placeOf(way.destination);
    const names = source.serverNames.length > 0 ? source.serverNames : [place.host];
    const task = { role: "source", mode, allow: names, authenticateWithin: handshake.within } as const;
    const options = { way, place, task, lane: laneConfigOf(this.#config), signal };
    return attemptLane(options, {
      ...{ clock, tcp, thread: this.#thread, lookUp: this.#lookUp },
      crypto: { sha384, createCipher: createRecordCipher },
      random: (length) => new Uint8Array(randomBytes(length)),
      onTrouble: (text) => onEvent({ kind: "trouble", text }),
    });
  }

  #placeOf(destination: Destination): HostPort {
    const place = this.#config.source.destinations.find((known) => formatHostPort(known) === destination);
    if (place === undefined) throw new InternalError(`${destination} is no destination of this source`);
    return place;
  }

  /** A new lane asks to carry the session that there is, where the destination may have it; or to begin one. */
  #ask(attempt: AttemptId, candidate: Candidate, purpose: Purpose): void {
    const { lane, epoch } = candidate;
    const isNew = this.#session === undefined || purpose === "first" || purpose === "return";
    const session = isNew ? this.#newSession(candidate) : (this.#session ?? this.#newSession(candidate));
    const asked: Asked = { candidate, session, state: undefined, frames: [], lost: 0 };
    this.#asked.set(attempt, asked);
    lane.start({
      onFrames: (frames) => this.#onFrames(attempt, asked, frames),
      onWritable: () => {},
      onLost: (why) => {
        this.#asked.delete(attempt);
        this.#seeker.failed(attempt, `the lane was lost before it carried anything: ${why.kind}`);
      },
    });
    if (isNew) lane.say({ type: "start", settings: session.carrier.session.settings });
    else {
      const claim = session.epochs.claim(epoch);
      const state = session.carrier.session.state();
      lane.say({ type: "resume", ...claim, session: session.epochs.session, state });
    }
  }

  #onFrames(attempt: AttemptId, asked: Asked, frames: readonly SessionFrame[]): void {
    const [first, ...others] = frames;
    if (!this.#asked.has(attempt)) return;
    if (!isAnswer(first)) {
      this.#asked.delete(attempt);
      this.#seeker.failed(attempt, "the destination answered what was not asked");
      return;
    }
    asked.frames.push(...others);
    this.#onAnswer(attempt, asked, first);
  }

  #onAnswer(attempt: AttemptId, asked: Asked, answer: Answer): void {
    const { session, candidate } = asked;
    switch (answer.type) {
      case "unknown": {
        // The destination has forgotten it: its streams are over, and the lane begins another.
        asked.lost = session.carrier.streams.size;
        this.#end(session, "peer-restarted");
        asked.session = this.#newSession(candidate);
        candidate.lane.say({ type: "start", settings: asked.session.carrier.session.settings });
        return;
      }
      case "started":
        session.carrier.session.begin(answer.settings);
        this.#seeker.answered(attempt, { kind: "started", lost: asked.lost });
        return;
      case "resumed":
        if (session.epochs.accept(answer.proof, candidate.epoch)) {
          asked.state = answer.state;
          const streams = session.carrier.streams.size;
          this.#seeker.answered(attempt, { kind: "resumed", streams, resent: 0 });
          return;
        }
        this.#asked.delete(attempt);
        this.#seeker.failed(attempt, "the destination did not prove to have the session");
    }
  }

  #adopt(attempt: AttemptId): void {
    const asked = this.#asked.get(attempt);
    this.#asked.delete(attempt);
    if (asked === undefined) return;
    const { session, candidate, state, frames } = asked;
    const { lane } = candidate;
    const before = session.carrier.lane;
    if (this.#session !== session && this.#session !== undefined) this.#end(this.#session, "going-away");
    this.#session = session;
    this.#stand(session, candidate.established);
    lane.giveTo({
      onFrames: (more) => this.#receive(session, more),
      onWritable: () => session.carrier.pump(),
      onLost: (why) => {
        if (session.carrier.lane === lane) session.carrier.lose();
        this.#seeker.step({ kind: "lane-lost", attempt, why });
      },
    });
    if (state !== undefined) session.resumptions += 1;
    session.carrier.use(lane, state);
    // The first thing that the destination hears on it: it knows then that this end has gone over.
    lane.say({ type: "ping", token: new Uint8Array(8) });
    before?.close();
    this.#receive(session, frames);
    for (const { connection, exposure, place } of this.#waiting.takeAll())
      this.#open(session, connection, exposure, place);
  }

  #receive(session: SourceSession, frames: readonly SessionFrame[]): void {
    if (frames.length > 0) session.carrier.receive(frames as readonly StreamFrame[]);
  }

  #newSession(candidate: Candidate): SourceSession {
    const { clock, onEvent } = this.#deps;
    const places = new Map<StreamId, Disposable>();
    const carrier = new Carrier(
      new Session("source", sessionConfigOf(this.#config)),
      {
        // Destinations open no streams yet.
        onAsked: (stream) => carrier.reset(stream, "not-allowed"),
        onOver: (stream, how) => {
          places.get(stream)?.[Symbol.dispose]();
          places.delete(stream);
          this.#onOver(how);
        },
        onGoingAway: () => {},
        onBroken: (why) => {
          onEvent({ kind: "trouble", text: `the destination does what it may not: ${why}` });
          this.#end(session, "broken");
          this.#seeker.step({ kind: "session-ended" });
        },
      },
      { clock, slab: this.#slab },
    );
    const session: SourceSession = {
      carrier,
      epochs: new SessionEpochs(sha384, "source", candidate.epoch),
      identity: identityOf(candidate.established),
      since: clock.wall(),
      standing: { [Symbol.dispose]: () => {} },
      resumptions: 0,
    };
    this.#places.set(session, places);
    return session;
  }

  #stand(session: SourceSession, { peer, until }: Established): void {
    session.standing[Symbol.dispose]();
    const end = () => {
      this.#end(session, "revoked");
      this.#seeker.step({ kind: "session-ended" });
    };
    session.standing = this.#live.add({ peer, until, end });
  }

  #end(session: SourceSession, reason: "going-away" | "peer-restarted" | "revoked" | "broken"): void {
    session.standing[Symbol.dispose]();
    const { lane } = session.carrier;
    session.carrier.end(reason);
    session.epochs.erase();
    lane?.close();
    this.#places.delete(session);
    if (this.#session === session) this.#session = undefined;
  }

  #onConnection(connection: TcpConnection, exposure: Exposure, place: Disposable): void {
    if (this.#session === undefined)
      this.#waiting.add({ connection, exposure, place }, this.#config.source.connectWithin);
    else this.#open(this.#session, connection, exposure, place);
  }

  #open(session: SourceSession, connection: TcpConnection, { request }: Exposure, place: Disposable): void {
    const stream = session.carrier.open(encodeOpenRequest(request), connection);
    if (stream !== undefined && session.carrier.streams.has(stream)) {
      this.#places.get(session)?.set(stream, place);
      return;
    }
    place[Symbol.dispose]();
    if (stream !== undefined) return;
    const what = { request: describeOpenRequest(request), by: "us", reason: "too-many", detail: "" } as const;
    this.#deps.onEvent({ kind: "stream-refused", session: session.epochs.session.toHex(), ...what });
  }

  #onOver(_how: StreamEnd): void {}
}

function reachConfigOf({ source, refresh }: SourceTunnelConfig): ReachConfig {
  const { destinations, reconnect, connectWithin } = source;
  const { restarts, window, pause } = reconnect.breaker;
  return {
    destinations: destinations.map((place) => formatHostPort(place) as Destination),
    backoff: { first: reconnect.first, longest: reconnect.longest },
    breaker: { failures: restarts, window, cooldown: pause },
    refresh,
    failoverAfter: connectWithin,
    attemptWithin: connectWithin,
  };
}
