import { Counter } from "./Counter.ts"
import { Gauge } from "./Gauge.ts"
import { Histogram } from "./Histogram.ts"
import { exposeFamily, labelText } from "./internal/exposition.ts"

export type MetricLabels = Readonly<Record<string, string | number>>

export type MetricKind = "counter" | "gauge" | "histogram"

type Source = Counter | Gauge | Histogram | (() => number)

interface Family {
  readonly name: string
  readonly kind: MetricKind
  readonly help: string
  /** By the labels in their text form. */
  readonly series: Map<string, Source>
}

const seriesMaxDefault = 50_000

/**
 * Every number that the process shows. Asking twice for the same name and labels gives the same object, so callers
 * ask once and keep it. Above `seriesMax` series the object works but is not shown: labels that a client
 * chooses must not fill the memory of whoever scrapes.
 */
export class Metrics {
  readonly #families = new Map<string, Family>()
  readonly #seriesMax: number
  readonly #hidden: Counter
  #seriesCount = 0

  constructor(options: { readonly seriesMax?: number } = {}) {
    this.#seriesMax = options.seriesMax ?? seriesMaxDefault
    this.#hidden = this.counter("tailrace_metrics_hidden_series_total", "Series above the maximum, which are not shown.")
  }

  counter(name: string, help: string, labels: MetricLabels = {}): Counter {
    return this.#series("counter", name, help, labels, () => new Counter(), Counter)
  }

  gauge(name: string, help: string, labels: MetricLabels = {}): Gauge {
    return this.#series("gauge", name, help, labels, () => new Gauge(), Gauge)
  }

  histogram(name: string, help: string, labels: MetricLabels = {}, bounds?: ReadonlyArray<number>): Histogram {
    return this.#series("histogram", name, help, labels, () => new Histogram(bounds), Histogram)
  }

  /** A number that is read when somebody asks for it, for example the length of a queue. The last reader of a name wins. */
  observe(kind: "counter" | "gauge", name: string, help: string, read: () => number, labels: MetricLabels = {}): void {
    const family = this.#family(kind, name, help)
    const key = labelText(labels)
    if (family.series.has(key)) family.series.set(key, read)
    else this.#add(family, key, read)
  }

  /** Removes every series with these labels, for example when a topic is deleted. */
  remove(name: string, labels: MetricLabels): void {
    if (this.#families.get(name)?.series.delete(labelText(labels))) this.#seriesCount--
  }

  /** The text format of Prometheus, version 0.0.4. */
  expose(): string {
    let text = ""
    for (const family of this.#families.values()) text += exposeFamily(family)
    return text
  }

  #series<S extends Source>(
    kind: MetricKind,
    name: string,
    help: string,
    labels: MetricLabels,
    make: () => S,
    type: abstract new (...args: never) => S
  ): S {
    const family = this.#family(kind, name, help)
    const key = labelText(labels)
    const known = family.series.get(key)
    if (known instanceof type) return known
    if (known !== undefined) throw new Error(`metric ${name}${key} is observed by a function`)
    const series = make()
    this.#add(family, key, series)
    return series
  }

  #add(family: Family, key: string, source: Source): void {
    if (this.#seriesCount >= this.#seriesMax) {
      this.#hidden.add()
      return
    }
    this.#seriesCount++
    family.series.set(key, source)
  }

  #family(kind: MetricKind, name: string, help: string): Family {
    let family = this.#families.get(name)
    if (family === undefined) {
      if (!/^[a-z_][a-z0-9_]*$/.test(name)) throw new Error(`metric name ${name}`)
      family = { name, kind, help, series: new Map() }
      this.#families.set(name, family)
    }
    if (family.kind !== kind) throw new Error(`metric ${name} is a ${family.kind}, not a ${kind}`)
    return family
  }
}
