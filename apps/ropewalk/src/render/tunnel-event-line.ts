/** What an end of the tunnel tells, one line an event: when, what and why. */
import type { LaneLossDocument, TunnelEventDocument } from "@ropewalk/api/tunnel-events";
import { durationText, sizeText } from "./quantity.ts";
import { printable } from "./table.ts";

export function tunnelEventLine(event: TunnelEventDocument): string {
  return `${new Date(event.at).toISOString()} ${printable(eventText(event))}`;
}

type Kind = TunnelEventDocument["kind"];
type EventOf<Name extends Kind> = TunnelEventDocument & { readonly kind: Name };
type Texts = { readonly [Name in Kind]: (event: EventOf<Name>) => string };

const texts: Texts = {
  snapshot: ({ status: { end } }) => {
    const streams = end.sessions.reduce((sum, session) => sum + session.streams.open, 0);
    return `the ${end.role} has ${end.sessions.length} sessions and ${streams} streams`;
  },
  "heartbeat-dead": (event) => {
    return `${lane(event)} is dead: nothing came for ${durationText(event.silenceMs)}, ${event.missed} pings unanswered`;
  },
  "lane-closed": (event) => `${lane(event)} was closed (${event.code})`,
  "write-failed": (event) => `${lane(event)} cannot be written (${event.code})`,
  "lane-broken": (event) => `${lane(event)} is broken: ${event.detail}`,
  "path-changed": ({ from, to, why }) => {
    return `the lane is to move from ${from ?? "any path"} to ${to ?? "any path"}: the one is ${why === "gone" ? "gone" : "worse"}`;
  },
  "refresh-started": (event) => `a new lane is to take the place of ${lane(event)}`,
  refreshed: (event) => `${lane(event)} is a new one, in ${durationText(event.tookMs)}; ${streams(event)} moved to it`,
  "refresh-failed": ({ destination, retryInMs }) => {
    return `no new lane to ${destination}; the old one goes on, another try in ${durationText(retryInMs)}`;
  },
  started: (event) => `${lane(event)} is there, in ${durationText(event.tookMs)}: a session begins`,
  resumed: (event) => {
    const again = event.resentBytes === 0 ? "" : `, ${sizeText(event.resentBytes)} sent again`;
    const how = event.after === "loss" ? "is back" : "has moved";
    return `${lane(event)} ${how} in ${durationText(event.tookMs)}; ${streams(event, "goes", "go")} on${again}`;
  },
  "session-lost": (event) => {
    const why = event.why === "peer-restarted" ? "it was started again" : "another destination took its place";
    return `the session with ${event.destination} is lost, ${why}: ${streams(event)} with it`;
  },
  "dial-failed": (event) => `no lane to ${event.destination} (${event.purpose}): ${event.reason}, ${event.detail}`,
  "breaker-opened": ({ destination, failures, retryInMs }) => {
    return `${destination} refused ${failures} times: asked again in ${durationText(retryInMs)}`;
  },
  "breaker-closed": ({ destination, openForMs }) => {
    return `${destination} is asked as usual again, after ${durationText(openForMs)}`;
  },
  offline: () => "there is no path to anywhere",
  online: ({ offlineForMs }) => `there is a path again, after ${durationText(offlineForMs)}`,
  "destination-stopping": ({ destination }) =>
    `${destination} is stopping: it takes no new streams, those that there are go on`,
  "failed-over": ({ from, to }) => `from now on at ${to}, no longer at ${from}`,
  "session-opened": (event) => `${event.peer.names.join(", ")} has come from ${event.remote}: ${session(event)}`,
  "session-resumed": (event) => {
    const how = event.after === "loss" ? `back after ${durationText(event.absentForMs)}` : "on another lane";
    return `${session(event)} is ${how}, from ${event.remote}; ${streams(event, "goes", "go")} on`;
  },
  "session-absent": (event) => {
    const held = durationText(event.heldForMs);
    return `${session(event)} is away (${lossText(event.why)}): ${streams(event, "waits", "wait")}, for ${held} at most`;
  },
  "session-ended": (event) => {
    const detail = event.detail === "" ? "" : ` (${event.detail})`;
    return `${session(event)} has ended: ${endTexts[event.why]}${detail}; ${streams(event, "was", "were")} cut`;
  },
  "express-up": (event) => `${session(event)} has an express lane`,
  "express-lost": (event) =>
    `${session(event)} has lost its express lane (${lossText(event.why)}), and goes on without it`,
  "stream-refused": ({ request, by, reason, detail }) => {
    const who = by === "us" ? "refused here" : "refused by the other end";
    return `${request}: ${who}, ${reason}${detail === "" ? "" : `: ${detail}`}`;
  },
  "streams-refused": ({ numbers }) => `more streams were refused: ${numbersText(numbers)}`,
  "handshake-refused": ({ remote, refusal: { by, reason, detail } }) => {
    const who = by === "us" ? "this end refused" : "the other end refused";
    return `handshake with ${remote}: ${who}, ${reason}${detail === "" ? "" : ` (${detail})`}`;
  },
  "handshakes-refused": ({ numbers }) => `more handshakes were refused: ${numbersText(numbers)}`,
  "service-full": ({ service, limit }) => `service ${service} has all ${limit} connections that it may`,
  "listener-full": ({ place, limit }) => `${place} has all ${limit} connections that it may`,
  "listener-exhausted": ({ place, code }) => `the system gives nothing more for connections to ${place} (${code})`,
  "identity-changed": ({ names, until }) => {
    return `the certificate of ${names.join(", ")} is in use, good until ${new Date(until).toISOString()}`;
  },
  "identity-kept": ({ reason }) => `what is in the files of the identity now is not used: ${reason}`,
  trouble: ({ text }) => text,
  failed: ({ reason }) => `the tunnel cannot go on: ${reason}`,
  draining: (event) => `nothing new is taken; ${streams(event)} may end within ${durationText(event.withinMs)}`,
};

const endTexts: Readonly<Record<EventOf<"session-ended">["why"], string>> = {
  "hold-over": "it stayed away too long",
  left: "the source left",
  revoked: "the source may have none any more",
  broken: "the source did what it may not",
  stopped: "this end stops",
  "too-many": "others have all the places",
};

function eventText<Name extends Kind>(event: EventOf<Name>): string {
  const text = texts[event.kind] as (event: EventOf<Name>) => string;
  return text(event);
}

function lane({ destination, path }: { readonly destination: string; readonly path: string | null }): string {
  return `the lane to ${destination}${path === null ? "" : ` by ${path}`}`;
}

function session({ session: id }: { readonly session: string }): string {
  return `session ${id.slice(0, 8)}`;
}

/** "1 stream goes", "3 streams go". */
function streams({ streams: count }: { readonly streams: number }, one = "", more = ""): string {
  return count === 1 ? `1 stream ${one}`.trimEnd() : `${count} streams ${more}`.trimEnd();
}

function lossText(why: LaneLossDocument): string {
  switch (why.kind) {
    case "closed":
    case "write-failed":
      return why.code;
    case "heartbeat":
      return `nothing came for ${durationText(why.silenceMs)}`;
    case "broken":
      return why.detail;
  }
}

function numbersText(numbers: Readonly<Partial<Record<string, number>>>): string {
  return Object.entries(numbers)
    .map(([reason, number]) => `${number} ${reason}`)
    .join(", ");
}
