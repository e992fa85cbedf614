/** Which text is an interface's name, so that it may stand in a path of /proc/sys and in a ruleset. */

/** Source: dev_valid_name (net/core/dev.c). */
export function isInterfaceName(name: string): boolean {
  return name.length > 0 && name.length < 16 && name !== "." && name !== ".." && !/[/:\s\0]/.test(name);
}

/**
 * Whether the name can be written in a ruleset of nftables: quoted, all but these letters stand for themselves, and an asterisk
 * would stand for many interfaces.
 */
export function isQuotable(name: string): boolean {
  return isInterfaceName(name) && !/["\\*\p{Cc}]/u.test(name);
}
