import { Chosen } from "./Chosen.ts"

export interface Difference {
  readonly path: string
  readonly kafka: unknown
  readonly ours: unknown
}

/** Which value of ours belongs to which of Kafka's, both ways, within one script. */
export type Pairs = Map<string, string>

/** Every place where two trees differ. Arrays of things with a name are held against each other by name. */
export function compare(kafka: unknown, ours: unknown, pairs: Pairs, path = ""): Difference[] {
  if (Object.is(kafka, ours) || areSame(kafka, ours, pairs)) return []
  if (Array.isArray(kafka) && Array.isArray(ours)) return compareArrays(kafka, ours, pairs, path)
  if (isTree(kafka) && isTree(ours)) {
    const keys = new Set([...Object.keys(kafka), ...Object.keys(ours)])
    return [...keys].flatMap((key) => compare(kafka[key], ours[key], pairs, path === "" ? key : `${path}.${key}`))
  }
  return [{ path: path === "" ? "the whole" : path, kafka, ours }]
}

function compareArrays(kafka: ReadonlyArray<unknown>, ours: ReadonlyArray<unknown>, pairs: Pairs, path: string): Difference[] {
  const names = [kafka, ours].map((array) => array.map(nameOf))
  const isNamed = names.every((each) => each.every((name) => name !== undefined) && new Set(each).size === each.length)
  if (kafka.length !== ours.length && isNamed) {
    const all = [...new Set(names.flat())]
    const found = (array: ReadonlyArray<unknown>, name: string | undefined): unknown => array.find((element) => nameOf(element) === name)
    const inner = all.flatMap((name) => compare(found(kafka, name), found(ours, name), pairs, `${path}[${name}]`))
    if (inner.length > 0) return inner
  }
  if (kafka.length !== ours.length) return [{ path: `${path}.length`, kafka, ours }]
  return kafka.flatMap((element, index) => compare(element, ours[index], pairs, `${path}[${names[0]![index] ?? index}]`))
}

function areSame(kafka: unknown, ours: unknown, pairs: Pairs): boolean {
  if (!(kafka instanceof Chosen) || !(ours instanceof Chosen) || kafka.kind !== ours.kind) return false
  const [left, right] = [`Kafka's ${kafka.toJSON()}`, `our ${ours.toJSON()}`]
  if (!pairs.has(left) && !pairs.has(right)) pairs.set(left, right).set(right, left)
  return pairs.get(left) === right
}

function nameOf(element: unknown): string | undefined {
  if (!isTree(element)) return undefined
  const name = element["name"] ?? element["topic"] ?? element["groupId"] ?? element["apiKey"] ?? element["partitionIndex"] ?? element["index"]
  return typeof name === "string" || typeof name === "number" ? String(name) : undefined
}

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Chosen)
