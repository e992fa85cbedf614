/** What an end tells, as records of the log: a message that can be searched for, a level, and the facts beside it. */
import type { Log, LogFields } from "@ropewalk/ops/log";
import { describeRefusal } from "@ropewalk/tunnel/pure/refusal";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";

type Level = "debug" | "info" | "warn" | "error";
type Kind = TunnelEvent["kind"];

const records: Readonly<Record<Kind, readonly [Level, string]>> = {
  started: ["info", "a session begins"],
  resumed: ["info", "the lane is back"],
  refreshed: ["info", "the lane is a new one"],
  "refresh-started": ["debug", "the lane is to be a new one"],
  "refresh-failed": ["warn", "no new lane; the old one goes on"],
  "path-changed": ["info", "the lane is to move to another path"],
  "destination-stopping": ["info", "a destination is stopping and takes no new streams"],
  "failed-over": ["warn", "sessions are at another destination now"],
  "heartbeat-dead": ["warn", "the lane is dead: nothing comes from the other end"],
  "lane-closed": ["warn", "the lane was closed"],
  "lane-broken": ["warn", "the lane is broken: what came is none of its records"],
  "write-failed": ["warn", "the lane cannot be written"],
  "session-lost": ["warn", "the session is lost, and its streams with it"],
  "dial-failed": ["warn", "no lane came of an attempt"],
  "breaker-opened": ["warn", "a destination refuses too often and is asked seldom now"],
  "breaker-closed": ["info", "a destination is asked as usual again"],
  offline: ["warn", "there is no path to anywhere"],
  online: ["info", "there is a path again"],
  "session-opened": ["info", "a source has come"],
  "session-resumed": ["info", "a source has another lane"],
  "session-absent": ["warn", "a source is away, and its streams wait"],
  "session-ended": ["info", "a session has ended"],
  "express-up": ["info", "a session has an express lane"],
  "express-lost": ["info", "the express lane is lost; the session goes on as before"],
  "stream-refused": ["warn", "a stream was refused"],
  "streams-refused": ["warn", "more streams were refused"],
  "handshake-refused": ["warn", "a handshake was refused"],
  "handshakes-refused": ["warn", "more handshakes were refused"],
  "service-full": ["warn", "a service has all the connections that it may"],
  "listener-full": ["warn", "an exposed port has all the connections that it may"],
  "listener-exhausted": ["error", "the system gives nothing more for connections"],
  "identity-changed": ["info", "the files of the identity have changed and are in use"],
  "identity-kept": ["error", "what is in the files of the identity now is not used"],
  trouble: ["warn", "something is amiss"],
  failed: ["error", "the tunnel cannot go on"],
};

export function recordEvent(log: Log, event: TunnelEvent): void {
  const [level, message] = records[event.kind];
  const cut = event.kind === "session-ended" && !["left", "stopped"].includes(event.why);
  log[cut ? "warn" : level](fieldsOf(event), message);
}

function fieldsOf(event: TunnelEvent): LogFields {
  if (event.kind === "handshake-refused") {
    const { remote, refusal } = event;
    return { remote, reason: refusal.reason, text: describeRefusal(refusal) };
  }
  const { kind, ...facts } = event;
  return { event: kind, ...facts };
}
