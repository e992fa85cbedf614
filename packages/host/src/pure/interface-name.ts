/** Which text is an interface's name, so that it may stand in a path of /proc/sys and in a ruleset. */

/** Source: dev_valid_name (net/core/dev.c). */
export function isInterfaceName(name: string): boolean {
  return name.length > 0 && name.length < 16 && name !== "." && name !== ".." && !/[/:\s\0]/.test(name);
}
