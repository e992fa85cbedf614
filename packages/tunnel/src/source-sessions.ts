/**
 * The session of a source: what is asked on a lane that has come up, what is made of the answer, and what carries the streams. There is
 * one session; beside it those whose destinations are stopping, for as long as their streams take.
 */
import type { TcpConnection } from "@ropewalk/host/tcp";
import type { TunnelConfig } from "./config.ts";
import { ExpressSeeker, type ExpressSeekerDeps } from "./express-seeker.ts";
import type { SessionFrame } from "./io/lane-owner.ts";
import { ReadSlab } from "./io/read-slab.ts";
import type { Established } from "./io/thread-messages.ts";
import type { LiveSessions } from "./live-sessions.ts";
import type { AttemptId, Purpose } from "./pure/reach/attempt.ts";
import type { LaneLoss, LaneOutcome } from "./pure/reach/reach-state.ts";
import { eraseEpoch } from "./pure/session/epochs.ts";
import type { StreamFrame } from "./pure/session/session.ts";
import type { Frame, ResumeState } from "./pure/wire/frame.ts";
import type { ResetReason } from "./pure/wire/reset-reason.ts";
import { peerStatus } from "./session-picture.ts";
import type { Candidate } from "./source-attempt.ts";
import { newSourceSession, type SourceSession } from "./source-session.ts";
import type { Tally } from "./tally.ts";
import type { SessionEnd, TunnelEvent } from "./tunnel-event.ts";

export interface SourceSessionsDeps extends ExpressSeekerDeps {
  readonly live: LiveSessions;
  readonly tally: Tally;
  readonly config: () => TunnelConfig;
  readonly onEvent: (event: TunnelEvent) => void;
  /** What the lane of an attempt came to: it may be adopted, or is lost. */
  readonly onAnswered: (attempt: AttemptId, outcome: LaneOutcome) => void;
  readonly onFailed: (attempt: AttemptId, detail: string) => void;
  /** The lane that carries the session is lost. */
  readonly onLaneLost: (attempt: AttemptId, why: LaneLoss) => void;
  /** The session's destination takes no more streams. */
  readonly onStopping: () => void;
  /** The session may not be resumed. */
  readonly onEnded: () => void;
}

/** Destinations that stop one after the other leave so many at most. */
const mostLeft = 4;

/** A lane that was asked to carry a session, and what it said. */
interface Asked {
  readonly candidate: Candidate;
  expects: "started" | "resumed";
  session: SourceSession;
  state: ResumeState | undefined;
  /** Frames behind the answer. */
  readonly frames: SessionFrame[];
  /** The destination had forgotten the session; so many streams were lost with it. */
  isForgotten: boolean;
  lost: number;
}

type Answer =
  | (Frame & { readonly type: "started" })
  | (Frame & { readonly type: "resumed" })
  | (Frame & { readonly type: "unknown" });

export class SourceSessions {
  readonly #deps: SourceSessionsDeps;
  readonly #slab = new ReadSlab();
  readonly #asked = new Map<AttemptId, Asked>();
  #current: SourceSession | undefined;
  /** Their streams finish where they are; the oldest first. */
  readonly #left = new Set<SourceSession>();

  constructor(deps: SourceSessionsDeps) {
    this.#deps = deps;
  }

  get current(): SourceSession | undefined {
    return this.#current;
  }

  /** The one that takes new streams, and those that are left. */
  get all(): readonly SourceSession[] {
    return this.#current === undefined ? [...this.#left] : [this.#current, ...this.#left];
  }

  /** For whose sake the session that takes new ones is kept. */
  get streams(): number {
    return this.#current?.carrier.unfinished ?? 0;
  }

