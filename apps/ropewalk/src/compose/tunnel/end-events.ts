/** The events of an end as its API streams them: each is kept, bounded in number, in the call in which it is told. */
import type { TunnelStatusDocument } from "@ropewalk/api/tunnel";
import type { TunnelEventDocument } from "@ropewalk/api/tunnel-events";
import type { Clock } from "@ropewalk/kernel/clock";
import { EventLog } from "@ropewalk/ops/event-log";
import { EventStream } from "@ropewalk/ops/event-stream";

export interface EndEvents extends Disposable {
  readonly log: EventLog<TunnelEventDocument>;
  readonly stream: EventStream<TunnelEventDocument>;
}

/** Enough for a reader to come back after seconds of steady trouble. */
const keptEvents = 512;

export function createEndEvents(clock: Clock, epoch: string, status: () => TunnelStatusDocument): EndEvents {
  const log = new EventLog<TunnelEventDocument>({ epoch, capacity: keptEvents });
  const encode = (event: TunnelEventDocument) => ({ event: event.kind, data: JSON.stringify(event) });
  const stream = new EventStream<TunnelEventDocument>({
    ...{ log, encode, clock },
    snapshot: () => encode({ kind: "snapshot", at: clock.wall(), status: status() }),
  });
  return { log, stream, [Symbol.dispose]: () => stream[Symbol.dispose]() };
}
