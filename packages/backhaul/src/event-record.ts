/**
 * The backhaul's events as records of the log. An uplink that flaps for days must not fill a disk: of each uplink ten changes of
 * state a minute are written, the tenth says so, and the rest is left to the events themselves.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import type { Log, LogFields } from "@ropewalk/ops/log";
import type { BackhaulEvent, UplinkStatus } from "./status.ts";

const mostInWindow = 10;
const windowLength: Millis = seconds(60);

interface Window {
  readonly start: Millis;
  readonly changes: number;
}

export class EventRecord {
  readonly #log: Log;
  readonly #clock: Pick<Clock, "now">;
  readonly #windows = new Map<UplinkId, Window>();

  constructor(deps: { readonly log: Log; readonly clock: Pick<Clock, "now"> }) {
    this.#log = deps.log;
    this.#clock = deps.clock;
  }

  write(event: BackhaulEvent): void {
    switch (event.kind) {
      case "uplink-added":
        this.#log.info(fieldsOf(event.uplink), "uplink found");
        break;
      case "uplink-removed":
        this.#windows.delete(event.uplinkId);
        this.#log.info({ uplink: event.uplinkId, interface: event.name, reason: event.reason }, "uplink gone");
        break;
      case "uplink-changed":
        if (event.changed.includes("state")) this.#writeState(event.uplink);
        else this.#log.debug({ ...fieldsOf(event.uplink), changed: event.changed }, "uplink changed");
        break;
      case "order":
        this.#writeOrder(event);
        break;
      case "connectivity":
        this.#log.debug({ generation: event.connectivity.generation }, "connectivity changed");
        break;
    }
  }

  #writeOrder({ order, uplinkId, name, outcome }: Extract<BackhaulEvent, { readonly kind: "order" }>): void {
    const fields = { order, ...(uplinkId === null ? {} : { uplink: uplinkId, interface: name }) };
    if (outcome.kind === "done") this.#log.info(fields, "the operator's order is followed");
    else this.#log.warn({ ...fields, reason: outcome.reason }, "the operator's order is refused");
  }

  #writeState(uplink: UplinkStatus): void {
    const now = this.#clock.now();
    const last = this.#windows.get(uplink.id);
    const current = last !== undefined && now - last.start < windowLength ? last : { start: now, changes: 0 };
    const changes = current.changes + 1;
    this.#windows.set(uplink.id, { ...current, changes });
    const fields = fieldsOf(uplink);
    if (changes < mostInWindow) this.#log.info(fields, "uplink changed its state");
    else if (changes === mostInWindow)
      this.#log.warn(fields, "uplink flaps; its further changes in this minute are not logged");
    else this.#log.debug(fields, "uplink changed its state");
  }
}

function fieldsOf({ id, name, kind, state, reason }: UplinkStatus): LogFields {
  return { uplink: id, interface: name, kind, state, reason: reason.code };
}