  /** A new lane asks to carry the session that there is, where the destination may have it; or to begin one. */
  ask(attempt: AttemptId, candidate: Candidate, purpose: Purpose): void {
    const { lane, epoch } = candidate;
    const before = purpose === "first" || purpose === "return" ? undefined : this.#current;
    const session = before ?? this.#newSession(candidate);
    const asked: Asked = {
      ...{ candidate, session, expects: before === undefined ? "started" : "resumed" },
      ...{ state: undefined, frames: [], isForgotten: false, lost: 0 },
    };
    this.#asked.set(attempt, asked);
    lane.start({
      onFrames: (frames) => this.#onFrames(attempt, asked, frames),
      onWritable: () => {},
      onLost: ({ kind }) => this.#fail(attempt, `the lane was lost before it carried anything: ${kind}`),
      onBroken: (why) => this.#fail(attempt, why),
    });
    if (before === undefined) {
      lane.say({ type: "start", settings: session.carrier.session.settings });
      return;
    }
    const state = session.carrier.session.state();
    lane.say({ type: "resume", ...session.epochs.claim(epoch), session: session.epochs.session, state });
  }

  /** Nothing is to come of the lane, which is closed. */
  drop(attempt: AttemptId): void {
    const asked = this.#asked.get(attempt);
    this.#asked.delete(attempt);
    if (asked !== undefined) this.#forget(asked);
  }

  /** The lane carries its session from now on. */
  adopt(attempt: AttemptId): void {
    const asked = this.#asked.get(attempt);
    this.#asked.delete(attempt);
    if (asked === undefined) return;
    const { session, candidate, state, frames } = asked;
    const { lane } = candidate;
    const { carrier } = session;
    const before = carrier.lane;
    if (carrier.isOver) {
      lane[Symbol.dispose]();
      return;
    }
    if (this.#current !== undefined && this.#current !== session) this.#leave(this.#current);
    this.#current = session;
    session.remote = lane.status().remote;
    this.#stand(session, candidate.established);
    lane.giveTo({
      onFrames: (more) => {
        if (more.length > 0) carrier.receive(more as readonly StreamFrame[]);
      },
      onWritable: () => carrier.pump(),
      onLost: (why) => {
        if (carrier.lane === lane) this.#await(session);
        this.#deps.onLaneLost(attempt, why);
      },
      onBroken: (why) => this.#finish(session, "broken", "broken", why),
    });
    if (state !== undefined) session.resumptions += 1;
    session.hold?.[Symbol.dispose]();
    session.expressSeeker?.[Symbol.dispose]();
    carrier.use(lane, state);
    // The first thing that the destination hears on it: it knows then that this end has gone over.
    lane.say({ type: "ping", token: new Uint8Array(8) });
    before?.close();
    if (!carrier.isOver) session.expressSeeker = new ExpressSeeker(carrier.express, candidate, this.#deps);
    if (frames.length > 0) carrier.receive(frames as readonly StreamFrame[]);
  }

  /** A stream for the connection, which has `place`. False: neither end takes more, and the connection was reset. */
  open(session: SourceSession, request: Uint8Array, connection: TcpConnection, place: Disposable): boolean {
    const stream = session.carrier.open(request, connection);
    if (stream !== undefined && session.carrier.streams.has(stream)) session.places.set(stream, place);
    else place[Symbol.dispose]();
    return stream !== undefined;
  }

  end(reason: ResetReason): void {
    for (const { session } of this.#asked.values()) this.#end(session, reason);
    for (const session of this.all) this.#end(session, reason);
  }

  #onFrames(attempt: AttemptId, asked: Asked, frames: readonly SessionFrame[]): void {
    if (!this.#asked.has(attempt) || frames.length === 0) return;
    const [first, ...others] = frames;
    if (!isAnswer(first)) {
      this.#fail(attempt, "the destination answered what was not asked");
      return;
    }
    asked.frames.push(...others);
    this.#onAnswer(attempt, asked, first);
  }

  #onAnswer(attempt: AttemptId, asked: Asked, answer: Answer): void {
    const { session, candidate } = asked;
    if (answer.type === "unknown" && asked.expects === "resumed") {
      asked.expects = "started";
      // The destination has forgotten it: its streams are over, and the lane begins another.
      asked.lost = session.carrier.streams.size;
      asked.isForgotten = true;
      this.#end(session, "peer-restarted");
      asked.session = this.#newSession(candidate);
      candidate.lane.say({ type: "start", settings: asked.session.carrier.session.settings });
    } else if (answer.type === "started" && asked.expects === "started") {
      session.carrier.session.begin(answer.settings);
      this.#deps.onAnswered(attempt, { kind: "started", lost: asked.lost });
    } else if (answer.type !== "resumed" || asked.expects !== "resumed") {
      this.#fail(attempt, "the destination answered what was not asked");
    } else if (session.epochs.accept(answer.proof, candidate.epoch)) {
      asked.state = answer.state;
      const { carrier } = session;
      const resent = carrier.session.sentBeyond(answer.state);
      this.#deps.onAnswered(attempt, { kind: "resumed", streams: carrier.streams.size, resent });
    } else {
      this.#fail(attempt, "the destination did not prove to have the session");
    }
  }

  #fail(attempt: AttemptId, detail: string): void {
    const asked = this.#asked.get(attempt);
    this.#asked.delete(attempt);
    if (asked !== undefined) this.#forget(asked);
    this.#deps.onFailed(attempt, detail);
    // The session before it is over, and its lane with it.
    if (asked?.isForgotten === true) this.#deps.onEnded();
  }

  /** Nothing comes of its lane; neither of the session that it was to begin, nor of the epoch that it was to bring. */
  #forget({ session, candidate, state }: Asked): void {
    if (!this.all.includes(session)) this.#end(session, "going-away");
    if (state === undefined) eraseEpoch(candidate.epoch);
  }

