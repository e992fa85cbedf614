/** The judges of published vectors, on a vector that is right and on the same made wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { acvpJudges } from "./acvp.ts";
import { judgeFolder, judgeSet } from "./vector-sets.ts";
import type { Fields } from "./verdict.ts";
import { wycheproofJudges } from "./wycheproof.ts";

/** RFC 7748 §6.1, as Wycheproof would write it. */
const agreement = {
  tcId: "1",
  private: "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
  public: "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
  shared: "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
  result: "valid",
};

test("a vector that is right holds, and one that is wrong is told with its number", () => {
  const wrong = { ...agreement, tcId: "2", shared: agreement.shared.replace("4a", "4b") };
  const set = judgeSet("x25519", [agreement, wrong], wycheproofJudges["x25519"] as (test: Fields) => never);
  assert.equal(set.held, 1);
  assert.deepEqual(set.broken, ["x25519 2 (): shared secret is another"]);
});

test("a secret of zeros holds only if it was refused", () => {
  const zeros = { ...agreement, public: "00".repeat(32), shared: "00".repeat(32), result: "acceptable" };
  const judge = wycheproofJudges["x25519"] as (test: Fields) => never;
  assert.equal(judgeSet("x25519", [zeros], judge).held, 1);
  assert.equal(judgeSet("x25519", [{ ...zeros, public: agreement.public }], judge).broken.length, 1);
});

test("what Ropewalk does not use is counted with its reason, and nothing else is passed over", () => {
  const judge = acvpJudges["ML-KEM-keyGen-FIPS203"] as (test: Fields) => never;
  const set = judgeSet(
    "keys",
    [{ parameterSet: "ML-KEM-512" }, { parameterSet: "ML-KEM-768", d: "00", z: "00" }],
    judge,
  );
  assert.deepEqual([...set.unused], [["another size of ML-KEM", 1]]);
  assert.equal(set.broken.length, 1);
});

test("a folder without vectors has every set missing", () => {
  const { sets, missing } = judgeFolder(import.meta.dirname);
  assert.equal(sets.length, 0);
  assert.equal(missing.length, 20);
});
