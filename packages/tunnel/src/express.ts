/**
 * The express lane of a session, at either end: while bulk is about, copies of what is small go out on it, and what comes on it is heard
 * as copies. Nothing depends on it, so that it may be lost, or give way to another, at any moment.
 * Source: docs/protocols/tunnel-session.md, "The express lane".
 */
import type { Millis } from "@ropewalk/kernel/units";
import type { Lane } from "./io/lane.ts";
import type { SessionFrame } from "./io/lane-owner.ts";
import type { LaneLoss } from "./pure/reach/reach-state.ts";
import type { CopyCounts } from "./pure/session/copy-counts.ts";
import type { Draft } from "./pure/session/draft.ts";
import type { CopiedFrame } from "./pure/session/incoming.ts";
import type { Session, StreamFrame } from "./pure/session/session.ts";

/** So long after the last of it bulk is still about. */
const lately = 1000;
/** Octets beyond these, in one record or one frame, are bulk. */
const little = 2048;
/** A record that has more of what is small than this is bulk itself. */
const mostCopied = 16_384;

/** What is told of it. That it went with the lane that it was beside, or made room for another, goes without saying. */
export type ExpressChange = { readonly kind: "express-up" } | { readonly kind: "express-lost"; readonly why: LaneLoss };

export interface ExpressOwner {
  readonly onCopies: (frames: readonly CopiedFrame[]) => void;
  readonly onChange: (change: ExpressChange) => void;
}

export class Express implements Disposable {
  readonly #copies: CopyCounts;
  readonly #owner: ExpressOwner;
  #lane: Lane | undefined;
  #bulkAt = Number.NEGATIVE_INFINITY;

  constructor(copies: CopyCounts, owner: ExpressOwner) {
    this.#copies = copies;
    this.#owner = owner;
  }

  get lane(): Lane | undefined {
    return this.#lane;
  }

  /** In place of the one before it. `begin`: whether it was started. `onLost`: never told of one that was closed here. */
  use(lane: Lane, begin: "start" | "giveTo", onLost: () => void = () => {}): void {
    this[Symbol.dispose]();
    this.#lane = lane;
    this.#owner.onChange({ kind: "express-up" });
    const lose = (why: LaneLoss) => {
      if (this.#lane !== lane) return;
      this.#lane = undefined;
      this.#owner.onChange({ kind: "express-lost", why });
      onLost();
    };
    lane[begin]({
      onFrames: (frames) => {
        if (this.#lane !== lane || frames.length === 0) return;
        if (frames.every(isCopied)) {
          this.#owner.onCopies(frames);
          return;
        }
        lane[Symbol.dispose]();
        lose({ kind: "broken", detail: "it brought what is no copy" });
      },
      onWritable: () => {},
      onLost: lose,
      onBroken: (detail) => lose({ kind: "broken", detail }),
    });
  }

  /** The other lane is full: what is small goes ahead here. */
  sendAhead(now: Millis, session: Session): void {
    this.#bulkAt = now;
    if (this.#lane?.isWritable !== true) return;
    const draft = session.takeAhead();
    if (draft !== undefined) this.#send(this.#lane, draft, draft.copies);
  }

  /** What has come on the other lane. */
  noteReceived(now: Millis, frames: readonly StreamFrame[]): void {
    if (this.#lane !== undefined && frames.some(isBulk)) this.#bulkAt = now;
  }

  /** What goes on the other lane: what may be copied of it goes here, where there is any use in it and room for it. */
  send(now: Millis, draft: Draft): void {
    if (this.#lane === undefined) return;
    const { length, copiedLength } = draft;
    if (length - copiedLength > little) this.#bulkAt = now;
    if (copiedLength === 0 || copiedLength > mostCopied) return;
    if (now - this.#bulkAt <= lately && this.#lane.isWritable) this.#send(this.#lane, draft.copied(), draft.copies);
  }

  /** Without it until another comes. */
  [Symbol.dispose](): void {
    const lane = this.#lane;
    this.#lane = undefined;
    lane?.[Symbol.dispose]();
  }

  #send(lane: Lane, draft: Draft, copies: number): void {
    this.#copies.sent(copies);
    lane.send(draft);
  }
}

function isCopied(frame: SessionFrame): frame is SessionFrame & CopiedFrame {
  return frame.type === "data" || frame.type === "fin" || frame.type === "ack" || frame.type === "credit";
}

function isBulk(frame: StreamFrame): boolean {
  return frame.type === "data" && frame.octets.length > little;
}
