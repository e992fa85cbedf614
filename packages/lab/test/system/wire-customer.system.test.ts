/** A customer without an interface against wireguard-go, which shares no code with it. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createNamespace } from "@ropewalk/lab/namespace";
import { x25519Pair } from "../../src/vpn/x25519-pair.ts";
import { sourceFlags } from "./source-flags.ts";

const main = fileURLToPath(new URL("./wire-customer-main.ts", import.meta.url));
const port = 51_820;

test("a customer shakes hands with wireguard-go and gets echoes through it, and without the preshared key he does not", async (context) => {
  await using namespace = await createNamespace();
  const { host } = namespace;
  const secret = randomBytes(32);
  const own = x25519Pair(secret);
  const presharedKey = randomBytes(32).toString("base64");
  const device = host.spawn("wireguard-go", ["--foreground", "wg0"]);
  device.stderr.resume();
  const deadline = performance.now() + 40_000;
  while ((await host.tryExec("ip", ["address", "add", "10.9.0.1/24", "dev", "wg0"])).status !== 0)
    assert.ok(performance.now() < deadline, "wireguard-go makes its interface");
  const key = Buffer.from(own.publicKey).toString("base64");
  const customer = host.spawn(process.execPath, [...sourceFlags, main, `${port}`, key, presharedKey]);
  customer.stderr.pipe(process.stderr);
  const lines = createInterface({ input: customer.stdout })[Symbol.asyncIterator]();
  const theirKey = String((await lines.next()).value);
  const setting = `[Interface]\nPrivateKey = ${secret.toString("base64")}\nListenPort = ${port}\n`;
  const peer = `[Peer]\nPublicKey = ${theirKey}\nPresharedKey = ${presharedKey}\nAllowedIPs = 10.9.0.2/32\n`;
  await host.exec("sh", ["-c", "cat >/run/wg0.conf && wg setconf wg0 /run/wg0.conf"], { input: `${setting}${peer}` });
  await host.exec("ip", ["link", "set", "wg0", "up"]);
  customer.stdin.write("go\n");
  const told = String((await lines.next()).value);
  const { refused, echoes } = JSON.parse(told) as { readonly refused: string; readonly echoes: readonly number[] };
  assert.equal(refused, "LAB_TIMEOUT");
  assert.equal(echoes.length, 3);
  context.diagnostic(`echoes after ${echoes.map((ms) => ms.toFixed(1)).join(", ")} ms`);
});
