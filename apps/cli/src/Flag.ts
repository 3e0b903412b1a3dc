/**
 * One flag of a command. Names are Kafka's.
 * - `switch` has no value, `text` and `integer` have one.
 * - `optional` may have one: the next word when it is one of `oneOf`.
 */
export interface Flag {
  readonly type: "switch" | "text" | "integer" | "optional"
  /** May be given more than once. */
  readonly isList?: true
  /** The name of the value in the help. */
  readonly value?: string
  /** Without it the flag is accepted for the sake of Kafka's tools, and not shown. */
  readonly help?: string
  readonly short?: string
  readonly aliases?: ReadonlyArray<string>
  readonly oneOf?: ReadonlyArray<string>
  /** The actions that the flag goes with; all of them without it. */
  readonly of?: ReadonlyArray<string>
}

export type Flags<Name extends string = string> = Readonly<Record<Name, Flag>>
