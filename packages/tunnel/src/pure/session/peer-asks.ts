/**
 * What the peer asks of an end: to open streams, and to be done with them. Each costs the peer little, and what it can cost this end is
 * bounded: by places, by how often streams are taken back, and by how many answers may wait that the peer does not read.
 */
import type { Millis } from "@ropewalk/kernel/units";
import type { Frame, StreamId } from "../wire/frame.ts";
import type { ResetReason } from "../wire/reset-reason.ts";
import type { LivingStreams } from "./living-streams.ts";
import { broken, type SessionOutput } from "./session-output.ts";
import { Withdrawals } from "./withdrawals.ts";

/** Of streams that the peer has opened. */
export interface SessionCounts {
  readonly asked: number;
  /** Reset by the session itself: there were too many, or it goes away. */
  readonly refused: number;
  /** Taken back by the peer before they were accepted. */
  readonly withdrawn: number;
}

/** No peer that heeds `mostStreams` makes an end answer more of its frames, for each of them, before it has read one answer. */
const mostAnswers = 8;

export class PeerAsks {
  readonly #streams: LivingStreams;
  readonly #mostWaiting: number;
  readonly #withdrawals: Withdrawals;
  readonly #counts = { asked: 0, refused: 0, withdrawn: 0 };

  constructor(streams: LivingStreams, mostStreams: number) {
    this.#streams = streams;
    this.#mostWaiting = mostAnswers * mostStreams;
    this.#withdrawals = new Withdrawals(mostStreams);
  }

  get counts(): SessionCounts {
    return this.#counts;
  }

  open(
    now: Millis,
    { stream: id, limit, request }: Frame & { readonly type: "connect" },
    isGoingAway: boolean,
  ): readonly SessionOutput[] {
    const { table } = this.#streams;
    if (table.isOwn(id)) return broken(`the peer opens stream ${id}, whose number is ours to give`);
    if (table.wasOpened(id)) return [];
    table.pass(id);
    this.#counts.asked += 1;
    if (isGoingAway) return this.#refuse(id, "going-away");
    if (this.#withdrawals.isTooMany(now) || !this.#streams.add(now, id, limit)) return this.#refuse(id, "too-many");
    return [{ kind: "asked", stream: id, request }];
  }

  /** Of a stream that was opened at some time. */
  end(now: Millis, frame: Frame & { readonly type: "reset" | "gone" }): readonly SessionOutput[] {
    const stream = this.#streams.table.get(frame.stream);
    const answered = frame.type === "reset" ? this.#answer({ type: "gone", stream: frame.stream }) : [];
    if (stream === undefined) return answered;
    if (stream.phase.kind === "asked") {
      this.#counts.withdrawn += 1;
      this.#withdrawals.note(now);
    }
    const over = frame.type === "reset" ? this.#streams.over(stream, frame.reason) : this.#streams.gone(stream);
    return [...answered, ...over];
  }

  #refuse(id: StreamId, reason: ResetReason): readonly SessionOutput[] {
    this.#counts.refused += 1;
    return this.#answer({ type: "reset", stream: id, reason });
  }

  #answer(frame: Frame & { readonly type: "reset" | "gone" }): readonly SessionOutput[] {
    if (this.#streams.outbox.waiting >= this.#mostWaiting) return broken("the peer asks, and reads no answers");
    this.#streams.outbox.say(frame);
    return [];
  }
}
