/**
 * The tokens that customers show: JWT, signed with HS256 by a key of entry's own, which the header names. Every replica has the same keys, and
 * asks nobody whether a token is good. Source: RFC 7519, RFC 8725.
 */
import { createSecretKey, type webcrypto } from "node:crypto";
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

export interface IssuedToken {
  readonly token: string;
  /** Wall time in milliseconds. */
  readonly expiresAt: number;
}

const algorithm = "HS256";
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class CustomerTokens {
  readonly #keys: ReadonlyMap<string, webcrypto.CryptoKey>;
  readonly #active: string;
  readonly #terms: TokenTerms;
  readonly #clock: Pick<Clock, "wall">;

  constructor(keys: TokenKeys, terms: TokenTerms, deps: { readonly clock: Pick<Clock, "wall"> }) {
    this.#keys = new Map(keys.all.map(({ id, secret }) => [id, signingKey(secret)]));
    this.#active = keys.active.id;
    this.#terms = terms;
    this.#clock = deps.clock;
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
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.#keyOf(kid), {
        algorithms: [algorithm],
        issuer: this.#terms.issuer,
        audience: this.#terms.audience,
        requiredClaims: ["sub", "jti", "iat", "exp"],
        currentDate: new Date(this.#clock.wall()),
      });
      const customer = payload.sub ?? "";
      if (!uuid.test(customer)) throw new errors.JWTInvalid();
      return { kind: "customer", customer: customer as CustomerId, actor: { kind: "customer", name: customer } };
    } catch (error) {
      const detail =
        error instanceof errors.JWTExpired ? "the token has expired: get another" : "the token is not good";
      throw new ProblemError("unauthenticated", detail);
    }
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
