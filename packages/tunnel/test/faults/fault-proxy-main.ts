/** The fault proxy as a process of its own: `fault-proxy-main.ts PORT`, driven by messages. It ends with whoever started it. */
import type { ProxyCommand } from "./fault.ts";
import { FaultProxy } from "./fault-proxy.ts";

const proxy = new FaultProxy(Number(process.argv[2]), (report) => process.send?.(report));
process.on("message", (command: ProxyCommand) => void proxy.obey(command));
process.on("disconnect", () => process.exit());
await proxy.listen();
