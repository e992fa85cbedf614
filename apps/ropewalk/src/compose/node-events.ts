/** Turns what the backhaul tells into the events of the API, in the call in which it tells it. */
import type { NodeEvent } from "@ropewalk/api/events";
import type { NodeStatus } from "@ropewalk/api/http";
import type { SteeringActDocument } from "@ropewalk/api/steering";
import type { BackhaulEvent } from "@ropewalk/backhaul/status";
import type { Clock } from "@ropewalk/kernel/clock";
import type { Millis } from "@ropewalk/kernel/units";
import { EventLog } from "@ropewalk/ops/event-log";
import { EventStream } from "@ropewalk/ops/event-stream";
import { connectivityDocument, decisionsDocument, uplinkDocument } from "../local-api/status-document.ts";

export interface NodeEvents extends Disposable {
  readonly log: EventLog<NodeEvent>;
  readonly stream: EventStream<NodeEvent>;
  publish(event: BackhaulEvent): void;
  /** `at` is when it was done, on the clock. */
  publishSteering(act: SteeringActDocument, at: Millis): void;
}

export interface NodeEventsOptions {
  readonly clock: Clock;
  /** CLOCK_MONOTONIC of the machine, in milliseconds. */
  readonly monotonicMs: () => number;
  readonly epoch: string;
  readonly status: () => NodeStatus;
}

/** Enough for a reader to come back after seconds of steady flapping. */
const keptEvents = 512;

export function createNodeEvents(options: NodeEventsOptions): NodeEvents {
  const { clock, monotonicMs, epoch, status } = options;
  const seen = (at: Millis = clock.now()) => {
    const ago = clock.now() - at;
    return { at: new Date(clock.wall() - ago).toISOString(), seenAtMonotonicMs: monotonicMs() - ago };
  };
  const log = new EventLog<NodeEvent>({ epoch, capacity: keptEvents });
  const encode = (event: NodeEvent) => ({ event: event.kind, data: JSON.stringify(event) });
  const stream = new EventStream<NodeEvent>({
    log,
    snapshot: () => encode({ kind: "snapshot", ...seen(), status: status() }),
    encode,
    clock,
  });
  return {
    log,
    stream,
    publish: (event) => void log.append({ ...seen(), ...eventDocument(event) }),
    publishSteering: (act, at) => void log.append({ ...seen(at), kind: "steering", ...act }),
    [Symbol.dispose]: () => stream[Symbol.dispose](),
  };
}

type WithoutSeen<Event> = Event extends unknown ? Omit<Event, "at" | "seenAtMonotonicMs"> : never;

function eventDocument(event: BackhaulEvent): WithoutSeen<NodeEvent> {
  switch (event.kind) {
    case "uplink-added":
      return { kind: event.kind, uplink: uplinkDocument(event.uplink) };
    case "uplink-changed": {
      const changed = event.changed.map((field) => (field === "mtu" ? "mtuBytes" : field));
      return { kind: event.kind, uplink: uplinkDocument(event.uplink), changed };
    }
    case "uplink-removed":
    case "order":
      return event;
    case "connectivity":
      return {
        kind: event.kind,
        connectivity: connectivityDocument(event.connectivity),
        decisions: decisionsDocument(event.decisions),
      };
  }
}
