/**
 * A program for tests that runs an exit: its argument is the store's path, and a step at which it stays, without a word to whoever waits. A line of
 * JSON on its input is a list of orders; a line on its output is what came of them. It tells its status first, and which step it has come to.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { createMachineClock, readKernelBoot } from "@ropewalk/host/linux/machine-clock";
import { createNative } from "@ropewalk/host/linux/native";
import { createNftLibrary } from "@ropewalk/host/linux/native-nft";
import { createUapiDevice } from "@ropewalk/host/linux/uapi-device";
import { ipAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { seconds } from "@ropewalk/kernel/units";
import { createLog } from "@ropewalk/ops/log";
import { ExitFirewall } from "@ropewalk/vpn/node/exit-firewall";
import { ExitNode, type ExitNodeOptions } from "@ropewalk/vpn/node/exit-node";
import { createPeerFlows } from "@ropewalk/vpn/node/peer-flows";

const [, , storePath = "", step = "none"] = process.argv;
const tell = (words: unknown) => void writeSync(1, `${JSON.stringify(words)}\n`);
const clock = createMachineClock();
const native = createNative();
const nft = createNftLibrary(native);
const pools = ["10.90.0.0/16", "fd90::/64"].flatMap((text) => parsePrefix(text) ?? []);

/** A preshared key is written as hexadecimal digits. */
const secretIn = (name: string, value: unknown) =>
  name === "presharedKey" ? new SecretBytes(Uint8Array.fromHex(String(value))) : value;

let isOpen = false;

/** Nothing happens in this process from here on. */
function stay(at: string): void {
  if (!isOpen || step !== at) return;
  tell({ at });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const plain = createUapiDevice("wg0", { clock });
const device: ExitNodeOptions["device"] = {
  ...plain,
  async change(changes) {
    stay("stored");
    await plain.change(changes);
    stay("on the device");
  },
};
const flows = createPeerFlows(native);

const node = await ExitNode.open({
  ...{ tunnel: "wg0", device, firewall: new ExitFirewall(nft, clock), storePath, clock },
  flows: {
    ...flows,
    end(sources) {
      stay("before connections end");
      const ended = flows.end(sources);
      stay("when connections have ended");
      return ended;
    },
  },
  table: {
    ...{ tunnels: ["wg0"], pools, ownAddresses: ["10.90.0.1", "fd90::1"].map(ipAddress) },
    ...{ services: [], managementPrefixes: [], openedPrefixes: [] },
  },
  ...{ kernelBoot: readKernelBoot(), capacity: 100, quarantine: seconds(0) },
  log: createLog({ level: "error", format: "text", clock, destination: process.stderr }),
});
isOpen = true;
tell(node.status());
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "status") tell(node.status());
  else tell(await node.apply(JSON.parse(line, secretIn)).catch((error: Error) => error.message));
}
