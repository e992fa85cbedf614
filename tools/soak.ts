/**
 * `npm run soak`: the full counts that `npm test` samples. Ten million inputs to each decoder by default; `--inputs N` for
 * others, a name or part of one to run only those. Exit code 1 when anything escaped.
 */
import { parseArgs } from "node:util";
import { fuzz, fuzzTargets } from "./fuzz.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    inputs: { type: "string", default: "10000000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});
const count = Number(values.inputs);
const seed = Number(values.seed);
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  process.stderr.write("usage: npm run soak -- [--inputs N] [--seed N] [NAME…]\n");
  process.exit(2);
}

const targets = (await fuzzTargets()).filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
process.stdout.write(`${targets.length} targets, ${count.toLocaleString("en")} inputs each, seed ${seed}\n`);
let escaped = 0;
for (const target of targets) {
  const result = fuzz(target, count, seed);
  escaped += result.escapes.length;
  process.stdout.write(
    `${result.escapes.length === 0 ? "good" : "FAIL"}  ${result.name}  ${result.seconds.toFixed(1)} s\n`,
  );
  for (const { input, error } of result.escapes) process.stdout.write(`      ${error}\n      input ${input}\n`);
}
process.stdout.write(`${escaped} escapes\n`);
process.exitCode = escaped === 0 ? 0 : 1;
