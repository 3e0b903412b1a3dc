export interface Difference {
  readonly path: string
  readonly kafka: unknown
  readonly ours: unknown
}

/** Every place where two trees differ. Arrays of things with a name are held against each other by name. */
export function compare(kafka: unknown, ours: unknown, path = ""): Difference[] {
  if (Object.is(kafka, ours)) return []
  if (Array.isArray(kafka) && Array.isArray(ours)) return compareArrays(kafka, ours, path)
  if (isTree(kafka) && isTree(ours)) {
    const keys = new Set([...Object.keys(kafka), ...Object.keys(ours)])
    return [...keys].flatMap((key) => compare(kafka[key], ours[key], path === "" ? key : `${path}.${key}`))
  }
  return [{ path: path === "" ? "the whole" : path, kafka, ours }]
}

function compareArrays(kafka: ReadonlyArray<unknown>, ours: ReadonlyArray<unknown>, path: string): Difference[] {
  const names = [kafka, ours].map((array) => array.map(nameOf))
  if (kafka.length !== ours.length && names.flat().every((name) => name !== undefined)) {
    const all = [...new Set(names.flat())]
    const found = (array: ReadonlyArray<unknown>, name: string | undefined): unknown => array.find((element) => nameOf(element) === name)
    const inner = all.flatMap((name) => compare(found(kafka, name), found(ours, name), `${path}[${name}]`))
    if (inner.length > 0) return inner
  }
  if (kafka.length !== ours.length) return [{ path: `${path}.length`, kafka, ours }]
  return kafka.flatMap((element, index) => compare(element, ours[index], `${path}[${names[0]![index] ?? index}]`))
}

function nameOf(element: unknown): string | undefined {
  if (!isTree(element)) return undefined
  const name = element["name"] ?? element["groupId"] ?? element["apiKey"]
  return typeof name === "string" || typeof name === "number" ? String(name) : undefined
}

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value)
