import { Histogram } from "../Histogram.ts"

interface Readable {
  readonly value: number
}

interface Family {
  readonly name: string
  readonly kind: string
  readonly help: string
  readonly series: ReadonlyMap<string, Readable | Histogram | (() => number)>
}

/** The labels as Prometheus writes them, in a fixed order: `{partition="3",topic="orders"}`. */
export function labelText(labels: Readonly<Record<string, string | number>>): string {
  const names = Object.keys(labels).sort()
  return names.length === 0 ? "" : `{${names.map((name) => `${name}="${escapeLabel(String(labels[name]))}"`).join(",")}}`
}

export function exposeFamily({ name, kind, help, series }: Family): string {
  if (series.size === 0) return ""
  let text = `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${kind}\n`
  for (const [labels, source] of series) {
    if (source instanceof Histogram) text += exposeHistogram(name, labels, source)
    else text += `${name}${labels} ${number(typeof source === "function" ? source() : source.value)}\n`
  }
  return text
}

function exposeHistogram(name: string, labels: string, histogram: Histogram): string {
  let text = ""
  let below = 0
  for (let index = 0; index < histogram.counts.length; index++) {
    below += histogram.counts[index]!
    const bound = index < histogram.bounds.length ? String(histogram.bounds[index]) : "+Inf"
    const bucket = labels === "" ? `{le="${bound}"}` : `${labels.slice(0, -1)},le="${bound}"}`
    text += `${name}_bucket${bucket} ${below}\n`
  }
  return `${text}${name}_sum${labels} ${number(histogram.sum)}\n${name}_count${labels} ${histogram.count}\n`
}

const number = (value: number): string =>
  value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value)

const escapeLabel = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")
