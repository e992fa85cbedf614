/**
 * Whether a text may be a key that nobody guesses: 32 octets of chance or more, as far as that can be seen from outside. A word that was
 * thought of is seldom as long, and has fewer different characters.
 */

/** Undefined: it will do. Else why it will not, without a word of it. */
export function weakness(text: string): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(text)) return "has characters that no key has: letters, digits and signs of ASCII alone";
  const isHex = /^[0-9a-f]+$/i.test(text);
  const needed = isHex ? 64 : 43;
  if (text.length < needed)
    return `is too short: 32 octets are ${needed} characters of ${isHex ? "hexadecimal" : "base64"}`;
  if (new Set(text).size < (isHex ? 10 : 16)) return "repeats itself: draw one, as `openssl rand -base64 32` does";
  return undefined;
}
