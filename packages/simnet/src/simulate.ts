/** Runs scenarios by seed, and says of a failure which seed it was and how to see it again. */
import { describeError } from "@ropewalk/kernel/errors";
import { SimnetError } from "./errors.ts";

/** Names the one seed to run. */
export const seedVariable = "ROPEWALK_SIM_SEED";

/** `count` seeds from `first` on, or the one that the environment names. */
export function seedsToRun(
  environment: Readonly<Record<string, string | undefined>>,
  { first = 1, count }: { readonly first?: number; readonly count: number },
): readonly number[] {
  const named = environment[seedVariable];
  if (named !== undefined && named !== "") return [Number(named)];
  return Array.from({ length: count }, (_, index) => (first + index) >>> 0);
}

/** What `scenario` returns for `seed`. SIMNET_SCENARIO_FAILED names the seed and bears what was thrown as its cause. */
export async function simulate<Result>(
  seed: number,
  scenario: (seed: number) => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await scenario(seed);
  } catch (cause) {
    throw new SimnetError(
      "SIMNET_SCENARIO_FAILED",
      `with seed ${seed}: ${describeError(cause)} (this one alone: ${seedVariable}=${seed})`,
      { cause },
    );
  }
}
