/**
 * The sessions of a destination: which lane begins or resumes which, what their streams are connected to, and when they end. Each is its
 * own: nothing of one source can touch what is another's.
 */
import { sha384 } from "@ropewalk/crypto/sha384";
import type { Clock } from "@ropewalk/kernel/clock";
import type { CarriedStream } from "./carried-streams.ts";
import { Carrier } from "./carrier.ts";
import type { DestinationConfig } from "./config/destination-table.ts";
import type { TunnelConfig } from "./config.ts";
import { DestinationSession } from "./destination-session.ts";
import type { Lane } from "./io/lane.ts";
import type { SessionFrame } from "./io/lane-owner.ts";
import { ReadSlab } from "./io/read-slab.ts";
import type { TargetConnector } from "./io/target-connector.ts";
import type { Established } from "./io/thread-messages.ts";
import type { MadeEpoch } from "./io/waiting-epochs.ts";
import { sessionConfigOf } from "./limits.ts";
import type { LiveSessions } from "./live-sessions.ts";
import type { LaneWelcomes } from "./pure/lane/lane-hello.ts";
import { decodeOpenRequest } from "./pure/open-request.ts";
import { isSamePeer, type PeerIdentity, peerIdentity } from "./pure/peer-identity.ts";
import { CopyCounts } from "./pure/session/copy-counts.ts";
import { SessionEpochs } from "./pure/session/epochs.ts";
import { Session } from "./pure/session/session.ts";
import { type PlaceLimit, type PlaceLimits, placeFor } from "./pure/session-places.ts";
import type { Frame, Settings, StreamId } from "./pure/wire/frame.ts";
import type { ResetReason } from "./pure/wire/reset-reason.ts";
import { peerStatus, requestText, sessionStatus, streamStatuses } from "./session-picture.ts";
import type { PeerStatus, SessionStatus, StreamStatus } from "./status.ts";
import type { Tally } from "./tally.ts";
import type { SessionEnd, TunnelEvent } from "./tunnel-event.ts";

export interface DestinationSessionsDeps {
  readonly clock: Clock;
  readonly live: LiveSessions;
  readonly connector: TargetConnector;
  readonly tally: Tally;
  readonly config: () => TunnelConfig & { readonly destination: DestinationConfig };
  readonly onEvent: (event: TunnelEvent) => void;
}

/** What a session has besides itself. */
interface Resident {
  readonly session: DestinationSession;
  peer: PeerStatus;
  /** Where its last lane came from. */
  remote: string;
  /** Disposing it says that the session has ended by itself. */
  standing: Disposable;
  /** What ends connecting for streams that are gone. */
  readonly connecting: Map<StreamId, AbortController>;
  /** Places of targets that streams have. */
  readonly places: Map<StreamId, Disposable>;
}

/** As the configuration has them. */
const settings: Readonly<Record<PlaceLimit, string>> = { ofPeer: "max_sessions_per_source", inAll: "max_sessions" };

export class DestinationSessions {
  readonly #deps: DestinationSessionsDeps;
  readonly #slab = new ReadSlab();
  readonly #residents = new Map<string, Resident>();

  constructor(deps: DestinationSessionsDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#residents.size;
  }

  /** Of all sessions. */
  get streams(): number {
    return this.#residents.values().reduce((sum, { session }) => sum + session.carrier.unfinished, 0);
  }

