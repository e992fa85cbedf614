/**
 * What a log record may hold: plain, bounded and acyclic, whatever was handed in. Errors become their facts,
 * and values with `toJSON` (a `Secret` is one) become what that gives.
 */

const deepest = 6;
const longestText = 8_192;
/** Values in one field, those inside it counted. */
const mostValues = 500;

interface Reading {
  readonly withStacks: boolean;
  left: number;
}

/** Total: never throws, also not when a getter or `toJSON` does. Stacks are for developers, and so not always wanted. */
export function loggable(value: unknown, options: { readonly withStacks: boolean }): unknown {
  return plain(value, { ...options, left: mostValues }, 0);
}

function plain(value: unknown, reading: Reading, depth: number): unknown {
  if (typeof value === "string") return value.length <= longestText ? value : `${value.slice(0, longestText)}…`;
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (typeof value === "function") return "[function]";
  if (typeof value !== "object" || value === null) return value;
  if (depth >= deepest || reading.left <= 0) return "[more]";
  try {
    return plainObject(value, reading, depth + 1);
  } catch {
    return "[unreadable]";
  }
}

function plainObject(value: object, reading: Reading, depth: number): unknown {
  if (value instanceof Error) return plainError(value, reading, depth);
  if ("toJSON" in value && typeof value.toJSON === "function") return plain(value.toJSON(), reading, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} octets]`;
  if (Array.isArray(value) || value instanceof Set) {
    const items = [...value];
    const shown = items.slice(0, take(items.length, reading)).map((item) => plain(item, reading, depth));
    return shown.length === items.length ? shown : [...shown, "[more]"];
  }
  return plainEntries(value instanceof Map ? [...value] : Object.entries(value), reading, depth);
}

function plainEntries(entries: readonly (readonly [unknown, unknown])[], reading: Reading, depth: number): object {
  const shown = entries.slice(0, take(entries.length, reading));
  return Object.fromEntries(shown.map(([key, inner]) => [String(key), plain(inner, reading, depth)]));
}

/** How many of `wanted` values there is still room for. */
function take(wanted: number, reading: Reading): number {
  const taken = Math.min(wanted, reading.left);
  reading.left -= taken;
  return taken;
}

/** Name, message and facts (`code` among them), then the chain of causes. */
function plainError(error: Error, reading: Reading, depth: number): object {
  const own = ["name", "message", "stack", "cause"];
  const facts = Object.entries(error).filter(([key]) => !own.includes(key));
  return {
    name: error.name,
    message: plain(error.message, reading, depth),
    ...plainEntries(facts, reading, depth),
    ...(error.cause === undefined ? {} : { cause: plain(error.cause, reading, depth) }),
    ...(reading.withStacks ? { stack: error.stack } : {}),
  };
}
