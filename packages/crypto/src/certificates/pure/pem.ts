/** PEM (RFC 7468): the armour around DER. Each block has a label that says what is inside. */

export interface PemBlock {
  readonly label: string;
  readonly der: Uint8Array;
}

export type PemReading =
  | { readonly kind: "blocks"; readonly blocks: readonly PemBlock[] }
  /** It holds no block at all. */
  | { readonly kind: "none" }
  | { readonly kind: "faulty"; readonly text: string };

const begin = "-----BEGIN ";
const dashes = "-----";

/** Text, with lines of 64 characters. */
export function encodePem(label: string, der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return `${[`${begin}${label}${dashes}`, ...lines, `-----END ${label}${dashes}`].join("\n")}\n`;
}

/** Every block of `text`, in order. What stands between blocks is for people and is passed over (RFC 7468 §5.2). */
export function parsePem(text: string): PemReading {
  const blocks: PemBlock[] = [];
  for (let at = text.indexOf(begin); at !== -1; ) {
    const headEnd = text.indexOf(dashes, at + begin.length);
    const label = headEnd === -1 ? "" : text.slice(at + begin.length, headEnd);
    if (!/^[A-Z0-9][A-Z0-9 ]{0,62}$/.test(label)) return { kind: "faulty", text: "a line of BEGIN is not whole" };
    const foot = `-----END ${label}${dashes}`;
    const footStart = text.indexOf(foot, headEnd);
    if (footStart === -1) return { kind: "faulty", text: `the line of END ${label} is missing: it was cut short` };
    const der = fromBase64(text.slice(headEnd + dashes.length, footStart));
    if (der === undefined) return { kind: "faulty", text: `what is between the lines of ${label} is not Base64` };
    blocks.push({ label, der });
    at = text.indexOf(begin, footStart + foot.length);
  }
  return blocks.length === 0 ? { kind: "none" } : { kind: "blocks", blocks };
}

function fromBase64(text: string): Uint8Array | undefined {
  // Headers, as of an encrypted key of old, have a colon, which is no character of Base64 either.
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
  } catch {
    return undefined;
  }
}
