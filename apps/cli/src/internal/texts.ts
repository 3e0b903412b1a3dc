import { UsageError } from "../UsageError.ts"

/** Reads `key=value`; the value may hold anything. */
export const parsePair = (flag: string, text: string): readonly [string, string] => {
  const at = text.indexOf("=")
  if (at < 1) throw new UsageError(`${flag} is written key=value, not "${text}"`)
  return [text.slice(0, at).trim(), text.slice(at + 1)]
}

/** Reads `a=1,b=[2,3]`: commas separate, unless they stand in square brackets. */
export const parsePairs = (flag: string, text: string): Array<readonly [string, string]> =>
  (text.match(/(?:\[[^\]]*\]|[^,])+/g) ?? []).map((part) => {
    const [key, given] = parsePair(flag, part)
    const value = given.trim()
    return [key, value.startsWith("[") && value.endsWith("]") ? value.slice(1, -1) : value]
  })

/** Names are literal as long as they could be names; anything else is a regular expression of whole names, as in Kafka's tools. */
export const nameMatcher = (pattern: string): (name: string) => boolean => {
  if (/^[\w.-]*$/.test(pattern)) return (name) => name === pattern
  try {
    const expression = new RegExp(`^(?:${pattern})$`)
    return (name) => expression.test(name)
  } catch (error) {
    throw new UsageError(`"${pattern}" is not a regular expression: ${(error as Error).message}`)
  }
}

export const selectNames = (
  names: ReadonlyArray<string>, patterns: ReadonlyArray<string>
): { readonly selected: ReadonlyArray<string>; readonly missing: ReadonlyArray<string> } => {
  const matchers = patterns.map((pattern) => ({ pattern, matches: nameMatcher(pattern) }))
  return {
    selected: names.filter((name) => matchers.some((it) => it.matches(name))),
    missing: matchers.filter((it) => !names.some((name) => it.matches(name))).map((it) => it.pattern)
  }
}
