/** The type numbers that DescribeConfigs shows. */
export const ConfigType = {
  unknown: 0, boolean: 1, string: 2, int: 3, short: 4, long: 5, double: 6, list: 7, class: 8, password: 9
} as const
export type ConfigType = (typeof ConfigType)[keyof typeof ConfigType]

/**
 * One configuration key. Values travel and are stored as text; `parse` gives the typed value. Numbers outside the range
 * of exact ones are clipped to it, so that Kafka's "no limit" (2^63-1) stays larger than anything it is compared with.
 */
export interface ConfigDefinition<Value = unknown, Default extends string | null = string | null> {
  readonly name: string
  readonly type: ConfigType
  /** As text; null when there is no value unless one is set. */
  readonly defaultText: Default
  /** Answers what is wrong with a value that has the right type. */
  readonly fault: (value: Value) => string | undefined
  readonly parse: (text: string) => Value | undefined
  readonly importance: "high" | "medium" | "low"
  readonly doc: string
  /** Never shown in an answer or a log. */
  readonly isSensitive: boolean
  /** Where it may be changed while brokers run: nowhere, for the whole cluster, or for single brokers too. */
  readonly dynamic: "no" | "cluster" | "broker"
  /** Accepted because Kafka's files carry it, without effect here. */
  readonly isInert: boolean
  /** The broker keys that give a value where this one has none, the strongest first. Topic keys count them at the key of brokers too. */
  readonly synonyms: ReadonlyArray<ConfigSynonym>
}

export interface ConfigSynonym {
  readonly name: string
  /** The topic key counts in units this many times smaller. */
  readonly factor: number
}

export type ConfigDefinitions = Readonly<Record<string, ConfigDefinition<any>>>
/** The type of a key's value: undefined is possible where there is no default. */
export type ConfigValue<Definition> = Definition extends ConfigDefinition<infer Value, infer Default>
  ? Default extends string ? Value : Value | undefined : never

export interface ConfigTraits<Value> {
  readonly fault?: (value: Value) => string | undefined
  readonly importance?: "high" | "medium" | "low"
  readonly isSensitive?: boolean
  readonly dynamic?: "no" | "cluster" | "broker"
  readonly isInert?: boolean
  readonly synonyms?: ReadonlyArray<string | ConfigSynonym>
}

export interface NumberTraits extends ConfigTraits<number> {
  readonly min?: number
  readonly max?: number
}

export interface TextTraits<Value> extends ConfigTraits<Value> {
  readonly oneOf?: ReadonlyArray<string>
}

const int16Max = 0x7fff
const int32Max = 0x7fff_ffff
const int64Max = 2n ** 63n - 1n
export const noLimitText = int64Max.toString()

/** A definition without its name, which is the key it stands under. */
export type Unnamed<Value, Default extends string | null> = Omit<ConfigDefinition<Value, Default>, "name">

/** Gives every definition of a table its name. */
export function named<Table extends Record<string, Unnamed<any, string | null>>>(
  table: Table
): { readonly [Name in keyof Table]: Table[Name] & { readonly name: string } } {
  return Object.fromEntries(Object.entries(table).map(([name, definition]) => [name, { name, ...definition }])) as never
}

export const int = (defaultValue: number, doc: string, traits: NumberTraits = {}): Unnamed<number, string> =>
  number(ConfigType.int, String(defaultValue), doc, { min: 0, max: int32Max, ...traits })

export const long = (defaultValue: number | string, doc: string, traits: NumberTraits = {}): Unnamed<number, string> =>
  number(ConfigType.long, String(defaultValue), doc, { min: 0, ...traits })

export const short = (defaultValue: number, doc: string, traits: NumberTraits = {}): Unnamed<number, string> =>
  number(ConfigType.short, String(defaultValue), doc, { min: 0, max: int16Max, ...traits })

/** An int or long that has no value unless one is set. */
export const optionalNumber = (type: "int" | "long", doc: string, traits: NumberTraits = {}): Unnamed<number, null> =>
  number(ConfigType[type], null, doc, type === "int" ? { min: 0, max: int32Max, ...traits } : { min: 0, ...traits })

export const double = (defaultValue: number | string, doc: string, traits: NumberTraits = {}): Unnamed<number, string> =>
  define(ConfigType.double, String(defaultValue), doc, parseDouble, { ...traits, fault: rangeFault(traits) })

export const boolean = (defaultValue: boolean, doc: string, traits: ConfigTraits<boolean> = {}): Unnamed<boolean, string> =>
  define(ConfigType.boolean, String(defaultValue), doc, parseBoolean, traits)

