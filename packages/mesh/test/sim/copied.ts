/** A copy of what is plain: what the store was given stays as it was, whatever becomes of it later. A tenth of what structuredClone takes. */

export function copied<T>(value: T): T {
  if (value instanceof Uint8Array) return value.slice() as T;
  if (Array.isArray(value)) return value.map(copied) as T;
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) copy[name] = copied(field);
  return copy as T;
}
