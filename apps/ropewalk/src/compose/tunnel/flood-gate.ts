/**
 * Refusals are what strangers and broken clients can cause as often as they like: each is told by itself while there are few, and by their
 * number once there are many. All else goes through as it comes.
 */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";

/** A second, of each kind. */
const mostEach = 20;

type Kind = "stream-refused" | "handshake-refused";

export class FloodGate implements Disposable {
  readonly #clock: Clock;
  readonly #pass: (event: TunnelEvent) => void;
  readonly #told = new Map<Kind, number>();
  readonly #more = new Map<Kind, Map<string, number>>();
  #timer: Timer | undefined;

  constructor(clock: Clock, pass: (event: TunnelEvent) => void) {
    this.#clock = clock;
    this.#pass = pass;
  }

  tell(event: TunnelEvent): void {
    if (event.kind === "stream-refused") this.#tell(event.kind, event.reason, event);
    else if (event.kind === "handshake-refused") this.#tell(event.kind, event.refusal.reason, event);
    else this.#pass(event);
  }

  /** Tells what is left to be told. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#endSecond();
  }

  #tell(kind: Kind, reason: string, event: TunnelEvent): void {
    this.#timer ??= this.#clock.after("refusals of a second", seconds(1), () => this.#endSecond());
    const told = (this.#told.get(kind) ?? 0) + 1;
    this.#told.set(kind, told);
    if (told <= mostEach) {
      this.#pass(event);
      return;
    }
    const more = this.#more.getOrInsertComputed(kind, () => new Map<string, number>());
    more.set(reason, (more.get(reason) ?? 0) + 1);
  }

  #endSecond(): void {
    this.#timer = undefined;
    this.#told.clear();
    const streams = this.#more.get("stream-refused");
    const handshakes = this.#more.get("handshake-refused");
    this.#more.clear();
    if (streams !== undefined) this.#pass({ kind: "streams-refused", numbers: Object.fromEntries(streams) });
    if (handshakes !== undefined) this.#pass({ kind: "handshakes-refused", numbers: Object.fromEntries(handshakes) });
  }
}
