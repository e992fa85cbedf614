/** Entry's HTTP on a real database: who may ask what, and how it is refused. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { EntryHttp } from "@ropewalk/entry/http/entry-http";
import type { Route } from "@ropewalk/entry/http/route";
import { adminKey, assertProblem, type HttpPlace, httpPlace, newKey, newPublicKey } from "../http/http-place.ts";
import { serverInPlace } from "./server-place.ts";

let server: Awaited<ReturnType<typeof serverInPlace>>;
let place: HttpPlace;

before(async () => {
  server = await serverInPlace();
  place = await httpPlace(server.server);
});
after(async () => {
  await place?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

const none = "0190b0c0-0000-7000-8000-000000000000";

test("a device is registered, begins a session, comes back to it, moves and ends", async () => {
  await place.ask("POST", "/v1/admin/nodes", { as: adminKey, json: { name: "vie-1", roles: ["vpn"], region: "eu" } });
  const { token: as } = await place.customer();
  const device = await place.ask("POST", "/v1/devices", { as, json: { name: "phone", publicKey: newPublicKey() } });
  assert.equal(device.status, 201);
  const started = await place.ask("POST", "/v1/sessions/start", { as, json: { deviceId: device.body.id } });
  assert.equal(started.status, 201, JSON.stringify(started.body));
  assert.equal(started.body.session.place.endpoint, "192.0.2.1:51820");
  const { id } = started.body.session;
  assertProblem(
    await place.ask("POST", "/v1/sessions/start", { as, json: { deviceId: device.body.id } }),
    "session-exists",
  );
  const json = { deviceId: device.body.id, reconnectKey: started.body.reconnectKey };
  const again = await place.ask("POST", "/v1/sessions/start", { as, json });
  assert.equal(again.body.session.id, id);
  assert.notEqual(again.body.reconnectKey, started.body.reconnectKey);
  assert.equal((await place.ask("GET", "/v1/sessions/current", { as })).body.id, id);
  assert.equal((await place.ask("POST", `/v1/sessions/${id}/move`, { as, json: { region: "eu" } })).status, 200);
  assertProblem(await place.ask("POST", `/v1/sessions/${id}/move`, { as, json: { region: "us" } }), "no-node");
  const ended = await place.ask("POST", `/v1/sessions/${id}/terminate`, { as });
  assert.deepEqual([ended.status, ended.body.isConfirmed], [200, true]);
  assertProblem(await place.ask("GET", "/v1/sessions/current", { as }), "no-session");
});

test("the preshared key of a place is told to its customer, the same however often he asks, another after a move, and to no admin", async () => {
  const { token: as } = await place.customer();
  const json = { name: "phone", publicKey: newPublicKey() };
  const device = await place.ask("POST", "/v1/devices", { as, json });
  const key = newKey();
  const start = () => place.ask("POST", "/v1/sessions/start", { as, key, json: { deviceId: device.body.id } });
  const { id, place: begun } = (await start()).body.session;
  assert.match(begun.presharedKey, /^[A-Za-z0-9+/]{43}=$/);
  assert.equal((await start()).body.session.place.presharedKey, begun.presharedKey);
  const current = () => place.ask("GET", "/v1/sessions/current", { as });
  assert.equal((await current()).body.place.presharedKey, begun.presharedKey);
  const { body: all } = await place.ask("GET", "/v1/admin/sessions", { as: adminKey });
  assert.equal(all.items[0].id, id);
  assert.equal(JSON.stringify(all).includes("presharedKey"), false);
  const moved = await place.ask("POST", `/v1/sessions/${id}/move`, { as, json: { region: "eu" } });
  assert.notEqual(moved.body.place.presharedKey, begun.presharedKey);
  assert.equal((await current()).body.place.presharedKey, moved.body.place.presharedKey);
  await place.ask("POST", `/v1/sessions/${id}/terminate`, { as });
});

test("every answer forbids what a browser might make of it, whether it is one, a refusal or nothing at all", async () => {
  for (const [path, status] of [
    ["/healthz", 200],
    ["/v1/devices", 401],
    ["/nowhere", 404],
  ] as const) {
    const asked = await place.ask("GET", path);
    const told = ["content-security-policy", "x-content-type-options", "x-frame-options", "cache-control"];
    assert.deepEqual(
      [asked.status, ...told.map((name) => asked.headers.get(name))],
      [status, "default-src 'none';frame-ancestors 'none'", "nosniff", "SAMEORIGIN", "no-store"],
    );
  }
});

test("nobody reaches what is another's", async () => {
  const [one, other] = [await place.customer(), await place.customer()];
  const publicKey = newPublicKey();
  const device = await place.ask("POST", "/v1/devices", { as: one.token, json: { name: "a", publicKey } });
  const taken = await place.ask("POST", "/v1/devices", { as: other.token, json: { name: "b", publicKey } });
  assertProblem(taken, "public-key-taken");
  assert.doesNotMatch(JSON.stringify(taken.body), new RegExp(one.id));
  assertProblem(await place.ask("DELETE", `/v1/devices/${device.body.id}`, { as: other.token }), "unknown-device");
  assert.deepEqual((await place.ask("GET", "/v1/devices", { as: other.token })).body, { devices: [] });
  const begun = await place.ask("POST", "/v1/sessions/start", { as: one.token, json: { deviceId: device.body.id } });
  const end = `/v1/sessions/${begun.body.session.id}/terminate`;
  assertProblem(await place.ask("POST", end, { as: other.token }), "unknown-session");
  assert.equal((await place.ask("DELETE", `/v1/devices/${device.body.id}`, { as: one.token })).status, 204);
  assertProblem(await place.ask("GET", "/v1/sessions/current", { as: one.token }), "no-session");
});

test("each policy lets in whom it names, and nobody else", async () => {
  const { token } = await place.customer();
  for (const path of ["/v1/admin/customers", "/v1/admin/nodes", "/v1/admin/audit", "/v1/admin/readiness"]) {
    assertProblem(await place.ask("GET", path), "unauthenticated");
    assertProblem(await place.ask("GET", path, { as: token }), "unauthenticated");
    assertProblem(await place.ask("GET", path, { as: `${adminKey}x` }), "unauthenticated");
    assert.equal((await place.ask("GET", path, { as: adminKey })).status, 200);
  }
  assertProblem(await place.ask("GET", "/v1/devices"), "unauthenticated");
  assertProblem(await place.ask("GET", "/v1/devices", { as: adminKey }), "unauthenticated");
  assertProblem(await place.ask("GET", "/v1/devices", { headers: { "x-customer-id": none } }), "unauthenticated");
  assert.equal((await place.ask("GET", "/healthz")).status, 200);
  assert.equal((await place.ask("GET", "/metrics")).status, 200);
  assertProblem(await place.ask("GET", "/metrics", { headers: { origin: "http://evil.example" } }), "unauthenticated");
});

test("a route that names no policy does not start", async () => {
  const route = { operation: "x", method: "GET", path: "/x", summary: "", problems: [], kind: "read" };
  const options = { trustedProxies: undefined, certificate: undefined, proxiesOnly: false };
  const made = EntryHttp.create([route as unknown as Route], { clock: undefined } as never, options as never);
  await assert.rejects(made, /says of nobody that he may ask it/);
});

test("what is not as it should be is refused with the part that is not", async () => {
  const { token: as } = await place.customer();
  const json = (value: unknown) => place.ask("POST", "/v1/devices", { as, json: value });
  assertProblem(await json("{"), "bad-request");
  assertProblem(await json("[".repeat(12_000)), "bad-request");
  assertProblem(await json({ name: "x".repeat(20_000), publicKey: "" }), "too-large");
  const wrong = await json({ name: "x\n", publicKey: "short", customer: none });
  assertProblem(wrong, "bad-request");
  assert.deepEqual(wrong.body.faults.map(({ at }: { at: string }) => at).toSorted(), [
    "body",
    "body.name",
    "body.publicKey",
  ]);
  const zero = Buffer.alloc(32).toString("base64");
  assertProblem(await json({ name: "x", publicKey: zero }), "not-a-public-key");
  const text = await place.ask("POST", "/v1/devices", { as, headers: { "content-type": "text/plain" }, json: "{}" });
  assert.equal(text.status, 415);
  assertProblem(await place.ask("DELETE", "/v1/devices/1", { as }), "bad-request");
  assertProblem(await place.ask("GET", "/v1/nothing"), "not-found");
  assertProblem(await place.ask("GET", "/%ff"), "bad-request");
  for (const key of ["", "short", none, "a".repeat(40)])
    assertProblem(
      await place.ask("POST", "/v1/devices", { as, key, json: { name: "x", publicKey: newPublicKey() } }),
      "key-needed",
    );
  assert.deepEqual(place.defects, []);
});

test("pages go on where the one before ended", async () => {
  for (let made = 0; made < 5; made += 1) await place.customer();
  const first = await place.ask("GET", "/v1/admin/customers?limit=3", { as: adminKey });
  const second = await place.ask("GET", `/v1/admin/customers?limit=2&before=${first.body.next}`, { as: adminKey });
  const ids = [...first.body.items, ...second.body.items].map(({ id }: { id: string }) => id);
  assert.equal(new Set(ids).size, 5);
  const audit = await place.ask("GET", "/v1/admin/audit?limit=2", { as: adminKey });
  const behind = await place.ask("GET", `/v1/admin/audit?limit=1&before=${audit.body.next}`, { as: adminKey });
  assert.equal(Number(behind.body.items[0].id), Number(audit.body.next) - 1);
  assert.match(audit.body.items[0].actor, /^key-[0-9a-f]{12}$/);
  assertProblem(await place.ask("GET", "/v1/admin/customers?limit=0", { as: adminKey }), "bad-request");
});

test("a closed customer gets nothing more", async () => {
  const { id, token: as } = await place.customer();
  const closed = await place.ask("POST", `/v1/admin/customers/${id}/close`, { as: adminKey, key: newKey() });
  assert.notEqual(closed.body.closedAt, null);
  const json = { name: "x", publicKey: newPublicKey() };
  assertProblem(await place.ask("POST", "/v1/devices", { as, json }), "customer-closed");
  assertProblem(
    await place.ask("POST", `/v1/admin/customers/${id}/tokens`, { as: adminKey, json: {} }),
    "customer-closed",
  );
  assertProblem(await place.ask("POST", `/v1/admin/customers/${none}/close`, { as: adminKey }), "unknown-customer");
});
