/** What a lane tells whoever has it, and which frames are for that owner rather than for the lane itself. */
import type { LaneLoss } from "../pure/reach/reach-state.ts";
import type { Frame } from "../pure/wire/frame.ts";

/** What a lane's frames are, but those that it answers itself. */
export type SessionFrame = Exclude<Frame, { readonly type: "ping" | "pong" | "key-update" }>;

export interface LaneOwner {
  /** One record's; none where all of it was for the lane itself. */
  readonly onFrames: (frames: readonly SessionFrame[]) => void;
  /** It can take a record again. */
  readonly onWritable: () => void;
  /** Once; never told of one that was closed here. The session may go on over another. */
  readonly onLost: (why: LaneLoss) => void;
  /** In place of `onLost`: a record was the peer's, and no frames were in it. The session may not go on. */
  readonly onBroken: (why: string) => void;
}

export function isLaneFrame({ type }: Frame): boolean {
  return type === "ping" || type === "pong" || type === "key-update";
}
