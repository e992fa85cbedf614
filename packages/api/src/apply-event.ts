/** Keeps a picture of a node current from its events, so that a follower need not ask again. */
import type { NodeEvent } from "./events.ts";
import type { NodeStatus } from "./http.ts";
import { isMovingTraffic } from "./steering.ts";

/** The picture after `event`. A snapshot replaces it; nothing else may come first. */
export function applyEvent(status: NodeStatus, event: NodeEvent): NodeStatus {
  const { backhaul } = status;
  switch (event.kind) {
    case "snapshot":
      return event.status;
    case "uplink-added":
    case "uplink-changed": {
      const { uplink } = event;
      const isKnown = backhaul.uplinks.some(({ id }) => id === uplink.id);
      const uplinks = isKnown
        ? backhaul.uplinks.map((known) => (known.id === uplink.id ? uplink : known))
        : [...backhaul.uplinks, uplink];
      return { ...status, at: event.at, backhaul: { ...backhaul, uplinks } };
    }
    case "uplink-removed": {
      const uplinks = backhaul.uplinks.filter(({ id }) => id !== event.uplinkId);
      return { ...status, at: event.at, backhaul: { ...backhaul, uplinks } };
    }
    case "order":
      return { ...status, at: event.at };
    case "connectivity": {
      const { connectivity, decisions } = event;
      return { ...status, at: event.at, backhaul: { ...backhaul, connectivity, decisions } };
    }
    case "steering": {
      const { steering } = event;
      const monitorOnly = !isMovingTraffic(steering);
      return { ...status, at: event.at, backhaul: { ...backhaul, monitorOnly, steering } };
    }
  }
}
