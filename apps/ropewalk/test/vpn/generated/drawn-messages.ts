/** Messages of any schema of protobuf: as they are meant, nearly so, and of anything that their types allow. */
import {
  create,
  type DescField,
  type DescMessage,
  type DescOneof,
  type Message,
  type MessageInitShape,
  ScalarType,
} from "@bufbuild/protobuf";
import fc from "fast-check";

/** What a field of this name is meant to have. */
export type Meant = Readonly<Record<string, fc.Arbitrary<unknown>>>;

type Scalar = Extract<DescField, { readonly fieldKind: "scalar" }>["scalar"];
type Taste = "meant" | "anything";

/** Of ten three are anything at all, and each part of the others seldom is. */
export function drawnMessages(schema: DescMessage, meant: Meant): fc.Arbitrary<Message> {
  const drawn = (taste: Taste) =>
    initOf(schema, meant, taste).map((init) => create(schema, init as MessageInitShape<DescMessage>));
  return fc.oneof({ weight: 7, arbitrary: drawn("meant") }, { weight: 3, arbitrary: drawn("anything") });
}

function initOf(schema: DescMessage, meant: Meant, taste: Taste): fc.Arbitrary<object> {
  const parts = schema.members.map((member) => [member.localName, partOf(member, meant, taste)] as const);
  // What is meant lacks nothing, or one thing.
  const requiredKeys = parts.map(([name]) => name);
  const whole = fc.record(Object.fromEntries(parts));
  const some = fc.record(Object.fromEntries(parts), { requiredKeys: [] });
  if (taste === "anything") return some;
  const lacking = fc
    .tuple(whole, fc.constantFrom("", ...requiredKeys))
    .map(([all, name]) => Object.fromEntries(Object.entries(all).filter(([one]) => one !== name)));
  return fc.oneof({ weight: 9, arbitrary: whole }, { weight: 1, arbitrary: lacking });
}

function partOf(member: DescField | DescOneof, meant: Meant, taste: Taste): fc.Arbitrary<unknown> {
  if (member.kind === "field") return fieldOf(member, meant, taste);
  return fc.oneof(
    ...member.fields.map((field) => fc.record({ case: fc.constant(field.localName), value: fieldOf(field, meant, taste) })),
  );
}

function fieldOf(field: DescField, meant: Meant, taste: Taste): fc.Arbitrary<unknown> {
  switch (field.fieldKind) {
    case "message":
      return initOf(field.message, meant, taste);
    case "scalar":
      return tasted(field, anyOf(field.scalar), meant, taste);
    case "list":
      return field.listKind === "message"
        ? fc.array(initOf(field.message, meant, taste), { maxLength: 3 })
        : tasted(field, listOf(field), meant, taste);
    default:
      throw new Error(`${field.toString()}: no message of ours has such a field`);
  }
}

function listOf(field: DescField): fc.Arbitrary<unknown> {
  if (field.fieldKind === "list" && field.listKind === "scalar") return fc.array(anyOf(field.scalar), { maxLength: 3 });
  throw new Error(`${field.toString()}: no message of ours has such a list`);
}

function tasted({ localName }: DescField, any: fc.Arbitrary<unknown>, meant: Meant, taste: Taste) {
  const asMeant = meant[localName];
  if (asMeant === undefined) return any;
  const [much, little] = taste === "meant" ? [60, 1] : [1, 1];
  return fc.oneof({ weight: much, arbitrary: asMeant }, { weight: little, arbitrary: any });
}

function anyOf(scalar: Scalar): fc.Arbitrary<unknown> {
  switch (scalar) {
    case ScalarType.STRING:
      return fc.oneof(
        fc.string({ unit: "binary", maxLength: 300 }),
        fc.string({ unit: fc.constantFrom("a", "\0", "\n", "\ufdd0"), maxLength: 300 }),
      );
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 64 });
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.UINT32:
      return fc.oneof(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1), fc.nat(2 ** 32 - 1));
    case ScalarType.UINT64:
      return fc.oneof(fc.constantFrom(0n, 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 64n - 1n));
    default:
      throw new Error(`no message of ours has a scalar ${scalar}`);
  }
}
