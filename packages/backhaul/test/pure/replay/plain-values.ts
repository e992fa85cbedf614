/** Any plain values, for properties: nested, with Map, Set, undefined and numbers that JSON does not have. */
import fc from "fast-check";

const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constantFrom("$", "$$", "$map", "$undefined", "\ud800"),
);
const names = fc.string({ maxLength: 3 }).filter((key) => JSON.stringify(key) === `"${key}"`);
const keys = fc.oneof(names, fc.constantFrom("a", "b", "__proto__", "2", "10", "constructor"));
const leaves = fc.oneof(
  texts,
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, 0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);

export const plainValues: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaves,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(keys, tie("value")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    fc.array(fc.tuple(leaves, tie("value")), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(tie("value"), { maxLength: 3 }).map((items) => new Set(items)),
  ),
})).value;
