/** A value as TOML writes it on one line (https://toml.io/en/v1.0.0). */
import { formatKey } from "./config-path.ts";
import { tomlString } from "./toml-string.ts";

/** Total: what TOML cannot write is written as a string. */
export function tomlValue(value: unknown): string {
  if (typeof value === "number") return tomlNumber(value);
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object" || value === null) return tomlString(String(value));
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  if (entries.length === 0) return "{}";
  return `{ ${entries.map(([key, inner]) => `${formatKey(key)} = ${tomlValue(inner)}`).join(", ")} }`;
}

function tomlNumber(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  // Beyond 2^53 a reader would refuse the integer that it cannot keep exactly; a float it takes.
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    return value.toExponential().replace(/^(-?\d+)e/, "$1.0e");
  return String(value).replace(/^(-?\d+)e/, "$1.0e");
}
