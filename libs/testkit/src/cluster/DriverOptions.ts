/** What every mode is given. */
export interface DriverOptions {
  readonly seed: number
  readonly nodes: number
  readonly voterIds: ReadonlyArray<number>
  readonly properties: Readonly<Record<string, string>>
}
