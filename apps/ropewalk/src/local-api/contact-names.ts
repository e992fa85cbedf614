/** What contacts may be called. Pure: a name can be taken for no address, shows as it is, and fits a line. */

export const mostContacts = 10_000;
const longest = 64;

/** What is wrong with it, for people; undefined: nothing. */
export function contactNameFault(name: string): string | undefined {
  if (name === "" || name.trim() !== name) return "A name has no space at its ends, and is not empty.";
  if ([...name].length > longest) return `A name has at most ${longest} characters.`;
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name)) return "A name has no control characters.";
  if (name.startsWith("-")) return "A name does not begin with a dash, which options do.";
  return /^[0-9a-f]{4,}$/i.test(name) ? "A name of hexadecimal digits alone would be taken for an address." : undefined;
}
