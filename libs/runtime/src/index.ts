export type { Clock } from "./Clock.ts"
export type { Connection, Listener, ListenOptions, Net } from "./Net.ts"
export type { Random } from "./Random.ts"
