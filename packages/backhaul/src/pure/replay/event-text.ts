/** Published events as text: what is told of something that was there before is told as the difference to it. */
import type { BackhaulEvent } from "../../status.ts";
import type { Picture } from "../picture.ts";
import { differenceBetween } from "./difference.ts";
import { encodeValue } from "./value-codec.ts";

/** `before` is the picture that the step was given. From it and this text the events follow to the last byte. */
export function encodeEvents(events: readonly BackhaulEvent[], before: Picture): string {
  return `[${events.map((event) => encodeValue(shortened(event, before))).join(",")}]`;
}

function shortened(event: BackhaulEvent, before: Picture): unknown {
  switch (event.kind) {
    case "uplink-added":
    case "uplink-removed":
    case "order":
      return event;
    case "uplink-changed": {
      const { uplink, changed, ...rest } = event;
      const old = before.uplinks.find(({ id }) => id === uplink.id);
      return { ...rest, uplinkId: uplink.id, changed, uplink: differenceBetween(old, uplink) };
    }
    case "connectivity": {
      const { kind, ...told } = event;
      const { connectivity, decisions } = before;
      return { kind, difference: differenceBetween({ connectivity, decisions }, told) };
    }
  }
}
