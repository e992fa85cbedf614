/**
 * Changes settings of the kernel and gives them back as they were: how each was is written down before it is changed, so that
 * no crash forgets it. What somebody else changed meanwhile is his, and stays.
 */
import { describeError } from "@ropewalk/kernel/errors";
import {
  type ChangedSetting,
  type SettingFiles,
  type SettingJournal,
  settingPath,
  type WantedSetting,
} from "./settings.ts";

export interface SettingOutcome {
  readonly setting: WantedSetting;
  /** `refused`: the file could not be written, or how it was could not be written down, and so it was left alone. */
  readonly result:
    | { readonly kind: "changed" | "restored" | "given-up" }
    | { readonly kind: "refused"; readonly detail: string };
}

export class SettingKeeper {
  readonly #files: SettingFiles;
  readonly #journal: SettingJournal;

  constructor(files: SettingFiles, journal: SettingJournal) {
    this.#files = files;
    this.#journal = journal;
  }

  /** Makes these settings so, and gives back those that were wanted before and are not any more. */
  want(wanted: readonly WantedSetting[]): readonly SettingOutcome[] {
    const paths = new Set(wanted.map(settingPath));
    const changed = this.#journal.all();
    const known = new Map(changed.map((entry) => [settingPath(entry), entry]));
    return [
      ...changed.filter((entry) => !paths.has(settingPath(entry))).map((entry) => this.#restore(entry)),
      ...wanted.flatMap((setting) => this.#make(setting, known.get(settingPath(setting)))),
    ];
  }

  #make(wanted: WantedSetting, known: ChangedSetting | undefined): readonly SettingOutcome[] {
    const present = this.#files.read(wanted);
    if (present === undefined || present === wanted.value) return [];
    try {
      this.#journal.put({ ...wanted, original: known?.original ?? present });
    } catch (error) {
      const detail = `how it was cannot be kept: ${describeError(error)}`;
      return [{ setting: wanted, result: { kind: "refused", detail } }];
    }
    const fault = this.#files.write(wanted);
    const result = fault === undefined ? ({ kind: "changed" } as const) : ({ kind: "refused", detail: fault } as const);
    return [{ setting: wanted, result }];
  }

  /** Whose interface is gone, and what is not as we left it, is forgotten. */
  #restore({ original, ...setting }: ChangedSetting): SettingOutcome {
    if (this.#files.read(setting) !== setting.value) return this.#forget(setting, "given-up");
    const fault = this.#files.write({ ...setting, value: original });
    if (fault !== undefined) return { setting, result: { kind: "refused", detail: fault } };
    return this.#forget(setting, "restored");
  }

  #forget(setting: WantedSetting, kind: "given-up" | "restored"): SettingOutcome {
    try {
      this.#journal.remove(setting);
      return { setting, result: { kind } };
    } catch (error) {
      const detail = `it is as it was, and that cannot be kept: ${describeError(error)}`;
      return { setting, result: { kind: "refused", detail } };
    }
  }
}
