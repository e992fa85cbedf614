/**
 * Who may ask what: every route names one of these policies, and one that does not is not served. What a policy asks of a request is decided here and
 * nowhere else.
 */
import { areEqual } from "@ropewalk/crypto/constant-time";
import { sha256, sha256Hex } from "@ropewalk/crypto/sha256";
import type { FastifyRequest } from "fastify";
import type { Actor, CustomerId } from "../vpn-control.ts";
import type { CustomerTokens } from "./customer-tokens.ts";
import { ProblemError } from "./problem-error.ts";

/**
 * public: whoever reaches it. operations: programs of this machine, and admins. customer: who has a token that entry signed. admin: who has one of
 * the admin keys.
 */
export const policies = ["public", "operations", "customer", "admin"] as const;

export type Policy = (typeof policies)[number];

export type Caller =
  | { readonly kind: "anybody" }
  | { readonly kind: "customer"; readonly customer: CustomerId; readonly actor: Actor }
  | { readonly kind: "admin"; readonly actor: Actor };

export interface Authority {
  readonly tokens: CustomerTokens;
  readonly admins: AdminKeys;
}

/** Whom a change is bound to: admins are one, so that a retry after a change of key is the same. */
export function callerName(caller: Caller): string {
  return caller.kind === "customer" ? `customer:${caller.customer}` : caller.kind;
}

/** Throws ProblemError where the policy is not fulfilled. */
export async function callerOf(policy: Policy, request: FastifyRequest, authority: Authority): Promise<Caller> {
  switch (policy) {
    case "public":
      return { kind: "anybody" };
    case "operations": {
      if (isOfThisMachine(request)) return { kind: "anybody" };
      return authority.admins.recognise(bearerOf(request));
    }
    case "customer":
      return await authority.tokens.recognise(bearerOf(request));
    case "admin":
      return authority.admins.recognise(bearerOf(request));
  }
}

function bearerOf({ headers }: FastifyRequest): string {
  const credentials = /^Bearer +([\x21-\x7e]{1,4096})$/i.exec(headers.authorization ?? "")?.[1];
  if (credentials !== undefined) return credentials;
  throw new ProblemError("unauthenticated", "send `Authorization: Bearer …` with a token or an admin key");
}

/** A page that a browser of this machine shows is no program of it: hence the names (DNS rebinding) and the origin. */
function isOfThisMachine({ ip, headers, hostname }: FastifyRequest): boolean {
  const isNear = /^(?:::ffff:)?127\.|^::1$/.test(ip);
  const isAsked = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(hostname);
  return isNear && isAsked && headers.origin === undefined;
}

/** The admin keys, of which several hold while one takes over from another. */
export class AdminKeys {
  readonly #digests: readonly Uint8Array[];

  /** Their owner has checked them for strength. */
  constructor(keys: readonly string[]) {
    this.#digests = keys.map((key) => digestOf(key));
  }

  /** In a time that tells nothing of the keys. Throws ProblemError. */
  recognise(given: string): Caller {
    const digest = digestOf(given);
    // Each is compared, so that the time does not tell which one it was.
    const matches = this.#digests.filter((known) => areEqual(known, digest));
    if (matches.length === 0) throw new ProblemError("unauthenticated", "this is none of the admin keys");
    return { kind: "admin", actor: { kind: "admin", name: `key-${sha256Hex(digest).slice(0, 12)}` } };
  }
}

function digestOf(text: string): Uint8Array {
  return sha256(new TextEncoder().encode(text));
}
