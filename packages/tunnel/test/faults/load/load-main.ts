/** One half of the load as a process of its own, `load-main.ts target SEED LENGTH` or `load-main.ts clients`, driven by messages. */
import { Clients } from "./clients.ts";
import type { LoadCommand, LoadReport } from "./load.ts";
import { Pulse } from "./pulse.ts";
import { Target } from "./target.ts";

const report = (told: LoadReport) => void process.send?.(told);
const [role, seed, length] = process.argv.slice(2);
const target = role === "target" ? new Target({ seed: Number(seed), length: Number(length) }, report) : undefined;
let clients: Clients | undefined;
let pulse: Pulse | undefined;

function obey(command: LoadCommand): void {
  switch (command.kind) {
    case "begin":
      clients = new Clients(command, report);
      return;
    case "finish":
      pulse?.end();
      clients?.finish();
      return;
    case "pulse":
      pulse = new Pulse(command.port, command.pauseMs, report);
      return;
    case "beat":
      pulse?.wait(command);
      return;
    case "beats":
      report({ kind: "beats", tookMs: pulse?.taken ?? [] });
      return;
    case "progress":
      report({ kind: "progress", live: target?.progress() ?? clients?.progress() ?? [] });
      return;
  }
}

process.on("message", obey);
process.on("disconnect", () => process.exit());
await target?.listen();
