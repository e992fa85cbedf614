/** Text as TOML writes it between quotes on one line (https://toml.io/en/v1.0.0#string). */

/** JSON's escapes are a subset of TOML's; DEL, which JSON leaves alone, must be escaped too. */
export function tomlString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll("\u007f", "\\u007f");
}
