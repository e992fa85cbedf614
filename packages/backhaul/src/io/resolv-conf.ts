/** /etc/resolv.conf as the C library reads it. Source: resolv.conf(5), glibc resolv/res_init.c. */
import { type IpAddress, isLoopback } from "@ropewalk/kernel/addresses";
import { type LinkName, parseServers } from "./server-address.ts";

export interface ResolvConf {
  /** The first three that are for this link, because the C library asks no more (MAXNS). */
  readonly servers: readonly IpAddress[];
  readonly isLoopback: boolean;
}

const mostServers = 3;

export function parseResolvConf(text: string, link: LinkName): ResolvConf {
  const words = text.split("\n").map((line) => /^nameserver[ \t]+(\S+)/.exec(line)?.[1] ?? "");
  const servers = parseServers(words, link).slice(0, mostServers);
  return { servers, isLoopback: servers.some(isLoopback) };
}
