/**
 * Whether an HTTP request may have come from a program of this machine rather than from a page that a browser of this
 * machine shows. A server on loopback is open to every web site through DNS rebinding unless it checks the Host it is
 * asked for, and to cross-site requests unless it checks the Origin.
 */

export type GuardAnswer = { readonly kind: "allowed" } | { readonly kind: "refused"; readonly reason: string };

const allowed: GuardAnswer = { kind: "allowed" };

/** `hosts` and `origins` are all the values of those header fields, as sent. */
export function guardLoopback(hosts: readonly string[], origins: readonly string[]): GuardAnswer {
  const [host, ...moreHosts] = hosts;
  if (host === undefined) return refused("a Host header is required");
  if (moreHosts.length > 0) return refused("only one Host header is allowed");
  if (!isLoopbackAuthority(host))
    return refused("this server answers only to loopback names: localhost, 127.0.0.1, [::1]");
  const foreign = origins.some((origin) => !isLoopbackOrigin(origin));
  return foreign ? refused("requests from web pages of other origins are refused") : allowed;
}

function refused(reason: string): GuardAnswer {
  return { kind: "refused", reason };
}

function isLoopbackOrigin(origin: string): boolean {
  const authority = /^https?:\/\/([^/?#@\s]+)$/i.exec(origin)?.[1];
  return authority !== undefined && isLoopbackAuthority(authority);
}

/** A loopback host with or without a port (RFC 9110 §7.2). Names other than localhost may resolve to anything. */
function isLoopbackAuthority(authority: string): boolean {
  const host = /^(\[[^\]]*\]|[^:]*)(?::\d{0,5})?$/.exec(authority)?.[1];
  if (host === undefined) return false;
  return host.toLowerCase() === "localhost" || host === "[::1]" || isLoopbackIpv4(host);
}

/** 127.0.0.0/8 (RFC 1122 §3.2.1.3) in plain decimal: other spellings are for tricking checks like this one. */
function isLoopbackIpv4(host: string): boolean {
  const octets = host.split(".");
  const isPlain = octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255);
  return octets.length === 4 && isPlain && octets[0] === "127";
}
