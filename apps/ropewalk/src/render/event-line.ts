/** One change of a node as one line, for logs and for output that is not a terminal. */
import type { NodeEvent } from "@ropewalk/api/events";
import { uplinkName } from "./status-view.ts";
import { printable } from "./table.ts";

/** Undefined for a snapshot, which is no change. */
export function eventLine(event: NodeEvent): string | undefined {
  switch (event.kind) {
    case "snapshot":
      return undefined;
    case "uplink-added":
      return `${event.at} ${uplinkName(event.uplink)} is a new uplink, ${event.uplink.state}: ${event.uplink.reason.text}`;
    case "uplink-changed": {
      const { uplink, changed } = event;
      return `${event.at} ${uplinkName(uplink)} changed (${changed.join(", ")}), ${uplink.state}: ${uplink.reason.text}`;
    }
    case "uplink-removed":
      return `${event.at} ${printable(event.name)} is an uplink no more: ${printable(event.reason)}`;
    case "connectivity": {
      const { overall } = event.decisions;
      const names = event.connectivity.usable.map(({ name, family }) => `${printable(name)}/${family}`);
      const usable = names.length === 0 ? "no usable path" : `usable: ${names.join(", ")}`;
      return `${event.at} ${usable}; best: ${overall.name === null ? "none" : printable(overall.name)} (${printable(overall.reason)})`;
    }
  }
}