export const text = <Default extends string | null>(defaultValue: Default, doc: string, traits: TextTraits<string> = {}): Unnamed<string, Default> =>
  define(ConfigType.string, defaultValue, doc, (it) => it, { ...traits, fault: traits.fault ?? choiceFault(traits.oneOf) })

export const className = <Default extends string | null>(defaultValue: Default, doc: string, traits: ConfigTraits<string> = {}): Unnamed<string, Default> =>
  define(ConfigType.class, defaultValue, doc, (it) => it, traits)

export const password = (doc: string, traits: ConfigTraits<string> = {}): Unnamed<string, null> =>
  define(ConfigType.password, null, doc, (it) => it, { ...traits, isSensitive: true })

export const list = <Default extends string | null>(
  defaultValue: Default, doc: string, traits: TextTraits<ReadonlyArray<string>> = {}
): Unnamed<ReadonlyArray<string>, Default> => {
  const choice = choiceFault(traits.oneOf)
  const fault = traits.fault ?? ((values: ReadonlyArray<string>) => values.map(choice).find((it) => it !== undefined))
  return define(ConfigType.list, defaultValue, doc, parseList, { ...traits, fault })
}

/** The parsed value, or what is wrong with the text. */
export function parseConfig<Value>(
  definition: ConfigDefinition<Value>, given: string
): { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly fault: string } {
  const value = definition.parse(given.trim())
  // What a password was must not get into a message.
  const shown = definition.isSensitive ? "[hidden]" : given
  if (value === undefined) return { ok: false, fault: `Invalid value ${shown} for configuration ${definition.name}: ${typeFault[definition.type]}` }
  const fault = definition.fault(value)
  return fault === undefined ? { ok: true, value } : { ok: false, fault: `Invalid value ${shown} for configuration ${definition.name}: ${fault}` }
}

const typeFault: Record<ConfigType, string> = {
  0: "not a value", 1: "expected true or false", 2: "not a string", 3: "not a 32-bit integer", 4: "not a 16-bit integer",
  5: "not a 64-bit integer", 6: "not a number", 7: "not a list", 8: "not a class name", 9: "not a password"
}

function number<Default extends string | null>(type: ConfigType, defaultText: Default, doc: string, traits: NumberTraits): Unnamed<number, Default> {
  const parse = type === ConfigType.long ? parseInt64 : (given: string) => parseSmallInt(given, type === ConfigType.int ? int32Max : int16Max)
  const range = rangeFault(traits)
  const extra = traits.fault
  return define(type, defaultText, doc, parse, { ...traits, fault: (value) => range(value) ?? extra?.(value) })
}

function define<Value, Default extends string | null>(
  type: ConfigType, defaultText: Default, doc: string, parse: (text: string) => Value | undefined, traits: ConfigTraits<Value>
): Unnamed<Value, Default> {
  const isInert = traits.isInert ?? false
  return {
    type, defaultText, parse, isInert,
    doc: isInert ? `${doc} Accepted for compatibility, without effect.` : doc,
    fault: traits.fault ?? (() => undefined),
    importance: traits.importance ?? (isInert ? "low" : "medium"),
    isSensitive: traits.isSensitive ?? false,
    dynamic: traits.dynamic ?? "no",
    synonyms: (traits.synonyms ?? []).map((it) => typeof it === "string" ? { name: it, factor: 1 } : it)
  }
}

function parseInt64(given: string): number | undefined {
  if (!/^[+-]?\d{1,19}$/.test(given)) return undefined
  const exact = BigInt(given.replace(/^\+/, ""))
  if (exact > int64Max || exact < -int64Max - 1n) return undefined
  const value = Number(exact)
  return Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)
}

function parseSmallInt(given: string, max: number): number | undefined {
  const value = parseInt64(given)
  return value === undefined || value > max || value < -max - 1 ? undefined : value
}

function parseDouble(given: string): number | undefined {
  const value = given === "" ? Number.NaN : Number(given)
  return Number.isFinite(value) ? value : undefined
}

function parseBoolean(given: string): boolean | undefined {
  const lower = given.toLowerCase()
  return lower === "true" ? true : lower === "false" ? false : undefined
}

function parseList(given: string): ReadonlyArray<string> {
  return given === "" ? [] : given.split(",").map((it) => it.trim())
}

function rangeFault(traits: NumberTraits): (value: number) => string | undefined {
  const { min = -Infinity, max = Infinity } = traits
  return (value) => value < min ? `Value must be at least ${min}` : value > max ? `Value must be no more than ${max}` : undefined
}

function choiceFault(oneOf: ReadonlyArray<string> | undefined): (value: string) => string | undefined {
  if (oneOf === undefined) return () => undefined
  return (value) => oneOf.includes(value) ? undefined : `String must be one of: ${oneOf.join(", ")}`
}
