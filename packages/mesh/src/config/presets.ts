/** What holds where the `[mesh]` table does not say: for a machine on mains and a LAN, or for a small one whose links are dear. */
import { type Millis, seconds } from "@ropewalk/kernel/units";

export const presetNames = ["usual", "constrained"] as const;

export type PresetName = (typeof presetNames)[number];

export interface Preset {
  readonly interval: Millis;
  readonly maxAge: Millis;
  readonly maxRoutes: number;
  readonly maxLinks: number;
  readonly maxPeers: number;
}

const minute = 60;

export const presets: Readonly<Record<PresetName, Preset>> = {
  usual: { interval: seconds(10 * minute), maxAge: seconds(30 * minute), maxRoutes: 8192, maxLinks: 64, maxPeers: 8 },
  constrained: {
    interval: seconds(30 * minute),
    maxAge: seconds(90 * minute),
    maxRoutes: 512,
    maxLinks: 8,
    maxPeers: 4,
  },
};
