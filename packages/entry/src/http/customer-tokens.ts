/**
 * The tokens that customers show: JWT, signed with HS256 by a key of entry's own, which the header names. Every replica has the same keys, and
 * asks nobody whether a token is good. Source: RFC 7519, RFC 8725.
 */
import { createSecretKey, type webcrypto } from "node:crypto";
import { sha256Hex } from "@ropewalk/crypto/sha256";
import type { Clock } from "@ropewalk/kernel/clock";
import type { Millis } from "@ropewalk/kernel/units";
import { errors, jwtVerify, SignJWT } from "jose";
import type { TokenKeys } from "../pure/http/token-keys.ts";
import type { CustomerId } from "../vpn-control.ts";
import type { Caller } from "./policy.ts";
import { ProblemError } from "./problem-error.ts";

export interface TokenTerms {
  /** The longest that a token is good for. */
  readonly lifetime: Millis;
  readonly issuer: string;
  readonly audience: string;
}

export interface CustomerTokensDeps {
  readonly clock: Pick<Clock, "wall">;
  readonly mostKnown?: number;
}

export interface IssuedToken {
  readonly token: string;
  /** Wall time in milliseconds. */
  readonly expiresAt: number;
}

interface KnownToken {
  readonly caller: Caller;
  /** Wall time in milliseconds. */
  readonly expiresAt: number;
}

const utf8 = new TextEncoder();
const algorithm = "HS256";
const usuallyKnown = 4_096;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class CustomerTokens {
  readonly #keys: ReadonlyMap<string, webcrypto.CryptoKey>;
  readonly #active: string;
  readonly #terms: TokenTerms;
  readonly #clock: Pick<Clock, "wall">;
  /** By their SHA-256. To judge one is a sixth of a request's work for entry, and who has one asks several times. */
  readonly #known = new Map<string, KnownToken>();
  readonly #mostKnown: number;

  /** `mostKnown`: so many tokens that were good are not judged again. */
  constructor(keys: TokenKeys, terms: TokenTerms, deps: CustomerTokensDeps) {
    this.#keys = new Map(keys.all.map(({ id, secret }) => [id, signingKey(secret)]));
    this.#active = keys.active.id;
    this.#terms = terms;
    this.#clock = deps.clock;
    this.#mostKnown = deps.mostKnown ?? usuallyKnown;
  }

  /** `id`: the token's own, which is never given twice. `lifetime`: shortened to the terms' where it is longer. */
  async issue(customer: CustomerId, id: string, lifetime: Millis | undefined): Promise<IssuedToken> {
    const now = Math.floor(this.#clock.wall() / 1000);
    const life = Math.floor(Math.min(lifetime ?? this.#terms.lifetime, this.#terms.lifetime) / 1000);
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: algorithm, kid: this.#active, typ: "JWT" })
      .setSubject(customer)
      .setJti(id)
      .setIssuer(this.#terms.issuer)
      .setAudience(this.#terms.audience)
      .setIssuedAt(now)
      .setExpirationTime(now + life)
      .sign(this.#keyOf(this.#active));
    return { token, expiresAt: (now + life) * 1000 };
  }

  /** Whose it is. Throws ProblemError for one that is not good, without a word of why a signature is none. */
  async recognise(token: string): Promise<Caller> {
    const hash = sha256Hex(utf8.encode(token));
    const known = this.#known.get(hash);
    if (known !== undefined && this.#clock.wall() < known.expiresAt) return known.caller;
    const judged = await this.#judge(token);
    this.#remember(hash, judged);
    return judged.caller;
  }

  async #judge(token: string): Promise<KnownToken> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.#keyOf(kid), {
        algorithms: [algorithm],
        issuer: this.#terms.issuer,
        audience: this.#terms.audience,
        requiredClaims: ["sub", "jti", "iat", "exp"],
        currentDate: new Date(this.#clock.wall()),
      });
      const { sub: customer = "", exp = 0 } = payload;
      if (!uuid.test(customer)) throw new errors.JWTInvalid();
      const actor = { kind: "customer", name: customer } as const;
      return { caller: { kind: "customer", customer: customer as CustomerId, actor }, expiresAt: exp * 1000 };
    } catch (error) {
      const detail =
        error instanceof errors.JWTExpired ? "the token has expired: get another" : "the token is not good";
      throw new ProblemError("unauthenticated", detail);
    }
  }

  #remember(hash: string, known: KnownToken): void {
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= this.#mostKnown) this.#known.delete(oldest);
    this.#known.set(hash, known);
  }

  #keyOf(id: string | undefined): webcrypto.CryptoKey {
    const key = id === undefined ? undefined : this.#keys.get(id);
    if (key === undefined) throw new errors.JWSInvalid();
    return key;
  }
}

/** As jose uses it: of any other form it makes one anew for every token. */
function signingKey(secret: string): webcrypto.CryptoKey {
  return createSecretKey(secret, "utf8").toCryptoKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}
