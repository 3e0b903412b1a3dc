// Generated from definitions/ by `npm run generate`. Do not edit.
export declare const apiRows: ReadonlyArray<{
  readonly key: number
  readonly name: string
  readonly versionMin: number
  readonly versionMax: number
  readonly flexibleMin: number
}>
