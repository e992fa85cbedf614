/** A product that lacks a defence, under a history of random requests until that shows it. */
import type { RunningServer } from "../control-scene.ts";
import type { NamedMutant } from "./history-mutants.ts";
import { HistoryRun } from "./history-run.ts";

const calls = { again: 0.4, lost: 0.05, late: 0 };
/** Until it is found out, or hides for so many times so many requests. */
const [mostEpochs, requestsEach] = [12, 200];

/** Undefined: its law found it. Else what was found instead. */
export async function missed(
  { law, make }: NamedMutant,
  seed: number,
  server?: RunningServer,
): Promise<string | undefined> {
  const given = { seed, customers: 24, replicas: 2, atOnce: 24, share: 1 / 30, network: calls, settleWithin: 8_000 };
  await using run = await HistoryRun.open({
    ...given,
    ...(server === undefined ? {} : { server }),
    mutant: await make(),
  });
  const found: string[] = [];
  for (let epoch = 0; epoch < mostEpochs; epoch += 1) {
    found.push(...(await run.epoch(requestsEach)).faults);
    if (found.some((fault) => law.test(fault))) return undefined;
  }
  return `not by its law: ${found.join("\n")}`;
}
