/** Both ends of a lane on a connection in memory and a clock that is moved by hand, and what each is told. */
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { bytes, seconds } from "@ropewalk/kernel/units";
import { Lane, type LaneConfig } from "@ropewalk/tunnel/io/lane";
import type { SessionFrame } from "@ropewalk/tunnel/io/lane-owner";
import type { Role } from "@ropewalk/tunnel/pure/handshake/message";
import type { LaneLoss } from "@ropewalk/tunnel/pure/reach/reach-state";
import { Draft } from "@ropewalk/tunnel/pure/session/draft";
import { encodeFrame } from "@ropewalk/tunnel/pure/wire/encode-frame";
import type { DataFrame, Frame } from "@ropewalk/tunnel/pure/wire/frame";
import { Tally } from "@ropewalk/tunnel/tally";
import { crypto, epoch, lane as secretsOf } from "../pure/lane/epochs.ts";
import { WireEnd } from "./wire-end.ts";

export const usual: LaneConfig = {
  heartbeat: { interval: seconds(15), timeout: seconds(5), missed: 3 },
  rekey: { bytes: bytes(2 ** 34), after: seconds(3600) },
};

export interface LaneEnd {
  readonly lane: Lane;
  readonly wire: WireEnd;
  readonly frames: SessionFrame[];
  readonly lost: (LaneLoss | string)[];
}

export interface TwoLanes {
  readonly clock: FakeClock;
  readonly source: LaneEnd;
  readonly destination: LaneEnd;
}

/** Not started. */
export function bareLane(clock: FakeClock, role: Role, wire: WireEnd, config = usual, of = 1): Lane {
  const secrets = secretsOf(epoch(of));
  return new Lane(wire, role, secrets, config, { clock, crypto, tally: new Tally() });
}

export function twoLanes(config: LaneConfig = usual): TwoLanes {
  const clock = new FakeClock();
  const [near, far] = WireEnd.pair();
  const end = (role: Role, wire: WireEnd): LaneEnd => {
    const lane = bareLane(clock, role, wire, config);
    const made: LaneEnd = { lane, wire, frames: [], lost: [] };
    lane.start({
      onFrames: (frames) => made.frames.push(...frames),
      onWritable: () => {},
      onLost: (why) => made.lost.push(why),
      onBroken: (why) => made.lost.push(why),
    });
    return made;
  };
  return { clock, source: end("source", near), destination: end("destination", far) };
}

/** One record of these frames. */
export function record(...frames: readonly Exclude<Frame, DataFrame>[]): Draft {
  const draft = new Draft();
  for (const frame of frames) draft.add(encodeFrame(frame));
  return draft;
}
