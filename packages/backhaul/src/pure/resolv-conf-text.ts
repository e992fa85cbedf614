/**
 * The text of a resolv.conf of ours. It opens with a line that bears a check of the rest, so that it is told from every other, and
 * from one of ours that somebody edited, without anything being remembered. Source: resolv.conf(5).
 */
import { familyOf, type IpAddress, isLinkLocal } from "@ropewalk/kernel/addresses";
import { chain, chainStart, checkText } from "./replay/chain.ts";
import type { AskedLink } from "./resolver-plan.ts";

/** More the C library does not ask (MAXNS of resolv.h). */
const mostServers = 3;

const headerPattern = /^# Written by Ropewalk \(([\da-f]{8})\)[^\n]*\n/;

const header = (check: string) =>
  `# Written by Ropewalk (${check}) for the uplink in use; "ropewalk uplink purge" puts back what was here.\n`;

/** What to write in the place of `before`. */
export function ourResolvConf(before: string, links: readonly AskedLink[]): string {
  const body = directivesFor(before, links)
    .map((line) => `${line}\n`)
    .join("");
  return header(checkOf(body)) + body;
}

/** The directives of `before` but for its servers, and those of `links`. */
export function directivesFor(before: string, links: readonly AskedLink[]): readonly string[] {
  const kept = before.split("\n").filter((line) => /^(?:search|domain|options|sortlist)[ \t]/.test(line));
  const servers = links.flatMap((link) => link.servers.map((server) => `nameserver ${addressOn(link.name, server)}`));
  return [...kept, ...[...new Set(servers)].slice(0, mostServers)];
}

/** True for a text of ours that nobody edited. Empty lines at its end do not count: a write in place may leave some. */
export function isOurResolvConf(text: string): boolean {
  const match = headerPattern.exec(text);
  return match !== null && checkOf(text.slice(match[0].length)) === match[1];
}

/** The servers of a text of ours, as they are written there. */
export function writtenServers(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => /^nameserver ([^\s%]+)/.exec(line)?.[1] ?? []);
}

/** The servers that the C library asks by anybody's text, as they are written there. */
export function namedServers(text: string): readonly string[] {
  const named = [...text.matchAll(/^nameserver[ \t]+(\S+)/gm)].map(([, server = ""]) => server);
  return named.slice(0, mostServers);
}

function checkOf(body: string): string {
  return checkText(chain(chainStart, body.replace(/\n+$/, "")));
}

/** A link-local server is nobody without its link. */
function addressOn(interfaceName: string, server: IpAddress): string {
  return familyOf(server) === "ipv6" && isLinkLocal(server) ? `${server}%${interfaceName}` : server;
}
