import type { Chaos } from "./Chaos.ts"

/** What a scenario needs of the machine besides nodes and NATS servers. */
export type Need = "namespaces" | "mounts" | "strace"

/** One way to break a cluster, again and again while clients are at work. */
export interface Scenario {
  /** For `--scenario`. */
  readonly name: string
  /** What happens, in a few words. */
  readonly title: string
  readonly needs?: ReadonlyArray<Need>
  /** One of the eight that CI runs. */
  readonly isInCi?: boolean
  /** Takes the place of this one of the eight where the machine does not let that run. */
  readonly standsInFor?: string
  /** Gives every node a disk of this size in memory. */
  readonly diskMebibytes?: number
  /** Breaks something by `chaos.fault` and leaves everything whole. */
  readonly round: (chaos: Chaos) => Promise<void>
}
