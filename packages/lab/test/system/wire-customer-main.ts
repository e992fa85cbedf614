/** In the host of `wire-customer.system.test.ts`: an echo service in the tunnel, and customers who speak to it. Prints one line of JSON. */
import { createSocket } from "node:dgram";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { seconds } from "@ropewalk/kernel/units";
import { WireCustomer } from "../../src/vpn/wire-customer.ts";

const [port = "", peerKey = "", presharedKey = ""] = process.argv.slice(2);
const [inside, address] = [ipAddress("10.9.0.1"), ipAddress("10.9.0.2")];
const echo = createSocket("udp4");
echo.on("message", (octets, from) => echo.send(octets, from.port, from.address));
await new Promise<void>((resolve) => void echo.bind(7, inside, resolve));

await using customer = await WireCustomer.open();
process.stdout.write(`${Buffer.from(customer.keys.publicKey).toString("base64")}\n`);
await new Promise((resolve) => void process.stdin.once("data", resolve));
const endpoint = { address: ipAddress("127.0.0.1"), port: Number(port) };
const place = { endpoint, peerKey: Buffer.from(peerKey, "base64"), address };
const refused = await customer.connect(place, seconds(1)).then(
  () => "accepted",
  ({ code }: { readonly code: string }) => code,
);
await customer.connect({ ...place, presharedKey: Buffer.from(presharedKey, "base64") }, seconds(20));
const echoes = [];
for (let count = 0; count < 3; count += 1) echoes.push(await customer.echo({ address: inside, port: 7 }, seconds(10)));
process.stdout.write(`${JSON.stringify({ refused, echoes })}\n`);
echo.close();
process.stdin.destroy();
