/** Changes of a node as lines, for logs and for output that is not a terminal. */
import type { NodeEvent } from "@ropewalk/api/events";
import { orderText } from "./order-text.ts";
import { printable } from "./table.ts";
import { uplinkName } from "./uplink-table.ts";

/** Fields that change as long as anything is measured. */
const figures: ReadonlySet<string> = new Set(["rttMs", "loss", "score", "ipv4.figures", "ipv6.figures"]);

/**
 * A function that gives the line of each event in turn; undefined for a snapshot, and for what only says that figures
 * moved or that the same paths and the same best one are told again.
 */
export function createEventLines(): (event: NodeEvent) => string | undefined {
  let told: string | undefined;
  return (event) => {
    const text = textOf(event);
    if (text === undefined) return undefined;
    if (event.kind === "connectivity") {
      const same = connectivityKey(event);
      if (same === told) return undefined;
      told = same;
    }
    return `${event.at} ${text}`;
  };
}

function textOf(event: NodeEvent): string | undefined {
  switch (event.kind) {
    case "snapshot":
      return undefined;
    case "uplink-added":
      return `${uplinkName(event.uplink)} is a new uplink, ${event.uplink.state}: ${printable(event.uplink.reason.text)}`;
    case "uplink-changed": {
      const { uplink, changed } = event;
      const worth = changed.filter((field) => !figures.has(field));
      if (worth.length === 0) return undefined;
      return `${uplinkName(uplink)} changed (${worth.join(", ")}), ${uplink.state}: ${printable(uplink.reason.text)}`;
    }
    case "uplink-removed":
      return `${printable(event.name)} is an uplink no more: ${printable(event.reason)}`;
    case "steering":
      return steeringText(event);
    case "order":
      return orderText(event);
    case "connectivity": {
      const { ipv4, ipv6 } = event.connectivity;
      const { name, reason } = event.decisions.overall;
      const best = `best: ${name === null ? "none" : printable(name)} (${printable(reason)})`;
      return `IPv4 ${ipv4}, IPv6 ${ipv6}; ${usableText(event)}; ${best}`;
    }
  }
}

type SteeringNodeEvent = Extract<NodeEvent, { readonly kind: "steering" }>;

const acts: Readonly<Record<SteeringNodeEvent["action"], string>> = {
  taken: "Ropewalk has the wheel",
  confirmed: "Ropewalk keeps the wheel",
  "given-back": "Ropewalk gave everything back",
  moved: "traffic was moved",
  changed: "routes were changed",
  "ended-flows": "connections were ended",
  drained: "an uplink is empty",
  repaired: "routes were repaired",
  "put-off": "a repair was put off",
  refused: "a change was refused",
};

function steeringText({ action, family, cause, evidence }: SteeringNodeEvent): string {
  const what = family === null ? acts[action] : `${family === "ipv4" ? "IPv4" : "IPv6"}: ${acts[action]}`;
  const [first, ...more] = evidence;
  const shown = first === undefined ? "" : ` [${printable(first)}${more.length > 0 ? ` and ${more.length} more` : ""}]`;
  return `${what}: ${printable(cause)}${shown}`;
}

type ConnectivityEvent = Extract<NodeEvent, { readonly kind: "connectivity" }>;

function usableText({ connectivity }: ConnectivityEvent): string {
  const names = connectivity.usable.map(({ name, family, state }) => `${printable(name)}/${family} ${state}`);
  return names.length === 0 ? "no usable path" : `usable: ${names.join(", ")}`;
}

/** What of the event is news: a reason may hold figures, which are not. The order of paths moves with their scores. */
function connectivityKey({ connectivity, decisions }: ConnectivityEvent): string {
  const { ipv4, ipv6, active, usable } = connectivity;
  const paths = usable.map(({ uplinkId, family, state }) => `${uplinkId}/${family} ${state}`).toSorted();
  const chosen = Object.values(decisions).map(({ uplinkId, kernel }) => [uplinkId, kernel]);
  return JSON.stringify([ipv4, ipv6, active, paths, chosen]);
}
