/** How a source is shown: its reach, its exposed ports and its session, with monotonic times made into points in time. */
import type { Clock } from "@ropewalk/kernel/clock";
import type { Millis } from "@ropewalk/kernel/units";
import type { TunnelConfig } from "./config.ts";
import type { ExposedPortStatus } from "./io/exposed-ports.ts";
import { describeOpenRequest } from "./pure/open-request.ts";
import type { ReachState } from "./pure/reach/reach-state.ts";
import { type Destination, pathName } from "./pure/reach/way.ts";
import { sessionStatus } from "./session-picture.ts";
import type { SourceSession } from "./source-session.ts";
import type {
  DestinationWay,
  IdentityStatus,
  ListenerStatus,
  ReachStatus,
  SessionStatus,
  SourceStatus,
} from "./status.ts";

export interface PicturedSource {
  readonly clock: Clock;
  readonly config: TunnelConfig;
  readonly isDraining: boolean;
  readonly identity: IdentityStatus;
  readonly reach: ReachState;
  /** Of the last dial that failed. */
  readonly lastFailure: string | null;
  readonly destinations: readonly Destination[];
  readonly exposed: readonly ExposedPortStatus[];
  /** The one that takes new streams. */
  readonly current: SourceSession | undefined;
  readonly sessions: readonly SourceSession[];
}

export function sourceStatus(pictured: PicturedSource): SourceStatus {
  const { clock, isDraining, identity, reach, destinations, exposed, sessions } = pictured;
  const wall = (at: Millis) => clock.wall() - (clock.now() - at);
  return {
    role: "source",
    ...{ isDraining, identity },
    reach: reachStatus(reach, pictured.lastFailure, wall),
    destinations: destinations.map((destination) => wayStatus(destination, reach, wall)),
    listeners: exposed.map(listenerStatus),
    sessions: sessions.map((session) => pictureOf(session, pictured, wall)),
  };
}

function reachStatus(reach: ReachState, lastFailure: string | null, wall: (at: Millis) => number): ReachStatus {
  if (reach.kind !== "running") return { kind: "stopped" };
  const { lane, offlineSince, errand, dials, wakeAt } = reach;
  if (lane !== undefined) return { kind: "up", destination: lane.way.destination };
  if (offlineSince !== undefined) return { kind: "offline", since: wall(offlineSince) };
  const since = errand === undefined ? wall((wakeAt ?? 0) as Millis) : wall(errand.since);
  const nextAt = wakeAt === undefined ? null : wall(wakeAt);
  return { kind: "seeking", since, dials, nextAt, lastFailure };
}

function wayStatus(destination: Destination, reach: ReachState, wall: (at: Millis) => number): DestinationWay {
  const breaker = reach.kind === "running" ? reach.breakers.get(destination) : undefined;
  if (breaker?.kind !== "open") return { destination, breaker: { kind: "closed" } };
  return { destination, breaker: { kind: "open", nextAt: wall(breaker.nextAt) } };
}

function listenerStatus({ exposure, open }: ExposedPortStatus): ListenerStatus {
  const { address, port, request, maxConnections } = exposure;
  return { address, port, request: describeOpenRequest(request), connections: open, limit: maxConnections };
}

function pictureOf(
  session: SourceSession,
  { reach, config, current }: PicturedSource,
  wall: (at: Millis) => number,
): SessionStatus {
  const isRunning = reach.kind === "running";
  const lostAt = isRunning && reach.errand !== undefined ? wall(reach.errand.since) : session.since;
  return sessionStatus({
    ...session,
    path: isRunning && session === current ? pathName(reach.lane?.way.path) : null,
    absent: { kind: "absent", since: lostAt, until: lostAt + config.sessionHold },
    limits: { streams: config.maxStreams, credit: config.sessionCreditBytes },
  });
}
