/** The event stream of an exit: the whole first, then each change of it, no more often than each second, however many peers come and go. */
import type { CoreEventDocument, CoreStatusDocument } from "@ropewalk/api/core";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import { EventLog } from "@ropewalk/ops/event-log";
import { EventStream } from "@ropewalk/ops/event-stream";

const tellEvery = seconds(1);
const keptEvents = 64;

export class CoreEvents implements Disposable {
  readonly stream: EventStream<CoreEventDocument>;
  readonly #log: EventLog<CoreEventDocument>;
  readonly #clock: Clock;
  readonly #status: () => CoreStatusDocument;
  #timer: Timer | undefined;

  constructor(clock: Clock, status: () => CoreStatusDocument) {
    const epoch = `${clock.wall().toString(36)}x${process.pid.toString(36)}`;
    const encode = (event: CoreEventDocument) => ({ event: event.kind, data: JSON.stringify(event) });
    this.#clock = clock;
    this.#status = status;
    this.#log = new EventLog<CoreEventDocument>({ epoch, capacity: keptEvents });
    this.stream = new EventStream<CoreEventDocument>({
      ...{ log: this.#log, encode, clock },
      snapshot: () => encode({ kind: "snapshot", at: clock.wall(), status: status() }),
    });
  }

  changed(): void {
    this.#timer ??= this.#clock.after("events of an exit", tellEvery, () => {
      this.#timer = undefined;
      this.#log.append({ kind: "changed", at: this.#clock.wall(), status: this.#status() });
    });
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.stream[Symbol.dispose]();
  }
}
