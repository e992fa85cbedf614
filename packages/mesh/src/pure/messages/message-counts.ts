/** What became of envelopes and messages, by name, for people and for metrics. */
import type { Incoming } from "./incoming.ts";
import type { MessageTally } from "./message-tally.ts";

export function messageCounts(
  tally: MessageTally,
  incoming: Pick<Incoming, "repeated" | "dropped" | "inbox">,
): Readonly<Record<string, number>> {
  const { dropped, ended, ...counts } = tally.figures();
  return {
    ...{ ...counts, repeated: incoming.repeated },
    ...counted("dropped", dropped),
    ...counted("refused", incoming.dropped),
    ...counted("given up", incoming.inbox.givenUp),
    ...counted("ended", ended),
  };
}

function counted(what: string, counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].map(([name, count]) => [`${what}: ${name}`, count]));
}
