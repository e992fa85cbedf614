/**
 * A replica of entry as a process of its own, which dies or stops at a step of a transaction that its parent has numbered: before a statement, before
 * the commit, behind it.
 */
import { writeSync } from "node:fs";
import { Database } from "@ropewalk/entry/io/database";
import type { Pipeline } from "@ropewalk/entry/io/pipeline";
import type { DatabaseSettings } from "@ropewalk/entry/pure/database-settings";
import type { SessionId } from "@ropewalk/entry/pure/vpn-session";
import { VpnControlService } from "@ropewalk/entry/vpn-control-service";
import type { VpnControlSettings } from "@ropewalk/entry/vpn-control-settings";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { GrpcIdentity } from "@ropewalk/ops/grpc-identity";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createMetrics } from "@ropewalk/ops/metrics";
import { admin, type Customer, hashOf, requestOf } from "./control-scene.ts";
import { presharedKeys } from "./preshared-keys.ts";

export interface Begin {
  readonly kind: "begin";
  readonly settings: DatabaseSettings;
  readonly files: { readonly certificate: string; readonly key: string; readonly authorities: string };
  readonly terms: VpnControlSettings;
}

export type Ask = { readonly at: number; readonly how: "SIGKILL" | "SIGSTOP" } & (
  | { readonly kind: "start"; readonly customer: Customer & { readonly key: string }; readonly region: string }
  | { readonly kind: "end"; readonly session: string }
  | { readonly kind: "move"; readonly session: string; readonly region: string }
);

type Asked = Parameters<Pipeline["executeQuery"]>[0];

let left = Number.POSITIVE_INFINITY;
let how: "SIGKILL" | "SIGSTOP" = "SIGKILL";
let passed = 0;

/** Here it ends, when its number is up. */
function point(name: string): void {
  passed += 1;
  left -= 1;
  if (left !== 0) return;
  // The parent reads it although this process says nothing more.
  writeSync(1, `${name}\n`);
  process.kill(process.pid, how);
}

/** Only steps of sessions count: what sweeps goes on meanwhile. Statements are on their way when the next point is come to. */
class MortalDatabase extends Database {
  override async pipelined<T>(work: (pipeline: Pipeline) => Promise<T>): Promise<T> {
    let isStep = false;
    const note = ({ sql }: Asked) => {
      const statement = /^\/\* (\w+) \*\//.exec(sql)?.[1] ?? "";
      if (statement === "lock_customers" || statement === "lock_sessions") isStep = true;
      if (isStep) point(`before ${statement}`);
    };
    const done = await super.pipelined(async (pipeline) => {
      const watched = new Proxy(pipeline, {
        get: (target, name) => {
          if (name !== "executeQuery" && name !== "change") return Reflect.get(target, name, target);
          return (query: Asked) => {
            note(query);
            return target[name](query);
          };
        },
      });
      const done = await work(watched);
      if (isStep) point("before the commit");
      return done;
    });
    if (isStep) point("behind the commit");
    return done;
  }
}

let control: VpnControlService | undefined;

async function begin({ settings, files, terms }: Begin): Promise<void> {
  const clock = createSystemClock();
  const deps = { clock, chance: Math.random };
  const octets = (text: string) => Buffer.from(text, "base64");
  const identity = new GrpcIdentity({
    ...{ certificate: octets(files.certificate), key: octets(files.key), authorities: octets(files.authorities) },
  });
  const health = new HealthRegistry({ clock }).subsystem("vpn control");
  const log = { info: () => {}, warn: () => {} };
  const database = new MortalDatabase(settings, deps);
  control = await VpnControlService.start(
    { ...deps, database, identity, presharedKeys, log, health, metrics: createMetrics() },
    terms,
  );
}

async function ask(asked: Ask): Promise<unknown> {
  if (control === undefined) throw new Error("it was not begun");
  [left, how, passed] = [asked.at, asked.how, 0];
  const signal = AbortSignal.timeout(60_000);
  switch (asked.kind) {
    case "start": {
      const { key, ...customer } = asked.customer;
      return control.start(requestOf(customer, { wish: { region: asked.region }, reconnectHash: hashOf(key) }));
    }
    case "end":
      return control.end(asked.session as SessionId, undefined, admin, signal);
    case "move":
      return control.move(asked.session as SessionId, undefined, { region: asked.region }, admin, signal);
  }
}

process.on("message", (message: Begin | Ask) => {
  const done =
    message.kind === "begin" ? begin(message) : ask(message).then((outcome) => (outcome as { kind: string }).kind);
  done.then(
    (kind) => process.send?.({ done: kind ?? "begun", passed }),
    (error) => process.send?.({ done: String(error), passed }),
  );
});
process.on("disconnect", () => process.exit(0));
