/**
 * Small reads below /sys. Any file may vanish or refuse at any moment, and its content is a driver's: what cannot be
 * read is undefined, what is read is bounded.
 */
import { closeSync, openSync, readlinkSync, readSync, realpathSync } from "node:fs";
import { basename } from "node:path";

/** sysfs files hold at most a page; uevent is the longest that is read here. */
const longestText = 4096;
const longestName = 64;

/** The file's text without the newline at its end. */
export function readSysfsText(path: string): string | undefined {
  const octets = new Uint8Array(longestText);
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    return new TextDecoder().decode(octets.subarray(0, readSync(fd, octets, 0, octets.length, 0))).trimEnd();
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** The file's whole number. */
export function readSysfsNumber(path: string): number | undefined {
  const text = readSysfsText(path);
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The last part of where the link points; the link is not followed. */
export function readSysfsLinkName(path: string): string | undefined {
  try {
    const name = basename(readlinkSync(path));
    return name.length > 0 && name.length <= longestName ? name : undefined;
  } catch {
    return undefined;
  }
}

/** Where `path` really is, relative to the real `folder`; undefined when it does not exist or lies outside. */
export function realPathBelow(folder: string, path: string): string | undefined {
  try {
    const base = `${realpathSync(folder)}/`;
    const real = realpathSync(path);
    return real.startsWith(base) ? real.slice(base.length) : undefined;
  } catch {
    return undefined;
  }
}