  status(): readonly SessionStatus[] {
    const { maxStreams, sessionCreditBytes } = this.#deps.config();
    const limits = { streams: maxStreams, credit: sessionCreditBytes };
    return [...this.#residents.values()].map(({ session, peer }) => {
      const { id, carrier, since, resumptions, absent } = session;
      return sessionStatus({ id, carrier, peer, since, resumptions, absent, path: null, limits });
    });
  }

  streamStatuses(): readonly StreamStatus[] {
    return [...this.#residents.values()].flatMap(({ session }) => streamStatuses(session.id, session.carrier, false));
  }

  /** The lane begins a session, of which `settings` are the source's; `others`: what came behind. False: it may not. */
  begin(lane: Lane, made: MadeEpoch, settings: Settings, others: readonly SessionFrame[]): boolean {
    const { epoch, established } = made;
    if (!this.#makePlace(peerIdentity(established.chain), lane)) return false;
    const resident = this.#resident(lane, epoch, established);
    const { session, peer, remote } = resident;
    session.carrier.session.begin(settings);
    this.#residents.set(session.id, resident);
    this.#stand(resident, established);
    this.#deps.onEvent({ kind: "session-opened", session: session.id, remote, peer });
    lane.say({ type: "started", settings: session.carrier.session.settings });
    session.begin(lane, made, others);
    return true;
  }

  /** The lane claims to resume a session. "unknown": it may begin another; "refused": it is for nothing. */
  resume(
    lane: Lane,
    made: MadeEpoch,
    claim: Frame & { readonly type: "resume" },
    others: readonly SessionFrame[],
  ): "resumed" | "unknown" | "refused" {
    const { epoch, established } = made;
    const resident = this.#residents.get(claim.session.toHex());
    if (resident === undefined) return "unknown";
    const { session } = resident;
    if (!isSamePeer(peerIdentity(established.chain), session.identity)) return "unknown";
    const verdict = session.epochs.judge(claim, epoch);
    if (verdict !== "good") return verdict === "old" ? "refused" : "unknown";
    const after = session.carrier.lane === undefined ? "loss" : "move";
    const { remote } = lane.status();
    resident.remote = remote;
    resident.peer = peerStatus(session.identity, established.until);
    this.#stand(resident, established);
    lane.say({ type: "resumed", proof: session.epochs.answer(), state: session.carrier.session.state() });
    const { absentFor, resent } = session.resume(lane, made, claim.state, others);
    if (!this.#residents.has(session.id)) return "resumed";
    const streams = session.carrier.streams.size;
    this.#deps.onEvent({ kind: "session-resumed", session: session.id, remote, after, absentFor, streams, resent });
    return "resumed";
  }

  /** Of the epoch, by its identifier in hexadecimal, that a session's lane is of. */
  welcomesOf(epoch: string): LaneWelcomes | undefined {
    return this.#sessionIn(epoch)?.made?.welcomes;
  }

  /** The lane is the express lane of the session that is in the epoch. False: none is any more. */
  join(lane: Lane, epoch: string): boolean {
    const session = this.#sessionIn(epoch);
    session?.join(lane);
    return session !== undefined;
  }

  /** No more streams are asked for. */
  goAway(): void {
    for (const { session } of this.#residents.values()) session.carrier.goAway("stopping");
  }

  endAll(): void {
    for (const resident of [...this.#residents.values()]) this.#end(resident, "going-away", "stopped");
  }

  #sessionIn(epoch: string): DestinationSession | undefined {
    const sessions = this.#residents.values().map(({ session }) => session);
    return sessions.find(({ made }) => made?.epoch.id.toHex() === epoch);
  }

  #makePlace(identity: PeerIdentity, lane: Lane): boolean {
    const sessions = [...this.#residents.values()].map(({ session }) => session);
    const { maxSessionsPerSource, maxSessions } = this.#deps.config().destination;
    const limits: PlaceLimits = { ofPeer: maxSessionsPerSource, inAll: maxSessions };
    const place = placeFor(sessions, identity, limits);
    if (place.kind === "none") {
      const { remote } = lane.status();
      const full = `tunnel.destination.${settings[place.by]} = ${limits[place.by]}`;
      const text = `a session of ${identity.names.join(", ")}, from ${remote}, was refused: there are as many as ${full} allows`;
      this.#deps.onEvent({ kind: "trouble", text });
      return false;
    }
    const left = place.kind === "instead" ? this.#residents.get(place.session.id) : undefined;
    if (left !== undefined) this.#end(left, "too-many", "too-many", "its peer has begun others");
    return true;
  }

  #resident(lane: Lane, epoch: MadeEpoch["epoch"], established: Established): Resident {
    const { clock, tally, config, onEvent } = this.#deps;
    const broken = (why: string) => this.#end(resident, "broken", "broken", why);
    const carrier = new Carrier(
      new Session(
        "destination",
        sessionConfigOf(config()),
        (octets) => this.#slab.release(octets),
        new CopyCounts(tally.copies),
      ),
      {
        onAsked: (stream, request) => void this.#connect(resident, stream, request),
        onRefused: (_id, stream, { by, reason }) => {
          // Why this end refused was told with what only it knows.
          if (by === "peer") this.#tellRefused(resident, stream, by, reason, "");
        },
        onOver: (stream) => this.#onOver(resident, stream),
        onGoingAway: (reason) => {
          if (reason === "over") this.#end(resident, "going-away", "left");
        },
        onBroken: broken,
        onExpress: (change) => onEvent({ ...change, session: session.id, remote: resident.remote }),
      },
      { clock, tally, slab: this.#slab },
    );
    const identity = peerIdentity(established.chain);
    const hold = config().sessionHold;
    const session = new DestinationSession({
      ...{ clock, carrier, identity, hold, onBroken: broken },
      epochs: new SessionEpochs(sha384, "destination", epoch),
      onAbsent: (why) => {
        const of = { session: session.id, remote: resident.remote, streams: carrier.streams.size };
        onEvent({ kind: "session-absent", ...of, why, heldFor: hold });
      },
      onHoldOver: () => this.#end(resident, "aborted", "hold-over"),
    });
    const resident: Resident = {
      session,
      peer: peerStatus(identity, established.until),
      remote: lane.status().remote,
      standing: { [Symbol.dispose]: () => {} },
      connecting: new Map(),
      places: new Map(),
    };
    return resident;
  }

  /** What its right to be rests on is watched. */
  #stand(resident: Resident, { peer, until }: Established): void {
    resident.standing[Symbol.dispose]();
    resident.standing = this.#deps.live.add({
      ...{ peer, until },
      end: ({ reason }) => this.#end(resident, "revoked", "revoked", reason),
    });
  }

  async #connect(resident: Resident, id: StreamId, octets: Uint8Array): Promise<void> {
    const { carrier } = resident.session;
    const request = decodeOpenRequest(octets);
    if (request === undefined) {
      this.#refuse(resident, id, "not-allowed", "it asks for what this version does not know");
      return;
    }
    const controller = new AbortController();
    resident.connecting.set(id, controller);
    const opener = { session: resident.session.id, maxConnections: this.#deps.config().maxStreams };
    const outcome = await this.#deps.connector.connect(request, opener, controller.signal);
    resident.connecting.delete(id);
    if (outcome.kind === "failed") {
      if (!controller.signal.aborted) this.#refuse(resident, id, outcome.reason, outcome.detail);
      return;
    }
    if (carrier.streams.has(id)) resident.places.set(id, outcome.place);
    else outcome.place[Symbol.dispose]();
    carrier.accept(id, outcome.connection);
  }

  #refuse(resident: Resident, id: StreamId, reason: ResetReason, detail: string): void {
    const { carrier } = resident.session;
    const stream = carrier.streams.get(id);
    if (stream === undefined) return;
    carrier.reset(id, reason);
    this.#tellRefused(resident, stream, "us", reason, detail);
  }

  #tellRefused(
    { session }: Resident,
    stream: CarriedStream,
    by: "us" | "peer",
    reason: ResetReason,
    detail: string,
  ): void {
    const request = requestText(stream.request);
    this.#deps.onEvent({ kind: "stream-refused", session: session.id, request, by, reason, detail });
  }

  #onOver(resident: Resident, id: StreamId): void {
    resident.connecting.get(id)?.abort();
    resident.places.get(id)?.[Symbol.dispose]();
    resident.places.delete(id);
  }

  #end(resident: Resident, reason: ResetReason, why: SessionEnd, detail = ""): void {
    const { session, remote } = resident;
    if (!this.#residents.delete(session.id)) return;
    const streams = session.carrier.streams.size;
    resident.standing[Symbol.dispose]();
    session.end(reason);
    this.#deps.onEvent({ kind: "session-ended", session: session.id, remote, why, detail, streams });
  }
}
