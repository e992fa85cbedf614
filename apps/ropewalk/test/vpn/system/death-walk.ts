/** Replicas that are killed at the points of a request, one after the other: each time another is asked the same, and all is to be well in the end. */
import assert from "node:assert/strict";
import type { SessionId } from "@ropewalk/entry/pure/vpn-session";
import { controlFor } from "@ropewalk/entry/vpn-control-settings";
import { millis, seconds } from "@ropewalk/kernel/units";
import { admin, ControlScene, type Customer, hashOf, type Replica, requestOf } from "./control-scene.ts";
import { ReplicaChild } from "./replica-child.ts";
import type { Ask } from "./replica-main.ts";
import { settle } from "./settled.ts";

const terms = { ...controlFor(seconds(60), seconds(1_800), seconds(4)), claim: millis(400) };
const signal = AbortSignal.timeout(600_000);

type PlacedMemoryExit = Awaited<ReturnType<ControlScene["exit"]>>;

export interface Stride {
  /** From 1 on. */
  readonly first: number;
  readonly step: number;
}

type What = Ask extends infer One ? (One extends Ask ? Omit<One, "at" | "how"> : never) : never;

export class DeathWalk implements AsyncDisposable {
  readonly scene: ControlScene;
  readonly replica: Replica;
  readonly exits: readonly PlacedMemoryExit[];

  private constructor(scene: ControlScene, replica: Replica, exits: readonly PlacedMemoryExit[]) {
    [this.scene, this.replica, this.exits] = [scene, replica, exits];
  }

  static async open(): Promise<DeathWalk> {
    const scene = await ControlScene.open();
    const replica = await scene.replica(terms);
    const here = await scene.exit(replica, "here", { region: "here" });
    return new DeathWalk(scene, replica, [here, await scene.exit(replica, "there", { region: "there" })]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.scene[Symbol.asyncDispose]();
  }

  /** A replica that may die. */
  child(): Promise<ReplicaChild> {
    return ReplicaChild.start(this.scene.settings, this.scene.entryFiles, terms);
  }

  /** A node that is not heard of is given nothing. */
  async beat(): Promise<void> {
    for (const { exit } of this.exits) await this.scene.beat(exit, this.replica);
  }

  start(stride: Stride): Promise<readonly string[]> {
    const { control } = this.replica;
    return this.#atEach(
      stride,
      async () => {
        const customer = { ...(await this.scene.customer()), key: `${Math.random()}` };
        return { kind: "start", customer, region: "here" };
      },
      async (what) => {
        assert.ok(what.kind === "start");
        const { key, ...customer } = what.customer;
        const request = { wish: { region: "here" }, reconnectHash: hashOf(key) };
        return (await control.start(requestOf(customer, request))).kind;
      },
    );
  }

  end(stride: Stride): Promise<readonly string[]> {
    const { control } = this.replica;
    return this.#atEach(
      stride,
      async () => ({ kind: "end", session: (await this.started()).id }),
      async (what) => {
        assert.ok(what.kind === "end");
        return (await control.end(what.session as SessionId, undefined, admin, signal)).kind;
      },
    );
  }

  move(stride: Stride): Promise<readonly string[]> {
    const { control } = this.replica;
    return this.#atEach(
      stride,
      async () => ({ kind: "move", session: (await this.started()).id, region: "there" }),
      async (what) => {
        assert.ok(what.kind === "move");
        // It is on its way, which others go to the end of, or can be moved.
        await settle(this.scene.database, this.exits);
        return (await control.move(what.session as SessionId, undefined, { region: "there" }, admin, signal)).kind;
      },
    );
  }

  async started(): Promise<{ readonly customer: Customer; readonly id: SessionId }> {
    const customer = await this.scene.customer();
    const outcome = await this.replica.control.start(requestOf(customer, { wish: { region: "here" } }));
    assert.ok(outcome.kind === "active", outcome.kind);
    return { customer, id: outcome.session.id };
  }

  /** Until one is outlived: where they died. */
  async #atEach(
    { first, step }: Stride,
    prepare: () => Promise<What>,
    again: (what: What) => Promise<string>,
  ): Promise<readonly string[]> {
    const died: string[] = [];
    for (let at = first; ; at += step) {
      await this.beat();
      await using one = await this.child();
      const what = await prepare();
      const reply = await one.ask({ ...what, at, how: "SIGKILL" } as Ask);
      if (reply.kind === "done") {
        assert.ok(reply.passed < at, `${what.kind} went through ${reply.passed} points and outlived the ${at}th`);
        return died;
      }
      died.push(`${at} ${reply.at}`);
      const outcome = await again(what);
      assert.ok(["active", "terminated", "no-node"].includes(outcome), `${reply.at}: ${outcome}`);
      await settle(this.scene.database, this.exits);
      await this.#endAll();
    }
  }

  async #endAll(): Promise<void> {
    const { kysely } = this.scene.database;
    const live = await kysely.selectFrom("sessions").select("id").where("is_live", "=", true).execute();
    await Promise.all(live.map(({ id }) => this.replica.control.end(id as SessionId, undefined, admin, signal)));
  }
}
