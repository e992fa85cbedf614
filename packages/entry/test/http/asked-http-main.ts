/** Entry's HTTP, on a database that it is given: who is asked by generated requests. */
import type { DatabaseSettings } from "@ropewalk/entry/pure/database-settings";
import { type Answering, answerParent } from "../asked.ts";
import { adminKey, type HttpPlace, httpPlace } from "./http-place.ts";

export interface AskedHttp {
  readonly begin: readonly [
    given: DatabaseSettings,
    answer: { readonly url: string; readonly adminKey: string; readonly token: string },
  ];
  readonly defects: readonly [given: undefined, answer: readonly string[]];
}

const limits = { networkRate: 1e6, networkBurst: 1e6, customerRate: 1e6, customerBurst: 1e6 };

export async function answering(): Promise<Answering<AskedHttp>> {
  let place: HttpPlace | undefined;
  return {
    answers: {
      async begin(settings) {
        place = await httpPlace({ settings }, { limits });
        return { url: place.url, adminKey, token: (await place.customer()).token };
      },
      defects: async () => place?.defects.map(String) ?? [],
    },
    end: async () => place?.[Symbol.asyncDispose](),
  };
}

if (import.meta.main) answerParent(await answering());
