/**
 * A source of the tunnel: connections to its exposed ports become streams of a session with a destination, whose lane is lost, renewed
 * and moved without any of them noticing more than a pause.
 */
import { randomBytes } from "node:crypto";
import type { Tcp, TcpConnection } from "@ropewalk/host/tcp";
import type { Clock } from "@ropewalk/kernel/clock";
import type { Connectivity } from "@ropewalk/kernel/connectivity";
import { describeError, InternalError } from "@ropewalk/kernel/errors";
import { formatHostPort, type HostPort } from "@ropewalk/kernel/host-port";
import type { Watched } from "@ropewalk/kernel/latest";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { SourceConfig } from "./config/source-table.ts";
import type { TunnelConfig } from "./config.ts";
import { drained } from "./draining.ts";
import { IdentityKeeper } from "./identity-keeper.ts";
import { identityStatus } from "./identity-picture.ts";
import { ExposedPorts } from "./io/exposed-ports.ts";
import { HandshakeThread } from "./io/handshake-thread.ts";
import type { IdentityFiles } from "./io/identity.ts";
import { recordCrypto } from "./io/native-record-cipher.ts";
import { createLookUp } from "./io/target-names.ts";
import { LaneSeeker } from "./lane-seeker.ts";
import { laneConfigOf } from "./limits.ts";
import { LiveSessions } from "./live-sessions.ts";
import { type Exposure, exposuresOf } from "./pure/exposures.ts";
import type { RecordCrypto } from "./pure/lane/key-chain.ts";
import { describeOpenRequest, encodeOpenRequest } from "./pure/open-request.ts";
import type { ReachConfig } from "./pure/reach/reach-state.ts";
import type { Destination, Way } from "./pure/reach/way.ts";
import { streamStatuses } from "./session-picture.ts";
import { type AttemptOutcome, attemptLane } from "./source-attempt.ts";
import { sourceStatus } from "./source-picture.ts";
import { SourceSessions } from "./source-sessions.ts";
import type { ReloadResult, SourceStatus, StreamStatus, TunnelCounts } from "./status.ts";
import { Tally } from "./tally.ts";
import type { TunnelEvent } from "./tunnel-event.ts";
import { WaitingConnections } from "./waiting-connections.ts";

export type SourceTunnelConfig = TunnelConfig & { readonly source: SourceConfig };

export interface SourceDeps {
  readonly clock: Clock;
  readonly chance: () => number;
  readonly tcp: Tcp;
  readonly files: IdentityFiles;
  readonly kemKeyFolder: string | undefined;
  /** Undefined, and `unmanaged` for as long as that stands: the system's own routes decide. */
  readonly connectivity: Watched<Connectivity | "unmanaged"> | undefined;
  readonly onEvent: (event: TunnelEvent) => void;
  /** The shortest round trip with which a session gets its express lane; the usual one where it is not said. */
  readonly expressFrom?: Millis;
}

