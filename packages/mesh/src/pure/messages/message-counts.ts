/** What became of envelopes and messages, by name, for people and for metrics. */
import type { Incoming } from "./incoming.ts";
import type { MessageTally } from "./message-tally.ts";

/** "what" or "what: why", each with its count. */
export function messageCounts(
  tally: MessageTally,
  incoming: Pick<Incoming, "repeated" | "dropped" | "inbox">,
): Readonly<Record<string, number>> {
  const { dropped, ended, ...counts } = tally.figures();
  return {
    ...{ ...counts, repeated: incoming.repeated },
    ...countedBy("dropped", dropped),
    ...countedBy("refused", incoming.dropped),
    ...countedBy("given up", incoming.inbox.givenUp),
    ...countedBy("ended", ended),
  };
}

export function countedBy(what: string, counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].map(([name, count]) => [`${what}: ${name}`, count]));
}
