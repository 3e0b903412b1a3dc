import { ApiKey } from "./ApiKey.ts"
import { apiRows } from "./generated/apis.js"

/** One API as we define and advertise it. */
export interface Api {
  readonly key: number
  readonly name: string
  readonly versionMin: number
  readonly versionMax: number
  /** The first version with compact lengths and tagged fields; Infinity when there is none. */
  readonly flexibleMin: number
  readonly requestHeaderVersion: (version: number) => 1 | 2
  readonly responseHeaderVersion: (version: number) => 0 | 1
}

/** What we advertise, ordered by key. A version inside a range has a codec in this room; the golden tests cover each. */
export const apis: ReadonlyArray<Api> = apiRows.map((row) => ({
  ...row,
  requestHeaderVersion: (version: number) => (version >= row.flexibleMin ? 2 : 1),
  // A client that asks for versions does not know yet which header to expect, so this one answer never changes its header.
  responseHeaderVersion: (version: number) => (version >= row.flexibleMin && row.key !== ApiKey.ApiVersions ? 1 : 0),
}))

const byKey: Array<Api | undefined> = []
for (const api of apis) byKey[api.key] = api

/** The API of a key, undefined when we do not serve it. */
export function apiOf(key: number): Api | undefined {
  return byKey[key]
}
