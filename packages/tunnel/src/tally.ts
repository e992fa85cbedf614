/** What an end has done since its start, over all its sessions and lanes: numbers that only grow. */
import type { StreamEnd } from "./carried-streams.ts";
import type { RefusalReason } from "./pure/refusal.ts";
import { CopyCounts } from "./pure/session/copy-counts.ts";
import type { ResetReason } from "./pure/wire/reset-reason.ts";
import type { TunnelCounts } from "./status.ts";

export class Tally {
  handshakes = 0;
  readonly handshakesRefused: Map<RefusalReason, number> = new Map();
  streamsOpened = 0;
  streamsClosed = 0;
  readonly streamsReset: Map<ResetReason, number> = new Map();
  readonly streamsRefused: Map<ResetReason, number> = new Map();
  /** Of streams. */
  octetsSent = 0;
  octetsReceived = 0;
  resentOctets = 0;
  recordsSent = 0;
  recordsReceived = 0;
  keyChanges = 0;
  readonly copies: CopyCounts = new CopyCounts();

  handshakeRefused(reason: RefusalReason): void {
    increment(this.handshakesRefused, reason);
  }

  /** As the metrics take them. */
  get counts(): TunnelCounts {
    return {
      handshakes: this.handshakes,
      handshakesRefused: this.handshakesRefused,
      streamsOpened: this.streamsOpened,
      streamsClosed: this.streamsClosed,
      streamsReset: this.streamsReset,
      streamsRefused: this.streamsRefused,
      octets: { sent: this.octetsSent, received: this.octetsReceived },
      resentOctets: this.resentOctets,
      records: { sent: this.recordsSent, received: this.recordsReceived },
      keyChanges: this.keyChanges,
      copies: this.copies.status,
    };
  }

  /** A stream that was open is over. */
  over(how: StreamEnd): void {
    if (how.kind === "closed") this.streamsClosed += 1;
    else increment(this.streamsReset, how.reason);
  }

  /** A stream never had both its connections. */
  refused(reason: ResetReason): void {
    increment(this.streamsRefused, reason);
  }
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
