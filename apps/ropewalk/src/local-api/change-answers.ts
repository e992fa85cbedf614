/** What was asked to be changed and is on the disk, or why it is as it was. */
import type { ChangeOutcome } from "@ropewalk/mesh/pure/messages/store-call";
import type { StoreRefusal } from "@ropewalk/mesh/pure/messages/store-operations";
import { type Answer, good, problem } from "./answer.ts";
import { storeRefusalText } from "./message-documents.ts";

/** Which of those that an application has were there to be taken. */
export async function takenAnswer(
  numbers: readonly number[],
  take: (number: number) => Promise<ChangeOutcome>,
): Promise<Answer> {
  const all = await Promise.all(numbers.map(async (number) => ({ number, outcome: await take(number) })));
  const isTaken = ({ outcome }: (typeof all)[number]) => outcome.kind === "done";
  const refused = all.map(({ outcome }) => outcome).find((outcome) => outcome.kind === "refused");
  return good({
    taken: all.filter(isTaken).map(({ number }) => number),
    untaken: all.filter((one) => !isTaken(one)).map(({ number }) => number),
    why: refused === undefined ? null : storeRefusalText(refused.reason),
  });
}

export function unchanged(reason: StoreRefusal): Answer {
  return problem("refused", `Nothing was changed: ${storeRefusalText(reason)}.`);
}
