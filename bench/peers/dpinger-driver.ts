/** dpinger as a driver: its alert command moves the default route away and back, as the scripts around its alarms do. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab } from "@ropewalk/lab/lab";
import type { Driver, Entrant, RunningDriver } from "../failover/driver.ts";
import { home, refuge, settlesAtHome } from "../failover/home-watch.ts";
import { dpingerVariants, dpingerWords, findDpinger } from "./dpinger.ts";
import { PeerProcesses } from "./peer-process.ts";
import { moveScript, prepareStaticRouting } from "./static-routing.ts";

type Variant = (typeof dpingerVariants)[number];

/** `binary` is undefined when DPINGER is not set. */
export function dpingerDrivers(binary: string | undefined): readonly Entrant[] {
  const found = findDpinger(binary);
  return dpingerVariants.map((variant): Entrant => {
    const column = `${variant.column} + script`;
    if (found.kind === "lacking") return { kind: "not run", column, why: found.why };
    return { kind: "ready", driver: driver(found.path, variant, column) };
  });
}

function driver(path: string, variant: Variant, column: string): Driver {
  return {
    column,
    notes: [
      "dpinger + script: its alert command runs `ip route replace default …`, with a rule for each uplink's source.",
    ],
    moveLimitMs: variant.windowMs,
    aftermathMs: variant.windowMs / 2,
    start: (lab) => start(path, variant, lab),
  };
}

async function start(path: string, variant: Variant, lab: Lab): Promise<RunningDriver> {
  await prepareStaticRouting(lab);
  const folder = await mkdtemp(join(tmpdir(), "dpinger-race-"));
  const processes = new PeerProcesses();
  processes.defer(() => rm(folder, { recursive: true, force: true }));
  const script = join(folder, "alarm.sh");
  // It is told TARGET ALARM LATENCY DEVIATION LOSS.
  const translated = `[ "$2" = 1 ] && set -- away || set -- back\n${moveScript(lab, refuge)}`;
  await writeFile(script, translated);
  const words = dpingerWords(path, variant, lab, home, `sh ${script}`);
  const running = processes.start(lab.host("edge"), variant.column, words);
  return {
    settled: settlesAtHome(lab, {
      // A window full of answers; its "clear" comes when nearly all of a fault has left it, and is held for ten checks.
      ...{ warmUpMs: variant.windowMs + 3_000, restMs: 2_000 },
      returnLimitMs: 2 * variant.windowMs + 30_000,
    }),
    kill: () => running.kill("SIGKILL"),
    use: undefined,
    [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
  };
}
