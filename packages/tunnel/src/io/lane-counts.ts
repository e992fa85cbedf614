/** What has gone over one lane, each way; the end's tally hears of it as well, and keeps it when the lane is no more. */
import { recordHeaderLength, recordTagLength } from "../pure/lane/record.ts";
import type { BothWays, LaneStatus } from "../status.ts";
import type { Tally } from "../tally.ts";

export class LaneCounts {
  readonly #tally: Tally;
  readonly #records = { sent: 0, received: 0 };
  readonly #octets = { sent: 0, received: 0 };
  readonly #keys = { sent: 0, received: 0 };

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  get status(): Pick<LaneStatus, "records" | "octets" | "keys"> {
    return { records: copied(this.#records), octets: copied(this.#octets), keys: copied(this.#keys) };
  }

  /** `length`: octets of its plaintext. */
  recordSent(length: number): void {
    this.#records.sent += 1;
    this.#octets.sent += length + recordHeaderLength + recordTagLength;
    this.#tally.recordsSent += 1;
  }

  recordReceived(): void {
    this.#records.received += 1;
    this.#tally.recordsReceived += 1;
  }

  /** As the kernel gave them. */
  octetsReceived(length: number): void {
    this.#octets.received += length;
  }

  keyChanged(): void {
    this.#keys.sent += 1;
    this.#tally.keyChanges += 1;
  }

  keyFollowed(): void {
    this.#keys.received += 1;
  }
}

function copied(counts: BothWays): BothWays {
  return { ...counts };
}