export class TunnelSource implements AsyncDisposable {
  readonly #deps: SourceDeps;
  readonly #thread: HandshakeThread;
  readonly #live: LiveSessions;
  readonly #keeper: IdentityKeeper;
  readonly #exposed: ExposedPorts;
  readonly #seeker: LaneSeeker;
  readonly #sessions: SourceSessions;
  readonly #waiting: WaitingConnections;
  readonly #tally = new Tally();
  readonly #crypto: RecordCrypto;
  readonly #lookUp = createLookUp();
  readonly #stopping = new AbortController();
  #config: SourceTunnelConfig;
  #lastFailure: string | null = null;
  #isDraining = false;

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
    const { clock, chance, tcp, files, onEvent } = deps;
    this.#config = config;
    this.#deps = deps;
    this.#thread = thread;
    const live = new LiveSessions({ trust: thread.facts.trust, allow: namesOf(config) }, clock);
    this.#live = live;
    this.#keeper = new IdentityKeeper({
      ...{ files, role: "source", thread, clock },
      onChanged: ({ leaf, trust }) => {
        live.use({ trust, allow: namesOf(this.#config) });
        onEvent({ kind: "identity-changed", names: identityStatus(leaf).names, until: leaf.notAfter });
      },
      onKept: (reason) => onEvent({ kind: "identity-kept", reason }),
    });
    this.#crypto = recordCrypto((text) => onEvent({ kind: "trouble", text }));
    this.#waiting = new WaitingConnections(clock);
    this.#exposed = new ExposedPorts(tcp, {
      onConnection: (connection, exposure, place) => this.#onConnection(connection, exposure, place),
      onExhausted: (code, { address, port }) =>
        onEvent({ kind: "listener-exhausted", place: `${address} ${port}`, code }),
    });
    this.#seeker = new LaneSeeker({
      ...{ clock, chance },
      config: () => reachConfigOf(this.#config),
      streams: () => this.#sessions.streams,
      attempt: (way, signal) => this.#attempt(way, signal),
      ask: (attempt, candidate, purpose) => this.#sessions.ask(attempt, candidate, purpose),
      adopt: (attempt) => {
        this.#sessions.adopt(attempt);
        if (this.#takesStreams) this.#openWaiting();
      },
      drop: (attempt) => this.#sessions.drop(attempt),
      tell: (event) => {
        if (event.kind === "dial-failed") this.#lastFailure = event.detail;
        onEvent(event);
      },
    });
    this.#sessions = new SourceSessions({
      ...{
        clock,
        chance,
        expressFrom: deps.expressFrom,
        live,
        tally: this.#tally,
        config: () => this.#config,
        onEvent,
      },
      onAnswered: (attempt, outcome) => this.#seeker.answered(attempt, outcome),
      onFailed: (attempt, detail) => this.#seeker.failed(attempt, detail),
      onStopping: () => this.#seeker.step({ kind: "session-stopping" }),
      onLaneLost: (attempt, why) => this.#seeker.step({ kind: "lane-lost", attempt, why }),
      onEnded: () => this.#seeker.step({ kind: "session-ended" }),
    });
  }

  get counts(): TunnelCounts {
    return this.#tally.counts;
  }

  status(): SourceStatus {
    const config = this.#config;
    return sourceStatus({
      ...{ config, clock: this.#deps.clock, isDraining: this.#isDraining, lastFailure: this.#lastFailure },
      identity: identityStatus(this.#thread.facts.leaf),
      reach: this.#seeker.state,
      destinations: reachConfigOf(config).destinations,
      exposed: this.#exposed.status,
      current: this.#sessions.current,
      sessions: this.#sessions.all,
    });
  }

  streams(): readonly StreamStatus[] {
    return this.#sessions.all.flatMap(({ id, carrier }) => streamStatuses(id, carrier, true));
  }

  /** All of it, or nothing has changed. What is open stays. */
  async reload(config: SourceTunnelConfig, files: IdentityFiles): Promise<ReloadResult> {
    try {
      this.#exposed.apply(exposuresOf(config.source.expose, config.source.listen));
    } catch (error) {
      return { kind: "refused", reason: describeError(error) };
    }
    this.#config = config;
    this.#live.use({ trust: this.#thread.facts.trust, allow: namesOf(config) });
    this.#seeker.step({ kind: "reconfigured" });
    await this.#keeper.reload(files);
    return { kind: "applied" };
  }

  /** Another lane, by a whole new handshake; the old one carries until it is there. */
  refresh(): void {
    this.#seeker.step({ kind: "refresh-now" });
  }

  /** No new streams; waits for those that there are. */
  async drain(within: Millis): Promise<"empty" | "cut"> {
    this.#isDraining = true;
    this.#exposed[Symbol.dispose]();
    this.#waiting[Symbol.dispose]();
    this.#sessions.current?.carrier.goAway("stopping");
    const streams = () => this.#sessions.all.reduce((sum, { carrier }) => sum + carrier.unfinished, 0);
    return drained(this.#deps.clock, within, streams);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#exposed[Symbol.dispose]();
    this.#waiting[Symbol.dispose]();
    this.#keeper[Symbol.dispose]();
    this.#seeker[Symbol.dispose]();
    this.#sessions.end("going-away");
    this.#live[Symbol.dispose]();
    await this.#thread[Symbol.asyncDispose]();
  }

  #begin(): void {
    const { connectivity } = this.#deps;
    if (connectivity === undefined) this.#seeker.step({ kind: "started", paths: "unmanaged" });
    else void this.#follow(connectivity);
  }

  async #follow(connectivity: Watched<Connectivity | "unmanaged">): Promise<void> {
    let isStarted = false;
    for await (const known of connectivity.watch(this.#stopping.signal)) {
      // The first says nothing yet.
      if (known !== "unmanaged" && known.generation === 0) continue;
      const paths = known === "unmanaged" ? known : known.usable;
      this.#seeker.step({ kind: isStarted ? "connectivity" : "started", paths });
      isStarted = true;
    }
  }

  async #attempt(way: Way, signal: AbortSignal): Promise<AttemptOutcome> {
    const { clock, tcp, onEvent } = this.#deps;
    const { mode, handshake } = this.#config;
    const place = this.#placeOf(way.destination);
    const allow = namesOf(this.#config) ?? [place.host];
    const task = { role: "source", mode, allow, authenticateWithin: handshake.within } as const;
    const options = { way, place, task, lane: laneConfigOf(this.#config), signal };
    const outcome = await attemptLane(options, {
      ...{ clock, tcp, thread: this.#thread, lookUp: this.#lookUp, tally: this.#tally },
      crypto: this.#crypto,
      random: (length) => new Uint8Array(randomBytes(length)),
      onTrouble: (text) => onEvent({ kind: "trouble", text }),
    });
    if (outcome.kind === "ready") this.#tally.handshakes += 1;
    return outcome;
  }

  #placeOf(destination: Destination): HostPort {
    const place = this.#config.source.destinations.find((known) => formatHostPort(known) === destination);
    if (place === undefined) throw new InternalError(`${destination} is no destination of this source`);
    return place;
  }

  #onConnection(connection: TcpConnection, exposure: Exposure, place: Disposable): void {
    if (this.#takesStreams) this.#open(connection, exposure, place);
    else this.#waiting.add({ connection, exposure, place }, this.#config.source.connectWithin);
  }

  /** A destination that is stopping takes none; who comes meanwhile waits for the next session, at another if there is one. */
  get #takesStreams(): boolean {
    return this.#sessions.current?.carrier.session.takesStreams === true;
  }

  #openWaiting(): void {
    for (const { connection, exposure, place } of this.#waiting.takeAll()) this.#open(connection, exposure, place);
  }

  #open(connection: TcpConnection, exposure: Exposure, place: Disposable): void {
    const session = this.#sessions.current;
    if (session === undefined) {
      this.#waiting.add({ connection, exposure, place }, this.#config.source.connectWithin);
      return;
    }
    const { request } = exposure;
    if (this.#sessions.open(session, encodeOpenRequest(request), connection, place)) return;
    this.#tally.refused("too-many");
    const what = { request: describeOpenRequest(request), by: "us", reason: "too-many", detail: "" } as const;
    this.#deps.onEvent({ kind: "stream-refused", session: session.id, ...what });
  }
}

/** Of which the destination's certificate must have one; undefined: the host that it was reached by. */
function namesOf({ source }: SourceTunnelConfig): readonly string[] | undefined {
  return source.serverNames.length > 0 ? source.serverNames : undefined;
}

function reachConfigOf({ source, refresh }: SourceTunnelConfig): ReachConfig {
  const { destinations, reconnect, connectWithin } = source;
  const { restarts, window, pause } = reconnect.breaker;
  return {
    destinations: destinations.map((place) => formatHostPort(place) as Destination),
    backoff: { first: reconnect.first, longest: reconnect.longest },
    breaker: { failures: restarts, window, cooldown: pause },
    refresh,
    failoverAfter: millis(1.5 * connectWithin),
    attemptWithin: connectWithin,
  };
}
