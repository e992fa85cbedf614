/** Tokens of customers: good for one, until they end, under every key that still holds. */
import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { test } from "node:test";
import { CustomerTokens } from "@ropewalk/entry/http/customer-tokens";
import type { ProblemError } from "@ropewalk/entry/http/problem-error";
import type { CustomerId } from "@ropewalk/entry/vpn-control";
import { seconds } from "@ropewalk/kernel/units";
import { SignJWT, UnsecuredJWT } from "jose";
import { tokenKeys, tokenTerms } from "./http-place.ts";

const secrets = new Map(["a", "b"].map((id) => [id, randomBytes(32).toString("base64url")]));
const customer = "0190b0c0-0000-7000-8000-000000000001" as CustomerId;
const clock = { at: Date.now(), wall: () => clock.at };
const before = new CustomerTokens(tokenKeys(["a"], secrets), tokenTerms, { clock });
const isRefused = (error: ProblemError) => error.document.code === "unauthenticated";

test("a token is his to whom it was given, and no longer than it says", async () => {
  const { token, expiresAt } = await before.issue(customer, randomUUID(), seconds(60));
  const caller = await before.recognise(token);
  assert.ok(caller.kind === "customer" && caller.customer === customer);
  clock.at = expiresAt;
  await assert.rejects(before.recognise(token), isRefused);
});

test("one that was good is judged anew only when it has expired, and nothing but itself is taken for it", async () => {
  const { token, expiresAt } = await before.issue(customer, randomUUID(), seconds(60));
  const first = await before.recognise(token);
  assert.equal(await before.recognise(token), first, "it was judged twice");
  const [head, body, signature = ""] = token.split(".");
  const forged = `${head}.${body}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
  await assert.rejects(before.recognise(forged), isRefused);
  await assert.rejects(before.recognise(forged), isRefused, "one that is none was remembered");
  clock.at = expiresAt - 1;
  assert.equal(await before.recognise(token), first);
  clock.at = expiresAt;
  await assert.rejects(before.recognise(token), isRefused);
});

test("what is remembered of tokens has a bound", async () => {
  const tokens = new CustomerTokens(tokenKeys(["a"], secrets), tokenTerms, { clock, mostKnown: 2 });
  const given = await Promise.all([1, 2, 3].map(() => tokens.issue(customer, randomUUID(), undefined)));
  const callers: unknown[] = [];
  for (const { token } of given) callers.push(await tokens.recognise(token));
  const again: unknown[] = [];
  for (const { token } of given.toReversed()) again.unshift(await tokens.recognise(token));
  const isKnown = again.map((caller, index) => caller === callers[index]);
  assert.deepEqual(isKnown, [false, true, true]);
});

test("none is good for longer than entry's terms", async () => {
  const { expiresAt } = await before.issue(customer, randomUUID(), seconds(86_400));
  assert.ok(expiresAt <= clock.at + tokenTerms.lifetime);
});

test("while a key takes over, what the former one signed is good; when that is gone it is not", async () => {
  const { token } = await before.issue(customer, randomUUID(), undefined);
  const during = new CustomerTokens(tokenKeys(["a", "b"], secrets, "b"), tokenTerms, { clock });
  const after = new CustomerTokens(tokenKeys(["b"], secrets), tokenTerms, { clock });
  assert.equal((await during.recognise(token)).kind, "customer");
  await assert.rejects(after.recognise(token), isRefused);
  assert.equal((await after.recognise((await during.issue(customer, randomUUID(), undefined)).token)).kind, "customer");
});

test("what is signed otherwise, for another, by another or not at all is refused", async () => {
  const key = new TextEncoder().encode(secrets.get("a"));
  const signed = (claims: object, header: object, by: Uint8Array = key) =>
    new SignJWT({
      ...{ sub: customer, jti: randomUUID(), iss: "ropewalk-entry", aud: "ropewalk-entry" },
      ...{ iat: Math.floor(clock.at / 1000), exp: Math.floor(clock.at / 1000) + 60 },
      ...claims,
    })
      .setProtectedHeader({ alg: "HS256", kid: "a", ...header })
      .sign(by);
  assert.equal((await before.recognise(await signed({}, {}))).kind, "customer");
  const wrong = await Promise.all([
    signed({}, { kid: "b" }),
    signed({}, { kid: undefined }),
    signed({}, { alg: "HS512" }),
    signed({}, {}, randomBytes(32)),
    signed({ iss: "another" }, {}),
    signed({ aud: "another" }, {}),
    signed({ sub: "root" }, {}),
    signed({ jti: undefined }, {}),
    signed({ exp: undefined }, {}),
    signed({ exp: Math.floor(clock.at / 1000) - 1 }, {}),
    signed({ nbf: Math.floor(clock.at / 1000) + 60 }, {}),
  ]);
  const none = new UnsecuredJWT({ sub: customer }).setIssuer("ropewalk-entry").setAudience("ropewalk-entry").encode();
  for (const token of [...wrong, none, "", "a.b.c", "x".repeat(4096)])
    await assert.rejects(before.recognise(token), isRefused);
});
