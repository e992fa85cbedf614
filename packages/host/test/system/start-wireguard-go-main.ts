/** Starts the device that its argument names, says how that went, and stays until it is killed. */
import { startWireGuardGo } from "@ropewalk/host/linux/wireguard-go";
import { createSystemClock } from "@ropewalk/kernel/system-clock";

const [, , name = ""] = process.argv;
const told = await startWireGuardGo(name, { clock: createSystemClock() }).catch((error: unknown) => String(error));
process.stdout.write(`${told}\n`);
setInterval(() => {}, 60_000);