  #newSession(candidate: Candidate): SourceSession {
    const { clock, tally, config, onEvent } = this.#deps;
    return newSourceSession(candidate, {
      ...{ clock, tally, slab: this.#slab, config: config(), onEvent },
      onStopping: (session) => {
        if (session === this.#current) this.#deps.onStopping();
      },
      onLeft: (session) => this.#finish(session, "going-away", "left"),
      onBroken: (session, why) => this.#finish(session, "broken", "broken", why),
    });
  }

  /** What its right to be rests on is watched. */
  #stand(session: SourceSession, { peer, until }: Established): void {
    session.standing[Symbol.dispose]();
    session.peer = peerStatus(session.identity, until);
    session.standing = this.#deps.live.add({
      peer,
      until,
      end: ({ reason }) => this.#finish(session, "revoked", "revoked", reason),
    });
  }

  /** Another takes its place. Where its destination is stopping its streams go on, and the destination ends it. */
  #leave(session: SourceSession): void {
    session.expressSeeker?.[Symbol.dispose]();
    const { carrier } = session;
    if (carrier.lane === undefined || carrier.session.takesStreams) {
      this.#end(session, "going-away");
      return;
    }
    this.#left.add(session);
    const [oldest] = this.#left;
    if (this.#left.size > mostLeft && oldest !== undefined)
      this.#finish(oldest, "going-away", "left", "too many were left");
  }

  /** Its streams stand still until another lane comes, and are over when none does in time. None is sought for one that was left. */
  #await(session: SourceSession): void {
    const { clock, config } = this.#deps;
    if (this.#left.has(session)) {
      this.#finish(session, "going-away", "left", "its lane was lost while its destination was stopping");
      return;
    }
    session.expressSeeker?.[Symbol.dispose]();
    session.carrier.lose();
    session.hold = clock.after("absence of the destination", config().sessionHold, () =>
      this.#finish(session, "timed-out", "hold-over"),
    );
  }

  /** It ends, and another is sought. */
  #finish(session: SourceSession, reason: ResetReason, why: SessionEnd, detail = ""): void {
    const { id, remote, carrier } = session;
    if (carrier.isOver) return;
    const streams = carrier.streams.size;
    const wasLeft = this.#left.has(session);
    this.#end(session, reason);
    this.#deps.onEvent({ kind: "session-ended", session: id, remote, why, detail, streams });
    if (!wasLeft) this.#deps.onEnded();
  }

  #end(session: SourceSession, reason: ResetReason): void {
    session.hold?.[Symbol.dispose]();
    session.expressSeeker?.[Symbol.dispose]();
    session.standing[Symbol.dispose]();
    const { lane } = session.carrier;
    session.carrier.end(reason);
    session.epochs.erase();
    lane?.say({ type: "go-away", reason: "over" });
    lane?.close();
    this.#left.delete(session);
    if (this.#current === session) this.#current = undefined;
  }
}

function isAnswer(frame: SessionFrame | undefined): frame is SessionFrame & Answer {
  return frame?.type === "started" || frame?.type === "resumed" || frame?.type === "unknown";
}
