/** Passes on what an end tells. It tells from its first moment, when nobody can listen yet: so much is kept for whoever then does. */
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";

const mostKept = 512;

export class EventRelay {
  readonly #early: TunnelEvent[] = [];
  #listener: ((event: TunnelEvent) => void) | undefined;

  readonly tell = (event: TunnelEvent): void => {
    if (this.#listener !== undefined) this.#listener(event);
    else if (this.#early.length < mostKept) this.#early.push(event);
  };

  /** Once; what was told before is told again now. */
  listen(listener: (event: TunnelEvent) => void): void {
    this.#listener = listener;
    for (const event of this.#early.splice(0)) listener(event);
  }
}
