/** A bug, as a change of the source: each text is there exactly once, so a bug cannot go stale unnoticed. */
export interface PlantedBug {
  readonly name: string
  /** What it would cost a user. */
  readonly what: string
  /** The first seed that found it. */
  readonly seed: number
  readonly edits: ReadonlyArray<{ readonly file: string; readonly from: string; readonly to: string }>
}
