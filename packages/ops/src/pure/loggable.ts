/**
 * What a log record may hold: plain, bounded and acyclic, whatever was handed in. Errors become their facts,
 * and values with `toJSON` (a `Secret` is one) become what that gives.
 */

const deepest = 6;
const longestList = 100;
const longestText = 8_192;

export interface LoggableOptions {
  /** Stacks are for developers: only a log at level debug has them. */
  readonly withStacks: boolean;
}

/** Total: never throws, also not when a getter or `toJSON` does. */
export function loggable(value: unknown, options: LoggableOptions, depth = 0): unknown {
  if (typeof value === "string") return value.length <= longestText ? value : `${value.slice(0, longestText)}…`;
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (typeof value === "function") return "[function]";
  if (typeof value !== "object" || value === null) return value;
  if (depth >= deepest) return "[deeper]";
  try {
    return loggableObject(value, options, depth + 1);
  } catch {
    return "[unreadable]";
  }
}

function loggableObject(value: object, options: LoggableOptions, depth: number): unknown {
  if (value instanceof Error) return loggableError(value, options, depth);
  if ("toJSON" in value && typeof value.toJSON === "function") return loggable(value.toJSON(), options, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} octets]`;
  if (Array.isArray(value) || value instanceof Set) return loggableList([...value], options, depth);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(
    entries.slice(0, longestList).map(([key, inner]) => [String(key), loggable(inner, options, depth)]),
  );
}

function loggableList(items: readonly unknown[], options: LoggableOptions, depth: number): readonly unknown[] {
  const shown = items.slice(0, longestList).map((item) => loggable(item, options, depth));
  return items.length <= longestList ? shown : [...shown, `[${items.length - longestList} more]`];
}

/** Name, message and facts (`code` among them), then the chain of causes. */
function loggableError(error: Error, options: LoggableOptions, depth: number): unknown {
  const facts = Object.entries(error).filter(
    ([key]) => key !== "name" && key !== "message" && key !== "stack" && key !== "cause",
  );
  return {
    name: error.name,
    message: loggable(error.message, options, depth),
    ...Object.fromEntries(facts.map(([key, fact]) => [key, loggable(fact, options, depth)])),
    ...(error.cause === undefined ? {} : { cause: loggable(error.cause, options, depth) }),
    ...(options.withStacks ? { stack: error.stack } : {}),
  };
}
