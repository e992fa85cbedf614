/**
 * wireguard-go and nothing else: `bare-main.ts ADDRESS`, on the host of the exit. Who connects to its TCP port says a line of JSON for each peer, which is set
 * over UAPI and answered; an echo service is behind the tunnel, at the device's own address. It says where all that is, and ends with its input.
 */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { createUapiDevice } from "@ropewalk/host/linux/uapi-device";
import { endWireGuardGo, startWireGuardGo } from "@ropewalk/host/linux/wireguard-go";
import { wireGuardPublicKeyFromBytes } from "@ropewalk/host/wireguard/public-key";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import type { BareGround, BareOrder } from "./bare-task.ts";

const [own = ""] = process.argv.slice(2);
const clock = createSystemClock();
const name = "bare0";
const inside = "10.91.0.1";
const [port, setterPort, echoPort] = [51_999, 7_009, 7_008];

await startWireGuardGo(name, { clock });
const device = createUapiDevice(name, { clock });
await device.configure({ privateKey: new SecretBytes(new Uint8Array(randomBytes(32))), listenPort: port });
for (const words of [
  ["address", "add", `${inside}/16`, "dev", name],
  ["link", "set", name, "mtu", "1420", "up"],
])
  execFileSync("ip", words);
const echo = createSocket("udp4");
echo.on("message", (octets, { address, port: to }) => echo.send(octets, to, address, () => {}));
echo.bind(echoPort, inside);
const setter = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => {});
  createInterface({ input: socket }).on("line", async (line) => {
    const { publicKey, address } = JSON.parse(line) as BareOrder;
    const key = wireGuardPublicKeyFromBytes(Buffer.from(publicKey, "base64"));
    const allowedPrefixes = [{ address: ipAddress(address), length: 32 }];
    const peer = { publicKey: key, allowedPrefixes, presharedKey: undefined, keepalive: undefined };
    await device.change([
      { kind: "remove", publicKey: key },
      { kind: "add", peer },
    ]);
    socket.write("set\n");
  });
});
setter.listen(setterPort, own, async () => {
  const { publicKey = "" } = await device.read();
  const ground: BareGround = {
    ...{ setter: { address: own, port: setterPort }, echo: { address: inside, port: echoPort } },
    ...{ endpoint: { address: own, port }, publicKey },
  };
  process.stdout.write(`${JSON.stringify(ground)}\n`);
});
process.stdin.on("end", () => void endWireGuardGo(name, { clock }).finally(() => process.exit(0))).resume();
