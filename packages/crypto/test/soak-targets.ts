/** What `npm run soak` does at length: every published vector of a folder, and the accumulated ones by the ten thousand. */
import { accumulatedMlDsa, accumulatedMlKem, mlDsaDigests, mlKemDigests } from "./accumulated.ts";
import { judgeFolder } from "./published/vector-sets.ts";

type Report = (line: string) => void;

interface SoakTarget {
  readonly name: string;
  readonly inputs: number;
  readonly unit?: string;
  readonly needsVectors?: string;
  readonly run: (inputs: number, seed: number, report: Report, vectors: string) => readonly string[];
}

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "vectors",
    inputs: 1,
    unit: "passes",
    needsVectors: "clones of usnistgov/ACVP-Server and C2SP/wycheproof",
    run(_inputs, _seed, report, folder) {
      const { sets, missing } = judgeFolder(folder);
      for (const { name, held, broken, unused } of sets) {
        const reasons = [...unused].map(([why, count]) => `, ${count} not used: ${why}`).join("");
        report(`${name}: ${held} held, ${broken.length} broken${reasons}`);
      }
      return [...sets.flatMap(({ broken }) => broken), ...missing.map((name) => `${name} is not in ${folder}`)];
    },
  },
  accumulated("accumulated ML-KEM-768", accumulatedMlKem, mlKemDigests),
  accumulated("accumulated ML-DSA-65", accumulatedMlDsa, mlDsaDigests),
];

/** Digests are published for so many rounds and no others. */
function accumulated(
  name: string,
  digestOf: (rounds: number) => string,
  digests: Readonly<Record<number, string>>,
): SoakTarget {
  return {
    name,
    inputs: 10_000,
    unit: "rounds",
    run(inputs) {
      const expected = digests[inputs];
      if (expected === undefined) return [`a digest is published for ${Object.keys(digests).join(" and ")} rounds`];
      return digestOf(inputs) === expected ? [] : [`the digest of ${inputs} rounds is another than the published one`];
    },
  };
}
