/** Whether an attack succeeds where a defence is taken out: where it does not, nothing shows that the defence is of any use. */
import type { Attack } from "./attack.ts";
import { mutatedMesh } from "./mutated-mesh.ts";

/** Mutants on which nothing was found, or something else than they are there for. */
export async function unnoticed({ name, run, mutants }: Attack): Promise<readonly string[]> {
  const missed: string[] = [];
  for (const { lacks, patches, finding } of mutants) {
    const found = run(await mutatedMesh(`${name}: ${lacks}`, patches), 1, "sample");
    if (!found.some((one) => finding.test(one))) missed.push(`${name}, without ${lacks}: ${found}`);
  }
  return missed;
}
