/** What nft lists, as JSON. Source: libnftables-json(5): `{ "nftables": [ { "counter": { … } }, … ] }`. */

/** None where the text is not such. */
export function listedObjects(text: string): readonly Record<string, unknown>[] {
  const whole = parseJson(text);
  const objects = isRecord(whole) ? whole["nftables"] : undefined;
  return Array.isArray(objects) ? objects.filter(isRecord) : [];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
