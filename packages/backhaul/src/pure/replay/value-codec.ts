/**
 * Plain values as JSON text that loses nothing: Map, Set, undefined, -0 and what is no finite number come back as they
 * were, and keys in their order. A value has one text, and the decoder takes no other: encode(decode(text)) is `text`.
 *
 *   "$undefined" "$-0" "$NaN" "$Infinity" "$-Infinity"   what JSON has no word for
 *   ["$map", [KEY, VALUE], …]   ["$set", VALUE, …]       in the order of insertion
 *   "$$…"                                                a string that itself begins with "$"
 *
 * A key of an object is a field's name, which JSON writes as it is. One with a quote, a backslash or a control character is
 * refused both ways: V8's JSON.parse takes any escaped key for "\\" once it has met that one (nodejs/node#63785).
 */
import { InternalError } from "@ropewalk/kernel/errors";

export type DecodedValue =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "malformed"; readonly reason: string };

/** Levels of nesting; the state of a node has about ten. */
const deepest = 64;
/** Characters of one text; the state of a router with 4,096 links takes three million. */
const longest = 64 * 1024 * 1024;

const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["$undefined", undefined],
  ["$-0", -0],
  ["$NaN", Number.NaN],
  ["$Infinity", Number.POSITIVE_INFINITY],
  ["$-Infinity", Number.NEGATIVE_INFINITY],
]);

/** Throws `InternalError` for what is not plain (a class's object, a function, a circle, a key that is no name): no fact and no state is. */
export function encodeValue(value: unknown): string {
  return encode(value, 0);
}

function encode(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return encodeText(value);
    case "number":
      return encodeNumber(value);
    case "boolean":
      return value ? "true" : "false";
    case "undefined":
      return '"$undefined"';
    case "object":
      return value === null ? "null" : encodeObject(value, depth);
    default:
      throw new InternalError(`a ${typeof value} is no plain value and cannot be recorded`);
  }
}

export function encodeText(text: string): string {
  return JSON.stringify(text.startsWith("$") ? `$${text}` : text);
}

export function encodeNumber(value: number): string {
  return Number.isFinite(value) && !Object.is(value, -0) ? String(value) : `"$${Object.is(value, -0) ? "-0" : value}"`;
}

function encodeObject(value: object, depth: number): string {
  if (depth >= deepest)
    throw new InternalError(`a value is nested deeper than ${deepest} levels and cannot be recorded`);
  if (Array.isArray(value)) return `[${encodeItems(value, "", depth + 1)}]`;
  if (value instanceof Set) return `["$set"${encodeItems(value, ",", depth + 1)}]`;
  if (value instanceof Map) return `["$map"${encodeEntries(value, depth + 1)}]`;
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    throw new InternalError(
      `an object of ${value.constructor?.name ?? "no class"} is no plain value and cannot be recorded`,
    );
  }
  return `{${encodeFields(value as Readonly<Record<string, unknown>>, depth + 1)}}`;
}

/** Built up by hand: this is most of what a record costs. */
function encodeItems(items: Iterable<unknown>, first: string, depth: number): string {
  let text = "";
  let separator = first;
  for (const item of items) {
    text += separator + encode(item, depth);
    separator = ",";
  }
  return text;
}

function encodeEntries(map: ReadonlyMap<unknown, unknown>, depth: number): string {
  let text = "";
  for (const [key, item] of map) text += `,[${encode(key, depth)},${encode(item, depth)}]`;
  return text;
}

function encodeFields(fields: Readonly<Record<string, unknown>>, depth: number): string {
  let text = "";
  let separator = "";
  for (const key of Object.keys(fields)) {
    if (!isName(key)) throw new InternalError(`the key ${JSON.stringify(key)} is no name and cannot be recorded`);
    text += `${separator}"${key}":${encode(fields[key], depth)}`;
    separator = ",";
  }
  return text;
}

/** Whether JSON writes it without an escape. */
function isName(key: string): boolean {
  return JSON.stringify(key).length === key.length + 2;
}

/** Total: any text gives a value or the reason why it has none. */
export function decodeValue(text: string): DecodedValue {
  const decoded = readValue(text);
  if (decoded.kind === "malformed") return decoded;
  return encodeValue(decoded.value) === text ? decoded : malformed("another text is the right one for its value");
}

/** As `decodeValue`, for a reader who encodes again and compares by himself. */
export function readValue(text: string): DecodedValue {
  if (text.length > longest) return malformed(`longer than ${longest} characters`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return malformed("not JSON");
  }
  const faults: string[] = [];
  const value = revive(parsed, 0, faults);
  const [fault] = faults;
  return fault === undefined ? { kind: "value", value } : malformed(fault);
}

function malformed(reason: string): DecodedValue {
  return { kind: "malformed", reason };
}

/** Arrays and objects are changed in place: `parsed` is ours. */
function revive(parsed: unknown, depth: number, faults: string[]): unknown {
  if (typeof parsed === "string") return reviveText(parsed, faults);
  if (typeof parsed !== "object" || parsed === null) return parsed;
  if (depth >= deepest) {
    faults.push(`nested deeper than ${deepest} levels`);
    return undefined;
  }
  if (Array.isArray(parsed)) return reviveArray(parsed, depth, faults);
  const object = parsed as Record<string, unknown>;
  for (const key of Object.keys(object)) {
    if (!isName(key)) faults.push(`the key ${JSON.stringify(key.slice(0, 32))} is no name`);
    const value = object[key];
    if (typeof value === "string" || (typeof value === "object" && value !== null)) {
      object[key] = revive(value, depth + 1, faults);
    }
  }
  return object;
}

function reviveText(text: string, faults: string[]): unknown {
  if (!text.startsWith("$")) return text;
  if (text.startsWith("$$")) return text.slice(1);
  if (!words.has(text)) faults.push(`${JSON.stringify(text.slice(0, 32))} is no word of this notation`);
  return words.get(text);
}

function reviveArray(parsed: unknown[], depth: number, faults: string[]): unknown {
  const [first] = parsed;
  if (first === "$set") return new Set(parsed.slice(1).map((item) => revive(item, depth + 1, faults)));
  if (first !== "$map") {
    for (let index = 0; index < parsed.length; index += 1) parsed[index] = revive(parsed[index], depth + 1, faults);
    return parsed;
  }
  const map = new Map<unknown, unknown>();
  for (const entry of parsed.slice(1)) {
    if (Array.isArray(entry) && entry.length === 2) {
      map.set(revive(entry[0], depth + 1, faults), revive(entry[1], depth + 1, faults));
    } else faults.push("an entry of a map is not a pair");
  }
  return map;
}
